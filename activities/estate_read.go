package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// KindIn is the input of ReadKind. The second call of a kind takes what the first
// one returned.
type KindIn struct {
	SyncID        string        `json:"syncId"`
	CallProcessor string        `json:"callProcessor"`
	Kind          uc.EstateKind `json:"kind"`
	Tries         int           `json:"tries"` // to read a page, without success, before this one
	MaxTries      int           `json:"maxTries"`
	PageRows      int           `json:"pageRows,omitempty"` // asked for at once; 0 = as many as are sent
	MostRows      int           `json:"mostRows,omitempty"` // that fit into an answer; 0 = not known
}

// KindOut is how far the reading of a kind came.
type KindOut struct {
	State    uc.SyncKindState `json:"state"`
	Wait     time.Duration    `json:"wait,omitempty"` // not at its end: go on after this
	Tries    int              `json:"tries,omitempty"`
	PageRows int              `json:"pageRows,omitempty"`
	MostRows int              `json:"mostRows,omitempty"`
	Failure  uc.Kind          `json:"failure,omitempty"` // of a kind that failed
	Detail   string           `json:"detail,omitempty"`
}

// More reports whether the kind is to be read on.
func (o KindOut) More() bool { return !o.State.Final() }

// goingOn is how long a kind is read in one go: a worker that is told to stop, and a sync
// that was cancelled, wait no longer.
const goingOn = 5 * time.Minute

// ReadKind reads the objects of a kind page by page into the stage, from where an
// earlier call ended, to the end or until the call processor does not answer: then it
// is to be called again after a while, and one time too many ends the kind as failed.
// A kind that the call processor refuses ends as failed, one that it does not have as
// skipped, each with a line in the report: that is no failure of the sync. A page is
// staged once, whatever crashes.
func (a *Estate) ReadKind(ctx context.Context, in KindIn) (KindOut, error) {
	r := &kindReader{a: a, in: in, out: KindOut{
		State: uc.KindReading, Tries: in.Tries,
		PageRows: cmp.Or(in.PageRows, a.PageRows), MostRows: cmp.Or(in.MostRows, a.PageRows),
	}}
	var err error
	if r.c, err = a.client(in.CallProcessor); err != nil {
		return KindOut{}, err
	}
	if r.at, err = a.DB.SyncProgress(ctx, in.SyncID, in.Kind); err != nil {
		return KindOut{}, err
	}
	if why, ok := a.Switches[in.CallProcessor].reads(in.Kind); !ok {
		return r.skip(ctx, why)
	}
	for began := time.Now(); !r.at.State.Final(); {
		if err := a.aside(ctx, in.CallProcessor, func(small bool) error { return r.page(ctx, small) }); err != nil {
			if again, err := r.trouble(ctx, err); err != nil || !again {
				return r.out, err
			}
			continue
		}
		r.grow()
		activity.RecordHeartbeat(ctx, r.at)
		if stopping(ctx) || time.Since(began) > goingOn {
			return r.out, nil
		}
	}
	r.out.State = r.at.State
	return r.out, nil
}

// stopping reports whether the worker is about to stop.
func stopping(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}

// kindReader reads one kind.
type kindReader struct {
	a     *Estate
	c     *axl.Client
	in    KindIn
	at    db.SyncProgress
	total int // that the call processor spoke of
	out   KindOut

	steady int // pages in a row of as many objects as fit
}

// page stages the next page, or a small one.
func (r *kindReader) page(ctx context.Context, small bool) error {
	at, err := parsePlace(r.at.Cursor)
	if err != nil {
		return err
	}
	p := &page{
		c: r.c, kind: r.in.Kind, keep: r.a.Switches[r.in.CallProcessor].keeps(r.in.Kind), at: at, size: r.out.PageRows,
		total: max(r.total, r.at.Total),
	}
	if small && (p.size == 0 || p.size > asideRows) {
		p.size = asideRows
	}
	_, list := listed(r.in.Kind)
	if p.size == 0 {
		p.size = firstRows
		if list {
			p.size = listRows
		}
	}
	staged, err := r.a.DB.StagePage(ctx, db.PageIn{
		SyncID: r.in.SyncID, Kind: r.in.Kind, Cursor: r.at.Cursor, Rows: p.rows(ctx), End: p.end,
		Sorted: !list, After: string(at.After),
	})
	if errors.Is(err, errShifted) && at.Pass < maxPasses {
		// Everything from the beginning: what was read twice counts once.
		staged, err = r.a.DB.StagePage(ctx, db.PageIn{
			SyncID: r.in.SyncID, Kind: r.in.Kind, Cursor: r.at.Cursor, Rows: noRows,
			End: func() db.PageEnd { return db.PageEnd{Cursor: place{Pass: at.Pass + 1}.cursor(), Total: p.total} },
		})
	}
	if err != nil {
		return err
	}
	r.at, r.out.Tries = staged.SyncProgress, 0
	if r.out.MostRows == 0 && p.read > 0 && !p.last {
		return r.widen(ctx, p)
	}
	return nil
}

// maxPasses is how often a list is begun anew that moved while it was read.
const maxPasses = 3

func noRows(func(db.EstateRow, error) bool) {}

// trouble decides what becomes of a page that could not be read: it is read again at
// once (again), or later, or the kind ends.
func (r *kindReader) trouble(ctx context.Context, err error) (again bool, _ error) {
	var limit *axl.LimitError
	switch {
	case ctx.Err() != nil || ours(err):
		return false, err
	case errors.As(err, &limit):
		if r.at.Cursor == "" {
			r.total = max(r.total, limit.Total)
		}
		if r.fit(limit) {
			return true, nil
		}
		// A single object does not fit: it is tried again as if nobody had answered.
	case errors.Is(err, errShifted) || uc.KindOf(err) == uc.Internal || uc.KindOf(err).Disposition() != uc.Retry:
		return false, r.fail(ctx, err)
	case errors.Is(err, axl.ErrMemoryFull):
		r.yield()
	}
	if r.out.Tries++; r.out.Tries >= max(r.in.MaxTries, 1) {
		return false, r.fail(ctx, err)
	}
	r.out.Wait = pauseOf(err, r.out.Tries-1)
	return false, r.waits(ctx, err)
}

// skip ends a kind that is not to be read.
func (r *kindReader) skip(ctx context.Context, why string) (KindOut, error) {
	r.out.State = uc.KindSkipped
	return r.out, r.a.DB.EndSyncKind(ctx, db.KindEnd{
		SyncID: r.in.SyncID, Kind: r.in.Kind, State: uc.KindSkipped, Detail: why,
		Line: uc.SyncLine{
			Severity: uc.SeverityInfo, Class: uc.ConfigurationLine, What: "not read", Why: why,
			Do: "nothing, unless these objects are wanted: then change the switch and restart the worker",
		},
	})
}

// fail ends a kind that cannot be read.
func (r *kindReader) fail(ctx context.Context, err error) error {
	end := kindEnd(r.in.CallProcessor, err)
	end.SyncID, end.Kind = r.in.SyncID, r.in.Kind
	r.out.State, r.out.Wait = end.State, 0
	if end.State == uc.KindFailed {
		r.out.Failure, r.out.Detail = uc.KindOf(err), err.Error()
	}
	return r.a.DB.EndSyncKind(ctx, end)
}

// kindEnd says how a kind ends that cannot be read, and what to do about it.
func kindEnd(callProcessor string, err error) db.KindEnd {
	end := db.KindEnd{State: uc.KindFailed, Detail: err.Error()}
	end.Line = uc.SyncLine{
		Severity: uc.SeverityError, Class: uc.ConfigurationLine, What: "could not be read", Why: err.Error(),
		Do: "look the fault up in the documents of the call processor; its objects stay as they were read before",
	}
	var unsupported *axl.UnsupportedError
	again := fmt.Sprintf("dialtone sync callprocessor %s", callProcessor)
	switch {
	case errors.As(err, &unsupported):
		end.State = uc.KindSkipped
		end.Line.Severity, end.Line.What = uc.SeverityInfo, "not read"
		end.Line.Do = "nothing: this version of the call processor has no such objects, or does not list them"
	case errors.Is(err, uc.Denied):
		end.Line.Do = "give the AXL account its role and its password back, then " + again
	case errors.Is(err, errShifted):
		end.Line.Class = uc.DataLine
		end.Line.Do = "sync when nobody changes these objects: " + again
	case uc.KindOf(err).Disposition() == uc.Retry:
		end.Line.Class = uc.NetworkLine
		end.Line.Do = "see that the call processor answers and its Cisco AXL Web Service runs, then " + again
	case errors.Is(err, uc.Internal):
		end.Line.Class = uc.DataLine
		end.Line.Do = "report this: it is a mistake in the program"
	}
	return end
}
