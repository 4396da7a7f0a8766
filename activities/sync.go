package activities

import (
	"context"
	"errors"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// SyncIn is the input of OpenSync.
type SyncIn struct {
	SyncID        string         `json:"syncId"`
	CallProcessor string         `json:"callProcessor"`
	Scope         uc.SyncScope   `json:"scope"`
	Shrink        uc.ShrinkGuard `json:"shrink"`
	CreatedBy     string         `json:"createdBy"`
}

// OpenSync records a sync and returns the kinds that it reads, in their order. The
// same sync again returns the same. Fails with Conflict when it has ended.
func (a *Inventory) OpenSync(ctx context.Context, in SyncIn) ([]uc.EstateKind, error) {
	s, _, err := a.DB.OpenSync(ctx, db.NewSync{
		ID: in.SyncID, CallProcessor: in.CallProcessor, Scope: in.Scope, Shrink: in.Shrink, CreatedBy: in.CreatedBy,
	})
	if err != nil {
		return nil, err
	}
	if s.State.Final() {
		return nil, &uc.Error{Kind: uc.Conflict, Detail: "sync " + s.ID + " has ended: " + string(s.State)}
	}
	kinds := make([]uc.EstateKind, len(s.Kinds))
	for i, k := range s.Kinds {
		kinds[i] = k.Kind
	}
	return kinds, nil
}

// KindEndIn is the input of GiveUpKind.
type KindEndIn struct {
	SyncID        string        `json:"syncId"`
	CallProcessor string        `json:"callProcessor"`
	Kind          uc.EstateKind `json:"kind"`
	Failure       uc.Kind       `json:"failure"`
	Detail        string        `json:"detail"`
}

// GiveUpKind ends a kind as failed without asking the call processor again.
func (a *Inventory) GiveUpKind(ctx context.Context, in KindEndIn) error {
	end := kindEnd(in.CallProcessor, &uc.Error{Kind: in.Failure, Detail: in.Detail})
	end.SyncID, end.Kind, end.Detail, end.Line.Why = in.SyncID, in.Kind, in.Detail, in.Detail
	return a.DB.EndSyncKind(ctx, end)
}

// SyncEndIn is the input of EndSync.
type SyncEndIn struct {
	SyncID string       `json:"syncId"`
	State  uc.SyncState `json:"state"` // done: with the sentence that the kinds make
	Detail string       `json:"detail,omitempty"`

	CallProcessor string  `json:"callProcessor,omitempty"`
	Failure       uc.Kind `json:"failure,omitempty"` // what ended the sync as a whole; the report tells it
}

// EndSync closes the sync and returns its last sentence, which never says that the copy
// is as it was when it is not. One that has ended stays. Its report says what ended it.
func (a *Inventory) EndSync(ctx context.Context, in SyncEndIn) (string, error) {
	s, err := a.DB.GetSync(ctx, in.SyncID)
	switch {
	case err != nil:
		return "", err
	case in.State == uc.SyncDone:
		in.Detail = uc.SyncSummary(s.Kinds)
	case in.State == uc.SyncCancelled && s.AppliedAt != nil:
		in.Detail = "Cancelled when the copy was visible already: what changed while it was read comes with the next sync."
	}
	if in.Failure != "" && !s.State.Final() {
		line := kindEnd(in.CallProcessor, &uc.Error{Kind: in.Failure, Detail: in.Detail}).Line
		line.What, line.Why = "the sync ended before its end", in.Detail
		if err := a.DB.AddSyncLines(ctx, in.SyncID, line); err != nil {
			return "", err
		}
	}
	return in.Detail, a.DB.EndSync(ctx, in.SyncID, in.State, in.Detail)
}

// PruneStage deletes the staged rows of syncs that are over. Their reports stay.
func (a *Estate) PruneStage(ctx context.Context, _ string) error {
	_, err := a.DB.PruneEstateStage(ctx)
	return err
}

// ChangePoint is where the change notification of a call processor stands.
type ChangePoint struct {
	Queue string `json:"queue"`
	Next  int64  `json:"next"`
}

// MarkChangePoint returns from where on changes are to be replayed once everything was
// read. On a call processor that does not tell changes it returns the zero value, and
// the report says so.
func (a *Estate) MarkChangePoint(ctx context.Context, in SyncOn) (ChangePoint, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return ChangePoint{}, err
	}
	now, err := c.ListChanges(ctx, axl.ChangeQuery{})
	if why, silent := tellsNothing(err); silent {
		return ChangePoint{}, a.DB.AddSyncLines(ctx, in.SyncID, uc.SyncLine{
			Severity: uc.SeverityWarning, Class: uc.ConfigurationLine, What: "what changes while it runs is not seen",
			Why: why, Do: switchChangesOn,
		})
	}
	return ChangePoint{Queue: now.QueueID, Next: now.Next}, err
}

const switchChangesOn = "switch AXL Change Notification on: System, Service Parameters, Cisco Database Layer Monitor, " +
	"Advanced, Clusterwide Parameters"

// tellsNothing reports whether the call processor does not tell what changes, and why.
func tellsNothing(err error) (why string, silent bool) {
	var unsupported *axl.UnsupportedError
	if errors.Is(err, axl.ErrChangesOff) || errors.As(err, &unsupported) {
		return err.Error(), true
	}
	return "", false
}

// SyncOn names a sync and its call processor.
type SyncOn struct {
	SyncID        string `json:"syncId"`
	CallProcessor string `json:"callProcessor"`
}

// ApplyIn is the input of ApplySync.
type ApplyIn struct {
	SyncOn
	Approved bool `json:"approved,omitempty"` // more may be gone than the guard allows
}

// ApplyOut is what became of a sync that was applied.
type ApplyOut struct {
	Held bool `json:"held,omitempty"` // the guard asks: nothing was changed
	None bool `json:"none,omitempty"` // no kind was read completely: there is nothing to apply
}

// ApplySync makes what was read visible, all at once, or holds it when too much would
// be gone. Applying again changes nothing.
func (a *Estate) ApplySync(ctx context.Context, in ApplyIn) (ApplyOut, error) {
	s, err := a.DB.GetSync(ctx, in.SyncID)
	if err != nil {
		return ApplyOut{}, err
	}
	if !slices.ContainsFunc(s.Kinds, func(k uc.SyncKind) bool { return k.State == uc.KindRead }) {
		return ApplyOut{None: true}, nil
	}
	out, err := a.DB.ApplySync(ctx, in.SyncID, in.Approved)
	return ApplyOut{Held: out.Held}, err
}

// MarkNumbers lets the ledger know which numbers of the copy are special, and to whom
// numbers in use belong when the switches say so.
func (a *Estate) MarkNumbers(ctx context.Context, in SyncOn) error {
	switches := a.Switches[in.CallProcessor]
	if !switches.NoSpecialNumbers {
		if _, err := a.DB.MarkForeignNumbers(ctx, in.CallProcessor, in.SyncID); err != nil {
			return err
		}
	}
	if switches.Adopt {
		_, err := a.DB.AdoptNumbers(ctx, in.CallProcessor, in.SyncID)
		return err
	}
	return nil
}
