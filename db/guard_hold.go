package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// maxHolds is how many holds a list shows.
const maxHolds = 500

// ListGuardHolds returns the holds, newest first, at most 500: the open ones, or all.
func (d *DB) ListGuardHolds(ctx context.Context, open bool) ([]uc.GuardHold, error) {
	return guardHolds(ctx, d.pool, `WHERE NOT @open OR h.state = 'open'`, pgx.NamedArgs{"open": open})
}

// GetGuardHold returns the hold. Fails with NotFound.
func (d *DB) GetGuardHold(ctx context.Context, id int64) (uc.GuardHold, error) {
	found, err := guardHolds(ctx, d.pool, `WHERE h.id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && len(found) == 0 {
		err = refuse(uc.NotFound, "get guard hold", fmt.Sprintf("the guard has no hold %d", id))
	}
	return first(found), err
}

// guardHolds reads holds with the numbers of their orders.
func guardHolds(ctx context.Context, q querier, where string, args pgx.NamedArgs) ([]uc.GuardHold, error) {
	type row struct {
		uc.GuardHold
		Passed, Allowed, Batch int
		InWindow               int64
	}
	args["limit"] = maxHolds
	rows, err := list[row](ctx, q, "get guard holds", `SELECT h.id, h.kind, h.domain, h.state, '' AS detail,
			count(g.order_id) AS orders,
			count(g.order_id) FILTER (WHERE h.state = 'open' AND o.state IN ('scheduled', 'running', 'waiting')) AS waiting,
			h.opened_at, h.decided_at, h.decided_by, h.reason, h.passed, h.allowed, h.in_window,
			coalesce(max(g.batch), 0) AS batch
		FROM guard_holds h LEFT JOIN guard_orders g ON g.hold_id = h.id LEFT JOIN orders o ON o.id = g.order_id
		`+where+` GROUP BY h.id ORDER BY h.id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	out := make([]uc.GuardHold, len(rows))
	for i, r := range rows {
		held := r.Orders
		if r.State == uc.GuardOpen {
			held = r.Waiting
		}
		r.Detail = uc.GuardText(r.Kind, r.Domain, r.Passed+max(held, r.Batch), r.Allowed, uc.Duration(r.InWindow))
		out[i] = r.GuardHold
	}
	return out, nil
}

// ApproveGuard lets the orders of the hold pass and returns the ids of those that
// are still open, to be resumed. Approving again returns them again. Fails with
// NotFound, Invalid without actor or reason, and Conflict when the hold was rejected.
func (d *DB) ApproveGuard(ctx context.Context, holdID int64, actor, reason string) (orders []string, err error) {
	return d.decideGuard(ctx, holdID, uc.GuardApproved, actor, reason)
}

// RejectGuard decides against the orders of the hold and returns the ids of those
// that are still open, to be cancelled. Rejecting again returns them again. Fails
// with NotFound, Invalid without actor or reason, and Conflict when the hold was
// approved.
func (d *DB) RejectGuard(ctx context.Context, holdID int64, actor, reason string) (orders []string, err error) {
	return d.decideGuard(ctx, holdID, uc.GuardRejected, actor, reason)
}

func (d *DB) decideGuard(ctx context.Context, id int64, to uc.GuardState, actor, reason string) (orders []string, err error) {
	const op = "decide guard"
	if actor == "" || reason == "" {
		return nil, refuse(uc.Invalid, op, "a decision needs a name and a reason")
	}
	args := pgx.NamedArgs{"id": id, "to": to, "actor": actor, "reason": reason}
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		h, err := lockHold(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.State != uc.GuardOpen && h.State != to {
			return refuse(uc.Conflict, op, fmt.Sprintf("hold %d was %s by %s", id, h.State, h.DecidedBy))
		}
		if h.State == uc.GuardOpen {
			for _, sql := range []string{
				`UPDATE guard_holds SET state = @to, decided_at = now(), decided_by = @actor, reason = @reason WHERE id = @id`,
				`UPDATE guard_orders SET passed_at = now() WHERE hold_id = @id AND @to = 'approved'`,
			} {
				if _, err := exec(ctx, tx, op, sql, args); err != nil {
					return err
				}
			}
		}
		orders, err = column[string](ctx, tx, op, `SELECT o.id FROM guard_orders g JOIN orders o ON o.id = g.order_id
			WHERE g.hold_id = @id AND o.state IN ('scheduled', 'running', 'waiting') ORDER BY o.created_at, o.id`, args)
		return err
	})
	return orders, err
}

// lockHold returns the hold; no order can join it before the end of the transaction.
func lockHold(ctx context.Context, tx pgx.Tx, id int64) (uc.GuardHold, error) {
	read := func() (uc.GuardHold, error) {
		found, err := guardHolds(ctx, tx, `WHERE h.id = @id`, pgx.NamedArgs{"id": id})
		if err == nil && len(found) == 0 {
			err = refuse(uc.NotFound, "decide guard", fmt.Sprintf("the guard has no hold %d", id))
		}
		return first(found), err
	}
	h, err := read()
	if err != nil {
		return h, err
	}
	if err := lockGuard(ctx, tx, h.Kind, h.Domain); err != nil {
		return h, err
	}
	return read()
}
