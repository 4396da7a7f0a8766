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

// retired runs a removal and returns why the object was kept.
func (r *rig) retired(t *testing.T, activity, in any) string {
	t.Helper()
	var out activities.Retired
	result, err := r.result(activity, in)
	must(t, err)
	must(t, result.Get(&out))
	return out.Kept
}

// bob is a colleague with a phone.
func (r *rig) bob(t *testing.T, lines ...cucm.Line) {
	t.Helper()
	must(t, r.CUCM.AddUser(t.Context(), cucm.User{UserID: "bob", LastName: "Bob"}))
	must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{Name: "SEPB0B000000000", Owner: "bob", Lines: lines}))
}

// Whatever somebody else has come to use since it was planned stays, with the reason.
func TestRemovalSparesWhatOthersUse(t *testing.T) {
	t.Parallel()
	line := cucm.Line{Pattern: "4700", Partition: "PT_Berlin"}
	retirePhone := func(r *rig) (any, any) {
		return r.cucm.RetirePhone, activities.RetirePhoneIn{On: r.on(), Name: "CSFANN", UserID: "ann", Lines: r.numbersOfAnn()}
	}
	retireProfile := func(r *rig) (any, any) {
		return r.cucm.RetireProfile, activities.RetireProfileIn{On: r.on(), Name: "ann-em", UserID: "ann", Lines: r.numbersOfAnn()}
	}
	retireLine := func(r *rig) (any, any) { return r.cucm.RetireLine, r.retireLine() }
	tests := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
		effect  func(*rig) (activity, in any)
		kept    string
	}{
		"phone of another user": {"it was given to bob", func(t *testing.T, r *rig) {
			r.bob(t)
			must(t, r.axl.UpdatePhone(t.Context(), axl.Phone{Name: "CSFANN", OwnerUser: axl.Set("bob")}))
		}, retirePhone, "phone CSFANN is bob's"},
		"profile of two": {"bob logs in with it", func(t *testing.T, r *rig) {
			r.bob(t)
			must(t, r.axl.UpdateUser(t.Context(), axl.User{UserID: "bob", PhoneProfiles: &[]string{"ann-em"}}))
		}, retireProfile, "device profile ann-em is a profile of bob too"},
		"shared line": {
			"it rings at bob's phone", func(t *testing.T, r *rig) { r.bob(t, line) },
			retireLine, "line 4700 is used by SEPB0B000000000 of bob",
		},
		"line group": {"callers hunt it", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddLineGroup(t.Context(), cucm.LineGroup{Name: "LG_Sales", HuntList: "HL_Sales", Lines: []cucm.Line{line}}))
		}, retireLine, "line 4700 is used by line group LG_Sales (hunt list HL_Sales)"},
		"number of another user": {"the ledger gave it away", func(t *testing.T, r *rig) {
			_, _, err := r.DB.OpenOrder(t.Context(), db.NewOrder{
				ID: "order-bob", Kind: uc.JoinerOrder, UserID: "bob", ServiceArea: world.Berlin, CreatedBy: "test", Joiner: &uc.Joiner{},
			})
			must(t, err)
			_, err = r.DB.Reserve(t.Context(), db.ReserveRequest{OrderID: "order-bob", Pool: world.BerlinPool, UserID: "bob"})
			must(t, err)
		}, retireLine, "number 4700 is bob's"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, nil)
			r.leaving(t)
			tt.prepare(t, r)
			before := r.snapshot(t)
			activity, in := tt.effect(r)
			if got := r.retired(t, activity, in); got != tt.kept {
				t.Errorf("kept %q, want %q: %s", got, tt.kept, tt.reason)
			}
			r.unchanged(t, before, "after the removal was refused")
		})
	}
}

// A remote destination and a profile that are another user's by now stay.
func TestRemovalSparesReachOfOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.leaving(t)
	r.reach(t)
	before := r.snapshot(t)
	for kept, effect := range map[string][2]any{
		"remote destination 01711234567 is ann's": {
			r.cucm.RetireRemoteDestination, activities.RetireDestinationIn{On: r.on(), Destination: "01711234567", UserID: "bob"},
		},
		"remote destination profile RDPANN is ann's": {
			r.cucm.RetireRemoteDestinationProfile, activities.RetireCarrierIn{On: r.on(), Name: "RDPANN", UserID: "bob"},
		},
	} {
		if got := r.retired(t, effect[0], effect[1]); got != kept {
			t.Errorf("kept %q, want %q", got, kept)
		}
	}
	r.unchanged(t, before, "after the removals were refused")
}

// A user whom a directory owns by now is left to it.
func TestRemovalLeavesUsersOfTheDirectory(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 0, "ann")
	must(t, until(t, r.ensure("ann")))
	r.begin(t)
	before := r.snapshot(t)
	in := activities.RetireUserIn{On: r.on(), UserID: "ann"}
	if got := r.retired(t, r.cucm.RetireUser, in); got != "user ann is left to LDAP agreement "+agreement {
		t.Errorf("kept %q", got)
	}
	r.unchanged(t, before, "after the removal was refused")
}

// Phones, profiles and lines that shall be kept lose what is the person's.
func TestWhatIsKeptByPolicyLosesTheLine(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.leaving(t)
	must(t, r.axl.UpdatePhone(t.Context(), axl.Phone{Name: "CSFANN", AddLines: []axl.LineAppearance{appearance(2, "4801")}}))
	for range 2 {
		all(t, []effect{
			does(r, "ClearUser", "", r.cucm.ClearUser, func() activities.ClearUserIn {
				in := r.clearUser()
				in.Profiles, in.Kept = nil, in.Profiles
				return in
			}),
			gives(r, "RetirePhone", "", r.cucm.RetirePhone, func() activities.RetirePhoneIn {
				return activities.RetirePhoneIn{On: r.on(), Name: "CSFANN", UserID: "ann", Keep: true, Lines: r.numbersOfAnn()}
			}),
			gives(r, "RetireProfile", "", r.cucm.RetireProfile, func() activities.RetireProfileIn {
				return activities.RetireProfileIn{On: r.on(), Name: "ann-em", UserID: "ann", Keep: true, Lines: r.numbersOfAnn()}
			}),
			gives(r, "RetireLine", "", r.cucm.RetireLine, func() activities.RetireLineIn {
				in := r.retireLine()
				in.Park = true
				return in
			}),
		})
	}
	phone, err := r.axl.GetPhone(t.Context(), "CSFANN")
	must(t, err)
	if lines := val(phone.Lines); val(phone.OwnerUser) != "" || len(lines) != 1 || lines[0].Pattern != "4801" {
		t.Errorf("the kept phone is %s's with lines %+v, want nobody's with 4801", val(phone.OwnerUser), lines)
	}
	user, err := r.axl.GetUser(t.Context(), "ann")
	must(t, err)
	if profiles := val(user.PhoneProfiles); len(profiles) != 1 || len(val(user.AssociatedDevices)) != 0 || val(user.EnableCTI) {
		t.Errorf("the user has profiles %v, devices %v and CTI %v, want ann-em only", profiles, val(user.AssociatedDevices), val(user.EnableCTI))
	}
	line, err := r.axl.GetLine(t.Context(), "4700", "PT_Berlin")
	must(t, err)
	if val(line.Active) || val(line.Description) != "free since 2026-10-02" || val(line.AlertingName) != "" ||
		val(line.ForwardBusy) != (axl.Forward{}) || val(line.CallPickupGroup) != "" {
		t.Errorf("the parked line is %+v", line)
	}
}
