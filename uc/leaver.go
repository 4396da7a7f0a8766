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
