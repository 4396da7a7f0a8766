package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// SetOrder changes an open order. An order that ended is final: a change of it is
// ignored, so a late attempt cannot revive it. Leaving the state waiting clears
// FailureKind, Detail and WaitingStep unless the change gives them. Fails with
// NotFound.
func (d *DB) SetOrder(ctx context.Context, id string, c uc.OrderChange) error {
	const op = "set order"
	known, err := column[bool](ctx, d.pool, op, `WITH changed AS (
		UPDATE orders o SET
			state = coalesce(@state, state),
			outcome = coalesce(@outcome, outcome),
			number = coalesce(@number, number),
			e164 = coalesce(@e164, e164),
			device_profile = coalesce(@device_profile, device_profile),
			failure_kind = coalesce(@failure_kind, CASE WHEN `+leavesWaiting+` THEN '' ELSE failure_kind END),
			detail = coalesce(@detail, CASE WHEN `+leavesWaiting+` THEN '' ELSE detail END),
			waiting_step = coalesce(@waiting_step, CASE WHEN `+leavesWaiting+` THEN '' ELSE waiting_step END),
			start_at = coalesce(@start_at, start_at),
			stage = coalesce(@stage, stage),
			updated_at = clock_timestamp(),
			ended_at = CASE WHEN coalesce(@state, state) IN ('done', 'failed', 'cancelled') THEN clock_timestamp() END
		WHERE id = @id AND state IN ('scheduled', 'running', 'waiting')
	)
	SELECT true FROM orders WHERE id = @id`, pgx.NamedArgs{
		"id": id, "state": c.State, "outcome": c.Outcome, "number": c.Number, "e164": c.E164,
		"device_profile": c.DeviceProfile, "failure_kind": c.FailureKind, "detail": c.Detail,
		"waiting_step": c.WaitingStep, "start_at": c.StartAt,
		"stage": c.Stage,
	})
	if err == nil && len(known) == 0 {
		return noOrder(op, id)
	}
	return err
}

const leavesWaiting = `state = 'waiting' AND coalesce(@state, state) <> 'waiting'`

// MarkStarted says that the order's workflow was accepted by the engine. Saying it
// again is success. Fails with NotFound.
func (d *DB) MarkStarted(ctx context.Context, id string) error {
	const op = "mark started"
	n, err := exec(ctx, d.pool, op, `UPDATE orders SET started_at = coalesce(started_at, now()) WHERE id = @id`,
		pgx.NamedArgs{"id": id})
	if err == nil && n == 0 {
		return noOrder(op, id)
	}
	return err
}
