package uc

import "strings"

// NumberRelease is the input of giving a person's number back to its pool: the person
// stays, and what belongs to the number goes, as with a leaver.
type NumberRelease struct {
	UserID      string `json:"userId"`                // who has the number
	Number      string `json:"number"`                // digits as dialled inside
	Reason      string `json:"reason"`                // for the number's history
	ServiceArea string `json:"serviceArea,omitempty"` // only of a person that no order knows
}

// Problems lists what is wrong with the release on its own; nil when nothing is.
func (r NumberRelease) Problems() []Problem {
	out := userProblems(r.UserID)
	if !digitsForm.MatchString(r.Number) {
		out = append(out, Problem{"number", r.Number, "write digits like 4711, or +E.164"})
	}
	if strings.TrimSpace(r.Reason) == "" {
		out = append(out, Problem{"reason", "", "say why, for the number's history"})
	}
	return out
}
