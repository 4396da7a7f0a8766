package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// PruneEstateStage deletes the staged rows of syncs that were applied or have ended, and
// what those that were not applied brought to the estate, and tells of how many syncs.
// Their reports stay. Calling it now and then is enough, and it may run several times at
// once.
func (d *DB) PruneEstateStage(ctx context.Context) (syncs int, err error) {
	const op = "prune estate stage"
	numbers, err := column[int64](ctx, d.pool, op, `SELECT number FROM syncs
		WHERE NOT pruned AND (applied_at IS NOT NULL OR ended_at IS NOT NULL) ORDER BY number`, nil)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	emptied, err := d.emptyStage(ctx, op)
	if err != nil {
		return 0, err
	}
	for _, number := range numbers {
		if !emptied {
			_, err = exec(ctx, d.pool, op, `DELETE FROM estate_stage WHERE sync_number = @number`, pgx.NamedArgs{"number": number})
		}
		if err == nil {
			err = d.dropHidden(ctx, op, number)
		}
		if err != nil {
			return syncs, err
		}
		_, err = exec(ctx, d.pool, op, `UPDATE syncs SET pruned = true WHERE number = @number`, pgx.NamedArgs{"number": number})
		if err != nil {
			return syncs, err
		}
		syncs++
	}
	return syncs, nil
}

// SQLSTATE codes of a lock that somebody else has, and of an account that does not own
// the table.
const (
	lockNotAvailable      = "55P03"
	insufficientPrivilege = "42501"
)

// emptyStage gives the whole table back at once, when no sync that still goes on has
// rows in it and none is just writing some.
func (d *DB) emptyStage(ctx context.Context, op string) (emptied bool, err error) {
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		// A vacuum gives way after a second; a page that is being staged is not waited for.
		for _, sql := range []string{`SET LOCAL lock_timeout = '2s'`, `LOCK TABLE estate_stage IN ACCESS EXCLUSIVE MODE`} {
			if _, err := exec(ctx, tx, op, sql, nil); err != nil {
				return err
			}
		}
		open, err := column[bool](ctx, tx, op, `SELECT EXISTS (SELECT FROM syncs s JOIN sync_kinds k ON k.sync_number = s.number
			WHERE NOT s.pruned AND s.applied_at IS NULL AND s.ended_at IS NULL AND k.staged > 0)`, nil)
		if err != nil || first(open) {
			return err
		}
		emptied = true
		_, err = exec(ctx, tx, op, `TRUNCATE estate_stage`, nil)
		return err
	})
	if code := pgCode(err); code == lockNotAvailable || code == insufficientPrivilege {
		return false, nil
	}
	return emptied && err == nil, err
}
