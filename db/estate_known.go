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

// knownRows are the rows of a kind that readers see, in order of their ids and a span at a
// time. What is read in the same order meets them.
type knownRows struct {
	tx            pgx.Tx
	callProcessor string
	kind          uc.EstateKind
	readAt        time.Time

	after [16]byte // the end of the last span
	list  []knownRow
	gone  []stageRow // that were passed by, and not read
}

// newKnownRows begins behind the id, "" = at the first one.
func newKnownRows(tx pgx.Tx, callProcessor string, kind uc.EstateKind, after string, readAt time.Time) *knownRows {
	k := &knownRows{tx: tx, callProcessor: callProcessor, kind: kind, readAt: readAt}
	k.after, _ = uuidBytes(after) // before all others, when it is none
	return k
}

const knownSQL = `SELECT uuid, digest, seen_at FROM {estate}
	WHERE call_processor = @call_processor AND kind = @kind AND uuid > @after::uuid AND uuid <= @upto::uuid
	ORDER BY uuid`

// lastID comes behind all others.
var lastID = [16]byte(bytes.Repeat([]byte{0xff}, 16))

// read reads the span from the end of the last one to the id.
func (k *knownRows) read(ctx context.Context, upto [16]byte) error {
	const op = "stage page"
	rows, err := query(ctx, k.tx, estateIn(knownSQL, visible(k.kind)), pgx.NamedArgs{
		"call_processor": k.callProcessor, "kind": k.kind, "after": k.after, "upto": upto,
	})
	if err != nil {
		return fail(op, err)
	}
	k.after = upto
	k.list, err = pgx.AppendRows(k.list[:0], rows, func(row pgx.CollectableRow) (r knownRow, err error) {
		return r, row.Scan(&r.UUID, &r.Digest, &r.SeenAt)
	})
	return fail(op, err)
}

// meet leaves of rows, which are in order, those that the estate has not, and hands over
// those that it has with other contents. What lies between them was not read and is gone,
// unless it was seen later.
func (k *knownRows) meet(ctx context.Context, rows []stageRow, differs func(stageRow)) ([]stageRow, error) {
	if len(rows) == 0 {
		return rows, nil
	}
	if err := k.read(ctx, rows[len(rows)-1].id); err != nil {
		return nil, err
	}
	i, fresh := 0, rows[:0]
	for _, r := range rows {
		for ; i < len(k.list) && bytes.Compare(k.list[i].UUID[:], r.id[:]) < 0; i++ {
			k.pass(k.list[i])
		}
		if i == len(k.list) || k.list[i].UUID != r.id {
			fresh = append(fresh, r)
			continue
		}
		if have := k.list[i].Digest; have == nil || *have != r.digest {
			differs(r)
		}
		i++
	}
	for ; i < len(k.list); i++ {
		k.pass(k.list[i])
	}
	return fresh, nil
}

func (k *knownRows) pass(row knownRow) {
	if row.SeenAt.Before(k.readAt) {
		k.gone = append(k.gone, stageRow{id: row.UUID, gone: true})
	}
}

// rest passes what is known up to the id, or all that is left.
func (k *knownRows) rest(ctx context.Context, upto string, all bool) error {
	last, ok := uuidBytes(upto)
	if all {
		last = lastID
	} else if !ok || bytes.Compare(last[:], k.after[:]) <= 0 {
		return nil
	}
	if err := k.read(ctx, last); err != nil {
		return err
	}
	for _, row := range k.list {
		k.pass(row)
	}
	return nil
}
