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
// the passes that count, and what differs.
var changeTables = []string{`CREATE TEMPORARY TABLE sync_pass (
	kind text COLLATE "C" PRIMARY KEY, read_at timestamptz NOT NULL, known boolean NOT NULL) ON COMMIT DROP`,
	`CREATE TEMPORARY TABLE sync_change (
	kind text COLLATE "C" NOT NULL, uuid uuid NOT NULL, what text NOT NULL, name text COLLATE "C",
	partition text COLLATE "C", attributes jsonb, read_at timestamptz) ON COMMIT DROP`}

// foldedSQL is every object that was read: the row that was read last, with what its
// relations list. Rows of a relation make a list for both of their objects. All of it
// is sorted by id, and so are the objects of the estate: of an estate of any size each
// row is sorted once and held never.
const foldedSQL = `edge AS (
	SELECT s.uuid AS owner, (@from_as::text[])[array_position(@rels::text[], s.kind)] AS attribute,
		jsonb_build_object('uuid', s.name) || s.attributes AS entry
	FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@rels::text[])
	UNION ALL
	SELECT s.name::uuid, (@to_as::text[])[array_position(@back_rels::text[], s.kind)],
		jsonb_build_object('uuid', s.uuid) || s.attributes
	FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@back_rels::text[])
), relation_list AS (
	SELECT owner, attribute, jsonb_agg(entry) AS entries FROM (
		SELECT DISTINCT owner, attribute, length(entry->>'index') AS digits, entry->>'index' AS index, entry FROM edge
		ORDER BY owner, attribute, digits, index, entry
	) e GROUP BY owner, attribute
), lists AS (
	SELECT owner, jsonb_object_agg(attribute, entries) AS lists FROM relation_list GROUP BY owner
), object AS (
	SELECT DISTINCT ON (s.uuid, s.kind) s.kind, s.uuid, s.name, s.partition, s.attributes, s.read_at
	FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@kinds)
	ORDER BY s.uuid, s.kind, s.read_at DESC, s.ctid DESC
), folded AS (
	SELECT o.kind, o.uuid, o.name, o.partition, o.read_at,
		CASE WHEN l.lists IS NULL OR o.kind <> ALL (@related::text[]) THEN o.attributes
			ELSE o.attributes || l.lists END AS attributes
	FROM object o LEFT JOIN lists l ON l.owner = o.uuid
)`

// comparedSQL writes what differs between the folded objects and the estate. A relation
// that was not read is taken from the estate; what a refresh read later stands; and of
// a kind without a pass nothing is gone.
const comparedSQL = `INSERT INTO sync_change (kind, uuid, what, name, partition, attributes, read_at)
SELECT kind, uuid, what, name, partition, attributes, read_at FROM (
	SELECT coalesce(f.kind, e.kind) AS kind, coalesce(f.uuid, e.uuid) AS uuid, f.name, f.partition, f.read_at, e.seen_at,
		CASE WHEN e.uuid IS NULL OR NOT jsonb_exists(@kept::jsonb, f.kind) THEN f.attributes
			ELSE f.attributes || estate_members(e.attributes, @kept::jsonb->f.kind) END AS attributes,
		e.attributes AS old_attributes,
		CASE WHEN e.uuid IS NULL THEN 'added' WHEN f.uuid IS NULL THEN 'gone'
			WHEN f.name <> e.name OR f.partition <> e.partition THEN 'renamed' ELSE 'changed' END AS what
	FROM folded f
	FULL JOIN (SELECT e.kind, e.uuid, e.name, e.partition, e.attributes, e.seen_at
		FROM estate e WHERE e.call_processor = @call_processor AND e.kind = ANY (@kinds){only}) e
		ON e.uuid = f.uuid AND e.kind = f.kind
) c
WHERE CASE what WHEN 'added' THEN true
	WHEN 'gone' THEN seen_at < (SELECT p.read_at FROM sync_pass p WHERE p.kind = c.kind)
	WHEN 'renamed' THEN read_at >= seen_at
	ELSE read_at >= seen_at AND attributes <> old_attributes END`

// compare fills sync_pass and sync_change, after it has seen that every row that was
// staged is there.
func (a *apply) compare(ctx context.Context) error {
	if err := a.complete(ctx); err != nil {
		return err
	}
	// Rows of a page are too new for the planner's statistics: merging sorted rows is
	// the one plan that is right for any number of them.
	err := a.all(ctx, slices.Concat(changeTables, []string{
		`SET LOCAL plan_cache_mode = force_custom_plan`, `SET LOCAL work_mem = '64MB'`,
		`SET LOCAL enable_nestloop = off`, `SET LOCAL enable_hashjoin = off`, `SET LOCAL enable_hashagg = off`,
	}))
	if err != nil {
		return err
	}
	_, err = exec(ctx, a.tx, a.op, `INSERT INTO sync_pass (kind, read_at, known)
		SELECT k.kind, k.started_at, e.kind IS NOT NULL
		FROM sync_kinds k LEFT JOIN estate_kinds e ON e.kind = k.kind AND e.call_processor = @call_processor
		WHERE k.sync_number = @number AND k.kind = ANY (@kinds)`, pgx.NamedArgs{
		"number": a.number, "kinds": a.objects(), "call_processor": a.cp,
	})
	if err != nil {
		return err
	}
	if _, err = exec(ctx, a.tx, a.op, compareSQL("estate_stage", ""), a.compareArgs(a.objects(), true)); err != nil {
		return err
	}
	return a.all(ctx, []string{
		`SET LOCAL enable_nestloop = on`, `SET LOCAL enable_hashjoin = on`, `SET LOCAL enable_hashagg = on`,
		`CREATE INDEX ON sync_change (kind, what)`, `ANALYZE sync_change`,
	})
}

// compareArgs are the arguments of compareSQL: both sides of the relations that were
// read, or the first only.
func (a *apply) compareArgs(kinds []uc.EstateKind, both bool) pgx.NamedArgs {
	var rels, backRels, related []uc.EstateKind
	var from, to []string
	kept := map[uc.EstateKind][]string{}
	for _, r := range uc.Relations {
		related = append(append(related, r.From...), r.To...)
		read := slices.Contains(a.read, r.Kind)
		if read {
			rels, from = append(rels, r.Kind), append(from, r.FromAs)
		}
		if read && both && r.ToAs != "" {
			backRels, to = append(backRels, r.Kind), append(to, r.ToAs)
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

// compareSQL is the comparison of what stands in the table of staged rows with the
// estate, or with those of its objects only that the condition names.
func compareSQL(stage, only string) string {
	return "WITH " + strings.NewReplacer("{stage}", stage, "{only}", only).Replace(foldedSQL+comparedSQL)
}

// complete fails when staged rows are missing that were counted: to take their objects
// for gone would be wrong.
func (a *apply) complete(ctx context.Context) error {
	type count struct {
		Kind   uc.EstateKind
		Staged int
		Found  int
	}
	missing, err := list[count](ctx, a.tx, a.op, `SELECT k.kind, k.read AS staged, coalesce(s.found, 0) AS found
		FROM sync_kinds k LEFT JOIN (
			SELECT kind, count(*) AS found FROM estate_stage WHERE sync_number = @number GROUP BY kind
		) s ON s.kind = k.kind
		WHERE k.sync_number = @number AND k.state = 'read' AND k.read <> coalesce(s.found, 0) ORDER BY k.place`,
		pgx.NamedArgs{"number": a.number})
	if err == nil && len(missing) > 0 {
		m := missing[0]
		err = refuse(uc.Internal, a.op, fmt.Sprintf("of %d staged rows of kind %s there are %d: start another sync",
			m.Staged, m.Kind.Title(), m.Found))
	}
	return err
}

// guard counts what differs, and returns a sentence when it is more than may be gone.
func (a *apply) guard(ctx context.Context) (string, error) {
	_, err := exec(ctx, a.tx, a.op, `UPDATE sync_kinds k SET added = c.added, changed = c.changed, gone = c.gone
		FROM (SELECT p.kind, count(*) FILTER (WHERE what = 'added') AS added, count(*) FILTER (WHERE what = 'gone') AS gone,
				count(*) FILTER (WHERE what IN ('changed', 'renamed')) AS changed
			FROM sync_pass p LEFT JOIN sync_change c ON c.kind = p.kind GROUP BY p.kind) c
		WHERE k.sync_number = @number AND k.kind = c.kind`, pgx.NamedArgs{"number": a.number})
	if err != nil {
		return "", err
	}
	type loss struct {
		Kind             uc.EstateKind
		Had, Gone, Added int
	}
	losses, err := list[loss](ctx, a.tx, a.op, `SELECT k.kind, gone, added, count(*) AS had
		FROM sync_kinds k JOIN estate e ON e.call_processor = @call_processor AND e.kind = k.kind
		WHERE k.sync_number = @number AND gone > 0 AND k.kind = ANY (@kinds)
		GROUP BY k.kind, gone, added, place ORDER BY place`,
		pgx.NamedArgs{"number": a.number, "call_processor": a.cp, "kinds": a.objects()})
	if err != nil {
		return "", err
	}
	var sentences []string
	for _, l := range losses {
		if a.shrink.Stops(l.Had, l.Gone, l.Added) {
			sentences = append(sentences, a.shrink.GuardSentence(l.Kind, l.Had, l.Gone))
		}
	}
	if len(sentences) == 0 {
		return "", nil
	}
	return fmt.Sprintf("%s: look at call processor %s, then dialtone sync approve %s or dialtone sync cancel %s",
		strings.Join(sentences, "; "), a.cp, a.id, a.id), nil
}

// hold makes the sync wait and tells in the report what would be gone.
func (a *apply) hold(ctx context.Context, sentence string) error {
	_, err := exec(ctx, a.tx, a.op, `UPDATE syncs SET state = 'waiting', detail = @detail WHERE number = @number`,
		pgx.NamedArgs{"number": a.number, "detail": sentence})
	if err != nil {
		return err
	}
	err = addLines(ctx, a.tx, a.number, uc.SyncLine{
		Severity: uc.SeverityError, Class: uc.GuardLine, What: "the guard stopped the sync", Why: sentence,
		Do: fmt.Sprintf("dialtone sync approve %s, or dialtone sync cancel %s", a.id, a.id),
	})
	if err != nil {
		return err
	}
	return a.tell(ctx, wouldGo)
}
