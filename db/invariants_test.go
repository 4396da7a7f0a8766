package db_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtone/dialtone/uc"
)

// TestConstraints tries to break each invariant with plain SQL, past all our code.
func TestConstraints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "10-14")
	w.newPool(uc.NumberPool{Name: "bonn"})
	w.reserved("o10", "berlin", "ann")
	w.published("o11", "berlin", "bea")
	w.opened("order", "ann")
	const number = `INSERT INTO numbers (call_processor, partition, digits, pool, state, turn) VALUES `
	cases := map[string]struct{ reason, sql string }{
		"twice":               {"one identity, one number: never two holders", number + `('cucm-1', 'PT_berlin', '10', 'berlin', 'available', '-infinity')`},
		"elsewhere":           {"a number stands where its pool does", number + `('cucm-9', 'PT_berlin', '99', 'berlin', 'available', '-infinity')`},
		"no pool":             {"a number has a pool", number + `('cucm-1', 'PT_berlin', '99', 'paris', 'available', '-infinity')`},
		"not digits":          {"digits are digits", number + `('cucm-1', 'PT_berlin', '9x', 'berlin', 'available', '-infinity')`},
		"empty digits":        {"digits are some", number + `('cucm-1', 'PT_berlin', '', 'berlin', 'available', '-infinity')`},
		"plus inside":         {"the plus leads", number + `('cucm-1', 'PT_berlin', '9+9', 'berlin', 'available', '-infinity')`},
		"no such state":       {"states are the seven", `UPDATE numbers SET state = 'lost' WHERE digits = '12'`},
		"two numbers":         {"an order has one number", `UPDATE numbers SET state = 'reserved', order_id = 'o10', user_id = 'x', user_key = 'x', turn = NULL, prior_state = 'available' WHERE digits = '12'`},
		"second assigned":     {"an order has one number, published or not", `UPDATE numbers SET state = 'assigned', order_id = 'o11', user_id = 'x', user_key = 'x', turn = NULL WHERE digits = '12'`},
		"no order":            {"reserved is for an order", `UPDATE numbers SET state = 'reserved', user_id = 'x', user_key = 'x', turn = NULL, prior_state = 'available' WHERE digits = '12'`},
		"order lost":          {"reserved stays with its order", `UPDATE numbers SET order_id = '' WHERE digits = '10'`},
		"reserved, no user":   {"reserved is for a person", `UPDATE numbers SET state = 'reserved', order_id = 'o', turn = NULL, prior_state = 'available' WHERE digits = '12'`},
		"no prior":            {"the undo knows what was before", `UPDATE numbers SET prior_state = NULL WHERE digits = '10'`},
		"prior assigned":      {"nobody's number is reserved for another", `UPDATE numbers SET prior_state = 'assigned' WHERE digits = '10'`},
		"prior left behind":   {"only a reserved number has a prior state", `UPDATE numbers SET prior_state = 'available' WHERE digits = '11'`},
		"assigned to nobody":  {"assigned is to a person", `UPDATE numbers SET user_id = '', user_key = '' WHERE digits = '11'`},
		"key without user":    {"the key is the user's", `UPDATE numbers SET user_id = '' WHERE digits = '11'`},
		"user without key":    {"the user is found by the key", `UPDATE numbers SET user_key = '' WHERE digits = '11'`},
		"available with user": {"available is nobody's", `UPDATE numbers SET user_id = 'x', user_key = 'x' WHERE digits = '12'`},
		"available by order":  {"available is no order's", `UPDATE numbers SET order_id = 'x' WHERE digits = '12'`},
		"available, no turn":  {"available is in the queue", `UPDATE numbers SET turn = NULL WHERE digits = '12'`},
		"assigned in queue":   {"assigned is not in the queue", `UPDATE numbers SET turn = now() WHERE digits = '11'`},
		"cooling for ever":    {"cooling has a date", `UPDATE numbers SET state = 'cooling', turn = NULL WHERE digits = '12'`},
		"held for nobody":     {"held is for a person", `UPDATE numbers SET state = 'held', turn = NULL, until = now() WHERE digits = '12'`},
		"held, no date":       {"held has a date", `UPDATE numbers SET state = 'held', turn = NULL, user_id = 'x', user_key = 'x' WHERE digits = '12'`},
		"assigned until":      {"assigned has no date", `UPDATE numbers SET until = now() WHERE digits = '11'`},
		"blocked with user":   {"blocked is nobody's", `UPDATE numbers SET state = 'blocked', turn = NULL, user_id = 'x', user_key = 'x' WHERE digits = '12'`},
		"foreign by order":    {"foreign is no order's", `UPDATE numbers SET state = 'foreign', turn = NULL, order_id = 'x' WHERE digits = '12'`},
		"pool moves":          {"a pool with numbers stays", `UPDATE number_pools SET partition = 'PT_other' WHERE name = 'berlin'`},
		"pool goes":           {"a pool with numbers stays", `DELETE FROM number_pools WHERE name = 'berlin'`},
		"pool policy":         {"policies are the two", `UPDATE number_pools SET policy = 'random' WHERE name = 'bonn'`},
		"pool retention":      {"retention is not negative", `UPDATE number_pools SET retention = -1 WHERE name = 'bonn'`},
		"event by nobody":     {"somebody did it", `INSERT INTO number_events (number_id, actor, from_state, to_state) VALUES (1, '', '', 'available')`},
		"two open orders":     {"one open order per person", `INSERT INTO orders (id, kind, state, user_id, user_key, service_area, created_by) VALUES ('o2', 'joiner', 'waiting', 'ANN', 'ann', '', '')`},
		"order of nobody":     {"an order is for a person", `INSERT INTO orders (id, kind, state, user_id, user_key, service_area, created_by) VALUES ('o2', 'joiner', 'running', '', '', '', '')`},
		"no such order state": {"order states are the six", `UPDATE orders SET state = 'lost' WHERE id = 'order'`},
		"ended and open":      {"an open order has not ended", `UPDATE orders SET ended_at = now() WHERE id = 'order'`},
		"final, not ended":    {"a final order has ended", `UPDATE orders SET state = 'done' WHERE id = 'order'`},
		"step of no order":    {"a step is of an order", `INSERT INTO order_steps (order_id, name, item, undo, state, attempt, attempts) VALUES ('x', 'EnsureLine', '', false, 'running', 1, 1)`},
		"no such step state":  {"step states are the four", `INSERT INTO order_steps (order_id, name, item, undo, state, attempt, attempts) VALUES ('order', 'EnsureLine', '', false, 'lost', 1, 1)`},
		"object of no order":  {"an object is an order's", `INSERT INTO order_objects (order_id, system, type, key) VALUES ('x', 's', 't', 'k')`},
		"no such role":        {"roles are the three", `INSERT INTO tokens (name, role, hash) VALUES ('t', 'root', decode(repeat('00', 32), 'hex'))`},
		"not a hash":          {"what is stored is a hash", `INSERT INTO tokens (name, role, hash) VALUES ('t', 'hr', 'secret')`},
	}
	for name, c := range cases {
		_, err := w.sql.Exec(t.Context(), c.sql)
		var pg *pgconn.PgError
		// 23: integrity constraint violation; 22P02: a text that is not of the enumeration.
		if !errors.As(err, &pg) || pg.Code[:2] != "23" && pg.Code != "22P02" {
			t.Errorf("%s (%s): %v", name, c.reason, err)
		}
	}
}
