package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// PruneEstateStage deletes the staged rows of syncs that were applied or have ended,
// and returns how many. Their reports stay. It works kind by kind, so that it never
// holds much; calling it now and then is enough, and it may run several times at once.
func (d *DB) PruneEstateStage(ctx context.Context) (int64, error) {
	const op = "prune estate stage"
	numbers, err := column[int64](ctx, d.pool, op, `SELECT number FROM syncs
		WHERE NOT pruned AND (applied_at IS NOT NULL OR ended_at IS NOT NULL) ORDER BY number`, nil)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, number := range numbers {
		n, err := d.pruneSync(ctx, op, number)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (d *DB) pruneSync(ctx context.Context, op string, number int64) (int64, error) {
	kinds, err := column[uc.EstateKind](ctx, d.pool, op, `SELECT kind FROM sync_kinds WHERE sync_number = @number`,
		pgx.NamedArgs{"number": number})
	if err != nil {
		return 0, err
	}
	var total int64
	for _, kind := range kinds {
		n, err := exec(ctx, d.pool, op, `DELETE FROM estate_stage WHERE sync_number = @number AND kind = @kind`,
			pgx.NamedArgs{"number": number, "kind": kind})
		total += n
		if err != nil {
			return total, err
		}
	}
	_, err = exec(ctx, d.pool, op, `UPDATE syncs SET pruned = true WHERE number = @number
		AND NOT EXISTS (SELECT FROM estate_stage WHERE sync_number = @number)`, pgx.NamedArgs{"number": number})
	return total, err
}
