package db

import "context"

// RenameObject gives an object its new name in all that the orders of the person
// recorded, so that what was made for the person is still known as such. ref names the
// object by its old name and one of the person's orders. An order that recorded the
// new name already keeps both. It is idempotent.
func (d *DB) RenameObject(ctx context.Context, ref ObjectRef, to string) error {
	args := objectArgs(ref)
	args["to"] = to
	_, err := exec(ctx, d.pool, "rename object", `UPDATE order_objects x SET key = @to
		WHERE x.system = @system AND x.type = @type AND lower(x.key) = lower(@key)
			AND x.order_id IN (SELECT id FROM orders WHERE user_key = (SELECT user_key FROM orders WHERE id = @order))
			AND NOT EXISTS (SELECT FROM order_objects y WHERE y.order_id = x.order_id AND y.system = x.system
				AND y.type = x.type AND y.key = @to)`, args)
	return err
}
