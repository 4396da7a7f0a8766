package bench

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// The effects of one joiner with a soft phone: those on systems are regular
// activities, those on our own tables local ones.
const (
	regularEffects = 15
	localEffects   = 6
	floorQueue     = "floor"
)

func nothing(context.Context, string) error { return nil }

// empty is a workflow that does nothing but as many activities as a joiner.
func empty(ctx workflow.Context, in string) error {
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second})
	for range localEffects {
		if err := workflow.ExecuteLocalActivity(local, nothing, in).Get(ctx, nil); err != nil {
			return err
		}
	}
	regular := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: floorQueue + "/system", StartToCloseTimeout: 30 * time.Second, HeartbeatTimeout: 10 * time.Second,
	})
	for range regularEffects {
		if err := workflow.ExecuteActivity(regular, nothing, in).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// floorWorkers serve the empty workflow with the concurrency of the joiners'.
func floorWorkers(c client.Client) ([]sdk.Worker, error) {
	stories := sdk.New(c, floorQueue, sdk.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  100,
		MaxConcurrentLocalActivityExecutionSize: 100,
	})
	stories.RegisterWorkflow(empty)
	stories.RegisterActivity(nothing)
	effects := sdk.New(c, floorQueue+"/system", sdk.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: effectConcurrency,
	})
	effects.RegisterActivity(nothing)
	for _, w := range []sdk.Worker{stories, effects} {
		if err := w.Start(); err != nil {
			return nil, err
		}
	}
	return []sdk.Worker{stories, effects}, nil
}
