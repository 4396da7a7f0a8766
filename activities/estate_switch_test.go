package activities_test

import (
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// PCP-18, PCP-79: analogue phones are left out unless the switch is on, special numbers
// are read unless it is off.
func TestSwitchesOfKinds(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 2, Phones: 2, Lines: 2}}})
	const analogue = "AN0011223344550"
	_, err := c.admin.AddPhone(t.Context(), axl.Phone{
		Name: analogue, Product: "Analog Phone", Protocol: "SCCP", DevicePool: axl.Set("DP_Berlin"),
		ButtonTemplate: axl.Set("Standard 8845 SIP"),
	})
	must(t, err)
	for _, tc := range []struct {
		reason            string
		switches          activities.SyncSwitches
		analogue, special bool
	}{
		{"nothing is set", activities.SyncSwitches{}, false, true},
		{"both are turned", activities.SyncSwitches{Analogue: true, NoSpecialNumbers: true}, true, false},
		{"analogue phones are off again", activities.SyncSwitches{}, false, true},
	} {
		c.estate.Switches[world.CUCM] = tc.switches
		s := c.sync(t, uc.SyncSubscribers)
		phones, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: uc.PhoneKind, Name: analogue}, "", 1)
		must(t, err)
		if got := len(phones.Objects) == 1; got != tc.analogue {
			t.Errorf("%s: an analogue phone is in the copy: %v", tc.reason, got)
		}
		for _, k := range s.Kinds {
			if read := k.State == uc.KindRead; k.Kind == uc.SpecialNumberKind && read != tc.special {
				t.Errorf("%s: special numbers are %s", tc.reason, k.State)
			}
		}
	}
}
