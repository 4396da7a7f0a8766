package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// farSteps are all effects of a move to another call processor with a rename, in their
// order.
var farSteps = []string{
	"ReadPerson", "ReadPlacement", "PassGuard", "CheckUserID", "FindPerson", "ReserveNumber", "CheckNumber", "EnsureUser",
	"EnsureDeviceProfile", "ReadDeviceProfile", "EnsureLine", "EnsureProfileLine", "EnsurePhone", "AssociateUser",
	"EnsurePrimaryExtension", "SetPIN", "Verify", "PublishNumber", "SendInstructions", "ClearDirectory", "WriteDirectory",
	"RevokeHR", "WriteHR", "SurveyLeaver", "ClearUser", "RetirePhone", "RetireProfile", "RetireLine", "RetireUser",
	"ReleaseNumber", "RenamePerson", "SavePerson",
}

// Who moves to another call processor is there as somebody who joined there, and
// nowhere on the old one.
func TestMoverToAnotherCallProcessor(t *testing.T) {
	t.Parallel()
	w, want := mixedWorld(t, world.Options{Far: true}), mixedWorld(t, world.Options{Far: true})
	w.Person(t, "bob", world.Berlin) // the first person's directory entry is not the only one
	empty := snapshot(t, w)
	p := berliner(t, w, "ann")
	f := &trouble{}
	mover := mixedMove("ann")
	mover.ServiceArea = azores
	o := moverEnv(t, w, "move", mover, f).run(t)
	if o.State != uc.Done || o.Detail != "" || o.Number != "4800" {
		t.Fatalf("the order is %s with %s (%s: %s), want done with 4800", o.State, o.Number, o.FailureKind, o.Detail)
	}
	for _, step := range farSteps {
		if !f.seen[step] {
			t.Errorf("%s did not run", step)
		}
	}
	if diff := empty.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the old call processor holds something of the person:\n%s", strings.Join(diff, "\n"))
	}
	want.Person(t, "xann", azores)
	must(t, want.Directory.Set("xann", map[string]string{"employeeID": p.Joiner.User.EmployeeID}))
	if o := newEnvAs(t, want, mover.Apply(p.Joiner), &trouble{}, "reference").run(t); o.State != uc.Done {
		t.Fatalf("the reference is %s (%s)", o.State, o.Detail)
	}
	if diff := far(t, want).Diff(far(t, w)); len(diff) > 0 {
		t.Errorf("the new call processor differs from one where the person joined (- joined + moved):\n%s", strings.Join(diff, "\n"))
	}
	now := stateOf(t, w, "xann")
	if diff := cmp.Diff(map[string]string{
		"4700 in PT_Berlin on cucm-1": "cooling", "4800 in PT_Lisbon on cucm-2": "assigned",
	}, now.Numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	if entry, _ := w.Directory.Person("ann"); entry.TelephoneNumber != "4800" || entry.IPPhone != "" {
		t.Errorf("the directory has %q and %q, want 4800 and what only the old domain wrote cleared", entry.TelephoneNumber, entry.IPPhone)
	}
	if hr := w.HR.Records(); hr["xann"].Number != "4800" || hr["ann"].Number != "" {
		t.Errorf("HR has %+v", hr)
	}
	if now.Person.Domain != "islands" || now.Person.Services.CallProcessor != world.FarCUCM {
		t.Errorf("the person is %+v", now.Person)
	}
}

func far(t *testing.T, w *world.World) cucm.Snapshot {
	t.Helper()
	s, err := w.Far.Snapshot(t.Context())
	must(t, err)
	return s
}

// A failure before the new place is read back leaves both call processors as they
// were; later the old one waits to be cleared.
func TestMoverToAnotherCallProcessorFails(t *testing.T) {
	t.Parallel()
	w := mixedWorld(t, world.Options{Far: true})
	for i, step := range farSteps {
		user := "a" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		berliner(t, w, user)
		mover := mixedMove(user)
		mover.ServiceArea = azores
		before := stateOf(t, w, user)
		e := moverEnv(t, w, "move-"+user, mover, &trouble{step: step, kind: uc.Conflict, times: 1})
		waited := false
		e.RegisterDelayedCallback(func() {
			waited = e.get(t).State == uc.Waiting
			e.SignalWorkflow("resume", nil)
		}, time.Minute)
		o := e.run(t)
		if i <= slices.Index(farSteps, "Verify") {
			if o.State != uc.Failed || strings.Contains(o.Detail, "left behind") {
				t.Errorf("a conflict at %s: the order is %s (%s), want failed", step, o.State, o.Detail)
			}
			before.unmoved(t, w, "after a failed "+step)
			continue
		}
		if o.State != uc.Done || !waited {
			t.Errorf("a conflict at %s: the order is %s (%s), waited %v, want it to wait and then done", step, o.State, o.Detail, waited)
		}
	}
}
