package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/workflows"
)

// watchRetry is the pause at least before it is seen again that a change watcher runs.
const watchRetry = 5 * time.Second

// keepWatch starts the change watcher of the call processor and starts it again when it
// has ended, or ends it for good when the settings do not want it. Several workers may
// do so at once.
func keepWatch(ctx context.Context, c client.Client, p CallProcessor, log *zap.Logger) {
	start := workflows.WatchChanges
	ticker := time.NewTicker(max(watchRetry, p.WatchEvery))
	defer ticker.Stop()
	for {
		var err error
		if p.WatchEvery > 0 {
			err = start(ctx, c, p.Name, p.WatchEvery)
		} else if err = workflows.StopWatch(ctx, c, p.Name); err == nil {
			return
		}
		switch {
		case err == nil:
			start = workflows.KeepWatching
		case ctx.Err() == nil:
			log.Warn("starting a change watcher", zap.String("system", p.Name), zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
