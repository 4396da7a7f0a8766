package db

import (
	"context"
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
	tables := map[uc.EstateKind][]stageRow{}
	var digest digester
	var objects []string
	for _, r := range in.Rows {
		row, ok := stageRowOf(r.EstateRow, r.Kind.IsRelation())
		if !ok {
			return ObjectsOut{}, refuse(uc.Invalid, op, r.Kind.Title()+" "+r.Name+" has no identifier")
		}
		row.digest = digest.of(row)
		tables[r.Kind] = append(tables[r.Kind], row)
		if !r.Kind.IsRelation() {
			objects = append(objects, r.UUID)
		}
	}
	return d.changeObjects(ctx, op, in.CallProcessor, func(a *apply) (given []string, err error) {
		if err := a.all(ctx, []string{`CREATE TEMPORARY TABLE object_stage (LIKE estate_stage) ON COMMIT DROP`}); err != nil {
			return nil, err
		}
		for kind, rows := range tables {
			if err := stageTarget("object_stage", 0, kind, in.ReadAt).copy(ctx, a.tx, rows); err != nil {
				return nil, err
			}
		}
		if err := a.meetSyncs(ctx); err != nil {
			return nil, err
		}
		given = bare(objects)
		// What a sync has read of their relations before is no more.
		err = unstage(ctx, a.tx, op, `g.kind = ANY (@read) AND g.from_uuid = ANY (@given::uuid[])`, pgx.NamedArgs{
			"call_processor": a.cp, "at": in.ReadAt, "read": in.Relations, "given": given,
		})
		if err != nil {
			return nil, err
		}
		// Of a relation what these objects have no more, whoever reads: there is no pass.
		_, err = exec(ctx, a.tx, op, `INSERT INTO object_stage (sync_number, kind, uuid, name, partition, attributes, gone, read_at)
			SELECT 0, r.kind, r.uuid, '', '', '{}', true, @read_at FROM estate_relation r
			WHERE r.call_processor = @call_processor AND r.kind = ANY (@read) AND r.from_uuid = ANY (@given::uuid[])
				AND NOT EXISTS (SELECT FROM object_stage s WHERE s.kind = r.kind AND s.uuid = r.uuid)`, pgx.NamedArgs{
			"call_processor": a.cp, "read": in.Relations, "given": given, "read_at": in.ReadAt,
		})
		if err != nil {
			return nil, err
		}
		return given, a.differ(ctx, "object_stage", append(objectKinds(), relationKinds()...))
	})
}

// meetSyncs makes what was read again while a sync reads, and is the same, as young as this
// reading: what the sync read before does not count. What it has brought there itself is
// visible from now on.
func (a *apply) meetSyncs(ctx context.Context) error {
	for _, sql := range []string{
		`CREATE INDEX ON object_stage (uuid, kind)`,
		meetSQL("estate_object"), meetSQL("estate_relation"),
	} {
		if _, err := exec(ctx, a.tx, a.op, sql, pgx.NamedArgs{"call_processor": a.cp}); err != nil {
			return err
		}
	}
	return nil
}

func meetSQL(table string) string {
	return estateIn(`UPDATE {estate} e SET seen_at = s.read_at,
		sync_number = CASE WHEN e.sync_number IN (SELECT h.sync_number FROM estate_hidden h) THEN 0 ELSE e.sync_number END
	FROM object_stage s
	WHERE e.call_processor = @call_processor AND e.uuid = s.uuid AND e.kind = s.kind AND e.digest = s.digest
		AND e.seen_at <= s.read_at AND EXISTS (SELECT FROM syncs o
			WHERE o.call_processor = @call_processor AND o.applied_at IS NULL AND o.ended_at IS NULL)`, table)
}

// bare are the ids in our form; what is none is left out.
func bare(uuids []string) []string {
	ids := make([]string, 0, len(uuids))
	for _, text := range uuids {
		if id, ok := uuidText(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// RemoveObjects takes objects out of the estate that the call processor reported as
// removed, by their ids and whatever their kinds, and out of every list that has them.
// What was read after that moment stands; absent is success. Rows that a sync has
// staged before go too: they would bring them back.
func (d *DB) RemoveObjects(ctx context.Context, callProcessor string, at time.Time, uuids ...string) (ObjectsOut, error) {
	const op = "remove objects"
	args := relationSides(func(uc.Relation, bool) bool { return true })
	args["call_processor"], args["at"], args["ids"] = callProcessor, at, bare(uuids)
	return d.changeObjects(ctx, op, callProcessor, func(a *apply) ([]string, error) {
		for _, sql := range removeSQL {
			if _, err := exec(ctx, a.tx, op, sql, args); err != nil {
				return nil, err
			}
		}
		return []string{}, unstage(ctx, a.tx, op, `g.uuid = ANY (@ids::uuid[]) AND NOT g.kind = ANY (@rels)
			OR g.from_uuid = ANY (@ids::uuid[]) OR g.to_uuid = ANY (@ids::uuid[])`, args)
	})
}

// removeSQL notes what goes, with the relations of that and of what is nowhere.
var removeSQL = []string{
	`INSERT INTO sync_change (kind, uuid, what) SELECT kind, uuid, 'gone' FROM estate_object
	WHERE call_processor = @call_processor AND uuid = ANY (@ids::uuid[]) AND seen_at <= @at`,
	`WITH side AS (
		SELECT * FROM unnest(@rels::text[], @owners::text[], @forwards::boolean[]) AS s(rel, kind, forward)
	), nowhere AS (
		SELECT i.id FROM unnest(@ids::uuid[]) AS i(id)
		WHERE NOT EXISTS (SELECT FROM estate_object e WHERE e.call_processor = @call_processor AND e.uuid = i.id)
	), row AS (
		SELECT r.*, r.from_uuid AS end_uuid, true AS forward FROM estate_relation r
		WHERE r.call_processor = @call_processor AND r.from_uuid = ANY (@ids::uuid[]) AND r.seen_at <= @at
		UNION ALL
		SELECT r.*, r.to_uuid, false FROM estate_relation r
		WHERE r.call_processor = @call_processor AND r.to_uuid = ANY (@ids::uuid[]) AND r.seen_at <= @at
	)
	INSERT INTO sync_change (kind, uuid, what, from_uuid, to_uuid)
	SELECT DISTINCT r.kind, r.uuid, 'gone', r.from_uuid, r.to_uuid FROM row r
	WHERE r.end_uuid IN (SELECT id FROM nowhere) OR EXISTS (SELECT FROM side s
		JOIN sync_change c ON c.kind = s.kind AND c.uuid = r.end_uuid AND c.what = 'gone'
		WHERE s.rel = r.kind AND s.forward = r.forward)`,
}

// unstage takes rows out of what syncs have staged, that were read before that moment and
// meet the condition.
func unstage(ctx context.Context, tx pgx.Tx, op, condition string, args pgx.NamedArgs) error {
	_, err := exec(ctx, tx, op, `WITH unstaged AS (
			DELETE FROM estate_stage g USING syncs s
			WHERE s.call_processor = @call_processor AND NOT s.pruned AND s.applied_at IS NULL AND s.ended_at IS NULL
				AND g.sync_number = s.number AND g.read_at <= @at AND NOT g.gone AND (`+condition+`)
			RETURNING g.sync_number, g.kind
		)
		UPDATE sync_kinds k SET staged = staged - n
		FROM (SELECT sync_number, kind, count(*) AS n FROM unstaged GROUP BY sync_number, kind) g
		WHERE k.sync_number = g.sync_number AND k.kind = g.kind`, args)
	return err
}

func relationKinds() []uc.EstateKind {
	out := make([]uc.EstateKind, len(uc.Relations))
	for i, r := range uc.Relations {
		out[i] = r.Kind
	}
	return out
}

// changeObjects runs the comparison of a few objects, which returns the ids of those that
// were given, and brings what differs to the estate.
func (d *DB) changeObjects(ctx context.Context, op, callProcessor string, compare func(*apply) (given []string, err error),
) (ObjectsOut, error) {
	out, err := d.changeObjectsOnce(ctx, op, callProcessor, compare)
	if code := pgCode(err); code == uniqueViolation || code == deadlock {
		// A page of a first reading brought one of them in the same moment: now it is there.
		out, err = d.changeObjectsOnce(ctx, op, callProcessor, compare)
	}
	return out, err
}

func (d *DB) changeObjectsOnce(ctx context.Context, op, callProcessor string, compare func(*apply) (given []string, err error),
) (ObjectsOut, error) {
	var out ObjectsOut
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		a := &apply{tx: tx, op: op, cp: callProcessor}
		// They are few: each is found by its key, whatever the statistics say.
		if err := a.all(ctx, append([]string{
			lockEstateSQL, `SET LOCAL enable_hashjoin = off`, `SET LOCAL enable_mergejoin = off`,
			`SET LOCAL enable_seqscan = off`, `SET LOCAL jit = off`,
		}, changeTables...)); err != nil {
			return err
		}
		given, err := compare(a)
		if err != nil {
			return err
		}
		if err := a.owners(ctx); err != nil {
			return err
		}
		out, err = one[ObjectsOut](ctx, tx, op, `SELECT count(*) FILTER (WHERE what = 'added') AS added,
				count(*) FILTER (WHERE what IN ('changed', 'renamed') OR what = 'listed' AND uuid = ANY (@given::uuid[])) AS changed,
				count(*) FILTER (WHERE what = 'gone') AS gone,
				count(*) FILTER (WHERE what = 'listed' AND NOT uuid = ANY (@given::uuid[])) AS others, 0 AS same
			FROM sync_change WHERE from_uuid IS NULL`, pgx.NamedArgs{"given": given})
		if err != nil {
			return err
		}
		out.Same = max(0, len(given)-out.Added-out.Changed)
		return a.all(ctx, writeSQL)
	})
	if err != nil {
		return ObjectsOut{}, err
	}
	return out, nil
}
