package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// KindWait is why the reading of a kind does not go on, and when it is tried again.
type KindWait struct {
	SyncID string
	Kind   uc.EstateKind
	Why    string // one sentence, never empty
	Until  time.Time
}

// notWaiting is what the kind is as soon as its reading goes on or has ended.
const notWaiting = ` wait = '', wait_until = NULL`

// waitColumns are what a kind of a sync waits for: nothing once the sync has ended,
// whatever a reading that a cancellation interrupted had waited for.
const waitColumns = `CASE WHEN s.ended_at IS NULL THEN wait ELSE '' END AS wait,
	CASE WHEN s.ended_at IS NULL THEN wait_until END AS wait_until`

// WaitSyncKind records what the reading of the kind waits for, until its next page is
// staged or it ends. One that has ended stays. Fails with Invalid without a reason, and
// NotFound when the sync does not read the kind.
func (d *DB) WaitSyncKind(ctx context.Context, w KindWait) error {
	const op = "wait sync kind"
	if w.Why == "" {
		return refuse(uc.Invalid, op, "a kind waits for something")
	}
	n, err := exec(ctx, d.pool, op, `UPDATE sync_kinds k SET wait = @why, wait_until = @until
		FROM syncs s WHERE s.number = k.sync_number AND s.id = @id AND s.ended_at IS NULL
			AND k.kind = @kind AND k.state IN ('pending', 'reading')`, pgx.NamedArgs{
		"id": w.SyncID, "kind": w.Kind, "why": w.Why, "until": w.Until,
	})
	if err != nil || n == 1 {
		return err
	}
	_, err = d.SyncProgress(ctx, w.SyncID, w.Kind)
	return err
}
