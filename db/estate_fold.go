package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// changeTables are what a comparison leaves behind until the end of its transaction:
// the passes that count, what relations list, and what differs.
var changeTables = []string{
	`CREATE TEMPORARY TABLE sync_pass (
		kind text COLLATE "C" PRIMARY KEY, read_at timestamptz NOT NULL, known boolean NOT NULL) ON COMMIT DROP`,
	// Where the staged row is, and what of it was needed so far.
	`CREATE TEMPORARY TABLE sync_change (
		kind text COLLATE "C" NOT NULL, uuid uuid NOT NULL, what text COLLATE "C" NOT NULL, row_id tid, digest uuid,
		read_at timestamptz, name text COLLATE "C", partition text COLLATE "C", attributes jsonb) ON COMMIT DROP`,
}

// relationLists are the attributes that list related objects; a relation row knows its
// attribute by its place here.
var relationLists = func() []string {
	var out []string
	for _, r := range uc.Relations {
		for _, name := range []string{r.FromAs, r.ToAs} {
			if name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}()

// entrySQL is an entry of a list: the attributes of the relation and the id of the
// other object.
func entrySQL(other string) string {
	return `'{"uuid": "' || ` + other + ` || CASE WHEN s.attributes = '{}' THEN '"}' ELSE '", ' || substr(s.attributes::text, 2) END`
}

// listSQL makes sync_list: the members that relations make, as the text of JSON, which is
// parsed for those objects only that differ. Rows of a relation make a list for both of
// their objects, in order of their indexes and each entry once. Two processors make a
// table of a query; to insert its rows one would have to do.
var listSQL = func() string {
	members := make([]string, len(relationLists))
	for i, name := range relationLists {
		members[i] = fmt.Sprintf(`'"%s": [' || string_agg(entry, ', ') FILTER (WHERE attribute = %d) || ']'`, name, i)
	}
	return `CREATE TEMPORARY TABLE sync_list ON COMMIT DROP AS
SELECT owner, concat_ws(', ', ` + strings.Join(members, ", ") + `) AS members FROM (
	SELECT DISTINCT owner, attribute, length(index) AS digits, index, entry FROM (
		SELECT s.uuid AS owner, (@from_as::int[])[array_position(@rels::text[], s.kind)] AS attribute,
			s.attributes->>'index' AS index, (` + entrySQL("s.name") + `) COLLATE "C" AS entry
		FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@rels::text[])
		UNION ALL
		SELECT s.name::uuid, (@to_as::int[])[array_position(@back_rels::text[], s.kind)],
			s.attributes->>'index', (` + entrySQL("s.uuid") + `) COLLATE "C"
		FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@back_rels::text[])
	) edge
	ORDER BY owner, attribute, digits, index, entry
) sorted GROUP BY owner`
}()

// digestSQL is the digest of the staged row s with its lists.
const digestSQL = `CASE WHEN NOT jsonb_exists(@kept::jsonb, s.kind)
	THEN md5(concat_ws(e'\x1f', s.name, s.partition, s.attributes::text, l.members))::uuid END`

// differSQL fills sync_change with the objects whose digests differ. Of an object that
// was read several times the last reading counts; what a refresh read later stands; of
// a kind without a pass nothing is gone. An object that keeps something of the estate
// has no digest: it is compared value by value.
const differSQL = `WITH object AS (
	SELECT DISTINCT ON (s.uuid, s.kind) s.uuid, s.kind, s.read_at, s.ctid AS row_id,
		` + digestSQL + ` AS digest
	FROM {stage} s LEFT JOIN sync_list l ON l.owner = s.uuid AND s.kind = ANY (@related::text[])
	WHERE s.sync_number = @number AND s.kind = ANY (@kinds)
	ORDER BY s.uuid, s.kind, s.read_at DESC, s.ctid DESC
)
INSERT INTO sync_change (kind, uuid, what, row_id, digest, read_at)
SELECT kind, uuid, what, row_id, digest, read_at FROM (
	SELECT coalesce(o.kind, e.kind) AS kind, coalesce(o.uuid, e.uuid) AS uuid, o.row_id, o.digest, o.read_at,
		e.digest AS old_digest, e.seen_at,
		CASE WHEN e.uuid IS NULL THEN 'added' WHEN o.uuid IS NULL THEN 'gone' ELSE 'changed' END AS what
	FROM object o
	FULL JOIN (SELECT e.kind, e.uuid, e.digest, e.seen_at
		FROM estate e WHERE e.call_processor = @call_processor AND e.kind = ANY (@kinds){only}) e
		ON e.uuid = o.uuid AND e.kind = o.kind
) c
WHERE CASE what WHEN 'added' THEN true
	WHEN 'gone' THEN seen_at < (SELECT p.read_at FROM sync_pass p WHERE p.kind = c.kind)
	ELSE read_at >= seen_at AND (digest IS NULL OR digest IS DISTINCT FROM old_digest) END`

// foldedSQL is the attributes of the staged row s with what its relations list, and
// with what the object e keeps because its relation was not read.
const foldedSQL = `(s.attributes || coalesce(('{' || l.members || '}')::jsonb, '{}')
	|| CASE WHEN jsonb_exists(@kept::jsonb, c.kind) AND e.uuid IS NOT NULL
		THEN estate_members(e.attributes, @kept::jsonb->c.kind) ELSE '{}' END)`

// foldedTables are where foldedSQL and its row come from.
const foldedTables = `sync_change c JOIN {stage} s ON s.ctid = c.row_id
	LEFT JOIN sync_list l ON l.owner = c.uuid AND c.kind = ANY (@related::text[])
	LEFT JOIN estate e ON e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`

// valueSQL gives the objects that may differ their values, and says which ones do.
const valueSQL = `UPDATE sync_change d SET name = f.name, partition = f.partition, attributes = f.attributes, what = f.what
FROM (
	SELECT c.ctid AS id, s.name, s.partition, f.attributes, CASE WHEN e.uuid IS NULL THEN 'added'
		WHEN s.name <> e.name OR s.partition <> e.partition THEN 'renamed'
		WHEN f.attributes <> e.attributes THEN 'changed' ELSE 'same' END AS what
	FROM ` + foldedTables + `
	CROSS JOIN LATERAL (SELECT ` + foldedSQL + ` AS attributes OFFSET 0) f
	WHERE c.what IN ('changed', 'added')
) f
WHERE d.ctid = f.id`

// sameSQL forgets the objects that are the same, and gives them the digest by which the
// next comparison sees it at once.
var sameSQL = []string{
	`UPDATE estate e SET digest = c.digest FROM sync_change c
	WHERE c.what = 'same' AND c.digest IS NOT NULL
		AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`DELETE FROM sync_change WHERE what = 'same'`,
}

// differ fills sync_change from the staged rows, compared with the estate or with those
// of its objects only that the condition names.
func (a *apply) differ(ctx context.Context, stage, only string, args pgx.NamedArgs) error {
	text := strings.NewReplacer("{stage}", stage, "{only}", only)
	for _, sql := range []string{listSQL, `ANALYZE sync_list`, differSQL, `ANALYZE sync_change`, valueSQL} {
		if _, err := exec(ctx, a.tx, a.op, text.Replace(sql), args); err != nil {
			return err
		}
		// Up to here the statistics say little about rows that are seconds old.
		if sql == differSQL {
			if err := a.all(ctx, []string{`SET LOCAL enable_nestloop = on`, `SET LOCAL enable_hashagg = on`}); err != nil {
				return err
			}
		}
	}
	return a.all(ctx, sameSQL)
}

// foldArgs are the arguments of the statements above: both sides of the relations that
// were read, or the first only.
func (a *apply) foldArgs(kinds []uc.EstateKind, both bool) pgx.NamedArgs {
	var rels, backRels, related []uc.EstateKind
	var from, to []int
	kept := map[uc.EstateKind][]string{}
	for _, r := range uc.Relations {
		related = append(append(related, r.From...), r.To...)
		read := slices.Contains(a.read, r.Kind)
		if read {
			rels, from = append(rels, r.Kind), append(from, slices.Index(relationLists, r.FromAs))
		}
		if read && both && r.ToAs != "" {
			backRels, to = append(backRels, r.Kind), append(to, slices.Index(relationLists, r.ToAs))
		}
		for _, k := range r.From {
			if !read {
				kept[k] = append(kept[k], r.FromAs)
			}
		}
		for _, k := range r.To {
			if r.ToAs != "" && (!read || !both) {
				kept[k] = append(kept[k], r.ToAs)
			}
		}
	}
	return pgx.NamedArgs{
		"number": a.number, "call_processor": a.cp, "kinds": kinds, "related": related, "kept": kept,
		"rels": rels, "from_as": from, "back_rels": backRels, "to_as": to,
	}
}
