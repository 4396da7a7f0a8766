package activities_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// What a kind waits for stands beside it as long as it waits, and no longer.
func TestKindSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3}}})
	on, _ := c.opens(t, uc.SyncInfra)
	for name, tc := range map[string]struct {
		kind uc.EstateKind
		op   string
		rule fault.Rule
		says string
	}{
		"memory": {"region", "listRegion", fault.Rule{
			Kind: fault.Fault, Code: -1,
			Text: "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed",
		}, "memory of the call processor for answers is full, try 2 of 5"},
		"busy":   {uc.LocationKind, "listLocation", fault.Rule{Kind: fault.Status, Status: 503}, "the call processor asks to slow down, try 2 of 5"},
		"silent": {"srst", "listSrst", fault.Rule{Kind: fault.Drop}, "the call processor does not answer: "},
	} {
		tc.rule.Op, tc.rule.Nth = tc.op, 1
		c.CUCM.Faults().Add(tc.rule)
		waits := func() uc.SyncKind {
			s, err := c.DB.GetSync(t.Context(), on.SyncID)
			must(t, err)
			for _, k := range s.Kinds {
				if k.Kind == tc.kind {
					return k
				}
			}
			t.Fatalf("%s: %s is not read", name, tc.kind)
			return uc.SyncKind{}
		}
		in := activities.KindIn{SyncID: on.SyncID, CallProcessor: world.CUCM, Kind: tc.kind, MaxTries: 5}
		if out := result(t, c, c.estate.ReadKind, in); !out.More() || out.Wait == 0 {
			t.Errorf("%s: %+v", name, out)
		}
		if k := waits(); !strings.Contains(k.Wait, tc.says) || k.WaitUntil == nil || k.State != uc.KindPending {
			t.Errorf("%s: waits for %q until %v", name, k.Wait, k.WaitUntil)
		}
		c.reads(t, on, tc.kind)
		if k := waits(); k.Wait != "" || k.WaitUntil != nil || k.State != uc.KindRead {
			t.Errorf("%s: it was read, and waits for %q", name, k.Wait)
		}
	}
}
