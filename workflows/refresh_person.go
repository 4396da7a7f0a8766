package workflows

import (
	"context"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// RefreshPerson reads a person and everything of the person on a call processor, and
// brings it into the copy.
func RefreshPerson(ctx workflow.Context, in activities.RefreshIn) (uc.PersonRefresh, error) {
	return call(reading(ctx, in.CallProcessor, in.UserID), estate.RefreshPersonNow, in)
}

// Refresh reads a person on a call processor now, and returns what became of the copy.
// Two at once are one. Fails with NotFound when neither the call processor nor the copy
// knows the person, Denied when it refuses, Unavailable when it, or Temporal, does not
// answer in time.
func Refresh(ctx context.Context, c client.Client, callProcessor, userID string) (uc.PersonRefresh, error) {
	var out uc.PersonRefresh
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: RefreshID(callProcessor, userID), TaskQueue: TaskQueue, WorkflowExecutionTimeout: previewTimeout,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            summary("refresh " + userID),
	}, RefreshPerson, activities.RefreshIn{CallProcessor: callProcessor, UserID: userID})
	if err != nil {
		return out, temporalError("start", err)
	}
	return out, previewError(run.Get(ctx, &out))
}
