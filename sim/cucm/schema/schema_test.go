package schema

import "testing"

func TestEmbeddedTables(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, o := range Objects() {
		if names[o.Op] {
			t.Errorf("object %s stands twice", o.Op)
		}
		names[o.Op] = true
		for _, key := range o.Keys {
			if o.Element(key) == nil {
				t.Errorf("%s: key %s is no element", o.Op, key)
			}
		}
		for _, c := range o.Criteria {
			if o.Element(c) == nil {
				t.Logf("%s: criterion %s is accepted and matches nothing", o.Op, c)
			}
		}
		seen := map[string]bool{}
		for _, e := range o.Elements {
			if seen[e.Name] {
				t.Errorf("%s: element %s stands twice", o.Op, e.Name)
			}
			seen[e.Name] = true
			for _, x := range e.Excludes {
				if o.Element(x) == nil {
					t.Errorf("%s: %s excludes %s, which is no element", o.Op, e.Name, x)
				}
			}
		}
	}
	if len(names) < 75 {
		t.Errorf("%d objects", len(names))
	}
}
