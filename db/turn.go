package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// lockPerson makes what follows in the transaction happen for one person at a time.
func lockPerson(ctx context.Context, tx pgx.Tx, op, userID string) error {
	_, err := exec(ctx, tx, op, `SELECT pg_advisory_xact_lock(hashtextextended('person/' || @user_key, 0))`,
		pgx.NamedArgs{"user_key": userKey(userID)})
	return err
}

// TakeTurn puts a due order in the line of its person's orders, where it stays until
// it ends, and returns the first order in the line: the order itself when it is its
// turn. Orders stand in the order in which they were accepted or became due. Asking
// again changes nothing. Fails with NotFound, and with Conflict when the order has
// ended.
func (d *DB) TakeTurn(ctx context.Context, orderID string) (uc.Order, error) {
	const op = "take turn"
	order, err := d.GetOrder(ctx, orderID)
	if err != nil {
		return uc.Order{}, err
	}
	var ahead uc.Order
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := lockPerson(ctx, tx, op, order.UserID); err != nil {
			return err
		}
		args := pgx.NamedArgs{"id": orderID, "user_key": userKey(order.UserID)}
		if _, err := exec(ctx, tx, op, `UPDATE orders SET turn_at = clock_timestamp()
			WHERE id = @id AND turn_at IS NULL`, args); err != nil {
			return err
		}
		line, err := list[uc.Order](ctx, tx, op, `SELECT `+orderColumns+` FROM orders o
			WHERE user_key = @user_key AND state IN ('scheduled', 'running', 'waiting') AND turn_at IS NOT NULL
			ORDER BY turn_at, id LIMIT 1`, args)
		if err == nil && len(line) == 0 {
			err = refuse(uc.Conflict, op, "order "+orderID+" has ended already")
		}
		ahead = first(line)
		return err
	})
	return ahead, err
}

// ScheduledJoiner returns the joiner's order that was accepted before this order of the
// same person and has not begun, when the person has nothing yet: who has something
// leaves, and may be hired again later. The zero order for none.
func (d *DB) ScheduledJoiner(ctx context.Context, orderID string) (uc.Order, error) {
	found, err := list[uc.Order](ctx, d.pool, "scheduled joiner", `SELECT `+orderColumns+` FROM orders
		WHERE user_key = (SELECT user_key FROM orders WHERE id = @id) AND kind = 'joiner' AND state = 'scheduled'
			AND created_at < (SELECT created_at FROM orders WHERE id = @id)
			AND NOT EXISTS (SELECT FROM people WHERE people.user_key = orders.user_key AND people.state <> 'left')`,
		pgx.NamedArgs{"id": orderID})
	return first(found), err
}

// NextInTurn returns the first order in the line of the person of an order; the zero
// order when nobody waits.
func (d *DB) NextInTurn(ctx context.Context, orderID string) (uc.Order, error) {
	line, err := list[uc.Order](ctx, d.pool, "next in turn", `SELECT `+orderColumns+` FROM orders
		WHERE user_key = (SELECT user_key FROM orders WHERE id = @id)
			AND state IN ('scheduled', 'running', 'waiting') AND turn_at IS NOT NULL
		ORDER BY turn_at, id LIMIT 1`, pgx.NamedArgs{"id": orderID})
	return first(line), err
}
