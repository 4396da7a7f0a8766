package uc

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// SyncScope says what a sync of a call processor reads.
type SyncScope string

// The scopes.
const (
	SyncInfra       SyncScope = "infra"
	SyncSubscribers SyncScope = "subscribers"
	SyncAll         SyncScope = "all"
)

// Valid reports whether the scope is one of the three.
func (s SyncScope) Valid() bool { return s == SyncInfra || s == SyncSubscribers || s == SyncAll }

// Kinds lists the kinds of objects that a sync of the scope reads, what others refer
// to first, and after them the relations between them, each with what is first in it:
// what is known of the others stays.
func (s SyncScope) Kinds() []EstateKind {
	var out []EstateKind
	reads := func(k KindInfo) bool { return s == SyncAll || k.Both || (s == SyncInfra) == (k.Group == InfraGroup) }
	for _, k := range EstateKinds {
		if reads(k) {
			out = append(out, k.Kind)
		}
	}
	for _, r := range Relations {
		if info, _ := r.Kind.Info(); reads(info) {
			out = append(out, r.Kind)
		}
	}
	return out
}

// SyncState is how far a sync is.
type SyncState string

// The states; the last three are final.
const (
	SyncRunning   SyncState = "running"
	SyncWaiting   SyncState = "waiting" // the guard asks: nothing was applied
	SyncDone      SyncState = "done"
	SyncFailed    SyncState = "failed"
	SyncCancelled SyncState = "cancelled"
)

// Final reports whether a sync in this state never goes on.
func (s SyncState) Final() bool { return s == SyncDone || s == SyncFailed || s == SyncCancelled }

// SyncKindState is how far a sync is with one kind.
type SyncKindState string

// The states of a kind; only what is read is applied.
const (
	KindPending SyncKindState = "pending"
	KindReading SyncKindState = "reading"
	KindRead    SyncKindState = "read"    // completely, without a fault
	KindFailed  SyncKindState = "failed"  // its objects stay as they were
	KindSkipped SyncKindState = "skipped" // the call processor does not have it
)

// Final reports whether a kind in this state is not read any more.
func (s SyncKindState) Final() bool { return s == KindRead || s == KindFailed || s == KindSkipped }

// Sync is one reading of a call processor.
type Sync struct {
	ID            string      `json:"id"`
	CallProcessor string      `json:"callProcessor"`
	Scope         SyncScope   `json:"scope"`
	State         SyncState   `json:"state"`
	Detail        string      `json:"detail,omitempty"` // one sentence; of waiting: what the guard asks
	Shrink        ShrinkGuard `json:"shrink"`
	CreatedBy     string      `json:"createdBy"`
	CreatedAt     time.Time   `json:"createdAt"`
	AppliedAt     *time.Time  `json:"appliedAt,omitempty"` // when it became visible; nil = not (yet)
	EndedAt       *time.Time  `json:"endedAt,omitempty"`
	Kinds         []SyncKind  `json:"kinds,omitempty"` // in the order in which they are read; a list of syncs has none
}

// SyncKind is what a sync did about one kind.
type SyncKind struct {
	Kind      EstateKind    `json:"kind"`
	State     SyncKindState `json:"state"`
	Read      int           `json:"read"`    // objects so far
	Total     int           `json:"total"`   // objects that there are; 0 = not known
	Added     int           `json:"added"`   // these three are known once it is applied, or held
	Changed   int           `json:"changed"` // renamed ones are among them
	Gone      int           `json:"gone"`
	Skipped   int           `json:"skipped"` // elements and rows that could not be read
	Detail    string        `json:"detail,omitempty"`
	Wait      string        `json:"wait,omitempty"`      // what the next page waits for: the call processor asks to slow down
	WaitUntil *time.Time    `json:"waitUntil,omitempty"` // when it is tried again; nil = nothing is waited for
	StartedAt *time.Time    `json:"startedAt,omitempty"`
	UpdatedAt *time.Time    `json:"updatedAt,omitempty"` // when its last page was staged
}

// Severity says whether a line of a report needs somebody.
type Severity string

// The severities.
const (
	SeverityInfo    Severity = "info"
	SeverityWarning Severity = "warning" // may be ignored
	SeverityError   Severity = "error"
)

// LineClass says where the cause of a line lies.
type LineClass string

// The classes.
const (
	NetworkLine       LineClass = "network"       // no answer, or half of one
	ConfigurationLine LineClass = "configuration" // the call processor refuses, or does not have it
	DataLine          LineClass = "data"          // what was read
	GuardLine         LineClass = "guard"         // too much would be gone
)

// SyncLine is one line of the report of a sync: what, why, the exact values, and what
// to do about it. A line is never changed.
type SyncLine struct {
	Seq        int64           `json:"seq"` // their order
	Kind       EstateKind      `json:"kind,omitempty"`
	Severity   Severity        `json:"severity"`
	Class      LineClass       `json:"class"`
	Object     string          `json:"object,omitempty"` // its label: "4711 in PT_Berlin"
	UUID       string          `json:"uuid,omitempty"`
	What       string          `json:"what"` // "added", "changed", "renamed", "gone", or a sentence
	Why        string          `json:"why"`
	Properties json.RawMessage `json:"properties,omitempty"` // {"name": {"old": …, "new": …}}
	Do         string          `json:"do,omitempty"`
	At         time.Time       `json:"at"`
}

// What lines about objects say.
const (
	WhatAdded     = "added"
	WhatChanged   = "changed"
	WhatRenamed   = "renamed"
	WhatGone      = "gone"
	WhatWouldGo   = "would be gone"
	WhatForeign   = "number is foreign"
	WhatFreed     = "number is foreign no more"
	WhatPattern   = "pattern is not understood"
	WhatConflict  = "number is in conflict"
	WhatSkipped   = "Skipped unexpected element"
	completedText = "Completed."
	couldNotText  = completedText + " But the following objects could not be synchronized: [%s]"
)

// ShrinkGuard says how many objects of a kind may be gone at once; what is more stops
// a sync before it changes anything.
type ShrinkGuard struct {
	Percent float64 `json:"percent,omitempty"` // of the objects that the copy has; 0 = 5
	Least   int     `json:"least,omitempty"`   // so many may always be gone; 0 = 50
}

// WithDefaults fills in what is left out.
func (g ShrinkGuard) WithDefaults() ShrinkGuard {
	return ShrinkGuard{Percent: cmp.Or(g.Percent, 5), Least: cmp.Or(g.Least, 50)}
}

// Allowed is how many of so many objects may be gone.
func (g ShrinkGuard) Allowed(had int) int {
	g = g.WithDefaults()
	return max(g.Least, int(math.Floor(float64(had)*g.Percent/100)))
}

// Stops reports whether the guard asks somebody before a kind that had so many objects
// loses this many of them and gets so many new ones. A kind with more than one never
// becomes empty unasked: an empty answer is more often a mistake than the truth.
func (g ShrinkGuard) Stops(had, gone, added int) bool {
	return gone > g.Allowed(had) || gone > 1 && gone == had && added == 0
}

// GuardSentence says what would happen to a kind that the guard stops.
func (g ShrinkGuard) GuardSentence(kind EstateKind, had, gone int) string {
	if gone == had {
		return fmt.Sprintf("all %d objects of kind %s would be gone", had, kind.Title())
	}
	return fmt.Sprintf("%d of %d objects of kind %s would be gone and the guard allows %d",
		gone, had, kind.Title(), g.Allowed(had))
}

// SyncSummary is the sentence of a sync that is done: "Completed.", or which objects
// could not be synchronized. Of a relation that could not be read, those are the
// objects that list others because of it.
func SyncSummary(kinds []SyncKind) string {
	var failed []string
	add := func(kind EstateKind) {
		if title := strings.ReplaceAll(kind.Title(), " ", ""); !slices.Contains(failed, title) {
			failed = append(failed, title)
		}
	}
	for _, k := range kinds {
		relation := slices.IndexFunc(Relations, func(r Relation) bool { return r.Kind == k.Kind })
		switch {
		case k.State != KindFailed:
		case relation < 0:
			add(k.Kind)
		default:
			for _, from := range Relations[relation].From {
				add(from)
			}
		}
	}
	if len(failed) == 0 {
		return completedText
	}
	return fmt.Sprintf(couldNotText, strings.Join(failed, ", "))
}
