package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// rowTarget is a table that rows are copied into. Rows are written in the binary form of
// COPY here: a sync has a million of them, and to look up the type of each value costs as
// much as everything else that is done to it.
//
// Source: PostgreSQL, COPY, "Binary Format".
type rowTarget struct {
	statement  string
	head, tail []byte // what every row begins and ends with: the number of columns, and what is the same in all
	row        func(out []byte, s *stageRow) []byte
	text       []byte
}

// stageTarget is estate_stage, or a table like it, for rows that were read at that time.
func stageTarget(table string, number int64, kind uc.EstateKind, readAt time.Time) *rowTarget {
	const columns = 11
	relation := kind.IsRelation()
	return &rowTarget{
		statement: `COPY ` + table + ` (sync_number, kind, uuid, name, partition, from_uuid, to_uuid, attributes, digest,
			gone, read_at) FROM STDIN (FORMAT binary)`,
		head: appendText(appendInt(columnsOf(columns), number), string(kind)),
		row: func(out []byte, s *stageRow) []byte {
			out = appendText(appendText(appendUUID(out, s.id), s.name), s.partition)
			if relation && !s.gone {
				out = appendUUID(appendUUID(out, s.from), s.to)
			} else {
				out = appendNull(appendNull(out))
			}
			if s.gone {
				return append(appendNull(appendJSON(out, []byte("{}"))), 0, 0, 0, 1, 1)
			}
			return append(appendUUID(appendJSON(out, s.attributes), s.digest), 0, 0, 0, 1, 0)
		},
		tail: appendTime(nil, readAt),
	}
}

// estateTarget is where the objects or relations of the estate are.
func estateTarget(callProcessor string, number int64, kind uc.EstateKind, readAt time.Time) *rowTarget {
	if kind.IsRelation() {
		const columns = 9
		return &rowTarget{
			statement: `COPY estate_relation (call_processor, kind, uuid, from_uuid, to_uuid, attributes, digest, seen_at,
				sync_number) FROM STDIN (FORMAT binary)`,
			head: appendText(appendText(columnsOf(columns), callProcessor), string(kind)),
			row: func(out []byte, s *stageRow) []byte {
				return appendUUID(appendJSON(appendUUID(appendUUID(appendUUID(out, s.id), s.from), s.to), s.attributes), s.digest)
			},
			tail: appendInt(appendTime(nil, readAt), number),
		}
	}
	const columns = 11
	return &rowTarget{
		statement: `COPY estate_object (call_processor, kind, uuid, name, partition, attributes, digest, first_seen, seen_at,
			changed_at, sync_number) FROM STDIN (FORMAT binary)`,
		head: appendText(appendText(columnsOf(columns), callProcessor), string(kind)),
		row: func(out []byte, s *stageRow) []byte {
			return appendUUID(appendJSON(appendText(appendText(appendUUID(out, s.id), s.name), s.partition), s.attributes), s.digest)
		},
		tail: appendInt(appendTime(appendTime(appendTime(nil, readAt), readAt), readAt), number),
	}
}

// copy writes the rows, all or none.
func (t *rowTarget) copy(ctx context.Context, tx pgx.Tx, rows []stageRow) error {
	if len(rows) == 0 {
		return nil
	}
	const begin, end = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff"
	t.text = append(t.text[:0], begin...)
	for i := range rows {
		t.text = append(t.row(append(t.text, t.head...), &rows[i]), t.tail...)
	}
	t.text = append(t.text, end...)
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(t.text), t.statement)
	return err
}

// columnsOf begins a row of so many columns.
func columnsOf(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }

// Each column is its length and its bytes.

func appendLength(out []byte, n int) []byte { return binary.BigEndian.AppendUint32(out, uint32(n)) }

func appendNull(out []byte) []byte { return appendLength(out, -1) }

func appendText(out []byte, text string) []byte { return append(appendLength(out, len(text)), text...) }

func appendUUID(out []byte, id [16]byte) []byte { return append(appendLength(out, len(id)), id[:]...) }

func appendInt(out []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(appendLength(out, 8), uint64(n))
}

// appendTime writes the microseconds since the year 2000.
func appendTime(out []byte, t time.Time) []byte {
	return appendInt(out, t.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds())
}

// appendJSON writes a jsonb: the version of its form, and the text.
func appendJSON(out, text []byte) []byte {
	return append(append(appendLength(out, 1+len(text)), 1), text...)
}
