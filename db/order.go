package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// orderColumns are the columns of a uc.Order; its steps are read apart.
const orderColumns = `id, kind, state, outcome, user_id, service_area, call_processor, number, e164, device_profile,
	failure_kind, detail, waiting_step, start_at, created_by, created_at, updated_at, ended_at, workflow_id, stage,
	joiner, leaver, mover, number_request, number_release, phone_change, plan, NULL::jsonb AS steps`

// NewOrder is a request that shall become an order.
type NewOrder struct {
	ID            string
	Kind          uc.OrderKind
	WorkflowID    string // of the story that it will have
	UserID        string
	Key           string // idempotency key of the request, apart for each CreatedBy; "" = none
	Fingerprint   string // of the request's canonical body, compared when the request comes again
	ServiceArea   string
	CallProcessor string
	CreatedBy     string
	StartAt       *time.Time
	State         uc.OrderState // "" = running
	DryRun        bool          // only say what would come of it: nothing is written

	// The request, by kind; a PIN reset has none.
	Joiner        *uc.Joiner
	Leaver        *uc.Leaver
	Mover         *uc.Mover
	NumberRequest *uc.NumberRequest
	NumberRelease *uc.NumberRelease
	PhoneChange   *uc.PhoneChange
}

const openOrderSQL = `INSERT INTO orders (id, kind, state, user_id, user_key, service_area, call_processor, start_at,
	created_by, idempotency_key, fingerprint, workflow_id, turn_at, joiner, leaver, mover, number_request, number_release,
	phone_change)
VALUES (@id, @kind, @state, @user, @user_key, @service_area, @call_processor, @start_at,
	@created_by, @key, @fingerprint, @workflow, CASE WHEN @state <> 'scheduled' THEN clock_timestamp() END,
	@joiner, @leaver, @mover, @number_request, @number_release, @phone_change)
ON CONFLICT DO NOTHING
RETURNING ` + orderColumns

// OpenOrder makes the order, last in the line of the person's orders unless it is
// scheduled, and returns it. A request that came before returns the order it made
// then, and created is false: one with the same id or key, or one without a key that
// says the same as the sender's open order of this kind. A dry run returns the same and
// writes nothing. Fails with Invalid when the key was
// used for another request and with Conflict when an order of this kind of the
// person, its user id in any case, is open and says something else.
func (d *DB) OpenOrder(ctx context.Context, n NewOrder) (order uc.Order, created bool, err error) {
	const op = "open order"
	args := pgx.NamedArgs{
		"id": n.ID, "kind": n.Kind, "state": cmp.Or(n.State, uc.Running), "user": n.UserID,
		"user_key": userKey(n.UserID), "service_area": n.ServiceArea, "call_processor": n.CallProcessor,
		"start_at": n.StartAt, "created_by": n.CreatedBy, "key": n.Key, "fingerprint": n.Fingerprint,
		"workflow": n.WorkflowID, "joiner": n.Joiner, "leaver": n.Leaver, "mover": n.Mover,
		"number_request": n.NumberRequest, "number_release": n.NumberRelease, "phone_change": n.PhoneChange,
	}
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := lockPerson(ctx, tx, op, n.UserID); err != nil {
			return err
		}
		for {
			made, err := list[uc.Order](ctx, tx, op, openOrderSQL, args)
			if err == nil && len(made) == 1 && n.DryRun {
				err = errDryRun
			}
			if err != nil || len(made) == 1 {
				order, created = first(made), len(made) == 1
				return err
			}
			before, err := list[priorRow](ctx, tx, op, `SELECT `+orderColumns+`, fingerprint,
					(id = @id OR idempotency_key = @key AND @key <> '' AND created_by = @created_by) AS same_request
				FROM orders
				WHERE id = @id OR idempotency_key = @key AND idempotency_key <> '' AND created_by = @created_by
					OR user_key = @user_key AND kind = @kind AND state IN ('scheduled', 'running', 'waiting')
				ORDER BY same_request DESC, created_at LIMIT 1`, args)
			if err != nil {
				return err
			}
			if len(before) == 1 {
				order, err = before[0].judge(op, n)
				return err
			}
			// The order that was in the way ended meanwhile: try again.
		}
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return order, created, err
}

func first[T any](items []T) T {
	var zero T
	if len(items) == 0 {
		return zero
	}
	return items[0]
}

// priorRow is the order that stands in the way of a new one.
type priorRow struct {
	uc.Order
	Fingerprint string
	SameRequest bool
}

func (r priorRow) judge(op string, n NewOrder) (uc.Order, error) {
	again := n.Key == "" && n.Fingerprint != "" && r.Fingerprint == n.Fingerprint && r.CreatedBy == n.CreatedBy
	switch {
	case r.SameRequest && r.Fingerprint == n.Fingerprint || again:
		return r.Order, nil
	case !r.SameRequest:
		return uc.Order{}, refuse(uc.Conflict, op, fmt.Sprintf(
			"order %s (%s) of %s is %s: one order of a kind per person at a time; %s", r.ID, r.Kind, r.UserID, r.State, r.way()))
	}
	return uc.Order{}, refuse(uc.Invalid, op, fmt.Sprintf(
		"idempotency key %q was used for another request (order %s): use a new key", n.Key, r.ID))
}

// way says how to go on when this order stands in the way of another of its kind.
func (r priorRow) way() string {
	date, end := "--start-at", "dialtone order cancel "+r.ID
	if r.Kind == uc.LeaverOrder {
		date, end = "--leave-at", "dialtone leave "+r.UserID+" --cancel"
	}
	switch {
	case r.Stage == uc.AtRemoval.String():
		return "it removes things already and goes on to its end: wait for it with `dialtone order watch " + r.ID + "`"
	case r.State == uc.Scheduled:
		return "move its date with `dialtone order reschedule " + r.ID + " " + date + " DATE`, or end it with `" + end + "`"
	}
	return "wait for it with `dialtone order watch " + r.ID + "`, or end it with `" + end + "`"
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
