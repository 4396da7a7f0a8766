package activities_test

import (
	"testing"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

const desk = "SEP001122334455"

// withDesk gives the person a desk phone that stands on the call processor with a
// line of its own.
func withDesk(j *uc.Joiner) { j.DeskPhone = desk }

func addDesk(t *testing.T, r *rig) {
	t.Helper()
	must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{
		Name: desk, Description: "Reception",
		Lines: []cucm.Line{{Pattern: "4999", Partition: "PT_Berlin", AlertingName: "Reception"}},
	}))
}

// Every effect is run after its write was done and the answer lost, and then once
// more: it must find what it did, and do nothing twice.
func TestEveryEffectTwiceAndAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for name, area := range map[string]string{"digits": world.Berlin, "E.164": world.E164Area} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference, r := newRig(t, world.Options{}, area, withDesk), newRig(t, world.Options{}, area, withDesk)
			addDesk(t, reference)
			addDesk(t, r)
			before := r.snapshot(t)
			for i, e := range r.everything() {
				calm := reference.everything()
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
			r.unchanged(t, before, "after undo")
		})
	}
}

// everything is what a joiner does on the call processor, and its undo.
func (r *rig) everything() []effect {
	all := append(r.forward(), does(r, "SetPIN", "updateUser", r.cucm.SetPIN, r.user))
	return append(all, r.backward()...)
}

// A step that was interrupted before its write leaves nothing to undo, and undo of
// what never happened succeeds.
func TestUndoOfWhatNeverHappened(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, withDesk)
	addDesk(t, r)
	before := r.snapshot(t)
	all(t, r.backward())
	r.unchanged(t, before, "after undo")
	for _, e := range r.forward() {
		r.CUCM.Faults().Add(fault.Rule{Op: e.op, Kind: fault.Drop, Times: 1})
		if e.run() == nil {
			t.Fatalf("%s succeeded without its write", e.name)
		}
		all(t, r.backward())
		r.unchanged(t, before, "after undo of an interrupted "+e.name)
		r.CUCM.Faults().Clear()
		for _, done := range r.forward() {
			if err := done.run(); err != nil {
				t.Fatalf("%s: %v", done.name, err)
			}
			if done.name == e.name {
				break
			}
		}
	}
}
