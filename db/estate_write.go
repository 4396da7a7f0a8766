package db

import (
	"context"
	"fmt"
	"slices"

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

// tell writes the lines about one happening: of each kind the first objects by name,
// and how many more there are. Of a kind that was never read before it says only how
// many there are: all of it is new.
func (a *apply) tell(ctx context.Context, h happening) error {
	type count struct {
		Kind  uc.EstateKind
		Total int
		Known bool
	}
	counts, err := list[count](ctx, a.tx, a.op, `SELECT p.kind, count(*) AS total, p.known
		FROM sync_pass p JOIN sync_change c ON c.kind = p.kind AND c.what = @what GROUP BY p.kind, p.known ORDER BY p.kind`,
		pgx.NamedArgs{"what": h.what})
	for _, c := range counts {
		line := uc.SyncLine{Kind: c.Kind, Severity: h.severity, Class: h.class, Do: h.do}
		switch {
		case !c.Known:
			line.What, line.Why = fmt.Sprintf("%d %s", c.Total, h.as), "the kind was read for the first time"
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

// tellObjects writes a line for each of the first objects of the kind, by name, with
// the values that differ.
func (a *apply) tellObjects(ctx context.Context, kind uc.EstateKind, h happening) error {
	_, err := exec(ctx, a.tx, a.op, `WITH told AS (
		SELECT c.uuid, coalesce(c.name, e.name) AS name, coalesce(c.partition, e.partition) AS partition,
			CASE WHEN e.uuid IS NOT NULL
				THEN e.attributes || jsonb_build_object('name', e.name, 'partition', e.partition) END AS before,
			c.attributes || jsonb_build_object('name', c.name, 'partition', c.partition) AS after
		FROM sync_change c
		LEFT JOIN estate e ON e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind
		WHERE c.kind = @kind AND c.what = @what
		ORDER BY 2, 3, 1 LIMIT @most
	)
	INSERT INTO sync_lines (sync_number, kind, severity, class, object, uuid, what, why, properties, todo)
	SELECT @number, @kind, @severity, @class, name || CASE WHEN partition = '' THEN '' ELSE ' in ' || partition END,
		uuid::text, @as, @why, estate_diff(before, after), @do
	FROM told ORDER BY name, partition, uuid
	ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING`, pgx.NamedArgs{
		"number": a.number, "call_processor": a.cp, "kind": kind, "what": h.what, "as": h.as, "why": h.why, "do": h.do,
		"severity": h.severity, "class": h.class, "most": toldObjects,
	})
	return err
}

// writeSQL brings what differs to the estate.
var writeSQL = []string{
	`DELETE FROM estate e USING sync_change c
	WHERE c.what = 'gone' AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	`UPDATE estate e SET name = c.name, partition = c.partition, attributes = c.attributes, seen_at = c.read_at,
		changed_at = now(), sync_number = @number, digest = c.digest
	FROM sync_change c
	WHERE c.what IN ('changed', 'renamed') AND e.call_processor = @call_processor AND e.uuid = c.uuid AND e.kind = c.kind`,
	insertSQL + `SELECT @call_processor, kind, uuid, name, partition, attributes, read_at, read_at, now(), @number, digest
	FROM sync_change WHERE what = 'added'`,
}

const insertSQL = `INSERT INTO estate
	(call_processor, kind, uuid, name, partition, attributes, first_seen, seen_at, changed_at, sync_number, digest)
`

// passSQL records the sync as the last complete pass of its kinds, and as applied.
var passSQL = []string{
	`INSERT INTO estate_kinds (call_processor, kind, sync_number, read_at, applied_at)
	SELECT @call_processor, kind, @number, read_at, now() FROM sync_pass
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
	if err := a.writeFirst(ctx); err != nil {
		return err
	}
	return a.all(ctx, slices.Concat(writeSQL, passSQL))
}
