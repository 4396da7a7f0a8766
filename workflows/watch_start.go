package workflows

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/uc"
)

// WatchChanges starts the change watcher of the call processor, or gives the one that
// runs the interval. Fails with Unavailable when Temporal does not answer.
func WatchChanges(ctx context.Context, c client.Client, callProcessor string, every time.Duration) error {
	_, err := c.SignalWithStartWorkflow(ctx, WatchID(callProcessor), signalInterval, every, client.StartWorkflowOptions{
		TaskQueue: TaskQueue, StaticSummary: summary("what changes on " + callProcessor),
	}, ChangeWatch, WatchInput{CallProcessor: callProcessor, Every: every})
	return temporalError("start", err)
}

// KeepWatching starts the change watcher of the call processor when none runs: one that
// somebody ended, or that failed, comes back. Fails with Unavailable when Temporal does
// not answer.
func KeepWatching(ctx context.Context, c client.Client, callProcessor string, every time.Duration) error {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: WatchID(callProcessor), TaskQueue: TaskQueue, StaticSummary: summary("what changes on " + callProcessor),
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, ChangeWatch, WatchInput{CallProcessor: callProcessor, Every: every})
	return temporalError("start", err)
}

// StopWatch ends the change watcher of the call processor; none is success.
func StopWatch(ctx context.Context, c client.Client, callProcessor string) error {
	err := temporalError("cancel", c.CancelWorkflow(ctx, WatchID(callProcessor), ""))
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	return err
}

// GetWatch tells where the change watcher of the call processor stands. Fails with
// NotFound when none runs, Unavailable when Temporal or all workers are away.
func GetWatch(ctx context.Context, c client.Client, callProcessor string) (uc.Watch, error) {
	var out uc.Watch
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	// One that has ended would answer, too, with where it stood.
	answer, err := c.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: WatchID(callProcessor), QueryType: queryWatch, QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	if err != nil {
		return out, temporalError("query", err)
	}
	if answer.QueryRejected != nil {
		return out, &uc.Error{Kind: uc.NotFound, Detail: "nobody watches what changes on " + callProcessor}
	}
	if err := answer.QueryResult.Get(&out); err != nil {
		return out, &uc.Error{Kind: uc.Internal, System: "temporal", Op: "query", Detail: "reading the answer", Err: err}
	}
	return out, nil
}
