package activities

import (
	"context"
	"errors"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// ReplayIn is the input of ReplayChanges.
type ReplayIn struct {
	SyncOn
	From ChangePoint `json:"from"`
}

// ReplayChanges brings into the copy what changed since the point: what was read of it
// before is read again. When the call processor does not know any more what changed, or
// does not answer, the report says so: that is no failure of the sync.
func (a *Estate) ReplayChanges(ctx context.Context, in ReplayIn) error {
	f, err := a.follower(ctx, in.CallProcessor)
	if err != nil {
		return err
	}
	f.replay = true
	for tries := 0; ; tries++ {
		err := f.follow(ctx, &in.From)
		if err == nil || ctx.Err() != nil || ours(err) {
			return err
		}
		if uc.KindOf(err).Disposition() != uc.Retry || tries == replayTries {
			return a.DB.AddSyncLines(ctx, in.SyncID, uc.SyncLine{
				Severity: uc.SeverityWarning, Class: kindEnd(in.CallProcessor, err).Line.Class,
				What: "what changed while it ran is not known", Why: err.Error(),
				Do: "nothing when changes are watched: another sync begins by itself; otherwise dialtone sync callprocessor " + in.CallProcessor,
			})
		}
		if err := wait(ctx, pauseOf(err, tries)); err != nil {
			return err
		}
	}
}

// follow brings what changed since the point into the copy and moves the point. When it
// fails, all of it is to be done again.
func (f *follower) follow(ctx context.Context, at *ChangePoint) error {
	clear(f.done)
	asked := time.Now()
	next, err := f.gather(ctx, *at)
	if err != nil {
		return err
	}
	if err := f.apply(ctx, asked); err != nil {
		return err
	}
	*at = next
	return nil
}

// replayTries is how often in a row what changed is asked for without an answer.
const replayTries = 8

// wait waits unless the context ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lost reports whether only a full reading tells what changed.
func lost(err error) bool {
	return errors.Is(err, axl.ErrQueueLost) || errors.Is(err, axl.ErrChangesMissed)
}
