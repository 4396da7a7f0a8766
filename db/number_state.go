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

// The states in which nobody has a number: an administrator may change it. A hold
// does not end a block.
var (
	holdable  = []uc.NumberState{uc.Available, uc.Cooling, uc.Held, uc.Foreign}
	blockable = []uc.NumberState{uc.Available, uc.Cooling, uc.Held, uc.Blocked, uc.Foreign}
)

// Hold keeps a number that nobody has for a named person until a date; holding it
// again for the same person moves the date, and the very same hold changes nothing.
// Fails with Invalid without a person or a date in the future, NotFound when it is
// in no pool and Conflict when it is reserved, assigned, blocked or held for someone
// else.
func (d *DB) Hold(ctx context.Context, n uc.DirectoryNumber, userID string, until time.Time, actor, reason string) error {
	if userID == "" || !until.After(time.Now()) {
		return refuse(uc.Invalid, "hold", "name the person and a date in the future")
	}
	until = until.Truncate(time.Microsecond) // as it is stored
	return d.setState(ctx, stateChange{
		op: "hold", number: n, from: holdable, to: uc.Held, userID: userID, until: &until, actor: actor, reason: reason,
	})
}

// Unhold ends a hold: the number is available, or cools on while its retention
// lasts. Fails with NotFound when it is in no pool and Conflict when it is not held.
func (d *DB) Unhold(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
	return d.setState(ctx, stateChange{
		op: "unhold", number: n, from: []uc.NumberState{uc.Held}, to: uc.Available, actor: actor, reason: reason,
	})
}

// Block keeps a number from being handed out until it is unblocked; blocking it
// again changes the reason. A hold rests meanwhile, and Unblock gives it back. Fails
// with NotFound when it is in no pool and Conflict when it is reserved or assigned.
func (d *DB) Block(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
	return d.setState(ctx, stateChange{
		op: "block", number: n, from: blockable, to: uc.Blocked, actor: actor, reason: reason,
	})
}

// Unblock ends a block: the number is held again when it was and the date has not
// passed; otherwise it is available, or cools on while its retention lasts. Fails with
// NotFound when it is in no pool and Conflict when it is not blocked.
func (d *DB) Unblock(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
	return d.setState(ctx, stateChange{
		op: "unblock", number: n, from: []uc.NumberState{uc.Blocked}, to: uc.Available, actor: actor, reason: reason,
	})
}

// stateChange is an administrator's change of a number that nobody has.
type stateChange struct {
	op            string
	number        uc.DirectoryNumber
	from          []uc.NumberState
	to            uc.NumberState // available: what it was before the block, or cooling while the retention lasts
	userID        string
	until         *time.Time
	actor, reason string
}

// changing is a number as it stands before the change.
type changing struct {
	uc.Number
	CoolsUntil *time.Time // the end of a retention that still lasts

	// The hold that rests under a block and has not passed; nil for none.
	RestsUntil  *time.Time
	RestsFor    string
	RestsReason string
}

// restsSQL are these columns of the number n.
const restsSQL = `CASE WHEN ` + coolUntil + ` > now() THEN ` + coolUntil + ` END AS cools_until,
	CASE WHEN n.state = 'blocked' AND n.prior_user_id <> '' AND (n.prior_reason::json->>'until')::timestamptz > now()
		THEN (n.prior_reason::json->>'until')::timestamptz END AS rests_until, n.prior_user_id AS rests_for,
	CASE WHEN n.state = 'blocked' AND n.prior_user_id <> '' THEN n.prior_reason::json->>'reason' ELSE '' END AS rests_reason`

// restSQL lays the hold of a number that is blocked to rest, keeps one that rests, and
// forgets it otherwise. Date and reason lie in prior_reason as JSON: by the table's rules
// only a reserved number has a prior_until.
const restSQL = `prior_user_id = CASE WHEN @to::number_state <> 'blocked' THEN '' WHEN n.state = 'held' THEN n.user_id ELSE n.prior_user_id END,
	prior_user_key = CASE WHEN @to::number_state <> 'blocked' THEN '' WHEN n.state = 'held' THEN n.user_key ELSE n.prior_user_key END,
	prior_reason = CASE WHEN @to::number_state <> 'blocked' THEN ''
		WHEN n.state = 'held' THEN json_build_object('until', n.until, 'reason', n.reason)::text ELSE n.prior_reason END`

// changesNothing says that the number is so already.
func (c stateChange) changesNothing(n uc.Number) bool {
	sameDate := c.until == n.Until || c.until != nil && n.Until != nil && c.until.Equal(*n.Until)
	return n.State == c.to && userKey(n.UserID) == userKey(c.userID) && sameDate && n.Reason == c.reason
}

// refusal says why the number cannot be changed so, and what would help; nil when it can.
func (c stateChange) refusal(n uc.Number) error {
	var why string
	switch {
	case len(c.from) == 1 && n.State != c.from[0]:
		why = "it is not " + string(c.from[0])
	case c.to == uc.Held && n.State == uc.Blocked:
		why = "unblock it before it is held"
	case !slices.Contains(c.from, n.State):
		why = "only a number that nobody has can be " + string(c.to)
	case n.State == uc.Held && c.to == uc.Held && userKey(n.UserID) != userKey(c.userID):
		why = "end that hold first"
	default:
		return nil
	}
	return refuse(uc.Conflict, c.op, fmt.Sprintf("number %s is %s: %s", n.Directory(), n.Standing(), why))
}

func (d *DB) setState(ctx context.Context, c stateChange) error {
	return d.inTx(ctx, c.op, func(tx pgx.Tx) error {
		found, err := list[changing](ctx, tx, c.op, `SELECT `+takenSQL+`, `+restsSQL+`
			FROM numbers n JOIN number_pools p ON p.name = n.pool
			WHERE `+thisNumber+` FOR UPDATE OF n`, numberArgs(c.number, pgx.NamedArgs{}))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return refuse(uc.NotFound, c.op, fmt.Sprintf("number %s is in no pool", c.number))
		}
		n := found[0]
		if err := c.refusal(n.Number); err != nil {
			return err
		}
		if c.changesNothing(n.Number) {
			return nil
		}
		stays := c.reason // with the number; the event says why it was changed
		switch {
		case c.to != uc.Available:
		case n.RestsUntil != nil:
			c.to, c.until, c.userID, stays = uc.Held, n.RestsUntil, n.RestsFor, n.RestsReason
		case n.CoolsUntil != nil:
			c.to, c.until, stays = uc.Cooling, n.CoolsUntil, ""
			if c.userID, err = lastHolder(ctx, tx, n.ID); err != nil {
				return err
			}
		default:
			stays = ""
		}
		return c.write(ctx, tx, n.Number, stays)
	})
}

// write changes the locked number. The event names whom the change is about: of an
// end, who it was held for.
func (c stateChange) write(ctx context.Context, tx pgx.Tx, n uc.Number, stays string) error {
	about := c.userID
	if n.State == uc.Held && c.to != uc.Held {
		about = n.UserID
	}
	_, err := exec(ctx, tx, c.op, `WITH changed AS (
		UPDATE numbers n SET state = @to::number_state, user_id = @user, user_key = @user_key, until = @until, changed_at = now(),
			reason = @stays, `+restSQL+`,
			turn = CASE WHEN @to::number_state <> 'available' THEN NULL WHEN p.policy = 'lowest' THEN '-infinity'
				ELSE coalesce(released_at, '-infinity') END
		FROM number_pools p WHERE n.id = @id AND p.name = n.pool
		RETURNING n.id
	)
	INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
	SELECT id, @actor, @about, @from::number_state, @to::number_state, @reason FROM changed`, pgx.NamedArgs{
		"id": n.ID, "from": n.State, "to": c.to, "user": c.userID, "user_key": userKey(c.userID), "until": c.until,
		"actor": c.actor, "about": about, "reason": c.reason, "stays": stays,
	})
	return err
}

// lastHolder is who gave the number back last.
func lastHolder(ctx context.Context, tx pgx.Tx, id int64) (string, error) {
	users, err := column[string](ctx, tx, "last holder", `SELECT user_id FROM number_events
		WHERE number_id = @id AND from_state = 'assigned' ORDER BY id DESC LIMIT 1`, pgx.NamedArgs{"id": id})
	if err != nil || len(users) == 0 {
		return "", err
	}
	return users[0], nil
}

// thawBatch is how many numbers one statement thaws.
const thawBatch = 1000

// Thaw makes every cooling or held number available whose date has passed, and
// returns how many; one that was held for a shorter time than it has to cool cools
// on. Nothing depends on it: Reserve thaws what it needs; calling it
// now and then keeps the states that people read up to date.
func (d *DB) Thaw(ctx context.Context) (int, error) {
	pools, err := column[string](ctx, d.pool, "thaw", `SELECT name FROM number_pools ORDER BY name`, nil)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, pool := range pools {
		for {
			n, err := d.thaw(ctx, pool)
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

// thaw does at most thawBatch numbers of the pool. It waits for numbers that others
// have locked, oldest first, so that it and its like cannot block each other.
func (d *DB) thaw(ctx context.Context, pool string) (int, error) {
	n, err := exec(ctx, d.pool, "thaw", `WITH late AS (
		SELECT n.id, n.state, n.user_id, n.released_at, p.policy, `+coolUntil+` AS cool_until,
			CASE WHEN n.state = 'held' AND `+coolUntil+` > now() THEN 'cooling'::number_state
				ELSE 'available' END AS next
		FROM numbers n JOIN number_pools p ON p.name = n.pool
		WHERE n.pool = @pool AND n.until <= now() AND n.state IN ('cooling', 'held')
		ORDER BY n.until, n.id LIMIT @limit FOR UPDATE OF n
	), changed AS (
		UPDATE numbers n SET state = next, user_id = '', user_key = '', reason = '', changed_at = now(),
			until = CASE WHEN next = 'cooling' THEN cool_until END,
			turn = CASE WHEN next = 'cooling' THEN NULL WHEN policy = 'lowest' THEN '-infinity'
				ELSE coalesce(late.released_at, '-infinity') END
		FROM late WHERE n.id = late.id
		RETURNING n.id
	)
	INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
	SELECT id, 'retention', user_id, state, next, 'its date has passed' FROM late JOIN changed USING (id)`,
		pgx.NamedArgs{"pool": pool, "limit": thawBatch})
	return int(n), err
}
