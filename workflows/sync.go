package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// SyncInput is a sync that begins. Its id is that of the workflow's run.
type SyncInput struct {
	CallProcessor string         `json:"callProcessor"`
	Scope         uc.SyncScope   `json:"scope"`
	Shrink        uc.ShrinkGuard `json:"shrink"` // the zero value is the default
	CreatedBy     string         `json:"createdBy"`
}

// SyncResult is how a sync ended.
type SyncResult struct {
	ID     string       `json:"id"`
	State  uc.SyncState `json:"state"`
	Detail string       `json:"detail"` // one sentence: "Completed."
}

// lanes is how many kinds are read at a time: more large answers would take the memory
// that the call processor has for all of its callers.
const lanes = 2

// The tries to read a page before its kind is given up: about ten minutes, and after a
// kind that was given up so while nothing else could be read, one.
const (
	patientTries = 16
	hastyTries   = 1
)

// deniedKinds is how many kinds in a row may be denied before the others are not tried
// any more: an account that is refused again and again gets locked.
const deniedKinds = 2

// syncing is one reading of a call processor.
type syncing struct {
	in     SyncInput
	on     activities.SyncOn
	kinds  []uc.EstateKind // that are not read yet
	silent bool            // a kind was given up because nothing answers, and none was read since
	denied int             // kinds in a row
	why    string          // of the last denied kind
	broken error           // what ends the sync
}

// CallProcessorSync reads a call processor and makes what it read visible at once: the
// kinds one after the other, two at a time, then what changed meanwhile. What cannot be
// read stays as it was and is told. It writes nothing to the call processor. When the
// guard stops it, it waits for a decision. Cancelled, it leaves the copy as it was,
// unless it was visible already.
func CallProcessorSync(ctx workflow.Context, in SyncInput) (SyncResult, error) {
	s := &syncing{in: in, on: activities.SyncOn{
		SyncID: workflow.GetInfo(ctx).WorkflowExecution.RunID, CallProcessor: in.CallProcessor,
	}}
	over := false
	if err := workflow.SetQueryHandler(ctx, queryOver, func() (bool, error) { return over, nil }); err != nil {
		return SyncResult{}, err
	}
	out, err := s.run(ctx)
	over = true
	var failed uc.Kind
	if err != nil {
		out.State, out.Detail, failed = ending(ctx, err)
	}
	after, done := workflow.NewDisconnectedContext(ctx)
	defer done()
	out.ID = s.on.SyncID
	end := activities.SyncEndIn{
		SyncID: out.ID, State: out.State, Detail: out.Detail, CallProcessor: in.CallProcessor, Failure: failed,
	}
	if out.Detail, err = local(after, inventory.EndSync, end); err != nil {
		return out, err
	}
	if out.State == uc.SyncFailed {
		workflow.GetLogger(ctx).Error("a sync failed", "system", in.CallProcessor, "sync", out.ID, "detail", out.Detail)
	}
	// What stays on the stage for now goes with the next sync.
	if err := do(reading(after, in.CallProcessor, "prune"), estate.PruneStage, out.ID); err != nil {
		workflow.GetLogger(ctx).Warn("staged rows stay for now", "error", err)
	}
	return out, nil
}

// ending says why a sync ended before its end, and the kind of a failure. What is
// interrupted by a cancellation may fail instead, and is cancelled all the same.
func ending(ctx workflow.Context, err error) (uc.SyncState, string, uc.Kind) {
	if temporal.IsCanceledError(err) || ctx.Err() != nil {
		return uc.SyncCancelled, "Cancelled: the copy is as it was.", ""
	}
	failed, detail := failure(err)
	return uc.SyncFailed, detail, failed
}

func (s *syncing) run(ctx workflow.Context) (SyncResult, error) {
	var err error
	s.kinds, err = local(ctx, inventory.OpenSync, activities.SyncIn{
		SyncID: s.on.SyncID, CallProcessor: s.in.CallProcessor, Scope: s.in.Scope, Shrink: s.in.Shrink, CreatedBy: s.in.CreatedBy,
	})
	if err != nil {
		return SyncResult{}, err
	}
	// From here on nothing is missed: what changes is read again at the end.
	from, err := call(contact(ctx, s.in.CallProcessor, "where changes stand"), estate.MarkChangePoint, s.on)
	if err != nil {
		return SyncResult{}, err
	}
	if err := s.read(ctx); err != nil {
		return SyncResult{}, err
	}
	out, err := s.apply(ctx)
	if err != nil || out.State != uc.SyncDone {
		return out, err
	}
	// It is visible now: a cancellation would only leave it half done.
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if from.Queue != "" {
		in := activities.ReplayIn{SyncOn: s.on, From: from}
		if err := do(reading(ctx, s.in.CallProcessor, "what changed meanwhile"), estate.ReplayChanges, in); err != nil {
			return SyncResult{}, err
		}
	}
	return out, do(reading(ctx, s.in.CallProcessor, "numbers"), estate.MarkNumbers, s.on)
}

// read reads all kinds, in their order, each lane the next one that is left.
func (s *syncing) read(ctx workflow.Context) error {
	done := workflow.NewWaitGroup(ctx)
	for range lanes {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			for len(s.kinds) > 0 && s.broken == nil {
				kind := s.kinds[0]
				s.kinds = s.kinds[1:]
				if err := s.kind(ctx, kind); err != nil && s.broken == nil {
					s.broken = err
				}
			}
		})
	}
	// The lanes end by themselves when the sync is cancelled.
	after, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	done.Wait(after)
	return s.broken
}

// kind reads one kind to its end.
func (s *syncing) kind(ctx workflow.Context, kind uc.EstateKind) error {
	in := activities.KindIn{SyncID: s.on.SyncID, CallProcessor: s.in.CallProcessor, Kind: kind, MaxTries: patientTries}
	if s.silent {
		in.MaxTries = hastyTries
	}
	for {
		if s.denied >= deniedKinds {
			return s.giveUp(ctx, kind, uc.Denied, "not tried, for others were denied: "+s.why)
		}
		out, err := call(reading(ctx, s.in.CallProcessor, string(kind)), estate.ReadKind, in)
		if err != nil {
			if temporal.IsCanceledError(err) {
				return err
			}
			failed, why := failure(err)
			return s.giveUp(ctx, kind, failed, why)
		}
		if !out.More() {
			s.learn(out)
			return nil
		}
		in.Tries, in.PageRows, in.MostRows = out.Tries, out.PageRows, out.MostRows
		if err := pause(ctx, out.Wait); err != nil {
			return err
		}
	}
}

// learn keeps what the end of a kind tells about the call processor.
func (s *syncing) learn(out activities.KindOut) {
	if out.Failure == uc.Denied {
		s.denied, s.why = s.denied+1, out.Detail
		return
	}
	s.denied = 0
	s.silent = out.Failure.Disposition() == uc.Retry && out.Failure != ""
}

func (s *syncing) giveUp(ctx workflow.Context, kind uc.EstateKind, failed uc.Kind, why string) error {
	return record(ctx, inventory.GiveUpKind, activities.KindEndIn{
		SyncID: s.on.SyncID, CallProcessor: s.in.CallProcessor, Kind: kind, Failure: failed, Detail: why,
	})
}

// apply makes what was read visible; when the guard stops it, once somebody approves.
func (s *syncing) apply(ctx workflow.Context) (SyncResult, error) {
	in := activities.ApplyIn{SyncOn: s.on}
	for {
		out, err := call(reading(ctx, s.in.CallProcessor, "apply"), estate.ApplySync, in)
		switch {
		case err != nil:
			return SyncResult{}, err
		case out.None:
			return SyncResult{State: uc.SyncFailed, Detail: "Nothing could be read: the report says why."}, nil
		case !out.Held:
			return SyncResult{State: uc.SyncDone}, nil
		}
		var yes bool
		decision := workflow.NewSelector(ctx)
		decision.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
		decision.AddReceive(workflow.GetSignalChannel(ctx, signalDecision), func(c workflow.ReceiveChannel, _ bool) {
			c.Receive(ctx, &yes)
		})
		decision.Select(ctx)
		if err := ctx.Err(); err != nil {
			return SyncResult{}, err
		}
		if !yes {
			return SyncResult{State: uc.SyncCancelled, Detail: "Rejected: the copy is as it was."}, nil
		}
		in.Approved = true
	}
}

// pause waits; it fails when the workflow is cancelled.
func pause(ctx workflow.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	return workflow.NewTimer(ctx, d).Get(ctx, nil)
}
