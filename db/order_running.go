package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// OrdersRun reports whether an order is being carried out on the call processor: one
// that waits, or is scheduled, is not. It is cheap enough to be asked again and again.
func (d *DB) OrdersRun(ctx context.Context, callProcessor string) (bool, error) {
	// The states of open orders come first because their index knows them.
	running, err := column[bool](ctx, d.pool, "orders run", `SELECT EXISTS (SELECT FROM orders
		WHERE state IN ('scheduled', 'running', 'waiting') AND state = 'running' AND call_processor = @call_processor)`,
		pgx.NamedArgs{"call_processor": callProcessor})
	return first(running), err
}
