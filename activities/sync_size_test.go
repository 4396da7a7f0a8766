package activities_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// However small pages became, and for whatever reason, they grow again: a kind is read
// in few requests.
func TestSyncPageSize(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 60_000
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 900}, Limits: limits}})
	const (
		full  = "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed"
		large = "Query request too large."
		one   = "Query request too large. Total rows matched: 900 rows. Suggestive Row Fetch: less than 2 rows"
	)
	for name, tc := range map[string]struct {
		reason string
		rule   fault.Rule
		most   int // requests
	}{
		"undisturbed":     {"8 pages after one that was too large", fault.Rule{Kind: fault.Delay, Delay: 1, Times: 1}, 8},
		"memory is full":  {"pages are soon as large as before", fault.Rule{Kind: fault.Fault, Code: -1, Text: full, Times: 4}, 12},
		"busy":            {"that nobody has time says nothing about pages", fault.Rule{Kind: fault.Status, Status: 503, Times: 4}, 12},
		"fits by one":     {"one enormous object does not make all pages small", fault.Rule{Kind: fault.Fault, Code: -1, Text: one, Nth: 3}, 45},
		"nothing fits":    {"down to single objects, and up again", fault.Rule{Kind: fault.Fault, Code: -1, Text: large, Times: 12}, 56},
		"not even single": {"a single object is tried again", fault.Rule{Kind: fault.Fault, Code: -1, Text: large, Times: 14}, 60},
	} {
		on, _ := c.opens(t, uc.SyncSubscribers)
		c.CUCM.Faults().Clear()
		tc.rule.Op = "executeSQLQuery"
		c.CUCM.Faults().Add(tc.rule)
		before := c.CUCM.Stats().Calls["executeSQLQuery"]
		out := c.reads(t, on, uc.UserKind)
		s, err := c.DB.GetSync(t.Context(), on.SyncID)
		must(t, err)
		requests := c.CUCM.Stats().Calls["executeSQLQuery"] - before
		if out.State != uc.KindRead || s.Kinds[kindAt(s, uc.UserKind)].Read != 900 || requests > tc.most {
			t.Errorf("%s: %s: %+v after %d requests, want at most %d", name, tc.reason, out, requests, tc.most)
		}
		t.Logf("%s: %d requests", name, requests)
	}
}

// A large kind is read without asking for too much first: a small page says how large
// the next one may be, and one question how many objects there are.
func TestSyncPageSizeFromBytes(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 4500}, Limits: cucm.RealLimits()}})
	on, _ := c.opens(t, uc.SyncSubscribers)
	out := c.reads(t, on, uc.UserKind)
	s, err := c.DB.GetSync(t.Context(), on.SyncID)
	must(t, err)
	k := s.Kinds[kindAt(s, uc.UserKind)]
	if requests := c.CUCM.Stats().Calls["executeSQLQuery"]; out.MostRows != 0 || k.Read != 4500 || k.Total != 4500 || requests != 3 {
		t.Errorf("%+v of %+v after %d requests", out, k, requests)
	}
}

// A count that fails is told, and the kind is read without it.
func TestSyncCountFails(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 2100}, Limits: cucm.RealLimits()}})
	c.CUCM.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Fault, Code: 5003, Text: "no counting today", Nth: 2})
	on, _ := c.opens(t, uc.SyncSubscribers)
	out := c.reads(t, on, uc.UserKind)
	s, err := c.DB.GetSync(t.Context(), on.SyncID)
	must(t, err)
	report := c.report(t, on.SyncID)
	if k := s.Kinds[kindAt(s, uc.UserKind)]; out.State != uc.KindRead || k.Read != 2100 || !strings.Contains(report, "no counting today") {
		t.Errorf("%+v, %+v:\n%s", out, k, report)
	}
}

// An object that never fits ends its kind, and not the sync.
func TestSyncPageSizeInVain(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 600
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 5}, Limits: limits}})
	on, _ := c.opens(t, uc.SyncSubscribers)
	if out := c.reads(t, on, uc.UserKind); out.State != uc.KindFailed || out.Failure != uc.Invalid {
		t.Errorf("%+v", out)
	}
}

func kindAt(s uc.Sync, kind uc.EstateKind) int {
	return slices.IndexFunc(s.Kinds, func(k uc.SyncKind) bool { return k.Kind == kind })
}
