package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// sideSQL is a relation's entries as they are seen from one side of it: the list's name
// for the kinds that have one.
func sideSQL(mine, other string, forward bool) string {
	var names, pairs []string
	for _, r := range uc.Relations {
		kinds, name := r.From, r.FromAs
		if !forward {
			kinds, name = r.To, r.ToAs
		}
		if name == "" {
			continue
		}
		names = append(names, fmt.Sprintf("WHEN '%s' THEN '%s'", r.Kind, name))
		for _, k := range kinds {
			pairs = append(pairs, fmt.Sprintf("('%s', '%s')", k, r.Kind))
		}
	}
	return `SELECT CASE r.kind ` + strings.Join(names, " ") + ` END AS name,
		r.attributes || jsonb_build_object('uuid', r.` + other + `) AS entry
	FROM estate_related r WHERE r.` + mine + ` = e.uuid AND r.call_processor = e.call_processor
		AND (e.kind, r.kind) IN (` + strings.Join(pairs, ", ") + `)`
}

// mergedSQL is the attributes of the object e with what relations list, in order of their
// indexes and each entry once.
var mergedSQL = `(e.attributes || coalesce((
	SELECT jsonb_object_agg(name, entries) FROM (
		SELECT name, jsonb_agg(entry ORDER BY length(entry->>'index'), entry->>'index', entry->>'uuid' COLLATE "C",
			(entry - 'uuid')::text COLLATE "C") AS entries
		FROM (` + sideSQL("from_uuid", "to_uuid", true) + ` UNION ` + sideSQL("to_uuid", "from_uuid", false) + `) entry
		GROUP BY name
	) list), '{}'))`

// ownerSQL notes the objects that differ in nothing but what they list. A row that was
// made anew with the same content says nothing new. Rows are found by their key one by
// one: of a copy that has just been made nobody knows yet how many there are, and all of
// them would be looked at.
const ownerSQL = `WITH edge AS (
	SELECT c.kind, c.from_uuid, c.to_uuid, c.attributes, 1 AS n FROM sync_change c
	WHERE c.from_uuid IS NOT NULL AND c.what IN ('added', 'changed')
	UNION ALL
	SELECT r.kind, r.from_uuid, r.to_uuid, r.attributes, -1 FROM sync_change c
	CROSS JOIN LATERAL (SELECT r.* FROM estate_relation r
		WHERE r.call_processor = @call_processor AND r.kind = c.kind AND r.uuid = c.uuid OFFSET 0) r
	WHERE c.from_uuid IS NOT NULL AND c.what IN ('changed', 'gone')
), net AS (
	SELECT kind, from_uuid, to_uuid FROM edge GROUP BY kind, from_uuid, to_uuid, attributes HAVING sum(n) <> 0
), owner AS (
	SELECT DISTINCT s.owner, CASE WHEN s.forward THEN n.from_uuid ELSE n.to_uuid END AS uuid
	FROM net n JOIN unnest(@rels::text[], @owners::text[], @forwards::boolean[]) AS s(rel, owner, forward) ON s.rel = n.kind
)
INSERT INTO sync_change (kind, uuid, what, name, partition)
SELECT e.kind, e.uuid, 'listed', e.name, e.partition
FROM owner o CROSS JOIN LATERAL (SELECT e.* FROM estate_object e
	WHERE e.call_processor = @call_processor AND e.uuid = o.uuid AND e.kind = o.owner OFFSET 0) e
WHERE NOT EXISTS (SELECT FROM sync_change c WHERE c.kind = e.kind AND c.uuid = e.uuid)`

// owners adds to sync_change what lists other objects than before.
func (a *apply) owners(ctx context.Context) error {
	args := relationSides(func(r uc.Relation, forward bool) bool { return forward || r.ToAs != "" })
	args["call_processor"] = a.cp
	_, err := exec(ctx, a.tx, a.op, ownerSQL, args)
	return err
}

// relationSides are the sides of relations that are wanted, as arguments: each relation
// with each kind that the side is of.
func relationSides(wanted func(r uc.Relation, forward bool) bool) pgx.NamedArgs {
	var rels, owners []uc.EstateKind
	var forwards []bool
	for _, r := range uc.Relations {
		for _, forward := range []bool{true, false} {
			kinds := r.To
			if forward {
				kinds = r.From
			}
			if !wanted(r, forward) {
				continue
			}
			for _, k := range kinds {
				rels, owners, forwards = append(rels, r.Kind), append(owners, k), append(forwards, forward)
			}
		}
	}
	return pgx.NamedArgs{"rels": rels, "owners": owners, "forwards": forwards}
}
