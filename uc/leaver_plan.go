package uc

import "strings"

// PlanAction is what an order will do to an object.
type PlanAction string

// The actions.
const (
	PlanRemove PlanAction = "remove"
	PlanChange PlanAction = "change"
	PlanKeep   PlanAction = "keep"
)

// The types of planned objects.
const (
	PlannedLogin              = "login" // key: the phone
	PlannedForward            = "forward"
	PlannedSignIn             = "sign_in"
	PlannedUser               = "user"
	PlannedRemoteDestination  = "remote_destination"
	PlannedDestinationProfile = "remote_destination_profile"
	PlannedPhone              = "phone"
	PlannedProfile            = "device_profile"
	PlannedLine               = "line"
	PlannedNumber             = "number"
	PlannedPerson             = "person" // the directory's entry
	PlannedEvent              = "event"  // for HR
)

// PlannedObject is one object of a person on a system and what becomes of it.
type PlannedObject struct {
	System    string      `json:"system"` // the call processor, directory or HR receiver; of a number its call processor
	Type      string      `json:"type"`   // one of the constants
	Key       string      `json:"key"`    // its name; of a line the digits
	Partition string      `json:"partition,omitempty"`
	Action    PlanAction  `json:"action"`
	Stage     LeaverStage `json:"stage,omitempty"`   // when; "" = never, it is kept
	Why       string      `json:"why,omitempty"`     // one sentence
	Affects   []string    `json:"affects,omitempty"` // whose or which other objects stop working or change
}

// Number is the directory number of a planned line, forward or number.
func (o PlannedObject) Number() DirectoryNumber { return DirectoryNumber{o.System, o.Partition, o.Key} }

// byPolicy is why something stays that could go.
const byPolicy = "by policy"

// Spared says what stays because others have a part in it: "line 4711 is used by
// SEP001122334455 of bob"; "" for what goes, or stays by policy.
func (o PlannedObject) Spared() string {
	what, others := strings.ReplaceAll(o.Type, "_", " ")+" "+o.Key, strings.Join(o.Affects, ", ")
	switch {
	case o.Action != PlanKeep || o.Why == byPolicy:
		return ""
	case o.Type == PlannedLine && others != "":
		return what + " is used by " + others
	case others != "":
		return what + ": " + o.Why + " (" + others + ")"
	}
	return what + ": " + o.Why
}

// LeaverPlan is everything that a leaver's order will change or remove, in the order
// in which it will.
type LeaverPlan struct {
	UserID        string          `json:"userId"`
	CallProcessor string          `json:"callProcessor"`
	Objects       []PlannedObject `json:"objects"`
}
