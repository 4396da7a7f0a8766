package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/uc"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.opened("o", "ann")
	line, phone := uc.StepRef{OrderID: "o"}, uc.StepRef{OrderID: "o", Item: "CSFANN"}
	undo := uc.StepRef{OrderID: "o", Undo: true}
	step := func(name string) uc.Step {
		t.Helper()
		o, err := w.GetOrder(ctx, "o")
		must(t, err)
		for _, s := range o.Steps {
			if s.Name == name && !s.Undo {
				return s
			}
		}
		t.Fatalf("no step %s in %+v", name, o.Steps)
		return uc.Step{}
	}
	times := cmpopts.IgnoreFields(uc.Step{}, "StartedAt", "EndedAt")
	want := func(reason string, want uc.Step) {
		t.Helper()
		got := step(want.Name)
		equal(t, reason, want, got, times)
		if (got.EndedAt == nil) != (got.State == uc.StepRunning) {
			t.Errorf("%s: %s ended at %v", reason, got.State, got.EndedAt)
		}
	}
	for range 2 { // the answer of the first call was lost
		must(t, w.BeginStep(ctx, line, "EnsureLine", 1))
	}
	want("begun", uc.Step{Name: "EnsureLine", State: uc.StepRunning, Attempts: 1})
	must(t, w.EndStep(ctx, line, "EnsureLine", 1, uc.StepRetry, uc.Unavailable, "no answer"))
	want("failed once", uc.Step{Name: "EnsureLine", State: uc.StepRetry, Attempts: 1, Kind: uc.Unavailable, Detail: "no answer"})
	must(t, w.BeginStep(ctx, line, "EnsureLine", 2))
	want("again", uc.Step{Name: "EnsureLine", State: uc.StepRunning, Attempts: 2, Kind: uc.Unavailable, Detail: "no answer"})
	must(t, w.EndStep(ctx, line, "EnsureLine", 1, uc.StepFailed, uc.Internal, "late"))
	want("an attempt that was given up", uc.Step{Name: "EnsureLine", State: uc.StepRunning, Attempts: 2, Kind: uc.Unavailable, Detail: "no answer"})
	must(t, w.EndStep(ctx, line, "EnsureLine", 2, uc.StepDone, "", ""))
	want("done", uc.Step{Name: "EnsureLine", State: uc.StepDone, Attempts: 2})
	must(t, w.BeginStep(ctx, line, "EnsureLine", 1))
	want("resumed, counted from 1 again", uc.Step{Name: "EnsureLine", State: uc.StepRunning, Attempts: 3})

	must(t, w.BeginStep(ctx, phone, "EnsurePhone", 1))
	want("one of several", uc.Step{Name: "EnsurePhone CSFANN", State: uc.StepRunning, Attempts: 1})
	must(t, w.EndStep(ctx, phone, "RemovePhone", 1, uc.StepFailed, uc.Denied, "no rights"))
	want("its begin was lost", uc.Step{Name: "RemovePhone CSFANN", State: uc.StepFailed, Attempts: 1, Kind: uc.Denied, Detail: "no rights"})
	must(t, w.BeginStep(ctx, undo, "EnsureLine", 1))

	o, err := w.GetOrder(ctx, "o")
	must(t, err)
	var names []string
	for _, s := range o.Steps {
		names = append(names, s.Name)
	}
	equal(t, "steps in the order in which they began",
		[]string{"EnsureLine", "EnsurePhone CSFANN", "RemovePhone CSFANN", "EnsureLine"}, names)
	if !o.Steps[3].Undo {
		t.Errorf("the undo is a step of its own: %+v", o.Steps[3])
	}

	nobody := uc.StepRef{OrderID: "x"}
	wantKind(t, w.BeginStep(ctx, nobody, "EnsureLine", 1), uc.NotFound)
	wantKind(t, w.EndStep(ctx, nobody, "EnsureLine", 1, uc.StepDone, "", ""), uc.NotFound)
}
