package workflows_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// A wait for a number that has grown a long history goes on with an empty one, with
// the same order, and is cancelled and finished there.
func TestLongWaitStartsOver(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, nil)
	j := w.Person(t, "ann", world.Berlin)
	first := newEnv(t, w, j, &trouble{})
	first.SetContinueAsNewSuggested(true)
	input := workflows.JoinerInput{OrderID: first.order.ID, Joiner: j}
	first.ExecuteWorkflow(workflows.Joiner, input)
	if err := first.GetWorkflowError(); !workflow.IsContinueAsNewError(err) {
		t.Fatalf("the story ended with %v, want to begin anew", err)
	}
	if o := first.get(t); o.State != uc.Waiting || o.FailureKind != uc.Exhausted {
		t.Fatalf("the order is %s (%s), want it to wait on", o.State, o.FailureKind)
	}
	w.Import(t, world.BerlinPool, "4700")
	second := runAgain(t, w, first.order, &trouble{})
	checkDone(t, w, second)
}

// runAgain tells the story of an order that exists.
func runAgain(t *testing.T, w *world.World, o uc.Order, f *trouble) uc.Order {
	t.Helper()
	e := bareEnv(t, w, f)
	e.order = o
	return e.run(t)
}

// Thousands of numbers that are in use on the call processor do not outgrow the
// history either.
func TestLongSearchStartsOver(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4701"})
	must(t, w.CUCM.AddHuntPilot(t.Context(), "4700", "PT_Berlin"))
	e := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{})
	e.SetContinueAsNewSuggested(true)
	e.ExecuteWorkflow(workflows.Joiner, workflows.JoinerInput{OrderID: e.order.ID, Joiner: *e.order.Joiner})
	if err := e.GetWorkflowError(); !workflow.IsContinueAsNewError(err) {
		t.Fatalf("the story ended with %v, want to begin anew", err)
	}
	checkDone(t, w, runAgain(t, w, e.order, &trouble{}))
}

// A story that is started again after its order failed does nothing.
func TestEndedOrderIsNotTakenUpAgain(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	e := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{step: "Verify", kind: uc.Conflict, times: 1})
	before, people := snapshot(t, w), w.Directory.Snapshot()
	failed := e.run(t)
	again := runAgain(t, w, e.order, &trouble{})
	if failed.State != uc.Failed || again.Detail != failed.Detail {
		t.Errorf("the order is %s (%s), then %s (%s)", failed.State, failed.Detail, again.State, again.Detail)
	}
	checkNothingLeft(t, w, again, "second start", before, people)
}

// A resume that comes before the order waits is not lost, and one that comes twice
// does no harm.
func TestResumeAtAnyTime(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	e := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{step: "EnsureLine", kind: uc.Denied, times: 3})
	for _, after := range []time.Duration{0, 30 * time.Second, 30 * time.Second, time.Minute} {
		e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, after)
	}
	checkDone(t, w, e.run(t))
}

// A cancellation during undo does not stop it, and an undo that is refused waits and
// goes on after a resume.
func TestUndoIsRefusedAndCancelled(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	j := w.Person(t, "ann", world.Berlin)
	before, people := snapshot(t, w), w.Directory.Snapshot()
	w.CUCM.Faults().Add(fault.Rule{Op: "removePhone", Kind: fault.Status, Status: 403, Times: 1})
	e := newEnv(t, w, j, &trouble{step: "Verify", kind: uc.Conflict, times: 1})
	waited := false
	e.RegisterDelayedCallback(func() {
		o := e.get(t)
		waited = o.State == uc.Waiting && o.WaitingStep == "RemovePhone"
		e.CancelWorkflow()
	}, 10*time.Second)
	e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, 20*time.Second)
	o := e.run(t)
	if !waited || o.State != uc.Failed || o.FailureKind != uc.Conflict || strings.Contains(o.Detail, "left behind") {
		t.Errorf("waited %v, then the order is %s (%s: %s)", waited, o.State, o.FailureKind, o.Detail)
	}
	checkNothingLeft(t, w, o, "Verify", before, people)
}

// People from an LDAP agreement, several at once and in any case: one sync for all.
func TestJoinersFromLDAP(t *testing.T) {
	t.Parallel()
	a := cucm.LDAPAgreement{SyncDuration: 300 * time.Millisecond}
	for _, id := range []string{"ann", "bob", "cid"} {
		a.Users = append(a.Users, cucm.LDAPUser{UserID: id, FirstName: "F", LastName: "L-" + id})
	}
	w := world.New(t, world.Options{CUCM: cucm.Options{LDAP: map[string]cucm.LDAPAgreement{"AD Corp": a}}})
	w.Apply(t, map[string]string{world.LisbonPool: "4700-4709"})
	var all sync.WaitGroup
	for _, id := range []string{"ANN", "Bob", "cid"} {
		e := newEnv(t, w, w.Person(t, id, world.Lisbon), &trouble{step: "EnsureUser", slow: 250 * time.Millisecond})
		all.Go(func() {
			if o := e.run(t); o.State != uc.Done {
				t.Errorf("the order of %s is %s (%s: %s), want done", id, o.State, o.FailureKind, o.Detail)
			}
		})
	}
	all.Wait()
	if n := w.CUCM.Stats().Calls["doLdapSync"]; n != 1 {
		t.Errorf("%d syncs were started, want 1", n)
	}
}

// However an order writes the user id, all names follow the call processor's spelling.
func TestNamesFollowTheSpellingOfTheCallProcessor(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	j := w.Person(t, "ANN", world.Berlin)
	e := newEnv(t, w, j, &trouble{})
	client := callProcessor(t, w)
	_, err := client.AddUser(t.Context(), axl.User{UserID: "Ann", LastName: axl.Set(j.User.LastName)})
	must(t, err)
	o := e.run(t)
	checkDone(t, w, o)
	if o.DeviceProfile != "Ann-em" {
		t.Errorf("the device profile is %q, want Ann-em", o.DeviceProfile)
	}
	profile, err := client.GetDeviceProfile(t.Context(), "Ann-em")
	if err != nil || profile.Name != "Ann-em" {
		t.Errorf("the call processor has the profile %q, %v", profile.Name, err)
	}
}

func callProcessor(t *testing.T, w *world.World) *axl.Client {
	t.Helper()
	clients, err := w.Endpoints.Clients(nil)
	must(t, err)
	t.Cleanup(func() {
		clients.CUCM.Close()
		if err := clients.Directory.Close(); err != nil {
			t.Error(err)
		}
	})
	return clients.CUCM
}
