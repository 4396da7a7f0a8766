package uc

import "time"

// WatchState is what a change watcher does.
type WatchState string

// The states.
const (
	WatchFollowing WatchState = "following" // changes come into the copy
	WatchOff       WatchState = "off"       // the call processor does not tell changes
	WatchLost      WatchState = "lost"      // changes were missed: a sync of everything is wanted
	WatchFailing   WatchState = "failing"   // the call processor does not answer, or refuses to
	WatchStarting  WatchState = "starting"  // it has not looked yet
	WatchNone      WatchState = "none"      // nobody watches: the settings say so, or no worker has started it
)

// Watch is where the change watcher of a call processor stands.
type Watch struct {
	CallProcessor string     `json:"callProcessor"`
	State         WatchState `json:"state"`
	Detail        string     `json:"detail,omitempty"`                   // why it does not follow
	LookedAt      time.Time  `json:"lookedAt,omitzero" required:"false"` // when it last asked; zero = never yet
	// Until when what changed is in the copy; nil = never yet, or not since the watcher began.
	FollowedAt *time.Time `json:"followedAt,omitempty"`
	ChangedAt  *time.Time `json:"changedAt,omitempty"` // when it last asked and something had changed
	Seen       int        `json:"seen"`                // changes at the last look, all of an object
	Applied    int        `json:"applied"`             // objects that differed
	Same       int        `json:"same"`                // objects that did not: our own writes
}

// Then is where the watcher stands after the next look.
func (w Watch) Then(next Watch) Watch {
	next.FollowedAt, next.ChangedAt = w.FollowedAt, w.ChangedAt
	if next.State == WatchFollowing {
		next.FollowedAt = &next.LookedAt
	}
	if next.Seen > 0 {
		next.ChangedAt = &next.LookedAt
	}
	return next
}
