package activities

import "github.com/dialtone/dialtone/uc"

// MoveIn is the input of the effects that bring what a person has to what the person
// shall have, on the same call processor.
type MoveIn struct {
	On
	Old uc.Services `json:"old"`
	New uc.Services `json:"new"`
}
