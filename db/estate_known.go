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

// knownRows are the rows of a kind that readers see, in order of their ids and some
// thousand at a time. What is read in the same order meets them.
type knownRows struct {
	tx            pgx.Tx
	callProcessor string
	kind          uc.EstateKind

	after [16]byte // the end of what was read of them
	list  []knownRow
}

// newKnownRows begins behind the id, "" = at the first one.
func newKnownRows(tx pgx.Tx, callProcessor string, kind uc.EstateKind, after string) *knownRows {
	k := &knownRows{tx: tx, callProcessor: callProcessor, kind: kind}
	k.after, _ = uuidBytes(after) // before all others, when it is none
	return k
}

const knownSQL = `SELECT uuid, digest, seen_at FROM {estate}
	WHERE call_processor = @call_processor AND kind = @kind AND uuid > @after::uuid AND uuid <= @upto::uuid
	ORDER BY uuid LIMIT @most`

// knownBatch is how many are held.
const knownBatch = 10_000

// lastID comes behind all others.
var lastID = [16]byte(bytes.Repeat([]byte{0xff}, 16))

// read reads the next ones up to the id, and reports whether these were the last.
func (k *knownRows) read(ctx context.Context, upto [16]byte) (end bool, err error) {
	const op = "stage page"
	rows, err := query(ctx, k.tx, estateIn(knownSQL, visible(k.kind)), pgx.NamedArgs{
		"call_processor": k.callProcessor, "kind": k.kind, "after": k.after, "upto": upto, "most": knownBatch,
	})
	if err != nil {
		return false, fail(op, err)
	}
	k.list, err = pgx.AppendRows(k.list[:0], rows, func(row pgx.CollectableRow) (r knownRow, err error) {
		return r, row.Scan(&r.UUID, &r.Digest, &r.SeenAt)
	})
	if end = len(k.list) < knownBatch; end {
		k.after = upto
	} else {
		k.after = k.list[len(k.list)-1].UUID
	}
	return end, fail(op, err)
}

// meet goes on up to the id with rows, which are in order and all that were read up to
// there. It returns those that the estate has not, and hands over those that it has with
// other contents, and what it has and was not read.
func (k *knownRows) meet(ctx context.Context, rows []stageRow, upto [16]byte, differs func(stageRow) error, missing func(knownRow) error,
) (fresh []stageRow, err error) {
	fresh = rows[:0]
	i := 0
	for end := bytes.Compare(upto[:], k.after[:]) <= 0; !end; {
		if end, err = k.read(ctx, upto); err != nil {
			return nil, err
		}
		for _, have := range k.list {
			for ; i < len(rows) && bytes.Compare(rows[i].id[:], have.UUID[:]) < 0; i++ {
				fresh = append(fresh, rows[i])
			}
			switch {
			case i == len(rows) || rows[i].id != have.UUID:
				err = missing(have)
			case have.Digest == nil || *have.Digest != rows[i].digest:
				err = differs(rows[i])
				i++
			default:
				i++
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return append(fresh, rows[i:]...), nil
}
