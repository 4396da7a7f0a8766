package workflows_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// steps are all effects of a joiner with a soft phone, in their order.
var steps = []string{
	"ReadPlacement", "FindPerson", "ReserveNumber", "CheckNumber", "EnsureUser", "EnsureDeviceProfile", "ReadDeviceProfile",
	"EnsureLine", "EnsureProfileLine", "EnsurePhone", "AssociateUser", "EnsurePrimaryExtension", "SetPIN",
	"Verify", "PublishNumber", "SendInstructions", "WriteDirectory", "WriteHR",
}

func snapshot(t *testing.T, w *world.World) cucm.Snapshot {
	t.Helper()
	s, err := w.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checkDone(t *testing.T, w *world.World, o uc.Order) {
	t.Helper()
	if o.State != uc.Done || o.Outcome != uc.NumberGiven {
		t.Fatalf("order is %s/%s (%s: %s), want done with a number", o.State, o.Outcome, o.FailureKind, o.Detail)
	}
	numbers, err := w.DB.NumbersOf(t.Context(), o.UserID)
	if err != nil {
		t.Fatal(err)
	}
	if len(numbers) != 1 || numbers[0].State != uc.Assigned || numbers[0].Digits != o.Number {
		t.Fatalf("numbers of %s are %+v, want %s assigned", o.UserID, numbers, o.Number)
	}
	p, _ := w.Directory.Person(o.UserID)
	if p.TelephoneNumber != o.E164 || p.IPPhone != o.Number {
		t.Errorf("the directory has %q and %q, want %q and %q", p.TelephoneNumber, p.IPPhone, o.E164, o.Number)
	}
}

func TestJoinerGivesANumberAndAPhone(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	f := &trouble{}
	j := w.Person(t, "ann", world.Berlin)
	o := newEnv(t, w, j, f).run(t)
	checkDone(t, w, o)
	var ran []string
	for _, step := range steps {
		if f.seen[step] {
			ran = append(ran, step)
		}
	}
	if diff := cmp.Diff(steps, ran); diff != "" {
		t.Errorf("the steps that ran differ from the list that the other tests go through (-want +got):\n%s", diff)
	}
	if mails := w.Mail.Find("ann@example.com"); len(mails) != 1 {
		t.Errorf("%d mails were sent, want 1", len(mails))
	}
}

// Every step, every kind of failure: the order ends done, or failed with nothing
// left behind, or waits with nothing undone and then goes on.
func TestJoinerSurvivesEveryFailureOfEveryStep(t *testing.T) {
	t.Parallel()
	for _, kind := range []uc.Kind{
		uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Denied, uc.Throttled,
		uc.Unavailable, uc.Internal,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := world.New(t, world.Options{})
			w.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
			for i, step := range steps {
				failStep(t, w, fmt.Sprintf("ann%02d", i), &trouble{step: step, kind: kind, times: times(kind)})
			}
		})
	}
}

// times is how often a step must fail to make the kind's whole way visible.
func times(kind uc.Kind) int {
	if kind == uc.Internal {
		return 5 // the last bounded retry parks
	}
	return 1
}

func failStep(t *testing.T, w *world.World, user string, f *trouble) {
	t.Helper()
	j := w.Person(t, user, world.Berlin)
	before, people := snapshot(t, w), w.Directory.Snapshot()
	e := newEnv(t, w, j, f)
	waited := false
	e.RegisterDelayedCallback(func() {
		o := e.get(t)
		waited = o.State == uc.Waiting && o.FailureKind == f.kind
		e.SignalWorkflow("resume", nil)
	}, 30*time.Second)
	o := e.run(t)
	switch f.kind.Disposition() {
	case uc.Retry:
		checkDone(t, w, o)
	case uc.Park:
		checkDone(t, w, o)
		if !waited && f.kind != uc.Internal {
			t.Errorf("%s at %s: the order did not wait", f.kind, f.step)
		}
	case uc.Fail:
		if o.State != uc.Failed || o.FailureKind != f.kind || !strings.Contains(o.Detail, "made to fail") {
			t.Errorf("%s at %s: the order is %s (%s: %s), want failed", f.kind, f.step, o.State, o.FailureKind, o.Detail)
		}
		checkNothingLeft(t, w, o, f.step, before, people)
	}
}

func checkNothingLeft(t *testing.T, w *world.World, o uc.Order, step string, before cucm.Snapshot,
	people map[string]map[string][]string,
) {
	t.Helper()
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("after a failed %s the call processor differs:\n%s", step, strings.Join(diff, "\n"))
	}
	if diff := cmp.Diff(telephone(people), telephone(w.Directory.Snapshot())); diff != "" {
		t.Errorf("after a failed %s the directory differs (-before +after):\n%s", step, diff)
	}
	numbers, err := w.DB.NumbersOf(t.Context(), o.UserID)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		if n.State == uc.Reserved || n.State == uc.Assigned {
			t.Errorf("after a failed %s number %s is still %s", step, n.Digits, n.State)
		}
	}
}

// telephone leaves what we write: other attributes count changes.
func telephone(people map[string]map[string][]string) map[string]string {
	out := map[string]string{}
	for name, attributes := range people {
		for attribute, values := range attributes {
			if strings.EqualFold(attribute, "telephoneNumber") || strings.EqualFold(attribute, "ipPhone") {
				out[name+" "+strings.ToLower(attribute)] = strings.Join(values, ",")
			}
		}
	}
	return out
}

// Every write whose answer is lost is found done, and done once.
func TestJoinerSurvivesALostAnswerOfEveryStep(t *testing.T) {
	t.Parallel()
	reference := world.New(t, world.Options{})
	reference.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	checkDone(t, reference, newEnv(t, reference, reference.Person(t, "ann", world.Berlin), &trouble{}).run(t))
	want := snapshot(t, reference)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			w := world.New(t, world.Options{})
			w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
			o := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{step: step, after: true, times: 2}).run(t)
			checkDone(t, w, o)
			if diff := want.Diff(snapshot(t, w)); len(diff) > 0 {
				t.Errorf("the call processor differs from a run without a lost answer:\n%s", strings.Join(diff, "\n"))
			}
		})
	}
}

// A cancelled order leaves nothing behind, whichever step it is cancelled at.
func TestJoinerCancelledAtEveryStep(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
	for i, step := range steps {
		j := w.Person(t, fmt.Sprintf("ann%02d", i), world.Berlin)
		before, people := snapshot(t, w), w.Directory.Snapshot()
		e := newEnv(t, w, j, &trouble{step: step, kind: uc.Denied, times: 1})
		e.RegisterDelayedCallback(e.CancelWorkflow, 30*time.Second)
		o := e.run(t)
		if o.State != uc.Cancelled {
			t.Errorf("cancelled at %s: the order is %s (%s)", step, o.State, o.Detail)
		}
		checkNothingLeft(t, w, o, step, before, people)
	}
}

func TestJoinerWaitsForTheStartDate(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	j := w.Person(t, "ann", world.Berlin)
	e := newEnv(t, w, j, &trouble{})
	start := time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)
	e.SetStartTime(start.Add(-30 * 24 * time.Hour))
	later := start.Add(12 * 24 * time.Hour) // two weeks later, less the lead time
	e.order.Joiner.StartAt = start
	moved := false
	e.RegisterDelayedCallback(func() { moved = true; e.SignalWorkflow("reschedule", later) }, 24*time.Hour)
	var began time.Time
	e.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) {
		if began.IsZero() {
			began = e.Now()
		}
	})
	checkDone(t, w, e.run(t))
	if !moved || began.Before(later) || began.After(later.Add(time.Hour)) {
		t.Errorf("the story began at %s, want %s", began, later)
	}
}

func TestJoinerWithoutANumber(t *testing.T) { //nolint:tparallel // the rows share one world, in order
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	tests := map[string]struct {
		reason, area string
		attributes   map[string]string
		wanted       bool
		outcome      uc.Outcome
		detail       string
	}{
		"external":  {"a rule says never", world.Berlin, map[string]string{"employeeType": "External"}, false, uc.NumberUnmade, `rule "externals": never`},
		"on demand": {"the area gives numbers to those who ask", world.OnDemand, nil, false, uc.NumberUnmade, "on demand only"},
		"asked for": {"the person asked", world.OnDemand, nil, true, uc.NumberGiven, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			j := w.Person(t, strings.ReplaceAll(name, " ", ""), tt.area)
			j.Attributes, j.NumberWanted = tt.attributes, tt.wanted
			o := newEnv(t, w, j, &trouble{}).run(t)
			if o.State != uc.Done || o.Outcome != tt.outcome || !strings.Contains(o.Detail, tt.detail) {
				t.Errorf("order is %s/%s %q, want done/%s %q: %s", o.State, o.Outcome, o.Detail, tt.outcome, tt.detail, tt.reason)
			}
		})
	}
}
