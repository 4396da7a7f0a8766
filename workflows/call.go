package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"
)

// call runs an activity with a result; a wrong argument does not compile.
func call[In, Out any](ctx workflow.Context, activity func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(ctx, activity, in).Get(ctx, &out)
	return out, err
}

// do runs an activity without a result.
func do[In any](ctx workflow.Context, activity func(context.Context, In) error, in In) error {
	return workflow.ExecuteActivity(ctx, activity, in).Get(ctx, nil)
}

// local runs a local activity with a result. It is not interrupted by a cancellation
// that arrives while it runs: what our database does about an interrupted statement
// is not known before undo looks, so a reservation could outlive its order.
func local[In, Out any](ctx workflow.Context, activity func(context.Context, In) (Out, error), in In) (Out, error) {
	var out Out
	if err := ctx.Err(); err != nil {
		return out, err
	}
	ctx, done := workflow.NewDisconnectedContext(ctx)
	defer done()
	err := workflow.ExecuteLocalActivity(quick(ctx), activity, in).Get(ctx, &out)
	return out, err
}

// record runs a local activity without a result, as local does.
func record[In any](ctx workflow.Context, activity func(context.Context, In) error, in In) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, done := workflow.NewDisconnectedContext(ctx)
	defer done()
	return workflow.ExecuteLocalActivity(quick(ctx), activity, in).Get(ctx, nil)
}
