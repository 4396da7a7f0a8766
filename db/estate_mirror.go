package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// mirrorSQL notes what the other side of each relation has to list, or no more: what
// the objects that differ listed before, what they list now, of an object that is new
// what listed it before it came, and what lists objects that are gone for good. Objects
// are found by their key one by one: of a copy that has just been made nobody knows yet
// how many there are, and all of them would be looked at.
const mirrorSQL = `CREATE TEMPORARY TABLE sync_mirror ON COMMIT DROP AS
WITH side AS (
	SELECT * FROM unnest(@my_kinds::text[], @mine::text[], @their_kinds::text[], @theirs::text[], @forwards::boolean[])
		AS s(my_kind, mine, their_kind, theirs, forward)
)
SELECT c.uuid AS me, s.their_kind AS kind, s.theirs AS attribute, (x.entry->>'uuid')::uuid AS other, NULL::jsonb AS entry
FROM sync_change c JOIN side s ON s.my_kind = c.kind AND (s.forward OR c.what = 'gone')
CROSS JOIN LATERAL (SELECT e.attributes FROM estate e
	WHERE e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid OFFSET 0) e
CROSS JOIN LATERAL jsonb_array_elements(e.attributes->s.mine) AS x(entry)
UNION ALL
SELECT c.uuid, s.their_kind, s.theirs, (x.entry->>'uuid')::uuid, x.entry || jsonb_build_object('uuid', c.uuid)
FROM sync_change c JOIN side s ON s.my_kind = c.kind AND s.forward
CROSS JOIN LATERAL jsonb_array_elements(c.attributes->s.mine) AS x(entry)
WHERE c.what <> 'gone'
UNION ALL
SELECT e.uuid, c.kind, s.theirs, c.uuid, x.entry || jsonb_build_object('uuid', e.uuid)
FROM side s JOIN estate e ON e.call_processor = @call_processor AND e.kind = s.my_kind
CROSS JOIN LATERAL jsonb_array_elements(e.attributes->s.mine) AS x(entry)
JOIN sync_change c ON c.what = 'added' AND c.kind = s.their_kind AND c.uuid = (x.entry->>'uuid')::uuid
WHERE s.forward AND s.their_kind IN (SELECT kind FROM sync_change WHERE what = 'added')
	AND NOT EXISTS (SELECT FROM sync_change o WHERE o.kind = e.kind AND o.uuid = e.uuid)
UNION ALL
SELECT g.id, e.kind, l.name, e.uuid, NULL
FROM unnest(@list_kinds::text[], @lists::text[]) AS l(kind, name)
JOIN estate e ON e.call_processor = @call_processor AND e.kind = l.kind
CROSS JOIN LATERAL jsonb_array_elements(e.attributes->l.name) AS x(entry)
JOIN unnest(@nowhere::uuid[]) AS g(id) ON g.id = (x.entry->>'uuid')::uuid
WHERE cardinality(@nowhere::uuid[]) > 0`

// mirroredSQL is every object that the notes are about, with its lists made anew: what
// it listed, without the objects that the notes are about, and what the notes say, in
// the order that listSQL makes.
const mirroredSQL = `WITH target AS (
	SELECT DISTINCT m.kind, m.other AS uuid, m.attribute FROM sync_mirror m
), base AS (
	SELECT t.kind, t.uuid, t.attribute, coalesce(c.attributes, e.attributes) AS attributes
	FROM target t
	LEFT JOIN sync_change c ON c.kind = t.kind AND c.uuid = t.uuid
	LEFT JOIN estate e ON e.call_processor = @call_processor AND e.kind = t.kind AND e.uuid = t.uuid
	WHERE coalesce(c.what, '') <> 'gone' AND (c.uuid IS NOT NULL OR e.uuid IS NOT NULL)
), listed AS (
	SELECT b.kind, b.uuid, b.attribute, x.entry FROM base b
	CROSS JOIN LATERAL jsonb_array_elements(b.attributes->b.attribute) AS x(entry)
	WHERE NOT EXISTS (SELECT FROM sync_mirror m WHERE m.kind = b.kind AND m.other = b.uuid AND m.attribute = b.attribute
		AND m.me = (x.entry->>'uuid')::uuid)
	UNION
	SELECT m.kind, m.other, m.attribute, m.entry FROM sync_mirror m WHERE m.entry IS NOT NULL
), relation_list AS (
	SELECT kind, uuid, attribute, jsonb_agg(entry ORDER BY length(entry->>'index'), entry->>'index',
		entry->>'uuid' COLLATE "C", (entry - 'uuid')::text COLLATE "C") AS entries
	FROM listed GROUP BY kind, uuid, attribute
), mirrored AS (
	SELECT b.kind, b.uuid, b.attributes AS before, (b.attributes - array_agg(b.attribute))
		|| coalesce(jsonb_object_agg(b.attribute, l.entries) FILTER (WHERE l.entries IS NOT NULL), '{}') AS after
	FROM base b LEFT JOIN relation_list l ON l.kind = b.kind AND l.uuid = b.uuid AND l.attribute = b.attribute
	GROUP BY b.kind, b.uuid, b.attributes
)`

// mirroredRows brings the lists to the objects that differ anyway, and makes others
// differ. The latter were not read: when they were seen stays as it is.
var mirroredRows = []string{
	mirroredSQL + `, both_differ AS (
		UPDATE sync_change c SET attributes = m.after, digest = NULL FROM mirrored m
		WHERE c.kind = m.kind AND c.uuid = m.uuid AND m.after <> m.before
		RETURNING c.uuid
	)
	SELECT count(*) FROM both_differ`,
	mirroredSQL + `, others AS (
		INSERT INTO sync_change (kind, uuid, what, name, partition, attributes, read_at)
		SELECT e.kind, e.uuid, 'changed', e.name, e.partition, m.after, e.seen_at
		FROM mirrored m JOIN estate e ON e.call_processor = @call_processor AND e.kind = m.kind AND e.uuid = m.uuid
		WHERE m.after <> m.before AND NOT EXISTS (SELECT FROM sync_change c WHERE c.kind = m.kind AND c.uuid = m.uuid)
		RETURNING uuid
	)
	SELECT count(*) FROM others`,
}

// mirror makes the other side of the relations of what differs say the same, and
// returns how many objects differ for that reason only. The objects that are nowhere
// leave every list that has them.
func (a *apply) mirror(ctx context.Context, nowhere []string) (others int, err error) {
	var listKinds, lists []string
	var myKinds, mine, theirKinds, theirs []string
	var forwards []bool
	add := func(myKind uc.EstateKind, my string, theirKind uc.EstateKind, their string, forward bool) {
		myKinds, mine = append(myKinds, string(myKind)), append(mine, my)
		theirKinds, theirs = append(theirKinds, string(theirKind)), append(theirs, their)
		forwards = append(forwards, forward)
	}
	for _, r := range uc.Relations {
		for _, from := range r.From {
			listKinds, lists = append(listKinds, string(from)), append(lists, r.FromAs)
		}
		if r.ToAs == "" {
			continue
		}
		for _, to := range r.To {
			listKinds, lists = append(listKinds, string(to)), append(lists, r.ToAs)
		}
		for _, from := range r.From {
			for _, to := range r.To {
				add(from, r.FromAs, to, r.ToAs, true)
				add(to, r.ToAs, from, r.FromAs, false)
			}
		}
	}
	_, err = exec(ctx, a.tx, a.op, mirrorSQL, pgx.NamedArgs{
		"call_processor": a.cp, "my_kinds": myKinds, "mine": mine, "their_kinds": theirKinds, "theirs": theirs,
		"forwards": forwards, "list_kinds": listKinds, "lists": lists, "nowhere": nowhere,
	})
	for _, sql := range mirroredRows {
		if err != nil {
			return 0, err
		}
		var counts []int
		counts, err = column[int](ctx, a.tx, a.op, sql, pgx.NamedArgs{"call_processor": a.cp})
		others = first(counts)
	}
	return others, err
}
