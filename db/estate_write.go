package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// toldObjects is how many objects of a kind a report tells one by one, of each
// happening; of the others it says how many there are.
const toldObjects = 500

// happening is what a report says about objects that differ in the same way.
type happening struct {
	what, as string // in sync_change, and in the report
	severity uc.Severity
	class    uc.LineClass
	why, do  string
}

var happenings = []happening{
	{
		what: uc.WhatAdded, as: uc.WhatAdded, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the call processor has it and the copy had not", do: "nothing: the copy has it now",
	},
	{
		what: uc.WhatChanged, as: uc.WhatChanged, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the call processor has other values than the copy had", do: "nothing: the copy has the new values now",
	},
	{
		what: uc.WhatRenamed, as: uc.WhatRenamed, severity: uc.SeverityInfo, class: uc.DataLine,
		why: "the object with this id has another name than in the copy", do: "nothing: the copy has the new name now",
	},
	{
		what: uc.WhatGone, as: uc.WhatGone, severity: uc.SeverityWarning, class: uc.DataLine,
		why: "a complete reading of its kind, without a fault, did not return it",
		do:  "nothing, when it was removed on purpose; otherwise add it again, its values are here",
	},
}

// wouldGo is what the report of a held sync says.
var wouldGo = happening{
	what: uc.WhatGone, as: uc.WhatWouldGo, severity: uc.SeverityWarning, class: uc.GuardLine,
	why: "a complete reading of its kind did not return it", do: "look for it on the call processor before you approve",
}

// pickSQL keeps of each kind and happening the objects that are told one by one, the first
// by name, as they were before. A kind that was never read before is not told so.
var pickSQL = `CREATE TEMPORARY TABLE sync_told ON COMMIT DROP AS
SELECT t.kind, t.uuid, t.what, t.name, t.partition, CASE WHEN e.uuid IS NOT NULL
	THEN ` + mergedSQL + ` || jsonb_build_object('name', e.name, 'partition', e.partition) END AS before
FROM (
	SELECT kind, uuid, what, name, partition, row_number() OVER (PARTITION BY kind, what ORDER BY name, partition, uuid) AS place
	FROM (
		SELECT c.kind, c.uuid, CASE c.what WHEN 'listed' THEN 'changed' ELSE c.what END AS what, c.name, c.partition
		FROM sync_change c JOIN sync_pass p ON p.kind = c.kind AND p.known
		WHERE c.from_uuid IS NULL
	) object
) t LEFT JOIN estate e ON e.call_processor = @call_processor AND e.uuid = t.uuid AND e.kind = t.kind
WHERE t.place <= @most`

// pick keeps what is told, before it is written.
func (a *apply) pick(ctx context.Context) error {
	_, err := exec(ctx, a.tx, a.op, pickSQL, pgx.NamedArgs{"call_processor": a.cp, "most": toldObjects})
	return err
}

// tell writes the lines about one happening: of each kind the objects that were picked,
// and how many more there are. Of a kind that was never read before it says only how many
// there are: all of it is new.
func (a *apply) tell(ctx context.Context, h happening) error {
	type count struct {
		Kind  uc.EstateKind
		Total int
		Known bool
	}
	counts, err := list[count](ctx, a.tx, a.op, `SELECT kind, total, known FROM (
			SELECT k.kind, p.known, CASE @what WHEN 'added' THEN k.added WHEN 'gone' THEN k.gone ELSE (
				SELECT count(*) FROM sync_change c
				WHERE c.kind = k.kind AND (c.what = @what OR c.what = 'listed' AND @what = 'changed')) END AS total
			FROM sync_kinds k JOIN sync_pass p ON p.kind = k.kind WHERE k.sync_number = @number
		) happened WHERE total > 0 ORDER BY kind`, pgx.NamedArgs{"number": a.number, "what": h.what})
	for _, c := range counts {
		line := uc.SyncLine{Kind: c.Kind, Severity: h.severity, Class: h.class, Do: h.do}
		switch {
		case !c.Known:
			line.What, line.Why = fmt.Sprintf("%d %s", c.Total, h.as), "the kind was read for the first time"
			if h.what == uc.WhatAdded {
				line.Do = "nothing: the copy has them now"
			}
		case c.Total > toldObjects:
			line.What = fmt.Sprintf("%d more %s", c.Total-toldObjects, h.as)
			line.Why = fmt.Sprintf("a report tells the first %d of a kind one by one", toldObjects)
		}
		if c.Known {
			err = a.tellObjects(ctx, c.Kind, h)
		}
		if err == nil && line.What != "" {
			err = addLines(ctx, a.tx, a.number, line)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// tellSQL writes a line for each object that was picked, with the values that differ.
var tellSQL = `INSERT INTO sync_lines (sync_number, kind, severity, class, object, uuid, what, why, properties, todo)
SELECT @number, t.kind, @severity, @class, t.name || CASE WHEN t.partition = '' THEN '' ELSE ' in ' || t.partition END,
	t.uuid::text, @as, @why, estate_diff(t.before, CASE WHEN t.what <> 'gone'
		THEN ` + mergedSQL + ` || jsonb_build_object('name', e.name, 'partition', e.partition) END), @do
FROM sync_told t
LEFT JOIN estate_object e ON e.call_processor = @call_processor AND e.uuid = t.uuid AND e.kind = t.kind
WHERE t.kind = @kind AND t.what = @what
ORDER BY t.name, t.partition, t.uuid
ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING`

func (a *apply) tellObjects(ctx context.Context, kind uc.EstateKind, h happening) error {
	_, err := exec(ctx, a.tx, a.op, tellSQL, pgx.NamedArgs{
		"number": a.number, "call_processor": a.cp, "kind": kind, "what": h.what, "as": h.as, "why": h.why, "do": h.do,
		"severity": h.severity, "class": h.class,
	})
	return err
}

// writeSQL brings what differs to the estate.
var writeSQL = []string{
	`DELETE FROM estate_object e USING sync_change c
	WHERE c.what = 'gone' AND c.from_uuid IS NULL
		AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`DELETE FROM estate_relation e USING sync_change c
	WHERE c.what = 'gone' AND c.from_uuid IS NOT NULL
		AND e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid`,
	`UPDATE estate_object e SET name = c.name, partition = c.partition, attributes = c.attributes, seen_at = c.read_at,
		changed_at = now(), sync_number = @number, digest = c.digest
	FROM sync_change c
	WHERE c.what IN ('changed', 'renamed', 'again') AND c.from_uuid IS NULL
		AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`UPDATE estate_relation e SET from_uuid = c.from_uuid, to_uuid = c.to_uuid, attributes = c.attributes, seen_at = c.read_at,
		sync_number = @number, digest = c.digest
	FROM sync_change c
	WHERE c.what = 'changed' AND c.from_uuid IS NOT NULL
		AND e.call_processor = @call_processor AND e.kind = c.kind AND e.uuid = c.uuid`,
	`UPDATE estate_object e SET changed_at = now() FROM sync_change c
	WHERE c.what = 'listed' AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`INSERT INTO estate_object
		(call_processor, kind, uuid, name, partition, attributes, first_seen, seen_at, changed_at, sync_number, digest)
	SELECT @call_processor, kind, uuid, name, partition, attributes, read_at, read_at, now(), @number, digest
	FROM sync_change WHERE what = 'added' AND from_uuid IS NULL`,
	`INSERT INTO estate_relation (call_processor, kind, uuid, from_uuid, to_uuid, attributes, seen_at, sync_number, digest)
	SELECT @call_processor, kind, uuid, from_uuid, to_uuid, attributes, read_at, @number, digest
	FROM sync_change WHERE what = 'added' AND from_uuid IS NOT NULL`,
}

// passSQL records the sync as the last complete pass of its kinds, and as applied.
var passSQL = []string{
	`INSERT INTO estate_kinds (call_processor, kind, sync_number, read_at, applied_at)
	SELECT @call_processor, kind, @number, read_at, now() FROM sync_pass
	ON CONFLICT (call_processor, kind) DO UPDATE SET sync_number = excluded.sync_number, read_at = excluded.read_at,
		applied_at = excluded.applied_at`,
	`UPDATE syncs SET applied_at = now(), state = 'running', detail = '' WHERE number = @number`,
}

// write brings what differs to the estate, tells it and closes the sync's reading.
func (a *apply) write(ctx context.Context) error {
	if err := a.pick(ctx); err != nil {
		return err
	}
	if err := a.all(ctx, writeSQL); err != nil {
		return err
	}
	if err := a.showHidden(ctx); err != nil {
		return err
	}
	for _, h := range happenings {
		if err := a.tell(ctx, h); err != nil {
			return err
		}
	}
	return a.all(ctx, passSQL)
}
