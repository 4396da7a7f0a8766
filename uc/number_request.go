package uc

// NumberRequest asks for a number for a person who has none.
type NumberRequest struct {
	UserID string `json:"userId"`
	Pool   string `json:"pool,omitempty"`   // "" = the service area's
	Number string `json:"number,omitempty"` // this one and no other; "" = by the pool's policy
}

// Problems lists what is wrong with the request on its own; nil when nothing is.
func (r NumberRequest) Problems() []Problem {
	out := userProblems(r.UserID)
	if r.Number != "" && !digitsForm.MatchString(r.Number) {
		out = append(out, Problem{"number", r.Number, "write digits like 4711, or +E.164"})
	}
	return out
}
