package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// ClaimLDAPSync asks to be the one that starts a sync of the agreement on the call
// processor. It is claimed when the last one was started longer ago than minGap, or
// never; of callers at the same time one claims it. The times are those of the sync
// that stands now: finishedAt is nil until the start is known to be accepted, and for
// ever when the one who claimed it died before.
func (d *DB) ClaimLDAPSync(ctx context.Context, callProcessor, agreement string, minGap time.Duration,
) (claimed bool, startedAt, finishedAt *time.Time, err error) {
	const op = "claim ldap sync"
	args := pgx.NamedArgs{"call_processor": callProcessor, "agreement": agreement, "gap": minGap}
	type row struct{ StartedAt, FinishedAt *time.Time }
	won, err := list[row](ctx, d.pool, op, `INSERT INTO ldap_syncs AS s (call_processor, agreement, started_at)
		VALUES (@call_processor, @agreement, clock_timestamp())
		ON CONFLICT (call_processor, agreement) DO UPDATE SET started_at = clock_timestamp(), finished_at = NULL
		WHERE s.started_at <= clock_timestamp() - @gap::interval
		RETURNING started_at, finished_at`, args)
	if err != nil {
		return false, nil, nil, err
	}
	if len(won) == 1 {
		return true, won[0].StartedAt, nil, nil
	}
	r, err := one[row](ctx, d.pool, op, `SELECT started_at, finished_at FROM ldap_syncs
		WHERE call_processor = @call_processor AND agreement = @agreement`, args)
	return false, r.StartedAt, r.FinishedAt, err
}

// FinishLDAPSync says that starting the sync has finished: the call processor took
// it on, and tells from now on whether it runs. Without a claim it does nothing.
func (d *DB) FinishLDAPSync(ctx context.Context, callProcessor, agreement string) error {
	_, err := exec(ctx, d.pool, "finish ldap sync", `UPDATE ldap_syncs SET finished_at = clock_timestamp()
		WHERE call_processor = @call_processor AND agreement = @agreement AND finished_at IS NULL`,
		pgx.NamedArgs{"call_processor": callProcessor, "agreement": agreement})
	return err
}
