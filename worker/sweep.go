package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// The sweep looks for accepted orders whose story was never started: the process
// that accepted them died in between, or Temporal did not answer.
const (
	sweepEvery = 5 * time.Second
	sweepAfter = 10 * time.Second
	sweepBatch = 100
)

// sweep starts forgotten stories until the context ends. Several workers may sweep
// at once: starting is idempotent.
func sweep(ctx context.Context, c client.Client, d *db.DB, log *zap.Logger) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := startForgotten(ctx, c, d, log); err != nil && ctx.Err() == nil {
				log.Warn("starting accepted orders", zap.Error(err))
			}
		}
	}
}

func startForgotten(ctx context.Context, c client.Client, d *db.DB, log *zap.Logger) error {
	orders, err := d.UnstartedOrders(ctx, sweepAfter, sweepBatch)
	if err != nil {
		return err
	}
	var failed []error
	for _, o := range orders {
		err := workflows.Start(ctx, c, o)
		if errors.Is(err, uc.Conflict) {
			continue // the person's earlier story is about to end; the next sweep sees it
		}
		if err != nil {
			// The orders behind this one may well start.
			failed = append(failed, fmt.Errorf("order %s: %w", o.ID, err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		if err := d.MarkStarted(ctx, o.ID); err != nil {
			return errors.Join(append(failed, err)...)
		}
		log.Info("started an accepted order", zap.String("order", o.ID), zap.String("user", o.UserID))
	}
	return errors.Join(failed...)
}
