package worker

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// stepRecorder writes the steps of orders: one row per effect, with its attempts
// and its last failure. It knows an effect by the StepRef in its input.
type stepRecorder struct {
	interceptor.ActivityInboundInterceptorBase
	db  *db.DB
	log *zap.Logger
}

// ExecuteActivity records the beginning and the end of an effect around it.
func (r *stepRecorder) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	ref, ok := refOf(in.Args)
	if !ok {
		return r.safely(ctx, in)
	}
	info := activity.GetInfo(ctx)
	name, attempt := info.ActivityType.Name, int(info.Attempt)
	if err := r.db.BeginStep(ctx, ref, name, attempt); err != nil {
		return nil, err
	}
	began := time.Now()
	noted, note := activities.WithNote(ctx)
	out, err := r.safely(noted, in)
	state, kind, detail := uc.StepDone, uc.Kind(""), *note
	if err != nil {
		state, kind, detail = uc.StepFailed, uc.KindOf(err), err.Error()
		if retries(kind, info.Attempt) && !given(ctx) {
			state = uc.StepRetry
		}
		r.log.Info("step failed", zap.String("order", ref.OrderID), zap.String("op", name),
			zap.String("kind", string(kind)), zap.Int("attempt", attempt),
			zap.Int64("duration_ms", time.Since(began).Milliseconds()), zap.String("detail", detail))
	}
	// The row must be written when the activity ran into its deadline, too; but not
	// wait for ever for a database that does not answer.
	endCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if endErr := r.db.EndStep(endCtx, ref, name, attempt, state, kind, detail); endErr != nil && err == nil {
		return nil, endErr
	}
	return out, err
}

// endTimeout bounds the writing of a step's end.
const endTimeout = 5 * time.Second

// given reports whether the story has given the effect up: it was cancelled, and not
// because this worker stops.
func given(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return false
	default:
		return errors.Is(ctx.Err(), context.Canceled)
	}
}

// safely makes a panic an internal error, which is retried a bounded number of times
// and then waits for a human: a panic itself would be retried for ever. The stack
// goes to the log only.
func (r *stepRecorder) safely(ctx context.Context, in *interceptor.ExecuteActivityInput) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("an effect panicked", zap.String("op", activity.GetInfo(ctx).ActivityType.Name),
				zap.Any("panic", p), zap.Stack("stack"))
			out, err = nil, &uc.Error{Kind: uc.Internal, Detail: "a mistake in the program, see the worker's log"}
		}
	}()
	return r.Next.ExecuteActivity(ctx, in)
}

// refOf finds the step that an activity works for.
func refOf(args []any) (uc.StepRef, bool) {
	for _, arg := range args {
		if r, ok := arg.(interface{ Ref() uc.StepRef }); ok && r.Ref().OrderID != "" {
			return r.Ref(), true
		}
	}
	return uc.StepRef{}, false
}
