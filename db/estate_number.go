package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// syncActor is who changes numbers because of what a sync has read.
const syncActor = "sync"

// ForeignOut counts what became of numbers because of special ones.
type ForeignOut struct {
	Marked int // are foreign now
	Freed  int // were foreign because of a sync, and are no more
}

// MarkForeignNumbers makes the numbers of the ledger foreign that the estate knows as
// special on the call processor (intercom, hunt pilot, other endpoint), so that they
// are not handed out; so it does with those that a special number with wildcards covers
// unless calls to it are only sent on (uc.EndPatterns). Those that a sync had marked and
// that are special no more become available, or cool on. A number that somebody has, or
// that is reserved or blocked, stays. It tells in the report of the sync, of each
// happening the first 500 numbers, unless its id is empty. Doing it again changes
// nothing. Fails with NotFound when there is no such sync.
func (d *DB) MarkForeignNumbers(ctx context.Context, callProcessor, syncID string) (ForeignOut, error) {
	const op = "mark foreign numbers"
	var out ForeignOut
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		number, err := lineTarget(ctx, tx, op, syncID)
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{
			"call_processor": callProcessor, "number": number, "actor": syncActor, "kind": uc.SpecialNumberKind,
			"type": uc.PatternAttribute, "what": uc.WhatForeign, "freed": uc.WhatFreed, "most": toldObjects,
		}
		strange, err := addPatterns(ctx, tx, op, args)
		if err != nil {
			return err
		}
		for _, sql := range []string{specialSQL, `ANALYZE sync_special`, retellSQL} {
			if _, err := exec(ctx, tx, op, sql, args); err != nil {
				return err
			}
		}
		marked, err := column[int](ctx, tx, op, markSpecialSQL, args)
		if err != nil {
			return err
		}
		freed, err := column[int](ctx, tx, op, freeSpecialSQL, args)
		if err != nil {
			return err
		}
		out = ForeignOut{Marked: first(marked), Freed: first(freed)}
		if number == 0 {
			return nil
		}
		return addLines(ctx, tx, number, append(strange, out.moreLines()...)...)
	})
	if err != nil {
		return ForeignOut{}, err
	}
	return out, nil
}

// moreLines say how many numbers a report does not tell one by one.
func (o ForeignOut) moreLines() []uc.SyncLine {
	var out []uc.SyncLine
	for _, more := range []struct {
		n    int
		text string
	}{{o.Marked - toldObjects, "%d more numbers are foreign"}, {o.Freed - toldObjects, "%d more numbers are foreign no more"}} {
		if more.n > 0 {
			out = append(out, uc.SyncLine{
				Kind: uc.SpecialNumberKind, Severity: uc.SeverityInfo, Class: uc.DataLine, What: fmt.Sprintf(more.text, more.n),
				Why: fmt.Sprintf("a report tells the first %d one by one", toldObjects), Do: "dialtone number list shows all of a pool",
			})
		}
	}
	return out
}

// lineTarget is the sync whose report is written to, 0 for none.
func lineTarget(ctx context.Context, q querier, op, syncID string) (int64, error) {
	if syncID == "" {
		return 0, nil
	}
	return syncNumber(ctx, q, op, syncID)
}

// digitsOf are the digits of a pattern of the estate: a leading plus is escaped there.
const digitsOf = `replace(e.name, '\', '')`

// specialSQL collects the numbers that are special, each once: those that stand in the
// estate so, and those of the ledger that a pattern covers, the narrowest one first.
const specialSQL = `CREATE TEMPORARY TABLE sync_special ON COMMIT DROP AS
SELECT DISTINCT ON (digits, partition) digits, partition, uuid, why FROM (
	SELECT 0 AS place, ` + digitsOf + ` COLLATE "C" AS digits, e.partition, e.uuid, 'special number on the call processor: '
		|| coalesce(nullif(e.attributes->>@type, ''), 'no phone of ours')
		|| coalesce(' (' || nullif(e.attributes->>'description', '') || ')', '') AS why
	FROM estate e WHERE e.call_processor = @call_processor AND e.kind = @kind
	UNION ALL
	SELECT p.place, n.digits::text, n.partition, p.uuid, p.why
	FROM sync_pattern p JOIN numbers n ON n.call_processor = @call_processor AND n.partition = p.partition
		AND n.digits >= p.low AND n.digits < p.high AND length(n.digits) BETWEEN p.shortest AND p.longest
		AND n.digits ~ p.expression
	WHERE n.state IN ('available', 'held', 'cooling', 'foreign')
) found ORDER BY digits, partition, place, uuid`

// lastEvent is the last event of the number n.
const lastEvent = ` CROSS JOIN LATERAL (SELECT actor, at FROM number_events WHERE number_id = n.id ORDER BY id DESC LIMIT 1) last`

// retellSQL keeps the reason of what a sync had marked true: another pattern may be the
// one that covers it now.
const retellSQL = `WITH old AS (
	SELECT n.id, s.why FROM numbers n JOIN sync_special s ON s.digits = n.digits AND s.partition = n.partition` + lastEvent + `
	WHERE n.call_processor = @call_processor AND n.state = 'foreign' AND last.actor = @actor AND n.reason <> s.why
	ORDER BY n.id FOR UPDATE OF n
), changed AS (
	UPDATE numbers n SET reason = old.why, changed_at = now() FROM old WHERE n.id = old.id
	RETURNING n.id, n.reason
)
INSERT INTO number_events (number_id, actor, from_state, to_state, reason)
SELECT id, @actor, 'foreign', 'foreign', reason FROM changed`

const markSpecialSQL = `WITH old AS (
	SELECT n.id, n.user_id, n.state, n.digits, n.partition, s.why, s.uuid
	FROM numbers n JOIN sync_special s ON s.digits = n.digits AND s.partition = n.partition
	WHERE n.call_processor = @call_processor AND n.state IN ('available', 'held', 'cooling')
	ORDER BY n.id FOR UPDATE OF n
), changed AS (
	UPDATE numbers n SET state = 'foreign', user_id = '', user_key = '', turn = NULL, until = NULL, reason = old.why,
		changed_at = now()
	FROM old WHERE n.id = old.id
	RETURNING n.id
), event AS (
	INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
	SELECT id, @actor, user_id, state, 'foreign', why FROM old JOIN changed USING (id)
), told AS (
	INSERT INTO sync_lines (sync_number, kind, severity, class, object, uuid, what, why, properties, todo)
	SELECT @number::bigint, @kind, CASE state WHEN 'held' THEN 'warning' ELSE 'info' END, 'data',
		digits || ' in ' || partition, uuid::text, @what, why,
		jsonb_build_object('state', jsonb_build_object('old', state, 'new', 'foreign'))
			|| CASE WHEN user_id = '' THEN '{}' ELSE jsonb_build_object('user', jsonb_build_object('old', user_id)) END,
		CASE state WHEN 'held' THEN 'hold another number for ' || user_id ELSE 'nothing: it is not handed out' END
	FROM old WHERE @number::bigint <> 0 ORDER BY state <> 'held', digits, partition LIMIT @most
	ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING
)
SELECT count(*) FROM changed`

// freeSpecialSQL frees what only a sync had marked, once a later complete pass of the
// special numbers does not have it.
var freeSpecialSQL = `WITH old AS (
	SELECT n.id, n.digits, n.partition, n.reason, n.released_at, p.policy, ` + coolUntil + ` AS cool_until
	FROM numbers n JOIN number_pools p ON p.name = n.pool
	JOIN estate_kinds k ON k.call_processor = n.call_processor AND k.kind = @kind` + lastEvent + `
	WHERE n.call_processor = @call_processor AND n.state = 'foreign' AND last.actor = @actor AND last.at < k.applied_at
		AND NOT EXISTS (SELECT FROM sync_special s WHERE s.digits = n.digits AND s.partition = n.partition)
	ORDER BY n.id FOR UPDATE OF n
), changed AS (
	UPDATE numbers n SET state = CASE WHEN cool_until > now() THEN 'cooling'::number_state ELSE 'available' END,
		until = CASE WHEN cool_until > now() THEN cool_until END, reason = '', changed_at = now(),
		turn = CASE WHEN cool_until > now() THEN NULL WHEN policy = 'lowest' THEN '-infinity'
			ELSE coalesce(old.released_at, '-infinity') END
	FROM old WHERE n.id = old.id
	RETURNING n.id, n.state
), event AS (
	INSERT INTO number_events (number_id, actor, from_state, to_state, reason)
	SELECT id, @actor, 'foreign', state, 'special on the call processor no more' FROM changed
), told AS (
	INSERT INTO sync_lines (sync_number, kind, severity, class, object, what, why, properties, todo)
	SELECT @number::bigint, @kind, 'info', 'data', digits || ' in ' || partition, @freed,
		'the call processor has it as a special number no more',
		jsonb_build_object('state', jsonb_build_object('old', 'foreign', 'new', state),
			'reason', jsonb_build_object('old', reason)), 'nothing: it is handed out again in its turn'
	FROM old JOIN changed USING (id) WHERE @number::bigint <> 0 ORDER BY digits, partition LIMIT @most
	ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING
)
SELECT count(*) FROM changed`
