package activities

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// RetirePhoneIn is the input of RetirePhone.
type RetirePhoneIn struct {
	On
	Name   string               `json:"name"`
	UserID string               `json:"userId"`         // whose it was
	Keep   bool                 `json:"keep,omitempty"` // the phone stays without owner and lines
	Lines  []uc.DirectoryNumber `json:"lines"`          // the person's: taken off a phone that stays
}

// RetirePhone removes the person's phone. One that stood there before the person, or
// that shall be kept, only loses the owner and the lines. One that is another user's
// by now stays as it is.
func (a *CallProcessor) RetirePhone(ctx context.Context, in RetirePhoneIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	have, err := c.GetPhone(ctx, in.Name)
	if err != nil {
		return Retired{}, gone(err)
	}
	if owner := val(have.OwnerUser); owner != "" && !same(owner, in.UserID) {
		return kept(ctx, "phone %s is %s's", have.Name, owner), nil
	}
	known, err := a.origins(ctx, in.UserID, in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	var before axl.Phone
	adopted, err := known.adopted(objectPhone, in.Name, &before)
	if err != nil {
		return Retired{}, err
	}
	if !adopted && !in.Keep {
		return Retired{}, gone(c.RemovePhone(ctx, have.Name))
	}
	if change, changed := phoneOff(in, before, have); changed {
		if err := gone(c.UpdatePhone(ctx, change)); err != nil {
			return Retired{}, err
		}
	}
	return Retired{}, gone(c.ApplyPhone(ctx, have.Name)) // also when an earlier attempt got no further
}

// phoneOff is the update that takes owner and lines off a phone that stays. A line
// that it had before the person's first order stays on it.
func phoneOff(in RetirePhoneIn, before, now axl.Phone) (change axl.Phone, changed bool) {
	change.Name = now.Name
	if same(val(now.OwnerUser), in.UserID) {
		change.OwnerUser = axl.Set("")
	}
	for _, l := range val(now.Lines) {
		for _, n := range in.Lines {
			if isLine(l, n) && !carries(before, n) {
				change.RemoveLines = append(change.RemoveLines, l)
			}
		}
	}
	return change, change.OwnerUser != nil || change.RemoveLines != nil
}
