package db

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// orderColumns are the columns of a uc.Order; its steps are read apart.
const orderColumns = `id, kind, state, outcome, user_id, service_area, call_processor, number, e164, device_profile,
	failure_kind, detail, waiting_step, start_at, created_by, created_at, updated_at, ended_at, joiner,
	NULL::jsonb AS steps`

// NewOrder is a request that shall become an order.
type NewOrder struct {
	ID            string
	Kind          uc.OrderKind
	Key           string // idempotency key of the request, apart for each CreatedBy; "" = none
	Fingerprint   string // of the request's canonical body, compared when the key comes again
	Joiner        uc.Joiner
	ServiceArea   string
	CallProcessor string
	CreatedBy     string
	StartAt       *time.Time
	State         uc.OrderState // "" = running
}

const openOrderSQL = `INSERT INTO orders (id, kind, state, user_id, user_key, service_area, call_processor, start_at,
	created_by, idempotency_key, fingerprint, joiner)
VALUES (@id, @kind, @state, @user, @user_key, @service_area, @call_processor, @start_at,
	@created_by, @key, @fingerprint, @joiner)
ON CONFLICT DO NOTHING
RETURNING ` + orderColumns

// OpenOrder makes the order and returns it. A request that came before, by its id
// or by its key and fingerprint, returns the order it made then, and created is
// false. Fails with Invalid when the key was used for another request and with
// Conflict when another order of the person, its user id in any case, is open.
func (d *DB) OpenOrder(ctx context.Context, n NewOrder) (order uc.Order, created bool, err error) {
	const op = "open order"
	args := pgx.NamedArgs{
		"id": n.ID, "kind": n.Kind, "state": cmp.Or(n.State, uc.Running), "user": n.Joiner.User.ID,
		"user_key": n.Joiner.User.Key(), "service_area": n.ServiceArea, "call_processor": n.CallProcessor,
		"start_at": n.StartAt, "created_by": n.CreatedBy, "key": n.Key, "fingerprint": n.Fingerprint, "joiner": n.Joiner,
	}
	for {
		made, err := list[uc.Order](ctx, d.pool, op, openOrderSQL, args)
		if err != nil {
			return uc.Order{}, false, err
		}
		if len(made) == 1 {
			return made[0], true, nil
		}
		before, err := list[priorRow](ctx, d.pool, op, `SELECT `+orderColumns+`, fingerprint,
				(id = @id OR idempotency_key = @key AND @key <> '' AND created_by = @created_by) AS same_request
			FROM orders
			WHERE id = @id OR idempotency_key = @key AND idempotency_key <> '' AND created_by = @created_by
				OR user_key = @user_key AND state IN ('scheduled', 'running', 'waiting')
			ORDER BY same_request DESC, created_at LIMIT 1`, args)
		if err != nil {
			return uc.Order{}, false, err
		}
		if len(before) == 1 {
			order, err := before[0].judge(op, n)
			return order, false, err
		}
		// The order that was in the way ended meanwhile: try again.
	}
}

// priorRow is the order that stands in the way of a new one.
type priorRow struct {
	uc.Order
	Fingerprint string
	SameRequest bool
}

func (r priorRow) judge(op string, n NewOrder) (uc.Order, error) {
	switch {
	case !r.SameRequest:
		return uc.Order{}, refuse(uc.Conflict, op, fmt.Sprintf(
			"order %s of %s is %s: one order per person at a time", r.ID, r.UserID, r.State))
	case r.Fingerprint != n.Fingerprint:
		return uc.Order{}, refuse(uc.Invalid, op, fmt.Sprintf(
			"idempotency key %q was used for another request (order %s): use a new key", n.Key, r.ID))
	}
	return r.Order, nil
}

// GetOrder returns the order with its steps. Fails with NotFound.
func (d *DB) GetOrder(ctx context.Context, id string) (uc.Order, error) {
	const op = "get order"
	args := pgx.NamedArgs{"id": id}
	found, err := list[uc.Order](ctx, d.pool, op, `SELECT `+orderColumns+` FROM orders WHERE id = @id`, args)
	if err != nil {
		return uc.Order{}, err
	}
	if len(found) == 0 {
		return uc.Order{}, noOrder(op, id)
	}
	found[0].Steps, err = list[uc.Step](ctx, d.pool, op, `SELECT
			CASE WHEN item = '' THEN name ELSE name || ' ' || item END AS name, undo, state, attempts, kind, detail,
			started_at, ended_at
		FROM order_steps WHERE order_id = @id ORDER BY started_at, name, item`, args)
	return found[0], err
}

func noOrder(op, id string) error {
	return refuse(uc.NotFound, op, fmt.Sprintf("order %q does not exist", id))
}
