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
// One that is at its last line is waited for. Fails with Unavailable when Temporal does
// not answer.
func StartSync(ctx context.Context, c client.Client, in SyncInput) (id string, joined bool, err error) {
	for {
		run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: SyncID(in.CallProcessor), TaskQueue: TaskQueue,
			WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
			WorkflowExecutionErrorWhenAlreadyStarted: true,
			StaticSummary:                            summary("sync " + string(in.Scope) + " of " + in.CallProcessor),
		}, CallProcessorSync, in)
		var started *serviceerror.WorkflowExecutionAlreadyStarted
		if err == nil {
			return run.GetRunID(), false, nil
		}
		if !errors.As(err, &started) {
			return "", false, temporalError("start", err)
		}
		if !over(ctx, c, in.CallProcessor, started.RunId) {
			return started.RunId, true, nil
		}
		// Its result says nothing that its row does not.
		if err := c.GetWorkflow(ctx, SyncID(in.CallProcessor), started.RunId).Get(ctx, nil); ctx.Err() != nil {
			return "", false, temporalError("start", err)
		}
	}
}

// over reports whether a sync that still runs has nothing to do any more. Without a
// worker that could tell it runs.
func over(ctx context.Context, c client.Client, callProcessor, run string) bool {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var out bool
	answer, err := c.QueryWorkflow(ctx, SyncID(callProcessor), run, queryOver)
	if err == nil {
		err = answer.Get(&out)
	}
	return err == nil && out
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
