package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// heart beats for every activity that has a heartbeat timeout, so that the death of
// a worker is noticed in seconds and not when the try would have timed out.
type heart struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity beats while the activity runs.
func (h *heart) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	if info.IsLocalActivity || info.HeartbeatTimeout <= 0 {
		return h.Next.ExecuteActivity(ctx, in)
	}
	done := make(chan struct{})
	defer close(done)
	go beat(ctx, info.HeartbeatTimeout/3, done)
	return h.Next.ExecuteActivity(ctx, in)
}

func beat(ctx context.Context, every time.Duration, done <-chan struct{}) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}
