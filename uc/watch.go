package uc

import "time"

// WatchState is what a change watcher does.
type WatchState string

// The states.
const (
	WatchFollowing WatchState = "following" // changes come into the copy
	WatchOff       WatchState = "off"       // the call processor does not tell changes
	WatchLost      WatchState = "lost"      // changes were missed: a sync of everything is wanted
	WatchFailing   WatchState = "failing"   // the call processor refuses to answer
)

// Watch is where the change watcher of a call processor stands.
type Watch struct {
	CallProcessor string     `json:"callProcessor"`
	State         WatchState `json:"state"`
	Detail        string     `json:"detail,omitempty"` // why it does not follow
	LookedAt      time.Time  `json:"lookedAt"`         // when it last asked
	Seen          int        `json:"seen"`             // changes at the last look, all of an object
	Applied       int        `json:"applied"`          // objects that differed
	Same          int        `json:"same"`             // objects that did not: our own writes
}
