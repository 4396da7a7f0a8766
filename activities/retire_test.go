package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// leaving makes everything that a joiner makes, ends that order and begins a leaver's.
func (r *rig) leaving(t *testing.T) {
	t.Helper()
	all(t, r.forward())
	r.begin(t)
}

// begin ends the joiner's order and begins a leaver's.
func (r *rig) begin(t *testing.T) {
	t.Helper()
	done := uc.Done
	must(t, r.DB.SetOrder(t.Context(), r.order, uc.OrderChange{State: &done}))
	r.order = "leave-1"
	_, _, err := r.DB.OpenOrder(t.Context(), db.NewOrder{
		ID: r.order, Kind: uc.LeaverOrder, UserID: "ann", Leaver: &uc.Leaver{UserID: "ann"},
		CallProcessor: world.CUCM, CreatedBy: "test", State: uc.Running,
	})
	must(t, err)
}

// reach gives ann a remote destination, as an administrator would.
func (r *rig) reach(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, r.axl.UpdateUser(ctx, axl.User{UserID: r.services.User.User.ID, EnableMobility: axl.Set(true)}))
	n := r.services.Number
	_, err := r.axl.AddRemoteDestinationProfile(ctx, axl.RemoteDestinationProfile{
		Name: "RDPANN", User: axl.Set(r.services.User.User.ID), DevicePool: axl.Set("DP_Berlin"),
		Lines: &[]axl.LineAppearance{{Index: 1, Pattern: n.Digits, Partition: n.Partition}},
	})
	must(t, err)
	_, err = r.axl.AddRemoteDestination(ctx, axl.RemoteDestination{
		Destination: "01711234567", Name: axl.Set("Ann mobile"), Owner: axl.Set(r.services.User.User.ID), Profile: axl.Set("RDPANN"),
		Lines: &[]axl.Extension{{Pattern: n.Digits, Partition: n.Partition}},
	})
	must(t, err)
}

func (r *rig) retireLine() activities.RetireLineIn {
	return activities.RetireLineIn{
		On: r.on(), Number: r.services.Number, UserID: "ANN", Devices: r.own(), At: time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC),
	}
}

// own are the devices and profiles that are ann's alone.
func (r *rig) own() []string { return append(r.line().Devices, "RDPANN") }

func (r *rig) numbersOfAnn() []uc.DirectoryNumber { return []uc.DirectoryNumber{r.services.Number} }

func (r *rig) clearUser() activities.ClearUserIn {
	return activities.ClearUserIn{
		On: r.on(), UserID: "ANN", Devices: r.user().Devices, Profiles: []string{r.services.DeviceProfile.Name},
		Lines: r.numbersOfAnn(), Given: r.services.User, EndSignIn: true,
	}
}

// retiring is what a leaver's removal does on the call processor, in its order.
func (r *rig) retiring() []effect {
	out := []effect{
		does(r, "ClearUser", "updateUser", r.cucm.ClearUser, r.clearUser),
		gives(r, "RetireRemoteDestination", "removeRemoteDestination", r.cucm.RetireRemoteDestination,
			func() activities.RetireDestinationIn {
				return activities.RetireDestinationIn{On: r.on(), Destination: "01711234567", UserID: "ANN"}
			}),
		gives(r, "RetireRemoteDestinationProfile", "removeRemoteDestinationProfile", r.cucm.RetireRemoteDestinationProfile,
			func() activities.RetireCarrierIn {
				return activities.RetireCarrierIn{On: r.on(), Name: "RDPANN", UserID: "ANN"}
			}),
	}
	for _, p := range r.services.Phones {
		op := "removePhone"
		if p.Desk {
			op = "updatePhone"
		}
		out = append(out, gives(r, "RetirePhone", op, r.cucm.RetirePhone, func() activities.RetirePhoneIn {
			return activities.RetirePhoneIn{On: r.on(), Name: p.Name, UserID: "ANN", Lines: r.numbersOfAnn()}
		}))
	}
	return append(out,
		gives(r, "RetireProfile", "removeDeviceProfile", r.cucm.RetireProfile, func() activities.RetireProfileIn {
			return activities.RetireProfileIn{On: r.on(), Name: r.services.DeviceProfile.Name, UserID: "ANN", Lines: r.numbersOfAnn()}
		}),
		gives(r, "RetireLine", "removeLine", r.cucm.RetireLine, r.retireLine),
		gives(r, "RetireUser", "removeUser", r.cucm.RetireUser, func() activities.RetireUserIn {
			return activities.RetireUserIn{On: r.on(), UserID: "ANN"}
		}))
}

// Every removal is done, its answer is lost, and it is done twice more: it finds that
// nothing is left to do. In the end the call processor is as before the joiner.
func TestEveryRemovalTwiceAndAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for name, area := range map[string]string{"digits": world.Berlin, "E.164": world.E164Area} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference, r := newRig(t, world.Options{}, area, withDesk), newRig(t, world.Options{}, area, withDesk)
			var before cucm.Snapshot
			for _, rig := range []*rig{reference, r} {
				addDesk(t, rig)
				before = rig.snapshot(t)
				rig.leaving(t)
				rig.reach(t)
			}
			for i, e := range r.retiring() {
				calm := reference.retiring()
				all(t, calm[i:i+1])
				want := reference.snapshot(t)
				r.CUCM.Faults().Add(fault.Rule{Op: e.op, Kind: fault.AfterCommit, Times: 1})
				wantKind(t, e.run(), uc.Unavailable)
				for _, when := range []string{"after a lost answer ", "once more "} {
					if err := e.run(); err != nil {
						t.Fatalf("%s%s: %v", when, e.name, err)
					}
					r.unchanged(t, want, when+e.name)
				}
				r.CUCM.Faults().Clear()
			}
			r.unchanged(t, before, "after all removals")
			all(t, r.retiring())
			r.unchanged(t, before, "after all removals once more")
		})
	}
}

// What stood there before the person's first order is, after the removal, exactly as
// before: it is never deleted.
func TestRemovalLeavesWhatStoodThereBefore(t *testing.T) {
	t.Parallel()
	full := axl.User{
		PhoneProfiles: &[]string{"ann-em"}, DefaultProfile: axl.Set("ann-em"),
		Groups: &[]string{"Standard CTI Enabled"}, EnableCTI: axl.Set(false), HomeCluster: axl.Set(false),
	}
	tests := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
	}{
		"the user": {"lists are merged, flags and texts put back", func(t *testing.T, r *rig) { r.addUser(t, axl.User{}) }},
		"profile without lines": {"an update cannot empty the list of lines", func(t *testing.T, r *rig) {
			r.addProfile(t)
			r.addUser(t, full)
		}},
		"profile and unassigned line": {"the line is taken off by removing it, and is added again", func(t *testing.T, r *rig) {
			r.addProfile(t)
			r.addUser(t, full)
			must(t, r.CUCM.AddLine(t.Context(), cucm.Line{
				Pattern: "4700", Partition: "PT_Berlin", Description: "free since May", CallForwardAll: "4123",
			}))
		}},
		"profile with lines": {"other lines move back to the first button with all they had", func(t *testing.T, r *rig) {
			r.addProfile(t, appearance(1, "4801"), appearance(2, "4802"))
			r.addUser(t, full)
		}},
		"unassigned line": {"it is free as it was", func(t *testing.T, r *rig) {
			r.addUser(t, axl.User{})
			must(t, r.CUCM.AddLine(t.Context(), cucm.Line{
				Pattern: "4700", Partition: "PT_Berlin", Description: "free since May", AlertingName: "Bob", CallForwardAll: "4123",
			}))
		}},
		"soft phone of nobody": {"its owner is nobody again", func(t *testing.T, r *rig) {
			r.addUser(t, axl.User{})
			must(t, r.CUCM.AddPhone(t.Context(), r.softPhone("")))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, withDesk)
			addDesk(t, r)
			tt.prepare(t, r)
			before := r.snapshot(t)
			r.leaving(t)
			effects := r.retiring()
			effects = effects[:len(effects)-1] // the user stays
			if strings.HasPrefix(name, "profile") {
				effects[0] = does(r, "ClearUser", "updateUser", r.cucm.ClearUser, func() activities.ClearUserIn {
					in := r.clearUser()
					in.Profiles, in.Kept = nil, in.Profiles // an adopted profile stays the user's
					return in
				})
			}
			all(t, effects)
			r.unchanged(t, before, tt.reason+": after the removal")
			all(t, effects)
			r.unchanged(t, before, tt.reason+": after the removal once more")
		})
	}
}

func val[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
