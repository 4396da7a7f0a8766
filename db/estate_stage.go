package db

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// EstateRow is one object as it was read. Of a relation UUID is the first object and
// Name the id of the second one, and the attributes are those of the relation.
type EstateRow struct {
	UUID       string // in the vendor's form or in ours
	Name       string
	Partition  string
	Attributes json.RawMessage // one JSON object; nil = none
}

// PageIn is one page of the objects of a kind.
type PageIn struct {
	SyncID string
	Kind   uc.EstateKind
	Cursor string                      // where the page begins; "" = at the beginning
	ReadAt time.Time                   // when it was asked for; zero = now
	Rows   iter.Seq2[EstateRow, error] // taken one by one, as they arrive; an error ends the page, and nothing is staged
	End    func() PageEnd              // asked once the rows are through: only then a page knows where it ends
}

// PageEnd is what is known after the last row of a page.
type PageEnd struct {
	Cursor  string        // where the next page begins
	Last    bool          // there is none: the kind was read completely, without a fault
	Total   int           // objects of the kind that there are; 0 = not known
	Skipped int           // elements that could not be read
	Lines   []uc.SyncLine // for the report
}

// PageOut is what became of a page.
type PageOut struct {
	Staged bool // false = it was before, or by another attempt; the rows may not have been asked for
	Rows   int
	SyncProgress
}

// SyncProgress is where the reading of a kind goes on.
type SyncProgress struct {
	Cursor string
	State  uc.SyncKindState
	Read   int
	Total  int
}

// badRowLines is how many rows of a page that could not be read are told one by one.
const badRowLines = 20

// StagePage keeps the rows of the page and moves the cursor of the kind behind them,
// both or neither: whatever crashes, a page is staged once. A page that begins
// elsewhere than at the stored cursor was staged before, or is none: nothing is done,
// and the answer says where to go on. A row without an identifier is left out and told
// in the report. It takes memory for a row, not for the page. An error of the rows is
// returned as it is. Fails with NotFound when the sync does not read the kind.
func (d *DB) StagePage(ctx context.Context, in PageIn) (PageOut, error) {
	const op = "stage page"
	at, err := d.SyncProgress(ctx, in.SyncID, in.Kind)
	if err != nil || !at.takes(in.Cursor) {
		return PageOut{SyncProgress: at}, err
	}
	if in.ReadAt.IsZero() {
		in.ReadAt = time.Now()
	}
	out := PageOut{Staged: true}
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		p, err := progressOf(ctx, tx, in.SyncID, in.Kind)
		if err != nil {
			return err
		}
		rows := newPageRows(in, p.Number)
		var stop func()
		rows.next, stop = iter.Pull2(in.Rows)
		defer stop()
		n, err := tx.CopyFrom(ctx, pgx.Identifier{"estate_stage"}, stageColumns, rows)
		if rows.err != nil {
			return rows.err
		}
		if err != nil {
			return fail(op, err)
		}
		out.Rows = int(n)
		out.SyncProgress, err = movePage(ctx, tx, in, p.Number, rows, out.Rows)
		return err
	})
	if errors.Is(err, errPageStaged) {
		at, err = d.SyncProgress(ctx, in.SyncID, in.Kind)
		return PageOut{SyncProgress: at}, err
	}
	if err != nil {
		return PageOut{}, err
	}
	return out, nil
}

// errPageStaged takes back a page that another attempt staged meanwhile.
var errPageStaged = errors.New("another attempt staged the page")

// takes reports whether a page that begins there comes next.
func (p SyncProgress) takes(cursor string) bool {
	return p.Cursor == cursor && (p.State == uc.KindPending || p.State == uc.KindReading)
}

// movePage moves the cursor over the rows that were just staged.
func movePage(ctx context.Context, tx pgx.Tx, in PageIn, number int64, rows *pageRows, staged int) (SyncProgress, error) {
	end := PageEnd{}
	if in.End != nil {
		end = in.End()
	}
	state := uc.KindReading
	if end.Last {
		state = uc.KindRead
	} else if end.Cursor == in.Cursor {
		return SyncProgress{}, refuse(uc.Internal, "stage page", "a page that is not the last one ends where it begins")
	}
	moved, err := list[SyncProgress](ctx, tx, "stage page", `UPDATE sync_kinds k SET cursor = @next, state = @state,
			read = read + @rows, total = greatest(@total, read + @rows), skipped = skipped + @skipped,
			started_at = coalesce(started_at, @read_at), updated_at = now(),`+notWaiting+`
		FROM syncs s
		WHERE s.number = k.sync_number AND s.applied_at IS NULL AND s.ended_at IS NULL
			AND k.sync_number = @number AND kind = @kind AND cursor = @cursor AND k.state IN ('pending', 'reading')
		RETURNING cursor, k.state, read, total`, pgx.NamedArgs{
		"number": number, "kind": in.Kind, "cursor": in.Cursor, "next": end.Cursor, "state": state,
		"rows": staged, "total": end.Total, "skipped": end.Skipped + rows.bad, "read_at": in.ReadAt,
	})
	if err != nil {
		return SyncProgress{}, err
	}
	if len(moved) == 0 {
		return SyncProgress{}, errPageStaged
	}
	for i := range end.Lines {
		end.Lines[i].Kind = in.Kind
	}
	return moved[0], addLines(ctx, tx, number, append(rows.lines, end.Lines...)...)
}

// progress is a SyncProgress with the number of its sync.
type progress struct {
	Number int64
	SyncProgress
}

// SyncProgress returns where the reading of the kind goes on. Fails with NotFound when
// the sync does not read the kind.
func (d *DB) SyncProgress(ctx context.Context, syncID string, kind uc.EstateKind) (SyncProgress, error) {
	p, err := progressOf(ctx, d.pool, syncID, kind)
	return p.SyncProgress, err
}

func progressOf(ctx context.Context, q querier, syncID string, kind uc.EstateKind) (progress, error) {
	const op = "sync progress"
	found, err := list[progress](ctx, q, op, `SELECT number, cursor, k.state, read, total
		FROM syncs s JOIN sync_kinds k ON k.sync_number = s.number WHERE s.id = @id AND k.kind = @kind`,
		pgx.NamedArgs{"id": syncID, "kind": kind})
	if err == nil && len(found) == 0 {
		err = refuse(uc.NotFound, op, fmt.Sprintf("there is no sync %q that reads %s", syncID, kind.Title()))
	}
	return first(found), err
}

var stageColumns = []string{"sync_number", "kind", "uuid", "name", "partition", "attributes", "read_at"}

// pageRows hands the rows of a page to a COPY, one at a time.
type pageRows struct {
	in       PageIn
	relation bool
	next     func() (EstateRow, error, bool)
	values   []any
	err      error
	bad      int
	lines    []uc.SyncLine
}

func newPageRows(in PageIn, number int64) *pageRows {
	return &pageRows{
		in: in, relation: in.Kind.IsRelation(), values: []any{number, string(in.Kind), nil, "", "", nil, in.ReadAt},
	}
}

// Next takes the next row that can be staged.
func (p *pageRows) Next() bool {
	for {
		row, err, ok := p.next()
		if err != nil || !ok {
			p.err = err
			return false
		}
		if p.take(row) {
			return true
		}
		p.bad++
		if p.bad <= badRowLines {
			p.lines = append(p.lines, uc.SyncLine{
				Kind: p.in.Kind, Severity: uc.SeverityWarning, Class: uc.DataLine, Object: row.Name, UUID: row.UUID,
				What: uc.WhatSkipped, Why: "it has no identifier that can be read", Properties: nullable(row.Attributes),
				Do: "nothing, unless the object is needed: then look for it on the call processor",
			})
		}
	}
}

func (p *pageRows) take(row EstateRow) bool {
	id, ok := uuidBytes(row.UUID)
	if !ok {
		return false
	}
	if p.relation {
		if row.Name, ok = uuidText(row.Name); !ok {
			return false
		}
	}
	attributes := []byte(row.Attributes)
	if len(attributes) == 0 {
		attributes = []byte("{}")
	}
	p.values[2], p.values[3], p.values[4], p.values[5] = id, row.Name, row.Partition, attributes
	return true
}

// Values returns the row that Next took.
func (p *pageRows) Values() ([]any, error) { return p.values, nil }

// Err is the error that ended the rows.
func (p *pageRows) Err() error { return p.err }

func uuidText(text string) (string, bool) {
	if ourUUID(text) {
		return text, true
	}
	id, err := uc.ParseUUID(text)
	return id, err == nil
}

// ourUUID reports whether the id has our form. Almost all have: a regular expression for
// each row of a large page takes longer than all else that is done to it.
func ourUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

func uuidBytes(text string) (id [16]byte, ok bool) {
	text, ok = uuidText(text)
	if !ok {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(strings.ReplaceAll(text, "-", "")))
	return id, err == nil && n == len(id)
}
