package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// MarkForeign says that the number which the order had reserved is in use on the
// call processor by something that is not ours: it is never handed out again until
// it is freed, and the order has no number. A number that the order does not have
// (any more) is left as it is, which is success.
func (d *DB) MarkForeign(ctx context.Context, n uc.DirectoryNumber, orderID, reason string) error {
	_, err := exec(ctx, d.pool, "mark foreign", `WITH old AS (
		SELECT n.id, n.user_id FROM numbers n
		WHERE `+thisNumber+` AND n.order_id = @order AND n.state = 'reserved' FOR UPDATE
	), changed AS (
		UPDATE numbers n SET state = 'foreign', order_id = '', user_id = '', user_key = '', reason = @reason,
			changed_at = now(), prior_state = NULL, prior_until = NULL, prior_user_id = '', prior_user_key = '',
			prior_reason = ''
		FROM old WHERE n.id = old.id
		RETURNING n.id
	)
	INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
	SELECT id, 'order', @order, user_id, 'reserved', 'foreign', @reason FROM old JOIN changed USING (id)`,
		numberArgs(n, pgx.NamedArgs{"order": orderID, "reason": reason}))
	return err
}

func numberArgs(n uc.DirectoryNumber, args pgx.NamedArgs) pgx.NamedArgs {
	args["digits"], args["partition"], args["call_processor"] = n.Digits, n.Partition, n.CallProcessor
	return args
}

// Hold keeps a free number for a named person until a date; holding it again for
// the same person moves the date. Fails with NotFound when it is in no pool and
// Conflict when it is reserved, assigned or held for someone else.
func (d *DB) Hold(ctx context.Context, n uc.DirectoryNumber, userID string, until time.Time, actor, reason string) error {
	if userID == "" || !until.After(time.Now()) {
		return refuse(uc.Invalid, "hold", "name the person and a date in the future")
	}
	return d.setState(ctx, stateChange{
		op: "hold", number: n, to: uc.Held, userID: userID, until: &until, actor: actor, reason: reason,
		from: []uc.NumberState{uc.Available, uc.Cooling, uc.Held, uc.Blocked, uc.Foreign},
	})
}

// Block keeps a number from being handed out, until it is freed. Fails with
// NotFound when it is in no pool and Conflict when it is reserved or assigned.
func (d *DB) Block(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
	return d.setState(ctx, stateChange{
		op: "block", number: n, to: uc.Blocked, actor: actor, reason: reason,
		from: []uc.NumberState{uc.Available, uc.Cooling, uc.Held, uc.Blocked, uc.Foreign},
	})
}

// Free makes a held, blocked, foreign or cooling number available. Fails with
// NotFound when it is in no pool and Conflict when it is reserved or assigned.
func (d *DB) Free(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
	return d.setState(ctx, stateChange{
		op: "free", number: n, to: uc.Available, actor: actor, reason: reason,
		from: []uc.NumberState{uc.Available, uc.Cooling, uc.Held, uc.Blocked, uc.Foreign},
	})
}

// stateChange is an administrator's change of a number that nobody has.
type stateChange struct {
	op            string
	number        uc.DirectoryNumber
	from          []uc.NumberState
	to            uc.NumberState
	userID        string
	until         *time.Time
	actor, reason string
}

func (d *DB) setState(ctx context.Context, c stateChange) error {
	return d.inTx(ctx, c.op, func(tx pgx.Tx) error {
		args := numberArgs(c.number, pgx.NamedArgs{
			"to": c.to, "user": c.userID, "user_key": userKey(c.userID), "until": c.until,
			"actor": c.actor, "reason": c.reason,
		})
		found, err := list[uc.Number](ctx, tx, c.op, `SELECT `+numberColumns+` FROM numbers n
			WHERE `+thisNumber+` FOR UPDATE`, args)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return refuse(uc.NotFound, c.op, fmt.Sprintf("number %s is in no pool", c.number))
		}
		n := found[0]
		heldByOther := n.State == uc.Held && c.to == uc.Held && userKey(n.UserID) != userKey(c.userID)
		if !slices.Contains(c.from, n.State) || heldByOther {
			return refuse(uc.Conflict, c.op, fmt.Sprintf("number %s is %s by %s", c.number, n.State, n.UserID))
		}
		if n.State == c.to && c.to != uc.Held {
			return nil
		}
		args["id"], args["from"] = n.ID, n.State
		_, err = exec(ctx, tx, c.op, `WITH changed AS (
			UPDATE numbers n SET state = @to::number_state, user_id = @user, user_key = @user_key, until = @until, changed_at = now(),
				reason = CASE WHEN @to::number_state = 'available' THEN '' ELSE @reason END,
				turn = CASE WHEN @to::number_state <> 'available' THEN NULL WHEN p.policy = 'lowest' THEN '-infinity'
					ELSE coalesce(released_at, '-infinity') END
			FROM number_pools p WHERE n.id = @id AND p.name = n.pool
			RETURNING n.id
		)
		INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
		SELECT id, @actor, @user, @from::number_state, @to::number_state, @reason FROM changed`, args)
		return err
	})
}

// thawBatch is how many numbers one statement thaws.
const thawBatch = 1000

// Thaw makes every cooling or held number available whose date has passed, and
// returns how many. Nothing depends on it: Reserve thaws what it needs; calling it
// now and then keeps the states that people read up to date.
func (d *DB) Thaw(ctx context.Context) (int, error) {
	pools, err := column[string](ctx, d.pool, "thaw", `SELECT name FROM number_pools ORDER BY name`, nil)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, pool := range pools {
		for {
			n, err := d.thaw(ctx, pool, thawBatch)
			total += n
			if err != nil {
				return total, err
			}
			if n < thawBatch {
				break
			}
		}
	}
	return total, nil
}

// thaw does at most limit numbers of the pool. It waits for numbers that others
// have locked, oldest first, so that it and its like cannot block each other.
func (d *DB) thaw(ctx context.Context, pool string, limit int) (int, error) {
	n, err := exec(ctx, d.pool, "thaw", `WITH late AS (
		SELECT n.id, n.state, n.user_id, n.released_at FROM numbers n
		WHERE n.pool = @pool AND n.until <= now() AND n.state IN ('cooling', 'held')
		ORDER BY n.until, n.id LIMIT @limit FOR UPDATE
	), changed AS (
		UPDATE numbers n SET state = 'available', user_id = '', user_key = '', until = NULL, reason = '', changed_at = now(),
			turn = CASE WHEN p.policy = 'lowest' THEN '-infinity' ELSE coalesce(late.released_at, '-infinity') END
		FROM late, number_pools p WHERE n.id = late.id AND p.name = @pool
		RETURNING n.id
	)
	INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
	SELECT id, 'retention', user_id, state, 'available', 'its date has passed' FROM late JOIN changed USING (id)`,
		pgx.NamedArgs{"pool": pool, "limit": limit})
	return int(n), err
}
