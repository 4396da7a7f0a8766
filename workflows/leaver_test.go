package workflows_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// leaveEnv is an environment with the order of a leaver.
func leaveEnv(t *testing.T, w *world.World, l uc.Leaver, f *trouble) *env {
	t.Helper()
	return leaveEnvAs(t, w, l, f, "leave-"+l.UserID)
}

func leaveEnvAs(t *testing.T, w *world.World, l uc.Leaver, f *trouble, orderID string) *env {
	t.Helper()
	e := bareEnv(t, w, f)
	var err error
	e.order, _, err = w.DB.OpenOrder(t.Context(), db.NewOrder{
		ID: orderID, Kind: uc.LeaverOrder, UserID: l.UserID, Leaver: &l, ServiceArea: l.ServiceArea,
		CallProcessor: world.CUCM, CreatedBy: "test", State: uc.Running,
	})
	must(t, err)
	return e
}

// leave tells the story to its end and returns the order.
func (e *env) leave(t *testing.T) uc.Order {
	t.Helper()
	e.ExecuteWorkflow(workflows.Leaver, workflows.LeaverInput{OrderID: e.order.ID, Leaver: *e.order.Leaver})
	if !e.IsWorkflowCompleted() {
		t.Fatal("the story did not end")
	}
	return e.get(t)
}

// policy changes the leaver policy of a service area.
func policy(t *testing.T, w *world.World, area string, p uc.LeaverPolicy) {
	t.Helper()
	place, err := w.DB.GetPlacement(t.Context(), area)
	must(t, err)
	place.Area.Leaver = p
	_, err = w.DB.ApplyCatalog(t.Context(), uc.Catalog{ServiceAreas: []uc.ServiceArea{place.Area}}, false)
	must(t, err)
}

// joined is a person with a number, and the state of everything before.
func joined(t *testing.T, w *world.World, user, area string, change func(*uc.Joiner)) (uc.Joiner, cucm.Snapshot) {
	t.Helper()
	j := w.Person(t, user, area)
	if change != nil {
		change(&j)
	}
	before := snapshot(t, w)
	checkDone(t, w, newEnv(t, w, j, &trouble{}).run(t))
	return j, before
}

// checkGone fails unless nothing of the person is anywhere, but for the cooling number.
func checkGone(t *testing.T, w *world.World, o uc.Order, before cucm.Snapshot) {
	t.Helper()
	if o.State != uc.Done {
		t.Fatalf("the leaver's order is %s (%s: %s), want done", o.State, o.FailureKind, o.Detail)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("after joiner and leaver the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
	checkReleased(t, w, o.UserID)
}

// checkReleased fails unless number, directory, HR and the person say that the person
// has left.
func checkReleased(t *testing.T, w *world.World, userID string) {
	t.Helper()
	numbers, err := w.DB.NumbersOf(t.Context(), userID)
	must(t, err)
	for _, n := range numbers {
		if n.State != uc.Cooling {
			t.Errorf("number %s of %s is %s, want cooling", n.Digits, userID, n.State)
		}
	}
	if p, _ := w.Directory.Person(userID); p.TelephoneNumber != "" || p.IPPhone != "" {
		t.Errorf("the directory still has %q and %q", p.TelephoneNumber, p.IPPhone)
	}
	if p, err := w.DB.GetPerson(t.Context(), userID); err != nil || p.State != uc.Left || p.Services != nil {
		t.Errorf("the person is %s with %v, %v: want left with nothing", p.State, p.Services, err)
	}
}

// Joiner then leaver leaves the call processor exactly as before.
func TestLeaverAfterJoinerLeavesNothing(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	_, before := joined(t, w, "ann", world.Berlin, nil)
	o := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t)
	checkGone(t, w, o, before)
}
