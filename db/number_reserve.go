package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// ReserveRequest asks for a number of a pool for the person of an order.
type ReserveRequest struct {
	OrderID string
	Pool    string
	UserID  string
	Digits  string // this number and no other, as dialled inside or in E.164 form; "" = by the pool's policy
	Another bool   // not the one that the person has in the pool, nor one that the person gave back to it
}

// Reservation is the number that an order works with.
type Reservation struct {
	uc.Number
	Made bool // this order reserved it; false = the person had it before, and the order's undo leaves it alone
}

// reserveSQL takes one number. The branches of the UNION are tried in their order
// and the first row ends the search, so exactly one row is locked. What was before
// is read from the locked row: the row that the update finds may be older, and the
// table's checks see it before PostgreSQL notices.
const reserveSQL = `WITH pick AS (
	(SELECT ` + numberColumns + `, user_key, false AS take, true AS made, '' AS why
	FROM numbers WHERE order_id = @order AND order_id <> '')
	UNION ALL
	(SELECT theirs.*, state <> 'assigned', state <> 'assigned',
		CASE state WHEN 'held' THEN 'held for this person' ELSE 'given back by this person, still cooling' END
	FROM (
		SELECT ` + numberColumns + `, user_key FROM numbers
		WHERE user_key = @user_key AND user_key <> '' AND pool = @pool
			AND (state = 'assigned' OR state IN ('held', 'cooling') AND until > now())
			AND (NOT @another OR state = 'held')
		ORDER BY CASE state WHEN 'assigned' THEN 0 WHEN 'held' THEN 1 ELSE 2 END, id
		LIMIT 1 FOR UPDATE
	) theirs)
	UNION ALL
	(SELECT free.*, '', true, true, 'next of the pool' FROM (` + freeSQL + ` LIMIT 1 FOR UPDATE {skip locked}) free)
	LIMIT 1
), taken AS (
	UPDATE numbers n SET state = 'reserved', order_id = @order, user_id = @user, user_key = @user_key,
		turn = NULL, until = NULL, reason = '', changed_at = now(), prior_state = pick.state, prior_until = pick.until,
		prior_user_id = pick.user_id, prior_user_key = pick.user_key, prior_reason = pick.reason
	FROM pick WHERE n.id = pick.id AND pick.take
	RETURNING ` + takenSQL + `, n.prior_state, pick.why
), event AS (
	INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
	SELECT id, 'order', @order, @user, prior_state, 'reserved', why FROM taken
)
SELECT ` + numberColumns + `, true AS made FROM taken
UNION ALL
SELECT ` + numberColumns + `, made FROM pick WHERE NOT take`

var (
	reserveSkip = strings.Replace(reserveSQL, "{skip locked}", "SKIP LOCKED", 1)
	reserveWait = strings.Replace(reserveSQL, "{skip locked}", "", 1)
)

// Reserve gives a number of the pool to the order. The same order gets the same
// number again; two orders never get the same one. In this order: the one the
// order has; one of the pool that the person already has (Made is false); one held
// for the person; the one the person gave back, while it cools; the first eligible
// one by the pool's policy. With Another the person's own are left out, but for one
// that is held. Two orders of one person at the very same moment may
// each get a number: one open order per person is the rule of OpenOrder. With Digits
// the order gets that number of the pool, or none: it is given when it is free, held
// for the person, still cools since the person gave it back, or is the person's
// already (Made is false). Fails with Exhausted when there was none at a moment of
// the call, NotFound when the pool does not exist or does not have the digits,
// Conflict when the digits are not free, Invalid without order or user.
func (d *DB) Reserve(ctx context.Context, r ReserveRequest) (Reservation, error) {
	const op = "reserve"
	if r.OrderID == "" || r.UserID == "" {
		return Reservation{}, refuse(uc.Invalid, op, "a reservation needs an order and a user")
	}
	args := pgx.NamedArgs{"order": r.OrderID, "pool": r.Pool, "user": r.UserID, "user_key": userKey(r.UserID), "another": r.Another}
	if r.Digits != "" {
		return d.reserveDigits(ctx, r, args)
	}
	if taken, ok := d.next(ctx, r); ok {
		return taken, nil
	}
	for sql := reserveSkip; ; sql = reserveWait {
		found, err := list[Reservation](ctx, d.pool, op, sql, args)
		switch {
		case violated(err, uniqueViolation) == "numbers_one_per_order":
			continue // another attempt of this order was faster: read what it took
		case err != nil:
			return Reservation{}, err
		case len(found) == 1 && !found[0].Made:
			return found[0], d.adopt(ctx, r, found[0].ID)
		case len(found) == 1:
			return found[0], nil
		}
		// None was free, or all were locked by attempts that may yet fail, or some
		// are to be thawed. Only a committed state without a free number is an answer.
		if _, err := d.thaw(ctx, r.Pool); err != nil {
			return Reservation{}, err
		}
		if err := d.exhausted(ctx, args); err != nil {
			return Reservation{}, err
		}
	}
}

// adopt records that the order works with a number that it does not own.
func (d *DB) adopt(ctx context.Context, r ReserveRequest, numberID int64) error {
	_, err := exec(ctx, d.pool, "reserve", `INSERT INTO number_adoptions (order_id, number_id, user_key)
		VALUES (@order, @number, @user_key)
		ON CONFLICT (order_id) DO UPDATE SET number_id = excluded.number_id, user_key = excluded.user_key`,
		pgx.NamedArgs{"order": r.OrderID, "number": numberID, "user_key": userKey(r.UserID)})
	return err
}

// exhausted fails with Exhausted when nothing could be given to the order at this
// moment, and with NotFound when there is no such pool. It looks for a number of the
// order or the person too: while this call waited for one, another attempt may have
// taken it for them.
func (d *DB) exhausted(ctx context.Context, args pgx.NamedArgs) error {
	const op = "reserve"
	type state struct {
		Known, Eligible bool
		Cooling         int
		Next            *time.Time
	}
	pool := args["pool"]
	s, err := one[state](ctx, d.pool, op, `SELECT
		EXISTS (SELECT FROM number_pools WHERE name = @pool) AS known,
		EXISTS (SELECT FROM numbers WHERE pool = @pool AND turn IS NOT NULL)
			OR EXISTS (SELECT FROM numbers WHERE pool = @pool AND until <= now())
			OR EXISTS (SELECT FROM numbers WHERE order_id = @order AND order_id <> '')
			OR EXISTS (SELECT FROM numbers WHERE user_key = @user_key AND user_key <> '' AND pool = @pool
				AND state IN ('assigned', 'held', 'cooling') AND (NOT @another OR state = 'held')) AS eligible,
		(SELECT count(*) FROM numbers WHERE pool = @pool AND until > now() AND state = 'cooling') AS cooling,
		(SELECT min(until) FROM numbers WHERE pool = @pool AND until > now() AND state = 'cooling') AS next`,
		args)
	switch {
	case err != nil:
		return err
	case !s.Known:
		return refuse(uc.NotFound, op, fmt.Sprintf("number pool %q does not exist", pool))
	case s.Eligible:
		return nil
	case s.Next != nil:
		return refuse(uc.Exhausted, op, fmt.Sprintf("pool %q has no eligible number (%d cooling, the first until %s)",
			pool, s.Cooling, s.Next.Format(time.RFC3339)))
	}
	return refuse(uc.Exhausted, op, fmt.Sprintf("pool %q has no eligible number (none cooling)", pool))
}
