package db

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// AddSyncLines appends lines to the report of the sync; their seq and at are given
// here. A line about the same object, kind and happening is written once, so that
// calling again is safe. Fails with NotFound when there is no such sync.
func (d *DB) AddSyncLines(ctx context.Context, syncID string, lines ...uc.SyncLine) error {
	const op = "add sync lines"
	return d.inTx(ctx, op, func(tx pgx.Tx) error {
		number, err := syncNumber(ctx, tx, op, syncID)
		if err != nil {
			return err
		}
		return addLines(ctx, tx, number, lines...)
	})
}

func syncNumber(ctx context.Context, q querier, op, id string) (int64, error) {
	numbers, err := column[int64](ctx, q, op, `SELECT number FROM syncs WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && len(numbers) == 0 {
		err = noSync(op, id)
	}
	return first(numbers), err
}

// addLines appends the lines, all at once, in their order.
func addLines(ctx context.Context, q querier, number int64, lines ...uc.SyncLine) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := exec(ctx, q, "add sync lines", `INSERT INTO sync_lines
			(sync_number, kind, severity, class, object, uuid, what, why, properties, todo)
		SELECT @number, coalesce(l.kind, ''), l.severity, l.class, coalesce(l.object, ''), coalesce(l.uuid, ''), l.what,
			l.why, l.properties, coalesce(l."do", '')
		FROM ROWS FROM (jsonb_to_recordset(@lines::jsonb) AS (kind text, severity text, class text, object text, uuid text,
			what text, why text, properties jsonb, "do" text)) WITH ORDINALITY
			AS l (kind, severity, class, object, uuid, what, why, properties, "do", place)
		ORDER BY l.place
		ON CONFLICT (sync_number, kind, what, object, uuid) DO NOTHING`, pgx.NamedArgs{"number": number, "lines": lines})
	return err
}

const lineColumns = `seq, kind, severity, class, object, uuid, what, why, properties, todo AS "do", at`

// LineFilter selects lines of a report; a zero field selects all.
type LineFilter struct {
	Kind     uc.EstateKind
	Severity uc.Severity
	Class    uc.LineClass
}

// SyncLines returns at most limit lines of the report in the order in which they were
// written, and the cursor of the next page, "" after the last one. Fails with NotFound
// when there is no such sync, and Invalid when the cursor is not one of ours.
func (d *DB) SyncLines(ctx context.Context, syncID string, f LineFilter, cursor string, limit int,
) ([]uc.SyncLine, string, error) {
	const op = "sync lines"
	number, err := syncNumber(ctx, d.pool, op, syncID)
	if err != nil {
		return nil, "", err
	}
	where := filter{}
	where.add("sync_number = @number", pgx.NamedArgs{"number": number})
	where.equal("kind", string(f.Kind))
	where.equal("severity", string(f.Severity))
	where.equal("class", string(f.Class))
	if cursor != "" {
		after, err := readCursor(op, cursor, 1)
		if err != nil {
			return nil, "", err
		}
		seq, err := strconv.ParseInt(after[0], 10, 64)
		if err != nil {
			return nil, "", badCursor(op)
		}
		where.add("seq > @after", pgx.NamedArgs{"after": seq})
	}
	limit = pageSize(limit)
	found, err := list[uc.SyncLine](ctx, d.pool, op, `SELECT `+lineColumns+` FROM sync_lines`+where.sql()+
		` ORDER BY seq LIMIT @limit`, where.limited(limit+1))
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	return found[:limit], writeCursor(strconv.FormatInt(found[limit-1].Seq, 10)), nil
}
