package activities

import (
	"context"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// WatchIn is the input of FollowChanges.
type WatchIn struct {
	CallProcessor string `json:"callProcessor"`
}

// WatchOut is what one look at the changes of a call processor brought.
type WatchOut struct {
	uc.Watch
	From  ChangePoint  `json:"from"`            // of lost: where changes are seen again, from before now
	Scope uc.SyncScope `json:"scope,omitempty"` // of lost: what the copy has
	// Of failing: the call processor refuses, and is not to be asked again soon.
	Refused bool `json:"refused,omitempty"`
}

// FollowChanges brings what changed since the last look into the copy, each object
// once, however often it changed; what stands there already, as our own writes do, is
// left alone. Changes that were missed make the state lost until KeepWatch is called:
// whoever calls it has started a sync by then. A call processor that does not tell
// changes is no failure, and neither is one that refuses or does not answer: the next
// look begins where this one did.
func (a *Estate) FollowChanges(ctx context.Context, in WatchIn) (WatchOut, error) {
	f, err := a.follower(ctx, in.CallProcessor)
	if err != nil {
		return WatchOut{}, err
	}
	out := WatchOut{Watch: uc.Watch{CallProcessor: in.CallProcessor, State: uc.WatchFollowing, LookedAt: time.Now()}}
	kept, found, err := a.DB.GetEstateWatch(ctx, in.CallProcessor)
	if err != nil {
		return WatchOut{}, err
	}
	at := ChangePoint{Queue: kept.Queue, Next: kept.NextChange}
	if found {
		err = f.follow(ctx, &at)
	}
	if !found || lost(err) {
		return f.lost(ctx, out, err)
	}
	if why, silent := tellsNothing(err); silent {
		out.State, out.Detail = uc.WatchOff, why
		return out, nil
	}
	if err != nil {
		return failing(ctx, out, err)
	}
	out.Seen, out.Same = f.seen, f.out.Same
	out.Applied = f.out.Added + f.out.Changed + f.out.Gone
	return out, a.DB.SetEstateWatch(ctx, db.EstateWatch{
		CallProcessor: in.CallProcessor, Queue: at.Queue, NextChange: at.Next, HeardAt: out.LookedAt,
	}, false)
}

// failing is the state of a call processor that does not answer or refuses, or the
// error when it is not to blame.
func failing(ctx context.Context, out WatchOut, err error) (WatchOut, error) {
	if ctx.Err() != nil || ours(err) || uc.KindOf(err) == uc.Internal {
		return WatchOut{}, err
	}
	out.State, out.Detail = uc.WatchFailing, err.Error()
	out.Refused = uc.KindOf(err).Disposition() != uc.Retry
	return out, nil
}

// lost is the state after changes that nobody knows any more. A copy of nothing has
// lost nothing.
func (f *follower) lost(ctx context.Context, out WatchOut, cause error) (WatchOut, error) {
	now, err := f.c.ListChanges(ctx, axl.ChangeQuery{})
	if why, silent := tellsNothing(err); silent {
		out.State, out.Detail = uc.WatchOff, why
		return out, nil
	}
	if err != nil {
		return failing(ctx, out, err)
	}
	out.From = ChangePoint{Queue: now.QueueID, Next: now.Next}
	infra, subscribers := f.has("routePartition"), f.has(uc.UserKind)
	switch {
	case infra && subscribers:
		out.Scope = uc.SyncAll
	case infra:
		out.Scope = uc.SyncInfra
	case subscribers:
		out.Scope = uc.SyncSubscribers
	default:
		return out, f.a.DB.SetEstateWatch(ctx, db.EstateWatch{
			CallProcessor: f.cp, Queue: now.QueueID, NextChange: now.Next, HeardAt: out.LookedAt,
		}, false)
	}
	out.State, out.Detail = uc.WatchLost, "changes were not watched before"
	if cause != nil {
		out.Detail = cause.Error()
	}
	return out, nil
}

// KeepWatch keeps from where on changes are to be seen, and that some before were missed.
func (a *Inventory) KeepWatch(ctx context.Context, out WatchOut) error {
	return a.DB.SetEstateWatch(ctx, db.EstateWatch{
		CallProcessor: out.CallProcessor, Queue: out.From.Queue, NextChange: out.From.Next, HeardAt: out.LookedAt,
	}, true)
}
