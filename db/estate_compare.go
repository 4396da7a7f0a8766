package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// changeTables are what a comparison leaves behind until the end of its transaction: the
// passes that count, what differs, and what is told of it.
var changeTables = []string{
	`CREATE TEMPORARY TABLE sync_pass (
		kind text COLLATE "C" PRIMARY KEY, read_at timestamptz NOT NULL, known boolean NOT NULL) ON COMMIT DROP`,
	// Rows of relations have the ids of their objects.
	`CREATE TEMPORARY TABLE sync_change (
		kind text COLLATE "C" NOT NULL, uuid uuid NOT NULL, what text COLLATE "C" NOT NULL, read_at timestamptz,
		name text COLLATE "C", partition text COLLATE "C", from_uuid uuid, to_uuid uuid, attributes jsonb,
		digest uuid) ON COMMIT DROP`,
}

// stagedSQL is what was staged of the kinds. Of a row that was read several times the last
// reading counts.
const stagedSQL = `(SELECT DISTINCT ON (uuid, kind) * FROM {stage} WHERE sync_number = @number AND kind = ANY (@kinds)
	ORDER BY uuid, kind, read_at DESC, ctid DESC) s`

// differSQL is the condition for a row s that differs from what the estate has as e: what
// was read later than that stands.
const differSQL = `CASE WHEN s.gone THEN e.seen_at < s.read_at
	ELSE e.uuid IS NULL OR s.read_at >= e.seen_at AND e.digest IS DISTINCT FROM s.digest END`

// changeSQL fills sync_change with what was staged and differs from the estate. What the
// sync itself has brought there is read again, and nobody saw it before.
var changeSQL = []string{
	`INSERT INTO sync_change (kind, uuid, what, read_at, name, partition, attributes, digest)
	SELECT s.kind, s.uuid, CASE WHEN s.gone THEN 'gone' WHEN e.uuid IS NULL THEN 'added'
			WHEN @number > 0 AND e.sync_number = @number THEN 'again'
			WHEN s.name <> e.name OR s.partition <> e.partition THEN 'renamed'
			WHEN s.attributes <> e.attributes THEN 'changed' ELSE 'same' END,
		s.read_at, CASE WHEN s.gone THEN e.name ELSE s.name END, CASE WHEN s.gone THEN e.partition ELSE s.partition END,
		s.attributes, s.digest
	FROM ` + stagedSQL + `
	LEFT JOIN estate_object e ON e.call_processor = @call_processor AND e.uuid = s.uuid AND e.kind = s.kind
	WHERE NOT s.kind = ANY (@rels) AND ` + differSQL,
	`INSERT INTO sync_change (kind, uuid, what, read_at, from_uuid, to_uuid, attributes, digest)
	SELECT s.kind, s.uuid, CASE WHEN s.gone THEN 'gone' WHEN e.uuid IS NULL THEN 'added' ELSE 'changed' END,
		s.read_at, coalesce(s.from_uuid, e.from_uuid), coalesce(s.to_uuid, e.to_uuid), s.attributes, s.digest
	FROM ` + stagedSQL + `
	LEFT JOIN estate_relation e ON e.call_processor = @call_processor AND e.kind = s.kind AND e.uuid = s.uuid
	WHERE s.kind = ANY (@rels) AND ` + differSQL,
	// Objects that are the same get the digest by which the next comparison sees it at once.
	`UPDATE estate_object e SET digest = c.digest FROM sync_change c
	WHERE c.what = 'same' AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`DELETE FROM sync_change WHERE what = 'same'`,
}

// differ fills sync_change from the staged rows of the kinds.
func (a *apply) differ(ctx context.Context, stage string, kinds []uc.EstateKind) error {
	args := pgx.NamedArgs{"number": a.number, "call_processor": a.cp, "kinds": kinds, "rels": relationKinds()}
	for _, sql := range changeSQL {
		if _, err := exec(ctx, a.tx, a.op, strings.ReplaceAll(sql, "{stage}", stage), args); err != nil {
			return err
		}
	}
	return nil
}

// compare fills sync_pass and sync_change, after it has seen that every row that was
// staged is there.
func (a *apply) compare(ctx context.Context) error {
	if err := a.complete(ctx); err != nil {
		return err
	}
	if err := a.all(ctx, append(slices.Clone(changeTables), `SET LOCAL work_mem = '64MB'`)); err != nil {
		return err
	}
	_, err := exec(ctx, a.tx, a.op, `INSERT INTO sync_pass (kind, read_at, known)
		SELECT k.kind, k.started_at, e.kind IS NOT NULL
		FROM sync_kinds k LEFT JOIN estate_kinds e ON e.kind = k.kind AND e.call_processor = @call_processor
		WHERE k.sync_number = @number AND k.kind = ANY (@kinds)`, pgx.NamedArgs{
		"number": a.number, "kinds": a.objects(), "call_processor": a.cp,
	})
	if err != nil {
		return err
	}
	if err := a.differ(ctx, "estate_stage", a.read); err != nil {
		return err
	}
	if err := a.all(ctx, []string{`ANALYZE sync_change`}); err != nil {
		return err
	}
	return a.owners(ctx)
}

// complete fails when staged rows are missing that were counted: to take their objects
// for gone would be wrong.
func (a *apply) complete(ctx context.Context) error {
	if a.direct {
		if err := ownHidden(ctx, a.tx, a.op, a.id, a.number); err != nil {
			return err
		}
	}
	type count struct {
		Kind   uc.EstateKind
		Staged int
		Found  int
	}
	missing, err := list[count](ctx, a.tx, a.op, `SELECT k.kind, k.staged, coalesce(s.found, 0) AS found
		FROM sync_kinds k LEFT JOIN (
			SELECT kind, count(*) AS found FROM estate_stage WHERE sync_number = @number GROUP BY kind
		) s ON s.kind = k.kind
		WHERE k.sync_number = @number AND k.state = 'read' AND k.staged <> coalesce(s.found, 0) ORDER BY k.place`,
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
	_, err := exec(ctx, a.tx, a.op, `UPDATE sync_kinds k SET added = k.hidden + c.added, changed = c.changed, gone = c.gone
		FROM (SELECT p.kind, count(*) FILTER (WHERE what = 'added') AS added, count(*) FILTER (WHERE what = 'gone') AS gone,
				count(*) FILTER (WHERE what IN ('changed', 'renamed', 'listed')) AS changed
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
	return strings.Join(sentences, "; "), nil
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
		Do: fmt.Sprintf("dialtone sync approve %s --reason TEXT, or dialtone sync reject %s --reason TEXT", a.id, a.id),
	})
	if err != nil {
		return err
	}
	if err := a.pick(ctx); err != nil {
		return err
	}
	return a.tell(ctx, wouldGo)
}
