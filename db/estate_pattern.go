package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// toldPatterns is how many patterns that are not understood a report tells.
const toldPatterns = 20

// wildSQL lists the special numbers that are no digits, and at which calls end.
const wildSQL = `SELECT e.uuid::text AS uuid, e.name, e.partition, coalesce(e.attributes->>@type, '') AS type,
	coalesce(e.attributes->>'description', '') AS description
FROM estate e
WHERE e.call_processor = @call_processor AND e.kind = @kind AND ` + digitsOf + ` !~ '^\+?[0-9]*$'
	AND coalesce(e.attributes->>@type, '') = ANY (@ends)`

// patternSQL keeps the patterns as conditions on digits. Their expressions were made
// here, sign by sign: none is text of the call processor.
var patternSQL = []string{
	`CREATE TEMPORARY TABLE sync_pattern (
		place bigint NOT NULL, uuid uuid NOT NULL, partition text COLLATE "C" NOT NULL, low text COLLATE "C" NOT NULL,
		high text COLLATE "C" NOT NULL, shortest int NOT NULL, longest int NOT NULL, expression text COLLATE "C" NOT NULL,
		why text NOT NULL) ON COMMIT DROP`,
	`INSERT INTO sync_pattern (place, uuid, partition, low, high, shortest, longest, expression, why)
	SELECT place, uuid, partition, low, high, shortest, longest, expression, why
	FROM unnest(@uuids::uuid[], @partitions::text[], @lows::text[], @highs::text[], @shortest::int[], @longest::int[],
		@expressions::text[], @whys::text[])
		WITH ORDINALITY AS p(uuid, partition, low, high, shortest, longest, expression, why, place)`,
	`ANALYZE sync_pattern`,
}

// addPatterns fills sync_pattern with the special numbers of the estate that stand for
// several, the narrowest first, and returns lines about those that are not understood.
func addPatterns(ctx context.Context, tx pgx.Tx, op string, args pgx.NamedArgs) ([]uc.SyncLine, error) {
	type row struct{ UUID, Name, Partition, Type, Description string }
	args["ends"] = uc.EndPatterns
	found, err := list[row](ctx, tx, op, wildSQL, args)
	if err != nil {
		return nil, err
	}
	type rule struct {
		row
		uc.NumberPattern
	}
	var rules []rule
	var strange []uc.SyncLine
	for _, r := range found {
		p, err := uc.ParseNumberPattern(r.Name)
		var e *uc.Error
		if errors.As(err, &e) {
			strange = append(strange, uc.SyncLine{
				Kind: uc.SpecialNumberKind, Severity: uc.SeverityWarning, Class: uc.DataLine, UUID: r.UUID,
				Object: uc.EstateObject{Name: r.Name, Partition: r.Partition}.Label(), What: uc.WhatPattern, Why: e.Detail,
				Do: "block the numbers of your pools that it covers: dialtone number block",
			})
			continue
		}
		rules = append(rules, rule{r, p})
	}
	slices.SortFunc(rules, func(a, b rule) int {
		return cmp.Or(len(b.Prefix)-len(a.Prefix), a.Longest-b.Longest, strings.Compare(a.Name, b.Name), strings.Compare(a.UUID, b.UUID))
	})
	column := func(of func(rule) string) []string {
		out := make([]string, len(rules))
		for i, r := range rules {
			out[i] = of(r)
		}
		return out
	}
	shortest, longest := make([]int, len(rules)), make([]int, len(rules))
	for i, r := range rules {
		shortest[i], longest[i] = r.Shortest, r.Longest
	}
	args["shortest"], args["longest"] = shortest, longest
	args["uuids"] = column(func(r rule) string { return r.UUID })
	args["partitions"] = column(func(r rule) string { return r.Partition })
	args["lows"] = column(func(r rule) string { return r.Prefix })
	// What comes behind everything with this prefix: a colon is the sign after 9.
	args["highs"] = column(func(r rule) string { return r.Prefix + ":" })
	args["expressions"] = column(func(r rule) string { return r.Expression })
	args["whys"] = column(func(r rule) string {
		why := "special number on the call processor: " + cmp.Or(r.Type, "no phone of ours") + " " + r.Name
		if r.Description != "" {
			why += " (" + r.Description + ")"
		}
		return why
	})
	for _, sql := range patternSQL {
		if _, err := exec(ctx, tx, op, sql, args); err != nil {
			return nil, err
		}
	}
	return strange[:min(len(strange), toldPatterns)], nil
}
