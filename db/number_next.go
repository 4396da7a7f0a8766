package db

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Most reservations are the plain case: the person has nothing in the pool and the
// next number is free. Those that come at the same time are made together, by one
// statement; what it leaves out goes through Reserve's complete statement.

const (
	// maxTogether is how many reservations one statement makes.
	maxTogether = 64
	// maxLeaders is how many such statements of a pool run at once. Two keep the disk
	// busy: one is committed while the other is made. More make them smaller.
	maxLeaders = 2
	// nextTimeout bounds a statement that belongs to no single caller.
	nextTimeout = 30 * time.Second
)

// nextQueue holds the reservations that wait to be made together, by pool.
type nextQueue struct {
	mu      sync.Mutex
	waiting map[string][]*nextCall
	leading map[string]int // callers and goroutines at work for the pool
}

// nextCall is one caller's wish, and the answer once done is closed.
type nextCall struct {
	r     ReserveRequest
	gone  <-chan struct{} // of the caller's context: one that is gone by then gets no number
	done  chan struct{}   // nil when the caller leads
	taken Reservation
	ok    bool
}

// next tries to take the next number of the pool. It is not ok when the person or
// the order has one already, when none is free, and when anything went wrong.
func (d *DB) next(ctx context.Context, r ReserveRequest) (taken Reservation, ok bool) {
	call := &nextCall{r: r, gone: ctx.Done()}
	if d.nexts.lead(call) {
		d.answer(ctx, r.Pool, []*nextCall{call})
		if d.nexts.waits(r.Pool) {
			go d.answerAll(context.WithoutCancel(ctx), r.Pool)
		}
		return call.taken, call.ok
	}
	select {
	case <-call.done:
		return call.taken, call.ok
	case <-ctx.Done():
		return Reservation{}, false
	}
}

// answerAll answers the calls of the pool until none waits.
func (d *DB) answerAll(ctx context.Context, pool string) {
	for calls := d.nexts.take(pool); calls != nil; calls = d.nexts.take(pool) {
		bounded, cancel := context.WithTimeout(ctx, nextTimeout)
		d.answer(bounded, pool, calls)
		cancel()
	}
}

// lead says whether the call is to be answered at once by its caller. If not, it
// waits in the queue.
func (q *nextQueue) lead(call *nextCall) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	pool := call.r.Pool
	if q.leading[pool] < maxLeaders {
		q.leading[pool]++
		return true
	}
	call.done = make(chan struct{})
	q.waiting[pool] = append(q.waiting[pool], call)
	return false
}

// waits says whether calls of the pool wait. With none it ends the lead.
func (q *nextQueue) waits(pool string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting[pool]) > 0 {
		return true
	}
	q.end(pool)
	return false
}

// end ends one lead; the queue is locked and empty.
func (q *nextQueue) end(pool string) {
	delete(q.waiting, pool)
	if q.leading[pool]--; q.leading[pool] == 0 {
		delete(q.leading, pool)
	}
}

// take removes the first calls from the queue. With none left it ends the lead.
func (q *nextQueue) take(pool string) []*nextCall {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.waiting[pool]
	if len(waiting) == 0 {
		q.end(pool)
		return nil
	}
	n := min(len(waiting), maxTogether)
	q.waiting[pool] = waiting[n:]
	return waiting[:n:n]
}

// answer makes the reservations and tells the callers. An error is not told: each
// caller then goes its own way, and meets it there.
func (d *DB) answer(ctx context.Context, pool string, calls []*nextCall) {
	var orders, users, keys []string
	byOrder := map[string]*nextCall{}
	for _, c := range calls {
		select {
		case <-c.gone:
			continue
		default:
		}
		if byOrder[c.r.OrderID] == nil {
			byOrder[c.r.OrderID] = c
			orders, users, keys = append(orders, c.r.OrderID), append(users, c.r.UserID), append(keys, userKey(c.r.UserID))
		}
	}
	var taken []Reservation
	var err error
	switch {
	case len(orders) == 1:
		taken, err = list[Reservation](ctx, d.pool, "reserve", nextSQL,
			pgx.NamedArgs{"pool": pool, "order": orders[0], "user": users[0], "user_key": keys[0]})
	case len(orders) > 1:
		taken, err = list[Reservation](ctx, d.pool, "reserve", nextTogetherSQL,
			pgx.NamedArgs{"pool": pool, "orders": orders, "users": users, "user_keys": keys})
	}
	if err == nil {
		for _, r := range taken {
			byOrder[r.OrderID].taken, byOrder[r.OrderID].ok = r, true
		}
	}
	for _, c := range calls {
		if c.done != nil {
			close(c.done)
		}
	}
}

// freeSQL is the first free numbers of the pool, locked. While some of the pool are
// past their date and not yet thawed there are none, because the right one may be
// among those.
const freeSQL = `SELECT ` + numberColumns + ` FROM numbers
	WHERE pool = @pool AND turn IS NOT NULL
		AND NOT EXISTS (SELECT FROM numbers late WHERE late.pool = @pool AND late.until IS NOT NULL AND late.until <= now())
	ORDER BY turn, length(digits), digits`

// hasNoneSQL is the condition that no number of the pool stands to the person's
// name. With LIMIT it is looked up for each person; NOT EXISTS would be planned as a
// join with all that are taken.
func hasNoneSQL(key string) string {
	return `(SELECT theirs.id FROM numbers theirs WHERE theirs.user_key = ` + key + `
		AND theirs.user_key <> '' AND theirs.pool = @pool LIMIT 1) IS NULL`
}

const nextEventSQL = `INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
	SELECT id, 'order', order_id, user_id, 'available', 'reserved', 'next of the pool' FROM taken`

// nextSQL takes one for an order whose person has none in the pool.
var nextSQL = `WITH taken AS (
	UPDATE numbers n SET state = 'reserved', order_id = @order, user_id = @user, user_key = @user_key,
		turn = NULL, changed_at = now(), prior_state = 'available'
	WHERE id = (SELECT id FROM (` + freeSQL + ` LIMIT 1 FOR UPDATE SKIP LOCKED) free
		WHERE ` + hasNoneSQL("@user_key") + `)
	RETURNING ` + takenSQL + `
), event AS (` + nextEventSQL + `)
SELECT ` + numberColumns + `, true AS made FROM taken`

// nextTogetherSQL takes one for each of the orders, in their order. The outer limit
// tells the planner, which cannot see the inner one, that few rows are wanted.
var nextTogetherSQL = fmt.Sprintf(`WITH request AS (
	SELECT array_agg(order_id) AS orders, array_agg(user_id) AS users, array_agg(user_key) AS keys
	FROM unnest(@orders::text[], @users::text[], @user_keys::text[]) AS r (order_id, user_id, user_key)
	WHERE %s
), free AS (
	SELECT array_agg(id) AS ids FROM (
		SELECT id FROM (%s LIMIT cardinality(@orders::text[]) FOR UPDATE SKIP LOCKED) locked LIMIT %d
	) first
), taken AS (
	UPDATE numbers n SET state = 'reserved', order_id = orders[array_position(ids, n.id)],
		user_id = users[array_position(ids, n.id)], user_key = keys[array_position(ids, n.id)],
		turn = NULL, changed_at = now(), prior_state = 'available'
	FROM free, request WHERE n.id = ANY (ids) AND array_position(ids, n.id) <= cardinality(orders)
	RETURNING %s
), event AS (%s)
SELECT %s, true AS made FROM taken`, hasNoneSQL("r.user_key"), freeSQL, maxTogether, takenSQL, nextEventSQL, numberColumns)
