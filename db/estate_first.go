package db

import (
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// firstKind is a kind of which the estate has nothing yet and every object was read
// once: all of it is new, and goes from the staged rows to the estate as it is.
type firstKind struct {
	Kind  uc.EstateKind
	Total int
}

// firstKinds returns those of the kinds without a pass that need no comparison. A refresh
// may have brought objects of others, or a list that moved some of them twice.
func (a *apply) firstKinds(ctx context.Context, unknown []uc.EstateKind) ([]firstKind, error) {
	if len(unknown) == 0 {
		return nil, nil
	}
	return list[firstKind](ctx, a.tx, a.op, `SELECT s.kind, s.total FROM (
			SELECT kind, count(*) AS total, count(DISTINCT uuid) AS objects
			FROM estate_stage WHERE sync_number = @number AND kind = ANY (@unknown) GROUP BY kind
		) s
		WHERE s.total = s.objects
			AND NOT EXISTS (SELECT FROM estate e WHERE e.call_processor = @call_processor AND e.kind = s.kind)
		ORDER BY s.kind`, pgx.NamedArgs{"number": a.number, "call_processor": a.cp, "unknown": unknown})
}

// firstTotals are the kinds and how many objects each has.
func (a *apply) firstTotals() (kinds []uc.EstateKind, totals []int) {
	kinds, totals = []uc.EstateKind{}, []int{}
	for _, f := range a.first {
		kinds, totals = append(kinds, f.Kind), append(totals, f.Total)
	}
	return kinds, totals
}

const writeFirstSQL = insertSQL + `SELECT @call_processor, s.kind, s.uuid, s.name, s.partition,
	CASE WHEN l.members IS NULL THEN s.attributes ELSE s.attributes || ('{' || l.members || '}')::jsonb END,
	s.read_at, s.read_at, now(), @number, ` + digestSQL + `
FROM estate_stage s LEFT JOIN sync_list l ON l.owner = s.uuid AND s.kind = ANY (@related::text[])
WHERE s.sync_number = @number AND s.kind = ANY (@firsts)`

// writeFirst brings the kinds to the estate and tells how many objects they have.
func (a *apply) writeFirst(ctx context.Context) error {
	if len(a.first) == 0 {
		return nil
	}
	args := maps.Clone(a.args)
	args["firsts"], _ = a.firstTotals()
	if _, err := exec(ctx, a.tx, a.op, writeFirstSQL, args); err != nil {
		return err
	}
	var lines []uc.SyncLine
	for _, f := range a.first {
		lines = append(lines, uc.SyncLine{
			Kind: f.Kind, Severity: uc.SeverityInfo, Class: uc.DataLine,
			What: fmt.Sprintf("%d %s", f.Total, uc.WhatAdded), Why: "the kind was read for the first time",
			Do: "nothing: the copy has them now",
		})
	}
	return addLines(ctx, a.tx, a.number, lines...)
}
