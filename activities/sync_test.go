package activities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

var people = cucm.Model{Users: 60, Phones: 80, Lines: 90}

// A copy is equal to the call processor; a second sync finds nothing new; nothing is
// ever written.
func TestSyncCopiesEverything(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
	before := c.snapshot(t)
	first := c.sync(t, uc.SyncAll)
	if first.Detail != "Completed." {
		t.Errorf("%s\n%s", first.Detail, c.report(t, first.ID))
	}
	c.equals(t, "at first")
	second := c.sync(t, uc.SyncAll)
	for _, k := range second.Kinds {
		if k.Added+k.Changed+k.Gone > 0 {
			t.Errorf("the second sync: %+v", k)
		}
	}
	c.unchanged(t, before, "after two syncs")
	if s := c.CUCM.Stats(); s.Writes > 0 {
		t.Errorf("%d writes", s.Writes)
	}
}

// Pages of every size give the same copy.
func TestSyncByPages(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
	for i := range 20 {
		_, err := c.admin.AddLine(t.Context(), axl.Line{Pattern: fmt.Sprint(8000 + i), Partition: "PT_Berlin"})
		must(t, err)
	}
	c.estate.PageRows = 7
	c.sync(t, uc.SyncAll)
	c.equals(t, "read seven by seven")
}

// Faults of every sort, again and again, lead to a complete copy.
func TestSyncThroughFaults(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
	c.estate.PageRows = 25
	disturbed := false
	for name, rule := range map[string]fault.Rule{
		"dropped":      {Kind: fault.Drop, Every: 3},
		"busy":         {Kind: fault.Status, Status: 503, Every: 3},
		"broken":       {Kind: fault.Status, Status: 500, Every: 4},
		"cut":          {Kind: fault.Truncate, Every: 3},
		"illegal":      {Kind: fault.IllegalChar, Every: 2},
		"out of space": {Kind: fault.Fault, Code: -1, Text: "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed", Every: 3},
	} {
		for _, op := range []string{"executeSQLQuery", "listCss", "listDevicePool", "listRoutePartition", "listPhoneButtonTemplate"} {
			rule.Op = op
			c.CUCM.Faults().Add(rule)
		}
		s := c.sync(t, uc.SyncAll)
		for _, k := range s.Kinds { // the first one fills the copy, every other one finds the same
			if k.State == uc.KindFailed || disturbed && k.Added+k.Changed+k.Gone > 0 {
				t.Errorf("%s: %+v", name, k)
			}
		}
		for _, f := range c.CUCM.Faults().List() {
			if f.Fired == 0 && f.Rule.Op == "executeSQLQuery" {
				t.Errorf("%s: nothing was disturbed", name)
			}
		}
		c.CUCM.Faults().Clear()
		disturbed = true
	}
	c.equals(t, "after all faults")
}

// A kind that cannot be read is told and stays as it was; the others are read.
func TestSyncWithoutAKind(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3}}})
	c.sync(t, uc.SyncInfra)
	before := c.copies(t)
	for name, tc := range map[string]struct {
		reason string
		rule   fault.Rule
		state  uc.SyncKindState
		detail string
		words  []string
	}{
		"refused": {
			"a fault that only an administrator can mend",
			fault.Rule{Kind: fault.Fault, Code: 5003, Text: "Something is wrong"},
			uc.KindFailed, "Completed. But the following objects could not be synchronized: [DevicePool]",
			[]string{"error configuration devicePool", "Something is wrong"},
		},
		"denied": {
			"the account may not",
			fault.Rule{Kind: fault.Status, Status: 403},
			uc.KindFailed, "Completed. But the following objects could not be synchronized: [DevicePool]",
			[]string{"error configuration devicePool", "give the AXL account its role"},
		},
		"silent": {
			"no answer, however often",
			fault.Rule{Kind: fault.Drop},
			uc.KindFailed, "Completed. But the following objects could not be synchronized: [DevicePool]",
			[]string{"error network devicePool", "Cisco AXL Web Service runs"},
		},
		"unknown": {
			"the version lacks it",
			fault.Rule{Kind: fault.Fault, Code: 0, Text: "Operation not found: listDevicePool"},
			uc.KindSkipped, "Completed.",
			[]string{"info configuration devicePool", "this version"},
		},
	} {
		tc.rule.Op = "listDevicePool"
		c.CUCM.Faults().Add(tc.rule)
		s := c.sync(t, uc.SyncInfra)
		c.CUCM.Faults().Clear()
		if s.Detail != tc.detail {
			t.Errorf("%s: %s: %s", name, tc.reason, s.Detail)
		}
		for _, k := range s.Kinds {
			if k.Kind == uc.DevicePoolKind && k.State == tc.state {
				k.State = uc.KindRead
			}
			if k.State != uc.KindRead || k.Gone > 0 {
				t.Errorf("%s: %s: %+v", name, tc.reason, k)
			}
		}
		report := c.report(t, s.ID)
		for _, w := range tc.words {
			if !strings.Contains(report, w) {
				t.Errorf("%s: %s: the report does not say %q:\n%s", name, tc.reason, w, report)
			}
		}
		if diff := cmp.Diff(before, c.copies(t)); diff != "" {
			t.Errorf("%s: %s: the copy changed:\n%s", name, tc.reason, diff)
		}
	}
}

// An older version lacks nothing that is not told.
func TestSyncOfOlderVersions(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"11.5", "12.5", "14.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := newCopier(t, world.Options{CUCM: cucm.Options{Version: version, Model: cucm.Model{Users: 20, Phones: 20, Lines: 20}}})
			if s := c.sync(t, uc.SyncAll); s.Detail != "Completed." {
				t.Errorf("%s\n%s", s.Detail, c.report(t, s.ID))
			}
			c.equals(t, version)
		})
	}
}

// What the switches leave out is told, and does not fail the sync.
func TestSyncSwitches(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3}}})
	c.estate.Switches[world.CUCM] = activities.SyncSwitches{NoSpecialNumbers: true}
	s := c.sync(t, uc.SyncSubscribers)
	for _, k := range s.Kinds {
		if skipped := k.State == uc.KindSkipped; skipped != (k.Kind == uc.SpecialNumberKind) {
			t.Errorf("%+v", k)
		}
	}
	if s.Detail != "Completed." || !strings.Contains(c.report(t, s.ID), "sync.specialNumbers") {
		t.Errorf("%s\n%s", s.Detail, c.report(t, s.ID))
	}
}
