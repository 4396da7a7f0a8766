package db

import (
	"bytes"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// knownRow is what the estate has of a row.
type knownRow struct {
	UUID   [16]byte
	Digest *[16]byte // nil = it has to be compared value by value
	SeenAt time.Time
}

// knownRows are the rows of a kind that readers see, in order of their ids and a few at a
// time. What is read in the same order meets them.
type knownRows struct {
	tx            pgx.Tx
	callProcessor string
	kind          uc.EstateKind
	readAt        time.Time

	after [16]byte
	list  []knownRow
	batch []knownRow // the memory of list
	end   bool
	gone  []stageRow // that were passed by, and not read
}

// knownBatch is how many are held.
const knownBatch = 10_000

// newKnownRows begins behind the id, "" = at the first one.
func newKnownRows(tx pgx.Tx, callProcessor string, kind uc.EstateKind, after string, readAt time.Time) *knownRows {
	k := &knownRows{tx: tx, callProcessor: callProcessor, kind: kind, readAt: readAt}
	k.after, _ = uuidBytes(after) // before all others, when it is none
	return k
}

const knownSQL = `SELECT uuid, digest, seen_at FROM {estate}
	WHERE call_processor = @call_processor AND kind = @kind AND uuid > @after::uuid
	ORDER BY uuid LIMIT @most`

// first is the next known row; ok is false when there is none.
func (k *knownRows) first(ctx context.Context) (row knownRow, ok bool, err error) {
	if len(k.list) == 0 && !k.end {
		if err := k.read(ctx); err != nil {
			return knownRow{}, false, err
		}
	}
	if len(k.list) == 0 {
		return knownRow{}, false, nil
	}
	return k.list[0], true, nil
}

// read reads the next ones.
func (k *knownRows) read(ctx context.Context) error {
	const op = "stage page"
	rows, err := query(ctx, k.tx, estateIn(knownSQL, visible(k.kind)), pgx.NamedArgs{
		"call_processor": k.callProcessor, "kind": k.kind, "after": k.after, "most": knownBatch,
	})
	if err != nil {
		return fail(op, err)
	}
	k.list, err = pgx.AppendRows(k.batch[:0], rows, func(row pgx.CollectableRow) (r knownRow, err error) {
		return r, row.Scan(&r.UUID, &r.Digest, &r.SeenAt)
	})
	k.batch, k.end = k.list, len(k.list) < knownBatch
	if len(k.list) > 0 {
		k.after = k.list[len(k.list)-1].UUID
	}
	return fail(op, err)
}

// meet returns what the estate has of the row with the id. What lies before it was not
// read and is gone, unless it was seen later.
func (k *knownRows) meet(ctx context.Context, id [16]byte) (row knownRow, found bool, err error) {
	for {
		row, ok, err := k.first(ctx)
		if err != nil || !ok {
			return knownRow{}, false, err
		}
		switch bytes.Compare(row.UUID[:], id[:]) {
		case 1:
			return knownRow{}, false, nil
		case 0:
			k.list = k.list[1:]
			return row, true, nil
		}
		k.pass(row)
	}
}

func (k *knownRows) pass(row knownRow) {
	k.list = k.list[1:]
	if row.SeenAt.Before(k.readAt) {
		k.gone = append(k.gone, stageRow{id: row.UUID, gone: true})
	}
}

// rest passes what is known up to the id, or all that is left.
func (k *knownRows) rest(ctx context.Context, upto string, all bool) error {
	last, ok := uuidBytes(upto)
	for {
		row, more, err := k.first(ctx)
		if err != nil || !more || !all && (!ok || bytes.Compare(row.UUID[:], last[:]) > 0) {
			return err
		}
		k.pass(row)
	}
}
