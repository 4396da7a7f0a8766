package uc

import "time"

// Leaver is the input of one leaver: who goes, and when.
type Leaver struct {
	UserID      string    `json:"userId"`
	LeaveAt     time.Time `json:"leaveAt,omitzero"`      // zero = now
	ServiceArea string    `json:"serviceArea,omitempty"` // only of a person that no order knows; "" = where the person is
	Batch       int       `json:"batch,omitempty"`       // how many leavers came together with this one; 0 = alone
}

// Problems lists what is wrong with the leaver on its own; nil when nothing is.
func (l Leaver) Problems() []Problem { return userProblems(l.UserID) }

// userProblems says what is wrong with a user id that an order is for.
func userProblems(id string) []Problem {
	switch {
	case id == "":
		return []Problem{{"userId", "", "give the user id of the person"}}
	case !userIDForm.MatchString(id):
		return []Problem{{"userId", id, "use letters, digits and . _ @ ' - only, 128 at most"}}
	}
	return nil
}

// PlanAction is what an order will do to an object.
type PlanAction string

// The actions.
const (
	PlanRemove PlanAction = "remove"
	PlanChange PlanAction = "change"
	PlanKeep   PlanAction = "keep"
)

// PlannedObject is one object of a person on a system and what becomes of it.
type PlannedObject struct {
	System    string     `json:"system"` // the call processor or directory
	Type      string     `json:"type"`   // "user", "phone", "device_profile", "remote_destination", "line", …
	Key       string     `json:"key"`    // its name; of a line the digits
	Partition string     `json:"partition,omitempty"`
	Action    PlanAction `json:"action"`
	Why       string     `json:"why,omitempty"`     // one sentence
	Affects   []string   `json:"affects,omitempty"` // whose or which other objects stop working or change
}

// LeaverPlan is everything that a leaver's order will change or remove, in the order
// in which it will.
type LeaverPlan struct {
	UserID        string          `json:"userId"`
	CallProcessor string          `json:"callProcessor"`
	Objects       []PlannedObject `json:"objects"`
}
