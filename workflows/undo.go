package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"
)

// undo is what takes a story back, in reverse order.
type undo struct{ steps []undoStep }

type undoStep struct {
	name string
	run  func(workflow.Context) error
}

// add registers the undo of a step; it comes before the step, for a step that timed
// out may have happened. Undoing what never happened succeeds.
func (u *undo) add(name string, run func(workflow.Context) error) {
	u.steps = append(u.steps, undoStep{name, run})
}

// run takes everything back on a context that is not cancelled. An undo that the
// system refuses waits like any step; one that can never succeed is logged and its
// name returned.
func (u *undo) run(ctx workflow.Context, s *story) (left string) {
	var names []string
	for _, step := range slices.Backward(u.steps) {
		if err := s.step(ctx, step.name, step.run); err != nil {
			_, detail := failure(err)
			workflow.GetLogger(ctx).Error("undo failed", "order", s.orderID, "step", step.name, "detail", detail)
			names = append(names, step.name+" ("+detail+")")
		}
	}
	return strings.Join(names, "; ")
}
