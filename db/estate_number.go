package db

import (
	"context"

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
// are not handed out; those that a sync had marked and that are special no more become
// available, or cool on. A number that somebody has, or that is reserved or blocked,
// stays. Patterns that stand for several numbers are not looked at. It tells in the
// report of the sync, unless its id is empty. Doing it again changes nothing. Fails
// with NotFound when there is no such sync.
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
			"type": uc.PatternAttribute, "what": uc.WhatForeign,
		}
		marked, err := column[int](ctx, tx, op, markSpecialSQL, args)
		if err != nil {
			return err
		}
		freed, err := column[int](ctx, tx, op, freeSpecialSQL, args)
		out = ForeignOut{Marked: first(marked), Freed: first(freed)}
		return err
	})
	if err != nil {
		return ForeignOut{}, err
	}
	return out, nil
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

const specialSQL = `special AS (
	SELECT DISTINCT ON (digits, partition) digits, partition, uuid, 'special number on the call processor: '
		|| coalesce(nullif(kind, ''), 'no phone of ours') || coalesce(' (' || nullif(description, '') || ')', '') AS why
	FROM (SELECT ` + digitsOf + ` AS digits, e.partition, e.uuid, e.attributes->>@type AS kind,
			e.attributes->>'description' AS description
		FROM estate e WHERE e.call_processor = @call_processor AND e.kind = @kind) e
	ORDER BY digits, partition, uuid
)`

const markSpecialSQL = `WITH ` + specialSQL + `, old AS (
	SELECT n.id, n.user_id, n.state, n.digits, n.partition, s.why, s.uuid
	FROM numbers n JOIN special s ON s.digits = n.digits AND s.partition = n.partition
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
		jsonb_build_object('state', jsonb_build_object('old', state, 'new', 'foreign'), 'heldFor', user_id),
		CASE state WHEN 'held' THEN 'hold another number for ' || user_id ELSE 'nothing: it is not handed out' END
	FROM old WHERE @number::bigint <> 0
	ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING
)
SELECT count(*) FROM changed`

// freeSpecialSQL frees what only a sync had marked, once a later complete pass of the
// special numbers does not have it.
var freeSpecialSQL = `WITH ` + specialSQL + `, old AS (
	SELECT n.id, n.released_at, p.policy, ` + coolUntil + ` AS cool_until
	FROM numbers n JOIN number_pools p ON p.name = n.pool
	JOIN estate_kinds k ON k.call_processor = n.call_processor AND k.kind = @kind
	CROSS JOIN LATERAL (SELECT actor, at FROM number_events WHERE number_id = n.id ORDER BY id DESC LIMIT 1) last
	WHERE n.call_processor = @call_processor AND n.state = 'foreign' AND last.actor = @actor AND last.at < k.applied_at
		AND NOT EXISTS (SELECT FROM special s WHERE s.digits = n.digits AND s.partition = n.partition)
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
)
SELECT count(*) FROM changed`
