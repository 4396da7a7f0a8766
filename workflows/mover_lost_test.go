package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// Every write whose answer is lost is found done, and done once.
func TestMoverSurvivesALostAnswerOfEveryStep(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]struct {
		far   bool
		steps []string
	}{"near": {false, nearSteps}, "far": {true, farSteps}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference := mixedWorld(t, world.Options{Far: place.far})
			berliner(t, reference, "ann")
			mover := mixedMove("ann")
			if place.far {
				mover.ServiceArea = azores
			}
			moved(t, reference, mover)
			want := stateOf(t, reference, "xann")
			for _, step := range place.steps {
				t.Run(step, func(t *testing.T) {
					t.Parallel()
					w := mixedWorld(t, world.Options{Far: place.far})
					berliner(t, w, "ann")
					o := moverEnv(t, w, "move-ann", mover, &trouble{step: step, after: true, times: 2}).run(t)
					if o.State != uc.Done {
						t.Fatalf("the order is %s (%s: %s), want done", o.State, o.FailureKind, o.Detail)
					}
					want, services := want, *want.Person.Services
					want.Person.Services = &services // the other steps compare with it at this time
					now := personOf(t, w, "xann")
					want.Person.UpdatedAt, want.Person.Joiner.User.DirectoryID = now.UpdatedAt, now.Joiner.User.DirectoryID
					want.Person.Services.User.User.DirectoryID = now.Services.User.User.DirectoryID
					want.unmoved(t, w, "against a run without a lost answer")
				})
			}
		})
	}
}

// A move that is cancelled before the new place is read back leaves everything as it
// was. Later, what waits is left out, and the rest done.
func TestMoverCancelledAtEveryStep(t *testing.T) {
	t.Parallel()
	w := mixedWorld(t, world.Options{})
	for i, step := range nearSteps {
		user := fmt.Sprintf("ann%02d", i)
		berliner(t, w, user)
		before := stateOf(t, w, user)
		e := moverEnv(t, w, "move-"+user, mixedMove(user), &trouble{step: step, kind: uc.Denied, times: 2})
		e.RegisterDelayedCallback(e.CancelWorkflow, 30*time.Second)
		o := e.run(t)
		if slices.Index(nearSteps, step) < slices.Index(nearSteps, committed) {
			if o.State != uc.Cancelled {
				t.Errorf("cancelled at %s: the order is %s (%s)", step, o.State, o.Detail)
			}
			before.unmoved(t, w, "after a cancellation at "+step)
			continue
		}
		if o.State != uc.Done || !strings.Contains(o.Detail, "left behind: "+step) {
			t.Errorf("cancelled at %s: the order is %s (%s), want done but for the step", step, o.State, o.Detail)
		}
	}
}
