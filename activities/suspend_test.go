package activities_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

const lobby = "SEP0000000000AA"

// login logs a user in to the phone in the lobby.
func (r *rig) login(t *testing.T, user, profile string) {
	t.Helper()
	must(t, r.axl.DeviceLogin(t.Context(), lobby, profile, user))
}

func (r *rig) forwardTo(to uc.Forward) activities.ForwardIn {
	return activities.ForwardIn{On: r.on(), Number: r.services.Number, To: to, CSS: "CSS_Berlin_Local", Devices: r.own()}
}

// suspending is what happens at leave; resuming is what takes it back, in its order.
func (r *rig) suspending() (there, back []effect) {
	login := func() activities.LoginIn { return activities.LoginIn{On: r.on(), Phone: lobby, UserID: "ann"} }
	forward := func() activities.ForwardIn { return r.forwardTo(uc.Forward{Voicemail: true}) }
	signIn := func() activities.SignInIn { return activities.SignInIn{On: r.on(), UserID: "ann"} }
	there = []effect{
		does(r, "LogOut", "doDeviceLogout", r.cucm.LogOut, login),
		does(r, "ForwardLine", "updateLine", r.cucm.ForwardLine, forward),
		does(r, "EndSignIn", "updateUser", r.cucm.EndSignIn, signIn),
	}
	back = []effect{
		does(r, "RestoreSignIn", "updateUser", r.cucm.RestoreSignIn, signIn),
		does(r, "UnforwardLine", "updateLine", r.cucm.UnforwardLine, forward),
		does(r, "LogIn", "doDeviceLogin", r.cucm.LogIn, login),
	}
	return there, back
}

// leavingFromLobby is a leaver who is logged in to the phone in the lobby.
func leavingFromLobby(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{Name: lobby, ExtensionMobility: true}))
	r.leaving(t)
	r.login(t, "ann", "ann-em")
	return r
}

// What happens at leave is done, its answer is lost, and it is done once more; taken
// back in the same way, everything is exactly as before.
func TestLeaveAndRecallTwiceAndAfterALostAnswer(t *testing.T) {
	t.Parallel()
	r, reference := leavingFromLobby(t), leavingFromLobby(t)
	before := r.snapshot(t)
	there, back := r.suspending()
	calm, calmBack := reference.suspending()
	all(t, back) // of what never happened
	r.unchanged(t, before, "after a recall of what never happened")
	calm = append(calm, calmBack...)
	for i, e := range append(there, back...) {
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
	r.unchanged(t, before, "after the recall")
}

// A recall takes back only what still is as the leave made it.
func TestRecallLeavesWhatOthersChanged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		change func(*testing.T, *rig)
	}{
		"bob at the phone": {"he is not logged out", func(t *testing.T, r *rig) {
			r.bob(t)
			must(t, r.axl.UpdateUser(t.Context(), axl.User{UserID: "bob", PhoneProfiles: &[]string{"ann-em"}}))
			r.login(t, "bob", "ann-em")
		}},
		"another forward": {"somebody asked for it", func(t *testing.T, r *rig) {
			must(t, r.axl.UpdateLine(t.Context(), axl.Line{Pattern: "4700", Partition: "PT_Berlin", ForwardAll: &axl.Forward{Destination: "4999"}}))
		}},
		"everything gone": {"there is nothing to take back", func(t *testing.T, r *rig) {
			all(t, r.retiring())
			must(t, r.axl.RemovePhone(t.Context(), lobby))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := leavingFromLobby(t)
			there, back := r.suspending()
			switch name {
			case "bob at the phone":
				there, back = there[:1], back[2:]
			case "another forward":
				there, back = there[1:2], back[1:2]
			}
			all(t, there)
			tt.change(t, r)
			before := r.snapshot(t)
			all(t, back)
			r.unchanged(t, before, tt.reason+": after the recall")
		})
	}
}

// A line that rings at a colleague's phone too is not forwarded, and nobody else is
// logged out.
func TestLeaveSparesOthers(t *testing.T) {
	t.Parallel()
	r := leavingFromLobby(t)
	r.bob(t, cucm.Line{Pattern: "4700", Partition: "PT_Berlin"})
	must(t, r.axl.UpdateUser(t.Context(), axl.User{UserID: "bob", PhoneProfiles: &[]string{"ann-em"}}))
	r.login(t, "bob", "ann-em")
	before := r.snapshot(t)
	there, _ := r.suspending()
	all(t, there[:2])
	r.unchanged(t, before, "after the leave")
}

// HR is told that the number is withdrawn, and once only; a recall says that it is the
// person's after all, and nothing when HR was never told.
func TestLeaverTellsHR(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.begin(t)
	in := func() activities.HRIn {
		return activities.HRIn{StepRef: uc.StepRef{OrderID: r.order}, HR: world.HR, User: r.joiner.User, Number: r.services.Number, At: time.Now()}
	}
	back := does(r, "ReinstateHR", "", r.notifier.ReinstateHR, in)
	must(t, back.run())
	if n := len(r.HR.Events()); n != 0 {
		t.Fatalf("HR was told %d events before anything happened", n)
	}
	revoke := does(r, "RevokeHR", "", r.notifier.RevokeHR, in)
	all(t, []effect{revoke, revoke, back, back})
	var told []string
	for _, e := range r.HR.Events() {
		told = append(told, e.Type)
	}
	if len(told) != 2 || told[0] != "number.withdrawn" || told[1] != "number.assigned" {
		t.Errorf("HR was told %v, want withdrawn and assigned, each once", told)
	}
}

// The number is cleared from the directory where it still stands; a recall puts it
// back where nobody else wrote since.
func TestLeaverClearsTheDirectory(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason         string
		before, after  func(*testing.T, *rig)
		cleared, again [2]string
	}{
		"ours":            {"both go and come back", nil, nil, [2]string{}, [2]string{"+49301234700", "4700"}},
		"somebody else's": {"it was corrected", func(t *testing.T, r *rig) { r.swap(t, "ipPhone", "4700", "4711") }, nil, [2]string{"", "4711"}, [2]string{"+49301234700", "4711"}},
		"written since":   {"a recall does not overwrite it", nil, func(t *testing.T, r *rig) { r.swap(t, "ipPhone", "", "4711") }, [2]string{}, [2]string{"+49301234700", "4711"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, nil)
			must(t, does(r, "WriteDirectory", "", r.directory.WriteDirectory, r.person).run())
			r.begin(t)
			if tt.before != nil {
				tt.before(t, r)
			}
			back := does(r, "RestoreDirectory", "modify", r.directory.RestoreDirectory, func() activities.PersonIn {
				in := r.person()
				in.Values = map[string]string{"telephoneNumber": "", "ipPhone": ""}
				return in
			})
			must(t, back.run()) // of what never happened
			r.lose(t, does(r, "ClearDirectory", "modify", r.directory.ClearDirectory, r.person), tt.cleared)
			if tt.after != nil {
				tt.after(t, r)
			}
			r.lose(t, back, tt.again)
			gone := r.person()
			gone.User = uc.User{ID: "nobody", LastName: "X"}
			must(t, r.execute(r.directory.ClearDirectory, gone))
		})
	}
}
