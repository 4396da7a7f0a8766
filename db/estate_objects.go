package db

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// KindRow is a row of some kind: an object, or a relation.
type KindRow struct {
	Kind uc.EstateKind
	EstateRow
}

// ObjectsIn is a few objects that were read by themselves.
type ObjectsIn struct {
	CallProcessor string
	ReadAt        time.Time // when they were asked for; zero = now
	Rows          []KindRow // the objects, and the rows of the relations
	// The relations that were read completely for those objects that are first in them:
	// no row of one means that the object has none. What others list stays.
	Relations []uc.EstateKind
}

// ObjectsOut counts what became of objects.
type ObjectsOut struct {
	Added   int
	Changed int
	Same    int // they stand so already: an own write that came back, or a later reading
	Gone    int
	Others  int // that are related to them and list them now, or do no more
}

// ApplyObjects makes objects visible that were read by themselves, all at once, on both
// sides of their relations. What was read later than these stands. Doing it again
// changes nothing. It holds the rows: read few at a time. Fails with Invalid when a row
// has no identifier.
func (d *DB) ApplyObjects(ctx context.Context, in ObjectsIn) (ObjectsOut, error) {
	const op = "apply objects"
	if in.ReadAt.IsZero() {
		in.ReadAt = time.Now()
	}
	values, ids := make([][]any, len(in.Rows)), make([][16]byte, len(in.Rows))
	for i, r := range in.Rows {
		p := newPageRows(PageIn{Kind: r.Kind, ReadAt: in.ReadAt}, 0)
		if !p.take(r.EstateRow) {
			return ObjectsOut{}, refuse(uc.Invalid, op, r.Kind.Title()+" "+r.Name+" has no identifier")
		}
		values[i], ids[i] = p.values, p.values[2].([16]byte)
	}
	return d.changeObjects(ctx, op, in.CallProcessor, func(a *apply) (given int, _ []string, err error) {
		a.read = in.Relations
		if err := a.all(ctx, []string{`CREATE TEMPORARY TABLE object_stage (LIKE estate_stage) ON COMMIT DROP`}); err != nil {
			return 0, nil, err
		}
		if _, err := a.tx.CopyFrom(ctx, pgx.Identifier{"object_stage"}, stageColumns, pgx.CopyFromRows(values)); err != nil {
			return 0, nil, err
		}
		// There is no pass: nothing is gone.
		args := a.foldArgs(objectKinds(), false)
		args["ids"] = ids
		if err := a.differ(ctx, "object_stage", ` AND e.uuid = ANY (@ids::uuid[])`, args); err != nil {
			return 0, nil, err
		}
		counts, err := column[int](ctx, a.tx, op, `SELECT count(DISTINCT (kind, uuid)) FROM object_stage
			WHERE kind = ANY (@kinds)`, args)
		return first(counts), nil, err
	})
}

// RemoveObjects takes objects out of the estate that the call processor reported as
// removed, by their ids and whatever their kinds, and out of every list that has them.
// What was read after that moment stands; absent is success. Rows that a sync has
// staged before go too: they would bring them back.
func (d *DB) RemoveObjects(ctx context.Context, callProcessor string, at time.Time, uuids ...string) (ObjectsOut, error) {
	const op = "remove objects"
	ids := make([]string, 0, len(uuids))
	for _, text := range uuids {
		if id, ok := uuidText(text); ok {
			ids = append(ids, id)
		}
	}
	return d.changeObjects(ctx, op, callProcessor, func(a *apply) (int, []string, error) {
		args := pgx.NamedArgs{
			"call_processor": callProcessor, "at": at, "ids": ids, "rels": relationKinds(), "unlisted": unlistedKinds(),
		}
		for _, sql := range removeSQL {
			if _, err := exec(ctx, a.tx, op, sql, args); err != nil {
				return 0, nil, err
			}
		}
		nowhere, err := column[string](ctx, a.tx, op, `SELECT i.id::text FROM unnest(@ids::uuid[]) AS i(id)
			WHERE NOT EXISTS (SELECT FROM estate e WHERE e.call_processor = @call_processor AND e.uuid = i.id)
				OR EXISTS (SELECT FROM sync_change c WHERE c.uuid = i.id AND c.kind = ANY (@unlisted))`, args)
		return 0, nowhere, err
	})
}

// removeSQL notes what goes, and takes it out of what syncs have staged.
var removeSQL = []string{
	`INSERT INTO sync_change (kind, uuid, what) SELECT kind, uuid, 'gone' FROM estate
	WHERE call_processor = @call_processor AND uuid = ANY (@ids::uuid[]) AND seen_at <= @at`,
	`WITH gone AS (
		DELETE FROM estate_stage g USING syncs s
		WHERE s.call_processor = @call_processor AND NOT s.pruned AND s.applied_at IS NULL AND s.ended_at IS NULL
			AND g.sync_number = s.number AND g.read_at <= @at
			AND (g.uuid = ANY (@ids::uuid[]) OR g.kind = ANY (@rels) AND g.name = ANY (@ids::text[]))
		RETURNING g.sync_number, g.kind
	)
	UPDATE sync_kinds k SET read = read - n
	FROM (SELECT sync_number, kind, count(*) AS n FROM gone GROUP BY sync_number, kind) g
	WHERE k.sync_number = g.sync_number AND k.kind = g.kind`,
}

func relationKinds() []uc.EstateKind {
	out := make([]uc.EstateKind, len(uc.Relations))
	for i, r := range uc.Relations {
		out[i] = r.Kind
	}
	return out
}

// unlistedKinds are the kinds that do not know who lists them.
func unlistedKinds() []uc.EstateKind {
	var out []uc.EstateKind
	for _, r := range uc.Relations {
		if r.ToAs == "" {
			out = append(out, r.To...)
		}
	}
	return out
}

// changeObjects runs the comparison of a few objects, which returns how many there are
// and the ids of those that are nowhere, and brings what differs to the estate.
func (d *DB) changeObjects(ctx context.Context, op, callProcessor string,
	compare func(*apply) (given int, nowhere []string, err error),
) (ObjectsOut, error) {
	var out ObjectsOut
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		a := &apply{tx: tx, op: op, cp: callProcessor}
		if err := a.all(ctx, append([]string{lockEstateSQL}, changeTables...)); err != nil {
			return err
		}
		given, nowhere, err := compare(a)
		if err != nil {
			return err
		}
		out, err = one[ObjectsOut](ctx, tx, op, `SELECT count(*) FILTER (WHERE what = 'added') AS added,
				count(*) FILTER (WHERE what IN ('changed', 'renamed')) AS changed,
				count(*) FILTER (WHERE what = 'gone') AS gone, 0 AS same, 0 AS others
			FROM sync_change`, nil)
		if err != nil {
			return err
		}
		out.Same = max(0, given-out.Added-out.Changed)
		if out.Others, err = a.mirror(ctx, nowhere); err != nil {
			return err
		}
		// They are few: each is found by its key, whatever the statistics say.
		return a.all(ctx, slices.Concat([]string{
			`SET LOCAL enable_hashjoin = off`, `SET LOCAL enable_mergejoin = off`, `SET LOCAL enable_bitmapscan = off`,
		}, writeSQL))
	})
	if err != nil {
		return ObjectsOut{}, err
	}
	return out, nil
}
