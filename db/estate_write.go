package db

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// toldObjects is how many objects of a kind a report tells one by one, of each
// happening; of the others it says how many there are.
const toldObjects = 500

// happening is what a report says about objects that differ in the same way.
type happening struct {
	what, as string // in sync_change, and in the report; as "" = the same
	severity uc.Severity
	class    uc.LineClass
	why, do  string
}

var happenings = []happening{
	{
		what: uc.WhatAdded, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the call processor has it and the copy had not", do: "nothing: the copy has it now",
	},
	{
		what: uc.WhatChanged, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the call processor has other values than the copy had", do: "nothing: the copy has the new values now",
	},
	{
		what: uc.WhatRenamed, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the object with this id has another name than in the copy", do: "nothing: the copy has the new name now",
	},
	{
		what: uc.WhatGone, severity: uc.SeverityWarning, class: uc.DataLine,
		why: "a complete reading of its kind, without a fault, did not return it",
		do:  "nothing, when it was removed on purpose; otherwise add it again, its values are here",
	},
}

// toldSQL writes a line for each of the first objects of each kind, in order of their
// names, and one that counts the others. Of a kind that was never read before only the
// latter: everything is new.
const toldSQL = `WITH numbered AS (
	SELECT c.kind, c.uuid, coalesce(c.name, e.name) AS name, coalesce(c.partition, e.partition) AS partition,
		row_number() OVER (PARTITION BY c.kind ORDER BY coalesce(c.name, e.name), coalesce(c.partition, e.partition), c.uuid) AS place,
		count(*) OVER (PARTITION BY c.kind) AS total, p.known
	FROM sync_change c JOIN sync_pass p ON p.kind = c.kind
	LEFT JOIN estate e ON @what = 'gone' AND e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid
	WHERE c.what = @what
), told AS (
	SELECT n.kind, n.uuid, n.name, n.partition, n.place FROM numbered n WHERE n.known AND n.place <= @most
), lines AS (
	SELECT t.kind, t.place, t.name || CASE WHEN t.partition = '' THEN '' ELSE ' in ' || t.partition END AS object,
		t.uuid::text AS uuid, @as AS what, @why AS why, @do AS todo, estate_diff(
			CASE WHEN e.uuid IS NOT NULL THEN e.attributes || jsonb_build_object('name', e.name, 'partition', e.partition) END,
			CASE WHEN @what <> 'gone' THEN c.attributes || jsonb_build_object('name', c.name, 'partition', c.partition) END
		) AS properties
	FROM told t JOIN sync_change c ON c.kind = t.kind AND c.uuid = t.uuid
	LEFT JOIN estate e ON e.call_processor = @call_processor AND e.kind = t.kind AND e.uuid = t.uuid
	UNION ALL
	SELECT n.kind, @most + 1, '', '', (n.total - CASE WHEN n.known THEN @most ELSE 0 END)
			|| CASE WHEN n.known THEN ' more ' ELSE ' ' END || @as,
		CASE WHEN n.known THEN 'a report tells the first ' || @most || ' of a kind one by one'
			ELSE 'the kind was read for the first time' END, '', NULL
	FROM numbered n WHERE n.place = 1 AND (NOT n.known OR n.total > @most)
)
INSERT INTO sync_lines (sync_number, kind, severity, class, object, uuid, what, why, properties, todo)
SELECT @number, kind, @severity, @class, object, uuid, what, why, properties, todo FROM lines ORDER BY kind, place
ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING`

// tell writes the lines about one happening.
func (a *apply) tell(ctx context.Context, h happening) error {
	as := h.as
	if as == "" {
		as = h.what
	}
	_, err := exec(ctx, a.tx, a.op, toldSQL, pgx.NamedArgs{
		"number": a.number, "call_processor": a.cp, "what": h.what, "as": as, "why": h.why, "do": h.do,
		"severity": h.severity, "class": h.class, "most": toldObjects,
	})
	return err
}

// writeSQL brings what differs to the estate, in an order that no two writers differ in.
var writeSQL = []string{
	`DELETE FROM estate e USING sync_change c
	WHERE c.what = 'gone' AND e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid`,
	`UPDATE estate e SET name = c.name, partition = c.partition, attributes = c.attributes, seen_at = c.read_at,
		changed_at = now(), sync_number = @number
	FROM sync_change c
	WHERE c.what IN ('changed', 'renamed') AND e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid`,
	`INSERT INTO estate (call_processor, kind, uuid, name, partition, attributes, first_seen, seen_at, changed_at, sync_number)
	SELECT @call_processor, kind, uuid, name, partition, attributes, read_at, read_at, now(), @number
	FROM sync_change WHERE what = 'added'`,
}

// passSQL records the sync as the last complete pass of its kinds, and as applied.
var passSQL = []string{
	`INSERT INTO estate_kinds (call_processor, kind, sync_number, read_at, applied_at)
	SELECT @call_processor, kind, @number, read_at, now() FROM sync_pass WHERE complete
	ON CONFLICT (call_processor, kind) DO UPDATE SET sync_number = excluded.sync_number, read_at = excluded.read_at,
		applied_at = excluded.applied_at`,
	`UPDATE syncs SET applied_at = now(), state = 'running', detail = '' WHERE number = @number`,
}

// write tells what differs, brings it to the estate and closes the sync's reading.
func (a *apply) write(ctx context.Context) error {
	for _, h := range happenings {
		if err := a.tell(ctx, h); err != nil {
			return err
		}
	}
	for _, sql := range slices.Concat(writeSQL, passSQL) {
		if err := a.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement over the tables of the comparison.
func (a *apply) exec(ctx context.Context, sql string) error {
	_, err := exec(ctx, a.tx, a.op, sql, pgx.NamedArgs{"number": a.number, "call_processor": a.cp})
	return err
}
