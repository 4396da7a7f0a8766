package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/uc"
)

// StartSync starts a sync of the call processor, or joins the one that runs, and
// returns its id. A joined one reads what it was started for, whatever the input says.
// Fails with Unavailable when Temporal does not answer.
func StartSync(ctx context.Context, c client.Client, in SyncInput) (id string, joined bool, err error) {
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: SyncID(in.CallProcessor), TaskQueue: TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            summary("sync " + string(in.Scope) + " of " + in.CallProcessor),
	}, CallProcessorSync, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return started.RunId, true, nil
	}
	if err != nil {
		return "", false, temporalError("start", err)
	}
	return run.GetRunID(), false, nil
}

// DecideSync tells a sync that the guard holds to go on, or to end and leave the copy as
// it was. Fails with NotFound when the sync does not run.
func DecideSync(ctx context.Context, c client.Client, s uc.Sync, approve bool) error {
	return temporalError("signal", c.SignalWorkflow(ctx, SyncID(s.CallProcessor), s.ID, signalDecision, approve))
}

// CancelSync ends a sync. The copy stays as it was, unless the sync is visible already.
// Fails with NotFound when the sync does not run.
func CancelSync(ctx context.Context, c client.Client, s uc.Sync) error {
	return temporalError("cancel", c.CancelWorkflow(ctx, SyncID(s.CallProcessor), s.ID))
}
