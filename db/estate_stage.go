package db

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// PageIn is one page of the objects of a kind.
type PageIn struct {
	SyncID string
	Kind   uc.EstateKind
	Cursor string                      // where the page begins; "" = at the beginning
	ReadAt time.Time                   // when it was asked for; zero = now
	Rows   iter.Seq2[EstateRow, error] // taken one by one, as they arrive; an error ends the page, and nothing is staged
	End    func() PageEnd              // asked once the rows are through: only then a page knows where it ends

	// Sorted says that the rows come in order of their ids and are all that there are
	// from behind After, "" = from the first one, to PageEnd.Upto.
	Sorted bool
	After  string
}

// PageEnd is what is known after the last row of a page.
type PageEnd struct {
	Cursor  string        // where the next page begins
	Last    bool          // there is none: the kind was read completely, without a fault
	Total   int           // objects of the kind that there are; 0 = not known
	Skipped int           // elements that could not be read
	Lines   []uc.SyncLine // for the report
	Upto    string        // of a sorted page: the last id that was looked at
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

// StagePage keeps what the page brings and moves the cursor of the kind behind it, both
// or neither: whatever crashes, a page is staged once. A page that begins elsewhere than
// at the stored cursor was staged before, or is none: nothing is done, and the answer
// says where to go on. Of a sorted page only what differs from the estate is kept. A row
// without an identifier is left out and told in the report. It takes memory for some
// thousand rows, whatever the page and the estate have. The rows may be asked for twice.
// An error of the rows is returned as it is. Fails with NotFound when the sync does not read the kind,
// and Conflict when another sync of the call processor has begun since.
func (d *DB) StagePage(ctx context.Context, in PageIn) (PageOut, error) {
	at, err := d.SyncProgress(ctx, in.SyncID, in.Kind)
	if err != nil || !at.takes(in.Cursor) {
		return PageOut{SyncProgress: at}, err
	}
	if in.ReadAt.IsZero() {
		in.ReadAt = time.Now()
	}
	out, err := d.stagePage(ctx, in)
	if pgCode(err) == uniqueViolation {
		// A refresh brought an object to the estate in the same moment: now it is known.
		out, err = d.stagePage(ctx, in)
	}
	if errors.Is(err, errPageStaged) {
		at, err = d.SyncProgress(ctx, in.SyncID, in.Kind)
		return PageOut{SyncProgress: at}, err
	}
	if err != nil {
		return PageOut{}, err
	}
	return out, nil
}

func (d *DB) stagePage(ctx context.Context, in PageIn) (PageOut, error) {
	const op = "stage page"
	out := PageOut{Staged: true}
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		at, err := progressOf(ctx, tx, in.SyncID, in.Kind)
		if err != nil {
			return err
		}
		if !at.takes(in.Cursor) {
			return errPageStaged
		}
		p, err := newStaging(ctx, tx, in, at)
		if err != nil {
			return err
		}
		if err := p.take(ctx); err != nil {
			return err
		}
		end := PageEnd{}
		if in.End != nil {
			end = in.End()
		}
		if err := p.finish(ctx, end); err != nil {
			return err
		}
		out.Rows = p.read
		out.SyncProgress, err = movePage(ctx, tx, at.Number, p, end)
		return err
	})
	return out, err
}

// errPageStaged takes back a page that another attempt staged meanwhile.
var errPageStaged = errors.New("another attempt staged the page")

// takes reports whether a page that begins there comes next.
func (p SyncProgress) takes(cursor string) bool {
	return p.Cursor == cursor && (p.State == uc.KindPending || p.State == uc.KindReading)
}

// movePage moves the cursor over what was just staged.
func movePage(ctx context.Context, tx pgx.Tx, number int64, p *staging, end PageEnd) (SyncProgress, error) {
	in, state := p.in, uc.KindReading
	if end.Last {
		state = uc.KindRead
	} else if end.Cursor == in.Cursor {
		return SyncProgress{}, refuse(uc.Internal, "stage page", "a page that is not the last one ends where it begins")
	}
	moved, err := list[SyncProgress](ctx, tx, "stage page", `UPDATE sync_kinds k SET cursor = @next, state = @state,
			read = read + @rows, staged = staged + @staged, hidden = hidden + @hidden, total = greatest(@total, read + @rows),
			skipped = skipped + @skipped, started_at = coalesce(started_at, @read_at), updated_at = now(),`+notWaiting+`
		FROM syncs s
		WHERE s.number = k.sync_number AND s.applied_at IS NULL AND s.ended_at IS NULL
			AND k.sync_number = @number AND kind = @kind AND cursor = @cursor AND k.state IN ('pending', 'reading')
		RETURNING cursor, k.state, read, total`, pgx.NamedArgs{
		"number": number, "kind": in.Kind, "cursor": in.Cursor, "next": end.Cursor, "state": state,
		"rows": p.read, "staged": p.staged, "hidden": p.hidden, "total": end.Total,
		"skipped": end.Skipped + p.bad, "read_at": in.ReadAt,
	})
	if err != nil {
		return SyncProgress{}, err
	}
	if len(moved) == 0 {
		return SyncProgress{}, errPageStaged
	}
	if end.Last && !in.Sorted {
		if err := markGone(ctx, tx, number, in.Kind); err != nil {
			return SyncProgress{}, err
		}
	}
	for i := range end.Lines {
		end.Lines[i].Kind = in.Kind
	}
	return moved[0], addLines(ctx, tx, number, append(p.lines, end.Lines...)...)
}

// progress is a SyncProgress with the number of its sync.
type progress struct {
	Number        int64
	CallProcessor string
	Direct        bool
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
	found, err := list[progress](ctx, q, op, `SELECT number, call_processor, direct, cursor, k.state, read, total
		FROM syncs s JOIN sync_kinds k ON k.sync_number = s.number WHERE s.id = @id AND k.kind = @kind`,
		pgx.NamedArgs{"id": syncID, "kind": kind})
	if err == nil && len(found) == 0 {
		err = refuse(uc.NotFound, op, fmt.Sprintf("there is no sync %q that reads %s", syncID, kind.Title()))
	}
	return first(found), err
}
