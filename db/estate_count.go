package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// EstateCount is how many objects of a kind the copy of a call processor has.
type EstateCount struct {
	CallProcessor string
	Kind          uc.EstateKind
	Objects       int
}

// EstateCounts counts the objects of every kind; an empty call processor is every one.
// A kind without objects is left out.
func (d *DB) EstateCounts(ctx context.Context, callProcessor string) ([]EstateCount, error) {
	return list[EstateCount](ctx, d.pool, "count estate", `SELECT call_processor, kind, count(*) AS objects FROM estate
		WHERE @call_processor = '' OR call_processor = @call_processor
		GROUP BY call_processor, kind ORDER BY call_processor, kind`, pgx.NamedArgs{"call_processor": callProcessor})
}
