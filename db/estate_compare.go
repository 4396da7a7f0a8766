package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// changeTables are what a comparison leaves behind until the end of its transaction:
// the passes that count, and what differs.
var changeTables = []string{`CREATE TEMPORARY TABLE sync_pass (
	kind text COLLATE "C" PRIMARY KEY, read_at timestamptz NOT NULL, complete boolean NOT NULL,
	known boolean NOT NULL, kept text[] NOT NULL) ON COMMIT DROP`, `CREATE TEMPORARY TABLE sync_change (
	kind text COLLATE "C" NOT NULL, uuid uuid NOT NULL, what text NOT NULL, name text COLLATE "C",
	partition text COLLATE "C", attributes jsonb, read_at timestamptz) ON COMMIT DROP`}

// foldedSQL is every object that was read: the row that was read last, with what its
// relations list. Rows of a relation make a list for both of their objects.
const foldedSQL = `rel AS (
	SELECT * FROM unnest(@rels::text[], @from_as::text[], @to_as::text[]) AS r(kind, from_as, to_as)
), edge AS (
	SELECT s.uuid AS owner, r.from_as AS attribute, jsonb_build_object('uuid', s.name) || s.attributes AS entry
	FROM {stage} s JOIN rel r ON r.kind = s.kind WHERE s.sync_number = @number
	UNION ALL
	SELECT s.name::uuid, r.to_as, jsonb_build_object('uuid', s.uuid) || s.attributes
	FROM {stage} s JOIN rel r ON r.kind = s.kind WHERE s.sync_number = @number AND r.to_as <> ''
), relation_list AS (
	SELECT owner, attribute, jsonb_agg(entry ORDER BY length(entry->>'index'), entry->>'index', entry) AS entries
	FROM (SELECT DISTINCT owner, attribute, entry FROM edge) e GROUP BY owner, attribute
), lists AS (
	SELECT owner, jsonb_object_agg(attribute, entries) AS lists FROM relation_list GROUP BY owner
), object AS (
	SELECT DISTINCT ON (s.kind, s.uuid) s.kind, s.uuid, s.name, s.partition, s.attributes, s.read_at
	FROM {stage} s WHERE s.sync_number = @number AND s.kind = ANY (@kinds)
	ORDER BY s.kind, s.uuid, s.read_at DESC, s.ctid DESC
), folded AS (
	SELECT o.kind, o.uuid, o.name, o.partition, o.read_at, o.attributes || coalesce(l.lists, '{}') AS attributes
	FROM object o LEFT JOIN lists l ON l.owner = o.uuid AND o.kind = ANY (@related::text[])
)`

// comparedSQL writes what differs between the folded objects and the estate. A relation
// that was not read is taken from the estate; what a refresh read later stands.
const comparedSQL = `INSERT INTO sync_change (kind, uuid, what, name, partition, attributes, read_at)
SELECT kind, uuid, what, name, partition, attributes, read_at FROM (
	SELECT coalesce(f.kind, e.kind) AS kind, coalesce(f.uuid, e.uuid) AS uuid, f.name, f.partition, f.read_at,
		CASE WHEN e.uuid IS NULL OR cardinality(p.kept) = 0 THEN f.attributes
			ELSE f.attributes || estate_members(e.attributes, p.kept) END AS attributes,
		e.name AS old_name, e.partition AS old_partition, e.attributes AS old_attributes, e.seen_at,
		CASE WHEN e.uuid IS NULL THEN 'added' WHEN f.uuid IS NULL THEN 'gone'
			WHEN (f.name, f.partition) IS DISTINCT FROM (e.name, e.partition) THEN 'renamed' ELSE 'changed' END AS what,
		p.read_at AS pass_at, p.complete
	FROM folded f
	FULL JOIN (SELECT e.kind, e.uuid, e.name, e.partition, e.attributes, e.seen_at
		FROM estate e WHERE e.call_processor = @call_processor AND e.kind = ANY (@kinds){only}) e
		ON e.kind = f.kind AND e.uuid = f.uuid
	JOIN sync_pass p ON p.kind = coalesce(f.kind, e.kind)
) c
WHERE what = 'added' OR what = 'gone' AND complete AND seen_at < pass_at
	OR what IN ('renamed', 'changed') AND read_at >= seen_at
		AND (what = 'renamed' OR attributes IS DISTINCT FROM old_attributes)`

// compare fills sync_pass and sync_change, after it has seen that every row that was
// staged is there.
func (a *apply) compare(ctx context.Context) error {
	for _, sql := range changeTables {
		if err := a.exec(ctx, sql); err != nil {
			return err
		}
	}
	kinds, attributes := a.kept()
	_, err := exec(ctx, a.tx, a.op, `INSERT INTO sync_pass (kind, read_at, complete, known, kept)
		SELECT k.kind, k.started_at, true, e.kind IS NOT NULL,
			ARRAY(SELECT attribute FROM unnest(@kept_kinds::text[], @kept::text[]) AS x(kind, attribute) WHERE x.kind = k.kind)
		FROM sync_kinds k LEFT JOIN estate_kinds e ON e.kind = k.kind AND e.call_processor = @call_processor
		WHERE k.sync_number = @number AND k.kind = ANY (@kinds)`, pgx.NamedArgs{
		"number": a.number, "kinds": a.objects(), "call_processor": a.cp, "kept_kinds": kinds, "kept": attributes,
	})
	if err != nil {
		return err
	}
	if err := a.complete(ctx); err != nil {
		return err
	}
	rels, from, to := a.relations()
	_, err = exec(ctx, a.tx, a.op, compareSQL("estate_stage", ""), pgx.NamedArgs{
		"number": a.number, "call_processor": a.cp, "kinds": a.objects(), "rels": rels, "from_as": from, "to_as": to,
		"related": related(),
	})
	return err
}

// compareSQL is the comparison of what stands in the table of staged rows with the
// estate, or with those of its objects only that the condition names.
func compareSQL(stage, only string) string {
	return "WITH " + strings.NewReplacer("{stage}", stage, "{only}", only).Replace(foldedSQL+comparedSQL)
}

// related are the kinds whose objects have lists of related ones.
func related() []uc.EstateKind {
	var out []uc.EstateKind
	for _, r := range uc.Relations {
		out = append(out, r.From...)
		if r.ToAs != "" {
			out = append(out, r.To...)
		}
	}
	return out
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
	return a.tell(ctx, happening{
		what: uc.WhatGone, as: uc.WhatWouldGo, class: uc.GuardLine, severity: uc.SeverityWarning,
		why: "a complete reading of its kind did not return it", do: "look for it on the call processor before you approve",
	})
}
