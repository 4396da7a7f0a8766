package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/workflows"
)

// watchRetry is the pause before a change watcher is started again that could not be.
const watchRetry = 5 * time.Second

// keepWatch starts the change watchers of the call processors, and ends those that the
// settings do not want. Several workers may do so at once.
func keepWatch(ctx context.Context, c client.Client, processors []CallProcessor, log *zap.Logger) {
	ticker := time.NewTicker(watchRetry)
	defer ticker.Stop()
	for left := processors; len(left) > 0; {
		p := left[0]
		var err error
		if p.WatchEvery > 0 {
			err = workflows.WatchChanges(ctx, c, p.Name, p.WatchEvery)
		} else {
			err = workflows.StopWatch(ctx, c, p.Name)
		}
		if err == nil {
			left = left[1:]
			continue
		}
		if ctx.Err() == nil {
			log.Warn("starting a change watcher", zap.String("system", p.Name), zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
