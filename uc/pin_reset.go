package uc

// PINReset is the input of a new PIN for a person.
type PINReset struct {
	UserID string `json:"userId"`
}

// Problems lists what is wrong with the reset on its own; nil when nothing is.
func (r PINReset) Problems() []Problem { return userProblems(r.UserID) }

// PINDeliveryMissing is what to do about a process whose settings name nobody who
// brings PINs to people.
const PINDeliveryMissing = "no channel brings PINs to people: write pinDelivery (url and secret of an SMS gateway or the like)" +
	" into the settings of every API and worker; the PIN was not changed"
