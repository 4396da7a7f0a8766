package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestEstate(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	s := read(t, w, row(11, "SEP1", `{"model": "7841"}`), row(12, "CSFANN", `{}`), row(13, "SEP_2", `{}`))
	cases := map[string]struct {
		reason, path string
		want         []string
	}{
		"all":            {"by name", "phones", []string{"CSFANN", "SEP1", "SEP_2"}},
		"singular":       {"the same kind", "IP%20Phone", []string{"CSFANN", "SEP1", "SEP_2"}},
		"part of a name": {"in any case", "phones?name=sep", []string{"SEP1", "SEP_2"}},
		"whole name":     {"a star stands for text", "phones?name=*ann", []string{"CSFANN"}},
		"user":           {"what the person uses", "phones?user=Ann", []string{"CSFANN", "SEP1", "SEP_2"}},
		"other user":     {"who has none", "phones?user=bob", []string{}},
		"a user":         {"the person", "users?user=BOB", []string{"bob"}},
		"other system":   {"nothing is known", "phones?callProcessor=cucm-2", []string{}},
		"never read":     {"no age", "regions", []string{}},
		"partition":      {"phones have none", "phones?partition=PT", []string{}},
	}
	for name, c := range cases {
		l := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/"+c.path, ""))
		got := []string{}
		for _, o := range l.Items {
			got = append(got, o.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (%s): %s", name, c.reason, diff)
		}
		if known := len(l.Ages) == 1 && l.Ages[0].SyncID == s.ID && !l.Ages[0].ReadAt.IsZero(); known != (name != "never read" && name != "other system") {
			t.Errorf("%s: the age is %+v", name, l.Ages)
		}
	}
	first := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/phones?limit=2", ""))
	rest := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/phones?cursor="+first.Next, ""))
	if len(first.Items) != 2 || len(rest.Items) != 1 || rest.Next != "" || first.Title != "IP Phone" {
		t.Errorf("pages %+v and %+v", first, rest)
	}
}

func TestEstateOverview(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	if o := apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate", "")); o.Items == nil || len(o.Items) != 0 {
		t.Errorf("before the first sync: %+v", o)
	}
	s := read(t, w, row(11, "SEP1", `{}`))
	o := apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate", ""))
	got := map[uc.EstateKind]int{}
	for _, i := range o.Items {
		if i.CallProcessor != "cucm-1" || i.SyncID != s.ID || i.ReadAt == nil || i.Title == "" {
			t.Errorf("%+v", i)
		}
		got[i.Kind] = i.Objects
	}
	if diff := cmp.Diff(map[uc.EstateKind]int{uc.PhoneKind: 1, uc.UserKind: 2}, got); diff != "" {
		t.Error(diff)
	}
	// Without settings of its own the API knows the call processors of the catalog.
	if diff := cmp.Diff([]string{"cucm-1", "cucm-2"}, o.CallProcessors); diff != "" {
		t.Error(diff)
	}
	if o = apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate?callProcessor=cucm-2", "")); len(o.Items) != 0 {
		t.Errorf("of the other: %+v", o.Items)
	}
}
