package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// Every step, every kind of failure that ends an order: all is as it was.
func TestPhoneChangesFailWithNothingChanged(t *testing.T) {
	t.Parallel()
	for name, s := range phoneStories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := phoneWorld(t, s, 1)
			before, person := snapshot(t, w), personNow(t, w, userOf(0))
			for _, kind := range []uc.Kind{uc.Invalid, uc.NotFound, uc.Conflict} {
				for _, step := range s.steps {
					id := fmt.Sprintf("order-%s-%s", kind, step)
					o := phoneEnv(t, w, id, s.change(0), &trouble{step: step, kind: kind, times: 1}).run(t)
					if o.State != uc.Failed || o.FailureKind != kind {
						t.Errorf("%s at %s: the order is %s (%s), want failed", kind, step, o.State, o.Detail)
					}
					checkPhonesAsBefore(t, w, step, before, person)
				}
			}
		})
	}
}

// Every step, every kind of failure that does not: the order is done in the end.
func TestPhoneChangesGoOnAfterAFailureOfEveryStep(t *testing.T) {
	t.Parallel()
	for name, s := range phoneStories() {
		for _, kind := range []uc.Kind{uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				w := phoneWorld(t, s, len(s.steps))
				for i, step := range s.steps {
					e := phoneEnv(t, w, fmt.Sprintf("order-2-%d", i), s.change(i), &trouble{step: step, kind: kind, times: times(kind)})
					e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, 30*time.Second)
					checkPhones(t, w, s, i, e.run(t))
				}
			})
		}
	}
}

func checkPhonesAsBefore(t *testing.T, w *world.World, step string, before cucm.Snapshot, person uc.Person) {
	t.Helper()
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("after undo from %s on the call processor differs:\n%s", step, strings.Join(diff, "\n"))
	}
	if diff := cmp.Diff(person, personNow(t, w, person.UserID)); diff != "" {
		t.Errorf("after undo from %s on the person differs:\n%s", step, diff)
	}
}

// A lost answer of any step changes nothing about the end.
func TestPhoneChangesSurviveALostAnswerOfEveryStep(t *testing.T) {
	t.Parallel()
	for name, s := range phoneStories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference := phoneWorld(t, s, len(s.steps))
			w := phoneWorld(t, s, len(s.steps))
			for i, step := range s.steps {
				checkPhones(t, reference, s, i, phoneEnv(t, reference, fmt.Sprintf("order-2-%d", i), s.change(i), &trouble{}).run(t))
				f := &trouble{step: step, after: true, times: 2}
				checkPhones(t, w, s, i, phoneEnv(t, w, fmt.Sprintf("order-2-%d", i), s.change(i), f).run(t))
				if diff := snapshot(t, reference).Diff(snapshot(t, w)); len(diff) > 0 {
					t.Fatalf("after a lost answer of %s the call processor differs:\n%s", step, strings.Join(diff, "\n"))
				}
			}
		})
	}
}

func TestPhoneChangesCancelledAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, s := range phoneStories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := phoneWorld(t, s, 1)
			for i, step := range s.steps {
				before, person := snapshot(t, w), personNow(t, w, userOf(0))
				e := phoneEnv(t, w, fmt.Sprintf("order-2-%d", i), s.change(0), &trouble{step: step, kind: uc.Denied, times: 1})
				e.RegisterDelayedCallback(e.CancelWorkflow, 30*time.Second)
				if o := e.run(t); o.State != uc.Cancelled {
					t.Errorf("cancelled at %s: the order is %s (%s)", step, o.State, o.Detail)
				}
				checkPhonesAsBefore(t, w, step, before, person)
			}
		})
	}
}
