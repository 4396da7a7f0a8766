package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// A leaver while the joiner still runs takes its place: the joiner is undone, and the
// person has nothing in the end.
func TestLeaverDuringTheJoiner(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	before, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.CUCM.Faults().Add(fault.Rule{Op: "addPhone", Kind: fault.Status, Status: 403, Times: 100})
	p.work(t)
	joiner := p.join(t, p.Person(t, "ann", world.Berlin))
	p.until(t, joiner.ID, time.Minute, uc.Waiting)
	leaver, _, err := p.api.CreateLeaver(t.Context(), uc.Leaver{UserID: "ann", ServiceArea: world.Berlin}, "")
	if err != nil {
		t.Fatal(err)
	}
	p.until(t, leaver.ID, time.Minute, uc.Done)
	if o := p.until(t, joiner.ID, time.Minute, uc.Cancelled); o.EndedAt == nil {
		t.Error("the joiner has no end")
	}
	after, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := before.Diff(after); len(diff) > 0 {
		t.Errorf("something is left of the person:\n%s", strings.Join(diff, "\n"))
	}
	p.checkNumbers(t, map[uc.NumberState]int{uc.Available: 10})
}

// Who is hired again between the stages of the leave does not leave: the leaver is
// taken back, and the joiner finds everything with the same number.
func TestJoinerRecallsALeaver(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	place, err := p.DB.GetPlacement(t.Context(), world.Berlin)
	if err != nil {
		t.Fatal(err)
	}
	place.Area.Leaver = uc.LeaverPolicy{After: uc.Duration(30 * 24 * time.Hour), Forward: "voicemail"}
	if _, err := p.DB.ApplyCatalog(t.Context(), uc.Catalog{ServiceAreas: []uc.ServiceArea{place.Area}}, false); err != nil {
		t.Fatal(err)
	}
	p.work(t)
	j := p.Person(t, "ann", world.Berlin)
	j.ClassOfService, j.Attributes = uc.Mobile, map[string]string{"costCenter": "42", "floor": "3"}
	j.User.Department = "Sales"
	first := p.until(t, p.join(t, j).ID, time.Minute, uc.Done)
	before, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was, err := p.DB.GetPerson(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := workflows.PlanLeave(t.Context(), p.temporal, uc.Leaver{UserID: "ann"})
	if err != nil || len(plan.Objects) == 0 {
		t.Errorf("the plan is %+v, %v", plan, err)
	}
	leaver := p.leave(t, "ann")
	o := p.until(t, leaver.ID, time.Minute, uc.Waiting)
	if o.Stage != "at leave" || o.Plan == nil || len(o.Plan.Objects) != len(plan.Objects) {
		t.Errorf("the leaver waits in stage %q with the plan %+v", o.Stage, o.Plan)
	}
	// HR says less than before, and one thing anew.
	again, _, err := p.api.CreateJoiner(t.Context(), uc.Joiner{
		User:        uc.User{ID: j.User.ID, LastName: j.User.LastName, Department: "Service"},
		ServiceArea: j.ServiceArea, Attributes: map[string]string{"floor": "4"},
	}, "key-again")
	if err != nil {
		t.Fatal(err)
	}
	if o := p.until(t, again.ID, time.Minute, uc.Done); o.Number != first.Number {
		t.Errorf("hired again the person has %s, had %s", o.Number, first.Number)
	}
	p.until(t, leaver.ID, time.Minute, uc.Cancelled)
	after, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := before.Diff(after); len(diff) > 0 {
		t.Errorf("after the recall the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
	is, err := p.DB.GetPerson(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	was.OrderID, was.UpdatedAt = is.OrderID, is.UpdatedAt
	was.Joiner.User.Department, was.Joiner.Attributes["floor"] = "Service", "4"
	was.Services.User.User = was.Joiner.User
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("after the recall other things are known of the person (-want +got):\n%s", diff)
	}
}

// A preview of somebody whom nobody knows says what to do.
func TestPlanOfSomebodyUnknown(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, nil)
	p.work(t)
	for area, kind := range map[string]uc.Kind{"": uc.Invalid, "Nowhere": uc.NotFound, world.Berlin: ""} {
		plan, err := workflows.PlanLeave(t.Context(), p.temporal, uc.Leaver{UserID: "nobody", ServiceArea: area})
		if uc.KindOf(err) != kind || kind == "" && len(plan.Objects) > 0 {
			t.Errorf("in area %q the plan is %+v, %v; want %q", area, plan, err, kind)
		}
	}
}

// Somebody leaves before the start date: the joiner that is scheduled is cancelled, and
// nobody joins later.
func TestLeaverBeforeTheStart(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	p.work(t)
	j := p.Person(t, "ann", world.Berlin)
	j.StartAt = time.Now().AddDate(0, 1, 0)
	joins := p.until(t, p.join(t, j).ID, time.Minute, uc.Scheduled)
	p.until(t, p.leave(t, "ann").ID, time.Minute, uc.Done)
	p.until(t, joins.ID, time.Minute, uc.Cancelled)
}
