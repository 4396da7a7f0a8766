package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// ordersRunSQL is whether an order is being carried out on the call processor; the states
// of open orders come first because their index knows them.
const ordersRunSQL = `EXISTS (SELECT FROM orders
	WHERE state IN ('scheduled', 'running', 'waiting') AND state = 'running' AND call_processor = @call_processor)`

// OrdersRun reports whether an order is being carried out on the call processor: one
// that waits, or is scheduled, is not. It is cheap enough to be asked again and again.
func (d *DB) OrdersRun(ctx context.Context, callProcessor string) (bool, error) {
	running, err := column[bool](ctx, d.pool, "orders run", `SELECT `+ordersRunSQL,
		pgx.NamedArgs{"call_processor": callProcessor})
	return first(running), err
}
