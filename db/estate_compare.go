package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// compare fills sync_pass and sync_change, after it has seen that every row that was
// staged is there.
func (a *apply) compare(ctx context.Context) error {
	if err := a.complete(ctx); err != nil {
		return err
	}
	// Sorting and hashing are right for any number of rows, nested loops are not.
	err := a.all(ctx, slices.Concat(changeTables, []string{
		`SET LOCAL plan_cache_mode = force_custom_plan`, `SET LOCAL work_mem = '64MB'`,
		`SET LOCAL enable_nestloop = off`, `SET LOCAL enable_hashagg = off`,
		// Two processors make the lists, unless orders want one.
		`SELECT set_config('max_parallel_workers_per_gather', CASE WHEN ` + ordersRunSQL + ` THEN '0' ELSE '1' END, true)`,
	}))
	if err != nil {
		return err
	}
	unknown, err := column[uc.EstateKind](ctx, a.tx, a.op, `WITH pass AS (
			INSERT INTO sync_pass (kind, read_at, known)
			SELECT k.kind, k.started_at, e.kind IS NOT NULL
			FROM sync_kinds k LEFT JOIN estate_kinds e ON e.kind = k.kind AND e.call_processor = @call_processor
			WHERE k.sync_number = @number AND k.kind = ANY (@kinds)
			RETURNING kind, known
		)
		SELECT kind FROM pass WHERE NOT known`, pgx.NamedArgs{
		"number": a.number, "kinds": a.objects(), "call_processor": a.cp,
	})
	if err != nil {
		return err
	}
	if a.first, err = a.firstKinds(ctx, unknown); err != nil {
		return err
	}
	a.args = a.foldArgs(a.objects(), true)
	if err := a.differ(ctx, "estate_stage", "", a.args); err != nil {
		return err
	}
	return a.all(ctx, []string{`CREATE INDEX ON sync_change (kind, what)`})
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
	firsts, totals := a.firstTotals()
	_, err := exec(ctx, a.tx, a.op, `UPDATE sync_kinds k SET added = c.added, changed = c.changed, gone = c.gone
		FROM (SELECT p.kind, coalesce((@totals::bigint[])[array_position(@firsts::text[], p.kind)],
				count(*) FILTER (WHERE what = 'added')) AS added, count(*) FILTER (WHERE what = 'gone') AS gone,
				count(*) FILTER (WHERE what IN ('changed', 'renamed')) AS changed
			FROM sync_pass p LEFT JOIN sync_change c ON c.kind = p.kind GROUP BY p.kind) c
		WHERE k.sync_number = @number AND k.kind = c.kind`,
		pgx.NamedArgs{"number": a.number, "firsts": firsts, "totals": totals})
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
	return fmt.Sprintf("%s: look at call processor %s, then dialtone sync approve %s --reason TEXT or dialtone sync reject %s --reason TEXT",
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
		Do: fmt.Sprintf("dialtone sync approve %s --reason TEXT, or dialtone sync reject %s --reason TEXT", a.id, a.id),
	})
	if err != nil {
		return err
	}
	return a.tell(ctx, wouldGo)
}
