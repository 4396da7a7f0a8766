package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// OrderFilter selects orders; a zero field selects all.
type OrderFilter struct {
	State       uc.OrderState
	Kind        uc.OrderKind
	UserID      string
	ServiceArea string
	CreatedBy   string
	WaitingKind uc.Kind // waiting orders with this kind of failure
}

// ListOrders returns at most limit orders without their steps, newest first, and
// the cursor of the next page, "" after the last one. Orders that come or change
// meanwhile neither repeat nor hide others. Fails with Invalid when the cursor is
// not one of ours.
func (d *DB) ListOrders(ctx context.Context, f OrderFilter, cursor string, limit int) ([]uc.Order, string, error) {
	const op = "list orders"
	where := filter{}
	where.equal("state", string(f.State))
	where.equal("kind", string(f.Kind))
	where.equal("user_key", userKey(f.UserID))
	where.equal("service_area", f.ServiceArea)
	where.equal("created_by", f.CreatedBy)
	if f.WaitingKind != "" {
		where.add("state = 'waiting' AND failure_kind = @waiting_kind", pgx.NamedArgs{"waiting_kind": f.WaitingKind})
	}
	if cursor != "" {
		after, err := readCursor(op, cursor, 2)
		if err != nil {
			return nil, "", err
		}
		at, err := time.Parse(time.RFC3339Nano, after[0])
		if err != nil {
			return nil, "", badCursor(op)
		}
		where.add("(created_at, id) < (@after_at, @after_id)", pgx.NamedArgs{"after_at": at, "after_id": after[1]})
	}
	limit = pageSize(limit)
	found, err := list[uc.Order](ctx, d.pool, op, `SELECT `+orderColumns+` FROM orders`+where.sql()+
		` ORDER BY created_at DESC, id DESC LIMIT @limit`, where.limited(limit+1))
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	last := found[limit-1]
	return found[:limit], writeCursor(last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// OrdersOf returns every order of the person, newest first, without steps.
func (d *DB) OrdersOf(ctx context.Context, userID string) ([]uc.Order, error) {
	return list[uc.Order](ctx, d.pool, "orders of", `SELECT `+orderColumns+` FROM orders
		WHERE user_key = @user_key ORDER BY created_at DESC, id DESC`, pgx.NamedArgs{"user_key": userKey(userID)})
}

// UnstartedOrders returns at most limit open orders, oldest first, that were made
// longer ago than the duration and whose workflow was never known to run.
func (d *DB) UnstartedOrders(ctx context.Context, olderThan time.Duration, limit int) ([]uc.Order, error) {
	return list[uc.Order](ctx, d.pool, "unstarted orders", `SELECT `+orderColumns+` FROM orders
		WHERE started_at IS NULL AND state IN ('scheduled', 'running', 'waiting') AND created_at < now() - @older::interval
		ORDER BY created_at, id LIMIT @limit`, pgx.NamedArgs{"older": olderThan, "limit": pageSize(limit)})
}

// WaitingForNumber returns at most limit orders, oldest first, that wait because
// the pool had no eligible number.
func (d *DB) WaitingForNumber(ctx context.Context, pool string, limit int) ([]uc.Order, error) {
	return list[uc.Order](ctx, d.pool, "waiting for number", `SELECT `+orderColumns+` FROM orders
		WHERE state = 'waiting' AND failure_kind = @kind
			AND service_area IN (SELECT name FROM service_areas WHERE pool = @pool)
		ORDER BY created_at, id LIMIT @limit`,
		pgx.NamedArgs{"kind": uc.Exhausted, "pool": pool, "limit": pageSize(limit)})
}
