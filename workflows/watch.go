package workflows

import (
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// WatchInput is what a change watcher begins with.
type WatchInput struct {
	CallProcessor string        `json:"callProcessor"`
	Every         time.Duration `json:"every"` // between two looks
	Last          uc.Watch      `json:"last"`  // of the run before; the zero value at the beginning
}

// looksPerRun keeps the history of a watcher short.
const looksPerRun = 500

// quietTime is how long a watcher waits before it asks a call processor again that tells
// no changes, or refuses to answer; soon, before it asks one again that did not answer,
// for the first time in a row.
const (
	quietTime = 10 * time.Minute
	soon      = 5 * time.Second
)

// ChangeWatch looks again and again at what changed on a call processor and brings it
// into the copy. When changes were missed it starts a sync of what the copy has. It
// never ends by itself.
func ChangeWatch(ctx workflow.Context, in WatchInput) error {
	err := workflow.SetQueryHandler(ctx, queryWatch, func() (uc.Watch, error) { return in.Last, nil })
	if err != nil {
		return err
	}
	if in.Last.State == "" {
		in.Last = uc.Watch{CallProcessor: in.CallProcessor, State: uc.WatchStarting}
	}
	interval := workflow.GetSignalChannel(ctx, signalInterval)
	for range looksPerRun {
		for interval.ReceiveAsync(&in.Every) {
			continue // the last one counts
		}
		out, err := call(reading(ctx, in.CallProcessor, "what changed"), estate.FollowChanges,
			activities.WatchIn{CallProcessor: in.CallProcessor})
		switch {
		case temporal.IsCanceledError(err):
			return err
		case err != nil:
			_, out.Detail = failure(err)
			out.State, out.CallProcessor, out.LookedAt = uc.WatchFailing, in.CallProcessor, workflow.Now(ctx)
			out.Refused = true
		case out.State == uc.WatchLost:
			if err := catchUp(ctx, out); err != nil {
				return err
			}
		}
		tell(ctx, in.Last, out.Watch)
		wait := in.pause(out)
		in.Last = in.Last.Then(out.Watch)
		if err := waitFor(ctx, wait, interval); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, ChangeWatch, in)
}

// pause is how long to wait after a look.
func (in WatchInput) pause(out activities.WatchOut) time.Duration {
	switch {
	case out.State == uc.WatchOff || out.Refused:
		return max(quietTime, in.Every)
	case out.State == uc.WatchFailing && in.Last.State != uc.WatchFailing:
		return min(soon, in.Every)
	}
	return in.Every
}

// waitFor waits; a signal that is not taken yet ends it, too.
func waitFor(ctx workflow.Context, d time.Duration, signal workflow.ReceiveChannel) error {
	timer, stop := workflow.WithCancel(ctx)
	defer stop()
	workflow.NewSelector(ctx).
		AddFuture(workflow.NewTimer(timer, d), func(workflow.Future) {}).
		AddReceive(signal, func(workflow.ReceiveChannel, bool) {}).
		Select(ctx)
	return ctx.Err()
}

// tell logs when a watcher does something else than before.
func tell(ctx workflow.Context, before, now uc.Watch) {
	if before.State == now.State {
		return
	}
	log := workflow.GetLogger(ctx)
	if now.State == uc.WatchFollowing {
		log.Info("changes of a call processor are watched", "system", now.CallProcessor)
		return
	}
	log.Warn("changes of a call processor are not watched", "system", now.CallProcessor, "state", string(now.State),
		"detail", now.Detail)
}

// catchUp starts a sync, and keeps from where on changes are seen once it runs: until
// then they stay lost. A sync that runs already may have begun too early.
func catchUp(ctx workflow.Context, out activities.WatchOut) error {
	child := workflow.ExecuteChildWorkflow(syncChild(ctx, out.CallProcessor), CallProcessorSync, SyncInput{
		CallProcessor: out.CallProcessor, Scope: out.Scope, CreatedBy: "change watcher: " + out.Detail,
	})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	var running *temporal.ChildWorkflowExecutionAlreadyStartedError
	if errors.As(err, &running) {
		return nil
	}
	if err != nil {
		return err
	}
	return record(ctx, inventory.KeepWatch, out)
}

// syncChild is for a sync that goes on whatever becomes of who started it.
func syncChild(ctx workflow.Context, callProcessor string) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: SyncID(callProcessor), TaskQueue: TaskQueue, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON,
	})
}
