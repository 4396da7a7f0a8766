package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

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
		return r.Next.ExecuteActivity(ctx, in)
	}
	info := activity.GetInfo(ctx)
	name, attempt := info.ActivityType.Name, int(info.Attempt)
	if err := r.db.BeginStep(ctx, ref, name, attempt); err != nil {
		return nil, err
	}
	began := time.Now()
	out, err := r.Next.ExecuteActivity(ctx, in)
	state, kind, detail := uc.StepDone, uc.Kind(""), ""
	if err != nil {
		state, kind, detail = uc.StepFailed, uc.KindOf(err), err.Error()
		if kind.Disposition() == uc.Retry {
			state = uc.StepRetry
		}
		r.log.Info("step failed", zap.String("order", ref.OrderID), zap.String("op", name),
			zap.String("kind", string(kind)), zap.Int("attempt", attempt),
			zap.Int64("duration_ms", time.Since(began).Milliseconds()), zap.String("detail", detail))
	}
	// The row must be written when the activity ran into its deadline, too.
	if endErr := r.db.EndStep(context.WithoutCancel(ctx), ref, name, attempt, state, kind, detail); endErr != nil && err == nil {
		return nil, endErr
	}
	return out, err
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
