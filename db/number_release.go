package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// Publish makes the number of the order the person's: reserved becomes assigned.
// Publishing again returns the same number. One that the person had before
// (Reservation.Made was false) is returned as it is. Fails with NotFound when the
// order has none.
func (d *DB) Publish(ctx context.Context, orderID string) (uc.Number, error) {
	const op = "publish"
	found, err := list[uc.Number](ctx, d.pool, op, `WITH old AS (
		SELECT `+numberColumns+` FROM numbers WHERE order_id = @order AND order_id <> '' FOR UPDATE
	), published AS (
		UPDATE numbers n SET state = 'assigned', changed_at = now(), prior_state = NULL, prior_until = NULL,
			prior_user_id = '', prior_user_key = '', prior_reason = ''
		FROM old WHERE n.id = old.id AND old.state = 'reserved'
		RETURNING `+takenSQL+`
	), event AS (
		INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state)
		SELECT id, 'order', order_id, user_id, 'reserved', 'assigned' FROM published
	)
	SELECT `+numberColumns+` FROM published
	UNION ALL
	SELECT `+numberColumns+` FROM old WHERE state = 'assigned'
	UNION ALL
	SELECT `+takenSQL+` FROM number_adoptions a JOIN numbers n ON n.id = a.number_id
	WHERE a.order_id = @order AND n.state = 'assigned' AND n.user_key = a.user_key AND NOT EXISTS (SELECT FROM old)`,
		pgx.NamedArgs{"order": orderID})
	if err != nil {
		return uc.Number{}, err
	}
	if len(found) == 0 {
		return uc.Number{}, refuse(uc.NotFound, op, fmt.Sprintf("order %q has no number", orderID))
	}
	return found[0], nil
}

// ReleaseReservation takes back what the order did to its number: a reserved one
// becomes what it was before, a published one cools for the pool's retention. An
// order without a number, or with one that the person had before, is success.
func (d *DB) ReleaseReservation(ctx context.Context, orderID, reason string) error {
	// Everything that is set comes from the locked row; see reserveSQL.
	_, err := exec(ctx, d.pool, "release reservation", `WITH old AS (
		SELECT n.id, n.state, n.user_id, n.user_key, n.order_id, n.released_at, n.prior_until, n.prior_user_id,
			n.prior_user_key, n.prior_reason, p.policy, `+retentionEnd+` AS cool_until,
			CASE WHEN n.state = 'reserved' THEN n.prior_state WHEN p.retention = 0 THEN 'available'::number_state
				ELSE 'cooling' END AS next
		FROM numbers n JOIN number_pools p ON p.name = n.pool
		WHERE n.order_id = @order AND n.order_id <> '' FOR UPDATE OF n
	), changed AS (
		UPDATE numbers n SET state = next, order_id = '', changed_at = now(),
			released_at = CASE WHEN old.state = 'assigned' THEN now() ELSE old.released_at END,
			turn = CASE WHEN next <> 'available' THEN NULL WHEN policy = 'lowest' THEN '-infinity'
				WHEN old.state = 'assigned' THEN now() ELSE coalesce(old.released_at, '-infinity') END,
			until = CASE WHEN old.state = 'reserved' THEN old.prior_until WHEN next = 'cooling' THEN cool_until END,
			user_id = CASE WHEN old.state = 'reserved' THEN old.prior_user_id WHEN next = 'cooling' THEN old.user_id ELSE '' END,
			user_key = CASE WHEN old.state = 'reserved' THEN old.prior_user_key WHEN next = 'cooling' THEN old.user_key ELSE '' END,
			reason = CASE WHEN old.state = 'reserved' THEN old.prior_reason ELSE '' END,
			prior_state = NULL, prior_until = NULL, prior_user_id = '', prior_user_key = '', prior_reason = ''
		FROM old WHERE n.id = old.id
		RETURNING n.id
	)
	INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
	SELECT id, 'order', order_id, user_id, state, next, @reason FROM old JOIN changed USING (id)`,
		pgx.NamedArgs{"order": orderID, "reason": reason})
	return err
}

// retention is how long a number of pool p cools.
const retention = `p.retention / 1000 * interval '1 microsecond'`

// retentionEnd is when a number of pool p that is released now has cooled.
const retentionEnd = `now() + ` + retention

// coolUntil is when the number n of pool p has cooled since it was last given back,
// null when it never was.
const coolUntil = `n.released_at + ` + retention

// ReleaseRequest gives the number of a person back.
type ReleaseRequest struct {
	Number  uc.DirectoryNumber
	UserID  string // who holds it
	OrderID string // the order that gives it back; "" = the one that gave it
	Actor   string // who gives it back: "order", or a name
	Reason  string
}

// Release gives an assigned number back: it cools for the pool's retention, or is
// available at once when that is zero. Releasing again is success, also when
// someone else has the number by then. Fails with NotFound when the number is in
// no pool and Conflict when an order has it reserved for the person.
func (d *DB) Release(ctx context.Context, r ReleaseRequest) error {
	const op = "release"
	args := pgx.NamedArgs{
		"user_key": userKey(r.UserID), "order": r.OrderID, "actor": r.Actor, "reason": r.Reason,
		"digits": r.Number.Digits, "partition": r.Number.Partition, "call_processor": r.Number.CallProcessor,
	}
	for {
		changed, err := exec(ctx, d.pool, op, releaseSQL, args)
		if err != nil || changed == 1 {
			return err
		}
		found, err := list[uc.Number](ctx, d.pool, op, `SELECT `+numberColumns+` FROM numbers n WHERE `+thisNumber, args)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return refuse(uc.NotFound, op, fmt.Sprintf("number %s is in no pool", r.Number))
		case userKey(found[0].UserID) != userKey(r.UserID):
			return nil
		case found[0].State == uc.Reserved:
			return refuse(uc.Conflict, op, fmt.Sprintf("number %s is reserved by order %s: cancel the order", r.Number, found[0].OrderID))
		case found[0].State != uc.Assigned:
			return nil
		}
		// It was published between the two statements.
	}
}

const releaseSQL = `WITH old AS (
	SELECT n.id, n.user_id, n.user_key, n.order_id, p.policy, ` + retentionEnd + ` AS cool_until,
		CASE WHEN p.retention = 0 THEN 'available'::number_state ELSE 'cooling' END AS next
	FROM numbers n JOIN number_pools p ON p.name = n.pool
	WHERE ` + thisNumber + ` AND n.state = 'assigned' AND n.user_key = @user_key FOR UPDATE OF n
), changed AS (
	UPDATE numbers n SET state = next, order_id = '', changed_at = now(), released_at = now(), reason = '',
		turn = CASE WHEN next = 'cooling' THEN NULL WHEN policy = 'lowest' THEN '-infinity' ELSE now() END,
		until = CASE WHEN next = 'cooling' THEN cool_until END,
		user_id = CASE WHEN next = 'cooling' THEN old.user_id ELSE '' END,
		user_key = CASE WHEN next = 'cooling' THEN old.user_key ELSE '' END
	FROM old WHERE n.id = old.id
	RETURNING n.id
)
INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
SELECT id, @actor, coalesce(nullif(@order, ''), order_id), user_id, 'assigned', next, @reason FROM old JOIN changed USING (id)`

// thisNumber is the condition for the number n of the arguments.
const thisNumber = `n.digits = @digits AND n.partition = @partition AND n.call_processor = @call_processor`
