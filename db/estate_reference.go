package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// EstateOwned returns what the people with these ids own on the call processor: phones,
// remote destination profiles, remote destinations.
func (d *DB) EstateOwned(ctx context.Context, callProcessor string, users ...string) ([]uc.EstateObject, error) {
	return list[uc.EstateObject](ctx, d.pool, "estate owned", `SELECT `+estateColumns+estateTables+`
		WHERE e.call_processor = @call_processor AND e.attributes ? 'ownerUuid' AND (e.attributes->>'ownerUuid') COLLATE "C" = ANY (@ids)
		ORDER BY e.kind, e.uuid`, pgx.NamedArgs{"call_processor": callProcessor, "ids": users})
}

// RenameReferences gives objects of the estate the new names of what they refer to, by
// its id, and returns how many of them were behind: "devicePoolName" beside
// "devicePoolName_uuid". What an object names so is not reported as a change of it. It
// looks through the whole estate of the call processor. Doing it again changes nothing.
func (d *DB) RenameReferences(ctx context.Context, callProcessor string, names map[string]string) (int, error) {
	const op = "rename references"
	if len(names) == 0 {
		return 0, nil
	}
	args := pgx.NamedArgs{"call_processor": callProcessor, "names": names}
	var out int
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, op, lockEstateSQL, args); err != nil {
			return err
		}
		n, err := exec(ctx, tx, op, `WITH behind AS (
				SELECT e.kind, e.uuid, jsonb_object_agg(left(a.key, -5), @names::jsonb->a.value) AS names
				FROM estate_object e CROSS JOIN LATERAL jsonb_each_text(e.attributes) a
				WHERE e.call_processor = @call_processor AND a.key LIKE '%\_uuid' AND jsonb_exists(@names::jsonb, a.value)
					AND e.attributes->>left(a.key, -5) IS DISTINCT FROM @names::jsonb->>a.value
				GROUP BY e.kind, e.uuid
			)
			UPDATE estate_object e SET attributes = e.attributes || b.names, changed_at = now(), digest = NULL
			FROM behind b WHERE e.call_processor = @call_processor AND e.kind = b.kind AND e.uuid = b.uuid`, args)
		out = int(n)
		return err
	})
	return out, err
}
