package db

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// SyncDiff compares the reports of two syncs.
type SyncDiff struct {
	A     uc.Sync     `json:"a"`
	B     uc.Sync     `json:"b"`
	Lines []SyncDelta `json:"lines"`          // what only one of them says
	Next  string      `json:"next,omitempty"` // the cursor of the next page; "" = this is the last one
	Same  int         `json:"same"`           // lines that both have
}

// SyncDelta is a line that one of two reports has and the other has not.
type SyncDelta struct {
	In string `json:"in"` // "a" or "b"
	uc.SyncLine
}

// DiffSyncs compares two reports: their counts, and at most limit of the lines that
// only one of them has, those of a first. Lines are the same when they say the same of
// the same object, values included. Fails with NotFound when there is no such sync,
// and Invalid when both are one, or the cursor is not one of ours.
func (d *DB) DiffSyncs(ctx context.Context, a, b, cursor string, limit int) (SyncDiff, error) {
	const op = "diff syncs"
	if a == b {
		return SyncDiff{}, refuse(uc.Invalid, op, "name two syncs: one is always equal to itself")
	}
	var out SyncDiff
	var err error
	if out.A, err = d.GetSync(ctx, a); err != nil {
		return SyncDiff{}, err
	}
	if out.B, err = d.GetSync(ctx, b); err != nil {
		return SyncDiff{}, err
	}
	args := pgx.NamedArgs{"a": a, "b": b, "limit": pageSize(limit) + 1, "after_in": "", "after_seq": int64(0)}
	if cursor != "" {
		after, err := readCursor(op, cursor, 2)
		if err != nil {
			return SyncDiff{}, err
		}
		seq, err := strconv.ParseInt(after[1], 10, 64)
		if err != nil {
			return SyncDiff{}, badCursor(op)
		}
		args["after_in"], args["after_seq"] = after[0], seq
	}
	same, err := column[int](ctx, d.pool, op, `WITH `+reportsSQL+` SELECT count(*) FROM line x JOIN line y ON `+sameLine+`
		WHERE x."in" = 'a' AND y."in" = 'b'`, args)
	if err != nil {
		return SyncDiff{}, err
	}
	out.Same = first(same)
	out.Lines, err = list[SyncDelta](ctx, d.pool, op, `WITH `+reportsSQL+` SELECT x."in", `+lineColumns+` FROM line x
		WHERE (x."in", seq) > (@after_in, @after_seq::bigint)
			AND NOT EXISTS (SELECT FROM line y WHERE y."in" <> x."in" AND `+sameLine+`)
		ORDER BY x."in", seq LIMIT @limit`, args)
	if limit = pageSize(limit); err == nil && len(out.Lines) > limit {
		last := out.Lines[limit-1]
		out.Lines, out.Next = out.Lines[:limit], writeCursor(last.In, strconv.FormatInt(last.Seq, 10))
	}
	return out, err
}

const reportsSQL = `line AS (
	SELECT CASE WHEN s.id = @a THEN 'a' ELSE 'b' END AS "in", l.seq, l.kind, l.severity, l.class, l.object, l.uuid, l.what,
		l.why, l.properties, l.todo, l.at FROM sync_lines l
	JOIN syncs s ON s.number = l.sync_number WHERE s.id IN (@a, @b)
)`

const sameLine = `y.kind = x.kind AND y.what = x.what AND y.object = x.object AND y.uuid = x.uuid
	AND y.severity = x.severity AND y.class = x.class AND y.why = x.why
	AND y.properties IS NOT DISTINCT FROM x.properties`
