package uc

import (
	"cmp"
	"fmt"
	"time"
)

// GuardKind is what the guard counts.
type GuardKind string

// The kinds that are guarded.
const (
	GuardLeaver  GuardKind = "leaver"
	GuardRelease GuardKind = "release" // of a number
	GuardMove    GuardKind = "move"
)

// Valid reports whether the kind is one of the three.
func (k GuardKind) Valid() bool { return k == GuardLeaver || k == GuardRelease || k == GuardMove }

// GuardLimit says how many orders of one kind a domain lets pass within a window of
// time; what is more waits for an approval. The same limit holds for each kind.
type GuardLimit struct {
	Count   int      `json:"count,omitempty"`   // orders at most; 0 = 50
	Percent float64  `json:"percent,omitempty"` // of the domain's people, but never less than five orders; 0 = 5
	Window  Duration `json:"window,omitempty"`  // 0 = 24h
}

// The limit of a domain that says nothing else, and what every domain may do
// however few people it has: 5 % of twenty people would stop the second leaver.
const (
	guardCount   = 50
	guardPercent = 5
	guardWindow  = Duration(24 * time.Hour)
	guardLeast   = 5
)

// WithDefaults fills in what the catalog leaves out.
func (g GuardLimit) WithDefaults() GuardLimit {
	return GuardLimit{
		Count: cmp.Or(g.Count, guardCount), Percent: cmp.Or(g.Percent, guardPercent), Window: cmp.Or(g.Window, guardWindow),
	}
}

// Allowed is how many orders may pass within the window in a domain of so many
// people: the smaller of the count and of the percentage, and the latter is at least
// five.
func (g GuardLimit) Allowed(people int) int {
	g = g.WithDefaults()
	return min(g.Count, max(guardLeast, int(float64(people)*g.Percent/100)))
}

// GuardState is what was decided about a hold.
type GuardState string

// The states of a hold.
const (
	GuardOpen     GuardState = "open"
	GuardApproved GuardState = "approved" // its orders went on
	GuardRejected GuardState = "rejected" // its orders were cancelled
)

// GuardHold is a burst of orders that the guard holds until somebody decides about
// all of them together.
type GuardHold struct {
	ID        int64      `json:"id"`
	Kind      GuardKind  `json:"kind"`
	Domain    string     `json:"domain"`
	State     GuardState `json:"state"`
	Detail    string     `json:"detail"`  // why they are held: one sentence
	Orders    int        `json:"orders"`  // how many were held
	Waiting   int        `json:"waiting"` // how many of them still wait for the decision; those that ended do not
	OpenedAt  time.Time  `json:"openedAt"`
	DecidedAt *time.Time `json:"decidedAt,omitempty"`
	DecidedBy string     `json:"decidedBy,omitempty"` // the name of the token
	Reason    string     `json:"reason,omitempty"`    // of the decision
}

// GuardText says what n orders of the kind would do.
func GuardText(kind GuardKind, domain string, n, allowed int, window Duration) string {
	does := "%d people of domain %s would leave within %s"
	switch kind {
	case GuardRelease:
		does = "%d numbers of domain %s would be given back within %s"
	case GuardMove:
		does = "%d people of domain %s would move within %s"
	case GuardLeaver:
	}
	return fmt.Sprintf(does+" and the guard allows %d", n, domain, window, allowed)
}
