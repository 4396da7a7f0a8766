package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// quick is for our own Postgres, as a local activity. Retried for ever: without the
// database nothing can go on.
func quick(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
		},
	})
}

// remote is for one effect on a system, on the system's own task queue. A try may
// take 30 s; a dead worker is noticed by its missing heartbeat (the worker beats
// for every activity). What is unavailable or throttled is retried for ever: the
// order shows the attempts and the reason, and can be cancelled.
func remote(ctx workflow.Context, queue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: 30 * time.Second,
		HeartbeatTimeout:    10 * time.Second,
		WaitForCancellation: true, // undo must not race an effect that is still going on
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
	})
}

// reading is for reads of a call processor into its copy, on the queue that is not the
// joiners'. A try ends by itself after some minutes; what it read stays. The effect
// itself counts and paces questions that are not answered: another try follows a crash,
// or an error of our own database, for ever and soon.
func reading(ctx workflow.Context, callProcessor, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           SyncQueue(callProcessor),
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    10 * time.Second,
		WaitForCancellation: true,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
		},
	})
}

// contact is for the first word with a call processor: when it does not answer for ten
// minutes there is nothing to read.
func contact(ctx workflow.Context, callProcessor, summary string) workflow.Context {
	ctx = reading(ctx, callProcessor, summary)
	return workflow.WithScheduleToCloseTimeout(ctx, 10*time.Minute)
}

// previewTimeout bounds what a person waits for who asks what a story would do.
const previewTimeout = 45 * time.Second

// queryTimeout bounds a question to a story that somebody waits for.
const queryTimeout = 5 * time.Second

// firstLook and lastLook bound the pause between two looks at an empty pool: numbers
// come back by themselves when their retention ends, and a signal may be lost.
const (
	firstLook = time.Minute
	lastLook  = time.Hour
)
