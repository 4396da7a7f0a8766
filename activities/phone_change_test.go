package activities_test

import (
	"slices"
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

const next = "SEPAABBCCDDEEFF"

// equipped is ann with all her services and a desk phone with a line of the reception,
// buttons of every kind, and herself logged in.
func equipped(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, world.Options{}, world.Berlin, withDesk)
	must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{
		Name: desk, Description: "Reception", ExtensionMobility: true,
		Lines: []cucm.Line{{Pattern: "4999", Partition: "PT_Berlin", AlertingName: "Reception"}},
	}))
	all(t, r.forward())
	phone, err := r.axl.GetPhone(t.Context(), desk)
	must(t, err)
	lines := slices.Clone(*phone.Lines)
	lines[0].Label, lines[0].Kept.RingSetting = axl.Set("Reception"), "Flash Only"
	must(t, r.axl.UpdatePhone(t.Context(), axl.Phone{
		Name: desk, Lines: &lines, Buttons: axl.Buttons{
			SpeedDials:       &[]axl.SpeedDial{{Index: 1, Number: "0911234001", Label: "mobile"}, {Index: 2, Number: "4712", Label: "Bob"}},
			BusyLampFields:   &[]axl.BusyLampField{{Index: 1, Label: "Reception", Pattern: "4999", Partition: "PT_Berlin", Pickup: true}},
			DirectedCallPark: &[]axl.DirectedCallParkButton{},
		},
		Services: &[]axl.Service{{Service: "Extension Mobility", Name: "EM", ButtonIndex: 1}},
	}))
	must(t, r.axl.DeviceLogin(t.Context(), desk, "ann-em", "ann"))
	return r
}

func (r *rig) replaced(rename bool, old axl.UUID) activities.SwapPhoneIn {
	return activities.SwapPhoneIn{
		On: r.on(), Old: desk, New: next, UserID: "ann", Number: r.services.Number, Rename: rename, OldID: old,
	}
}

func (r *rig) release(phone string, bare bool) activities.ReleasePhoneIn {
	return activities.ReleasePhoneIn{On: r.on(), Name: phone, UserID: "ann", Number: r.services.Number, Bare: bare}
}

func (r *rig) userPhones(add, remove []string) activities.UserPhonesIn {
	return activities.UserPhonesIn{On: r.on(), UserID: "ann", Add: add, Remove: remove}
}

// then are the effects of one change of phones and their undo.
type then struct{ forward, backward []effect }

func removeSoft(r *rig) then {
	soft := r.services.Phones[0].Name
	phones := func() activities.UserPhonesIn { return r.userPhones(nil, []string{soft}) }
	in := func() activities.ReleasePhoneIn { return r.release(soft, false) }
	return then{
		[]effect{
			does(r, "SetUserPhones", "updateUser", r.cucm.SetUserPhones, phones),
			does(r, "DeletePhone", "removePhone", r.cucm.DeletePhone, in),
		},
		[]effect{
			does(r, "DeletePhoneBack", "addPhone", r.cucm.DeletePhoneBack, in),
			does(r, "RestoreUserPhones", "updateUser", r.cucm.RestoreUserPhones, phones),
		},
	}
}

func removeDesk(r *rig) then {
	phones := func() activities.UserPhonesIn { return r.userPhones(nil, []string{desk}) }
	in := func() activities.ReleasePhoneIn { return r.release(desk, false) }
	return then{
		[]effect{
			does(r, "SetUserPhones", "updateUser", r.cucm.SetUserPhones, phones),
			does(r, "ReleasePhone", "updatePhone", r.cucm.ReleasePhone, in),
		},
		[]effect{
			does(r, "ReleasePhoneBack", "updatePhone", r.cucm.ReleasePhoneBack, in),
			does(r, "RestoreUserPhones", "updateUser", r.cucm.RestoreUserPhones, phones),
		},
	}
}

// swapOf is a swap as ReadSwap says that it is to be done.
func swapOf(t *testing.T, r *rig, rename bool) then {
	t.Helper()
	old, err := r.axl.GetPhone(t.Context(), desk)
	must(t, err)
	in := func() activities.SwapPhoneIn { return r.replaced(rename, old.UUID) }
	login := func() activities.LoginIn { return activities.LoginIn{On: r.on(), Phone: desk, UserID: "ann"} }
	phones := func() activities.UserPhonesIn { return r.userPhones([]string{next}, []string{desk}) }
	bare := func() activities.ReleasePhoneIn { return r.release(desk, true) }
	logOut := does(r, "LogOut", "doDeviceLogout", r.cucm.LogOut, login)
	logIn := does(r, "LogIn", "doDeviceLogin", r.cucm.LogIn, login)
	replace := gives(r, "ReplacePhone", "updatePhone", r.cucm.ReplacePhone, in)
	back := does(r, "ReplacePhoneBack", "updatePhone", r.cucm.ReplacePhoneBack, in)
	if rename {
		return then{[]effect{logOut, replace}, []effect{back, logIn}}
	}
	return then{
		[]effect{
			logOut, replace, does(r, "SetUserPhones", "updateUser", r.cucm.SetUserPhones, phones),
			does(r, "ReleasePhone", "updatePhone", r.cucm.ReleasePhone, bare),
		},
		[]effect{
			does(r, "ReleasePhoneBack", "updatePhone", r.cucm.ReleasePhoneBack, bare),
			does(r, "RestoreUserPhones", "updateUser", r.cucm.RestoreUserPhones, phones), back, logIn,
		},
	}
}

// spareAs is a phone that registered by itself.
func spareAs(t *testing.T, r *rig, p cucm.Phone) {
	t.Helper()
	p.Name = next
	p.Lines = append(p.Lines, cucm.Line{Pattern: "8000", Partition: "PT_Local"})
	must(t, r.CUCM.AddPhone(t.Context(), p))
}

// Each effect of each change is run after its write was done and the answer lost, and
// twice more: it does nothing twice, and undo leaves all as it was.
func TestPhoneChangesTwiceAndAfterALostAnswer(t *testing.T) {
	t.Parallel()
	other := cucm.Phone{Product: "Cisco 7821", ButtonTemplate: "Standard 7821 SIP"}
	cases := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
		effects func(*testing.T, *rig) then
	}{
		"remove soft": {"it is gone", nil, func(_ *testing.T, r *rig) then { return removeSoft(r) }},
		"remove desk": {"it stays", nil, func(_ *testing.T, r *rig) then { return removeDesk(r) }},
		"rename":      {"the new one is not there", nil, func(t *testing.T, r *rig) then { return swapOf(t, r, true) }},
		"same product": {
			"the new one registered by itself", func(t *testing.T, r *rig) { spareAs(t, r, cucm.Phone{}) },
			func(t *testing.T, r *rig) then { return swapOf(t, r, false) },
		},
		"other product": {
			"with fewer buttons", func(t *testing.T, r *rig) { spareAs(t, r, other) },
			func(t *testing.T, r *rig) then { return swapOf(t, r, false) },
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := equipped(t)
			if c.prepare != nil {
				c.prepare(t, r)
			}
			r.order = "order-2"
			r.openPhone(t)
			before := r.snapshot(t)
			effects := c.effects(t, r)
			for _, e := range append(effects.forward, effects.backward...) {
				r.CUCM.Faults().Add(fault.Rule{Op: e.op, Kind: fault.AfterCommit, Times: 1})
				if err := e.run(); err != nil { // LogOut looks by itself
					wantKind(t, err, uc.Unavailable)
				}
				r.CUCM.Faults().Clear()
				must(t, e.run())
				once := r.snapshot(t)
				must(t, e.run())
				r.unchanged(t, once, c.reason+": once more "+e.name)
			}
			r.unchanged(t, before, c.reason+": after undo")
			// Undo of what never happened, and of what was taken back.
			for _, e := range effects.backward {
				must(t, e.run())
			}
			r.unchanged(t, before, c.reason+": after another undo")
		})
	}
}

// openPhone begins an order about the person's phones.
func (r *rig) openPhone(t *testing.T) {
	t.Helper()
	done := uc.Done
	must(t, r.DB.SetOrder(t.Context(), "order-1", uc.OrderChange{State: &done}))
	r.open(t, r.order)
}

// A soft phone that somebody else needs is not removed.
func TestDeletePhoneOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reason string
		bob    cucm.User
		says   string
	}{
		"owned":      {"it was given away", cucm.User{UserID: "bob", LastName: "Bobson"}, "belongs to user bob"},
		"controlled": {"an assistant uses it", cucm.User{UserID: "bob", LastName: "Bobson", Devices: []string{"CSFANN"}}, "controlled by bob"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := equipped(t)
			must(t, r.CUCM.AddUser(t.Context(), c.bob))
			if name == "owned" {
				must(t, r.axl.UpdatePhone(t.Context(), axl.Phone{Name: "CSFANN", OwnerUser: axl.Set("bob")}))
			}
			before := r.snapshot(t)
			wantKind(t, r.execute(r.cucm.DeletePhone, r.release("CSFANN", false)), uc.Conflict, c.says)
			must(t, r.execute(r.cucm.DeletePhoneBack, r.release("CSFANN", false)))
			r.unchanged(t, before, c.reason)
		})
	}
}
