package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/uc"
)

// LeaverPreview tells what a leaver's order would do now. It changes nothing.
func LeaverPreview(ctx workflow.Context, in uc.Leaver) (uc.LeaverPlan, error) {
	l := &leaver{in: LeaverInput{Leaver: in}, plan: uc.LeaverPlan{UserID: in.UserID}}
	if err := l.read(ctx); err != nil || l.who.Left() {
		return l.plan, err
	}
	if l.writesBack() {
		if err := l.findPerson(ctx); err != nil {
			return l.plan, err
		}
	}
	l.plan.CallProcessor = l.callProcessors()[0]
	for _, name := range l.callProcessors() {
		if err := l.look(ctx, name); err != nil {
			return l.plan, err
		}
	}
	l.complete()
	return l.plan, nil
}

// previewPrefix begins the workflow ids of previews: they are of no order.
const previewPrefix = "leaver-preview"

// PlanLeave returns everything that a leaver's order would change or remove now, and
// what it would keep. It changes nothing. Fails with Invalid when nobody knows the
// person and no service area is named, NotFound when something named is missing,
// Conflict when there are two directory entries, Unavailable when a system or Temporal
// does not answer in time.
func PlanLeave(ctx context.Context, c client.Client, in uc.Leaver) (uc.LeaverPlan, error) {
	var plan uc.LeaverPlan
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: StoryID(previewPrefix, in.UserID), TaskQueue: TaskQueue, WorkflowExecutionTimeout: previewTimeout,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            summary("what " + in.UserID + " would leave"),
	}, LeaverPreview, in)
	if err != nil {
		return plan, temporalError("start", err)
	}
	return plan, previewError(run.Get(ctx, &plan))
}

// previewError gives the end of a preview its kind.
func previewError(err error) error {
	var ended *temporal.WorkflowExecutionError
	if err == nil || !errors.As(err, &ended) {
		return temporalError("preview", err)
	}
	kind, detail := failure(err)
	return &uc.Error{Kind: kind, Detail: detail}
}
