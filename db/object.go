package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// ObjectRef names an object on another system that an order makes or changes.
type ObjectRef struct {
	OrderID string
	System  string // "cucm-1", "directory", …
	Type    string // "phone", "line", …
	Key     string // its name there
}

// Object is what an order found before it made or changed an object.
type Object struct {
	ObjectRef
	Before json.RawMessage // nil = it was absent, so the order made it
	At     time.Time
}

// Intend records, before it happens, that the order makes or changes the object,
// and what was there: nil when it was absent. The first record stands for ever.
// When there was one, first is false and prior is what it holds: an earlier attempt
// of this order may have made what is there now. Fails with NotFound when the order
// does not exist.
func (d *DB) Intend(ctx context.Context, ref ObjectRef, before json.RawMessage) (first bool, prior json.RawMessage, err error) {
	const op = "intend"
	args := objectArgs(ref)
	args["before"] = nullable(before)
	type row struct {
		First  bool
		Before json.RawMessage
	}
	// The update changes nothing: it makes the statement return, and wait for, a
	// record that is there or is just being written.
	r, err := one[row](ctx, d.pool, op, `INSERT INTO order_objects AS o (order_id, system, type, key, before)
		VALUES (@order, @system, @type, @key, @before)
		ON CONFLICT (order_id, system, type, key) DO UPDATE SET key = o.key
		RETURNING xmax = 0 AS first, before`, args)
	if violated(err, foreignKeyViolation) != "" {
		return false, nil, noOrder(op, ref.OrderID)
	}
	return r.First, nullable(r.Before), err
}

func objectArgs(ref ObjectRef) pgx.NamedArgs {
	return pgx.NamedArgs{"order": ref.OrderID, "system": ref.System, "type": ref.Type, "key": ref.Key}
}

// nullable makes the JSON null and the empty text nil, which is "absent".
func nullable(b json.RawMessage) json.RawMessage {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	return b
}

const objectColumns = `order_id, system, type, key, before, at`

// ObjectOf returns what the order recorded of the object; found is false when it
// recorded nothing, and then the object is none of its business.
func (d *DB) ObjectOf(ctx context.Context, ref ObjectRef) (object Object, found bool, err error) {
	objects, err := list[Object](ctx, d.pool, "object of", `SELECT `+objectColumns+` FROM order_objects
		WHERE order_id = @order AND system = @system AND type = @type AND key = @key`, objectArgs(ref))
	if err != nil || len(objects) == 0 {
		return Object{}, false, err
	}
	return objects[0], true, nil
}

// Forget removes the record: the order has taken back what it did. Absent is success.
func (d *DB) Forget(ctx context.Context, ref ObjectRef) error {
	_, err := exec(ctx, d.pool, "forget", `DELETE FROM order_objects
		WHERE order_id = @order AND system = @system AND type = @type AND key = @key`, objectArgs(ref))
	return err
}

// ListObjects returns what the order recorded, oldest first.
func (d *DB) ListObjects(ctx context.Context, orderID string) ([]Object, error) {
	return list[Object](ctx, d.pool, "list objects", `SELECT `+objectColumns+` FROM order_objects
		WHERE order_id = @order ORDER BY at, system, type, key`, pgx.NamedArgs{"order": orderID})
}

// ObjectsOf returns what the person's done orders recorded on the system, oldest
// first; of a person who has left and come back only what came after. An object that
// none of them found absent stood there before the person.
func (d *DB) ObjectsOf(ctx context.Context, userID, system string) ([]Object, error) {
	return list[Object](ctx, d.pool, "objects of", `SELECT x.order_id, x.system, x.type, x.key, x.before, x.at
		FROM order_objects x JOIN orders o ON o.id = x.order_id
		WHERE o.user_key = @user_key AND o.state = 'done' AND x.system = @system AND x.at > coalesce(
			(SELECT max(ended_at) FROM orders WHERE user_key = @user_key AND kind = 'leaver' AND state = 'done'), '-infinity')
		ORDER BY x.at, x.type, x.key`, pgx.NamedArgs{"user_key": userKey(userID), "system": system})
}
