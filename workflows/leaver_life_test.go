package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

func TestLeaverWaitsForTheLastDay(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	_, before := joined(t, w, "ann", world.Berlin, nil)
	last := time.Date(2030, 1, 7, 18, 0, 0, 0, time.UTC)
	later := last.Add(14 * 24 * time.Hour)
	e := leaveEnv(t, w, uc.Leaver{UserID: "ann", LeaveAt: last}, &trouble{})
	e.SetStartTime(last.Add(-30 * 24 * time.Hour))
	e.RegisterDelayedCallback(func() { e.SignalWorkflow("reschedule", later) }, 24*time.Hour)
	var began time.Time
	e.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) {
		if began.IsZero() {
			began = e.Now()
		}
	})
	checkGone(t, w, e.leave(t), before)
	if began.Before(later) || began.After(later.Add(time.Hour)) {
		t.Errorf("the story began at %s, want %s", began, later)
	}
}

// Somebody who has left has nothing to lose, and the order says so.
func TestLeaverTwice(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	_, before := joined(t, w, "ann", world.Berlin, nil)
	checkGone(t, w, leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t), before)
	again := leaveEnvAs(t, w, uc.Leaver{UserID: "ANN"}, &trouble{}, "leave-again").leave(t)
	if again.State != uc.Done || again.Detail != "user ANN has left already" {
		t.Errorf("the second order is %s: %q", again.State, again.Detail)
	}
	events := 0
	for _, e := range w.HR.Events() {
		if e.Type == "number.withdrawn" {
			events++
		}
	}
	if events != 1 {
		t.Errorf("HR was told %d times that the number is withdrawn", events)
	}
}

// Hired again while the number cools, the person gets it back; and leaves again.
func TestRehireGetsTheOldNumber(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	joined(t, w, "bob", world.Berlin, nil) // has 4700
	j, before := joined(t, w, "ann", world.Berlin, nil)
	checkGone(t, w, leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t), before)
	again := newEnvAs(t, w, j, &trouble{}, "order-again").run(t)
	checkDone(t, w, again)
	if again.Number != "4701" {
		t.Errorf("hired again the person has %s, want 4701", again.Number)
	}
	if p, err := w.DB.GetPerson(t.Context(), "ann"); err != nil || p.State != uc.Active {
		t.Errorf("hired again the person is %s, %v", p.State, err)
	}
	checkGone(t, w, leaveEnvAs(t, w, uc.Leaver{UserID: "ann"}, &trouble{}, "leave-again").leave(t), before)
}

// Of a person whom no order knows, everything is found where the request says.
func TestLeaverUnknownToDialtone(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	ctx := t.Context()
	before := snapshot(t, w)
	line := cucm.Line{Pattern: "4802", Partition: "PT_Berlin"}
	must(t, w.CUCM.AddPhone(ctx, cucm.Phone{Name: "ann-old", Profile: true, Lines: []cucm.Line{line}}))
	must(t, w.CUCM.AddUser(ctx, cucm.User{UserID: "Ann", LastName: "Smith", Profiles: []string{"ann-old"}, PrimaryExtension: "4802", Partition: "PT_Berlin"}))
	must(t, w.CUCM.AddPhone(ctx, cucm.Phone{Name: "SEP0000000000AA", Owner: "ann", Lines: []cucm.Line{line}}))

	nowhere := leaveEnvAs(t, w, uc.Leaver{UserID: "ann"}, &trouble{}, "leave-nowhere").leave(t)
	if nowhere.State != uc.Failed || nowhere.FailureKind != uc.Invalid || !strings.Contains(nowhere.Detail, "name the service area") {
		t.Errorf("without a service area the order is %s (%s: %s)", nowhere.State, nowhere.FailureKind, nowhere.Detail)
	}
	o := leaveEnv(t, w, uc.Leaver{UserID: "ann", ServiceArea: world.Berlin}, &trouble{}).leave(t)
	if o.State != uc.Done {
		t.Fatalf("the order is %s (%s: %s)", o.State, o.FailureKind, o.Detail)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("something is left:\n%s", strings.Join(diff, "\n"))
	}
}

// What stays by policy is without the person, and a rehire finds its way with it.
func TestLeaverKeepsWhatThePolicySays(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	policy(t, w, world.Berlin, uc.LeaverPolicy{
		KeepUser: true, KeepProfile: true, KeepPhones: true, KeepRemoteDestinations: true, KeepGroups: true, Line: uc.LineParked,
	})
	j, _ := joined(t, w, "ann", world.Berlin, nil)
	joinedState := snapshot(t, w)
	o := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t)
	if o.State != uc.Done {
		t.Fatalf("the order is %s (%s: %s)", o.State, o.FailureKind, o.Detail)
	}
	checkReleased(t, w, "ann")
	c := callProcessor(t, w)
	user, err := c.GetUser(t.Context(), "ann")
	must(t, err)
	if len(*user.PhoneProfiles) != 1 || len(*user.Groups) != 1 || len(*user.AssociatedDevices) != 0 || *user.EnableCTI || *user.SelfService != "" {
		t.Errorf("the kept user has %+v", user)
	}
	phone, err := c.GetPhone(t.Context(), "CSFANN")
	if err != nil || *phone.OwnerUser != "" {
		t.Errorf("the kept phone is %q's, %v", *phone.OwnerUser, err)
	}
	line, err := c.GetLine(t.Context(), "4700", "PT_Berlin")
	if err != nil || *line.Active || !strings.HasPrefix(*line.Description, "free since ") {
		t.Errorf("the parked line is %+v, %v", line, err)
	}
	checkDone(t, w, newEnvAs(t, w, j, &trouble{}, "order-again").run(t))
	if diff := joinedState.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("hired again the person has something else:\n%s", strings.Join(diff, "\n"))
	}
}

// A preview tells what the order would do, and does nothing.
func TestLeaverPreview(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	joined(t, w, "ann", world.Berlin, nil)
	before, people := snapshot(t, w), w.Directory.Snapshot()
	e := bareEnv(t, w, &trouble{})
	e.ExecuteWorkflow(workflows.LeaverPreview, uc.Leaver{UserID: "ann"})
	must(t, e.GetWorkflowError())
	var plan uc.LeaverPlan
	must(t, e.GetWorkflowResult(&plan))
	checkBack(t, w, "ann", "the preview", before, people)
	o := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t)
	if len(plan.Objects) == 0 || o.Plan == nil || len(o.Plan.Objects) != len(plan.Objects) || o.Plan.UserID != plan.UserID {
		t.Errorf("the preview was %+v, the plan of the order %+v", plan, o.Plan)
	}
	for _, leaver := range []string{"ann", "nobody"} {
		e = bareEnv(t, w, &trouble{})
		e.ExecuteWorkflow(workflows.LeaverPreview, uc.Leaver{UserID: leaver})
		if err := e.GetWorkflowError(); (err == nil) != (leaver == "ann") {
			t.Errorf("the preview of %s ended with %v", leaver, err)
		}
	}
}

// A burst of leavers is held before the first write, and goes on when it is approved.
func TestLeaversAreHeldByTheGuard(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	place, err := w.DB.GetPlacement(t.Context(), world.Berlin)
	must(t, err)
	place.Domain.Guard.Count = 1
	_, err = w.DB.ApplyCatalog(t.Context(), uc.Catalog{Domains: []uc.Domain{place.Domain}}, false)
	must(t, err)
	_, empty := joined(t, w, "bob", world.Berlin, nil)
	joined(t, w, "ann", world.Berlin, nil)
	if o := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t); o.State != uc.Done {
		t.Fatalf("the first leaver is %s (%s)", o.State, o.Detail)
	}
	before := snapshot(t, w)
	e := leaveEnv(t, w, uc.Leaver{UserID: "bob"}, &trouble{})
	e.RegisterDelayedCallback(func() {
		o := e.get(t)
		if o.State != uc.Waiting || o.FailureKind != "" || !strings.Contains(o.Detail, "dialtone guard approve") {
			t.Errorf("held the order is %s (%s: %s)", o.State, o.FailureKind, o.Detail)
		}
		if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
			t.Errorf("held the order has changed:\n%s", strings.Join(diff, "\n"))
		}
		holds, err := w.DB.ListGuardHolds(t.Context(), true)
		must(t, err)
		_, err = w.DB.ApproveGuard(t.Context(), holds[0].ID, "admin", "reorganization")
		must(t, err)
		e.SignalWorkflow("resume", nil)
	}, 30*time.Second)
	checkGone(t, w, e.leave(t), empty)
}
