package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/uc"
)

// ScheduledSync is what a schedule starts: a sync, and it lasts as long. A sync that
// runs already is joined: there is nothing more to do.
func ScheduledSync(ctx workflow.Context, s uc.Schedule) (SyncResult, error) {
	child := workflow.ExecuteChildWorkflow(syncChild(ctx, s.CallProcessor), CallProcessorSync, SyncInput{
		CallProcessor: s.CallProcessor, Scope: s.Scope, CreatedBy: "schedule " + s.Name,
	})
	var out SyncResult
	err := child.Get(ctx, &out)
	var running *temporal.ChildWorkflowExecutionAlreadyStartedError
	if errors.As(err, &running) {
		return SyncResult{State: uc.SyncRunning, Detail: "A sync of " + s.CallProcessor + " runs already: joined."}, nil
	}
	return out, err
}
