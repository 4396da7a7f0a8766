package activities

import (
	"context"
	"fmt"
	"reflect"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// MovePhoneIn is the input of the effects on a phone that stays the person's.
type MovePhoneIn struct {
	On
	Old     uc.Phone `json:"old"`
	New     uc.Phone `json:"new"`
	OldLine uc.Line  `json:"oldLine"`
	Line    uc.Line  `json:"line"`
	UserID  string   `json:"userId"`
}

// MovePhone brings the phone, under its new name already, to the new place, with the
// new line in the place of the old one. Of a desk phone only the line changes. Fails
// with NotFound when it is missing, Conflict when it is another user's.
func (a *CallProcessor) MovePhone(ctx context.Context, in MovePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetPhone(ctx, in.New.Name)
	if err != nil {
		return err
	}
	if owner := val(have.OwnerUser); owner != "" && !same(owner, in.UserID) {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getPhone", Detail: fmt.Sprintf(
			"phone %s on %s belongs to user %s", have.Name, in.CallProcessor, owner)}
	}
	if _, err := a.mark(in.On, objectPhone, in.New.Name).found(ctx, have, false); err != nil {
		return err
	}
	if change := phoneMove(in, have); !reflect.DeepEqual(change, axl.Phone{}) {
		change.Name = have.Name
		if err := c.UpdatePhone(ctx, change); err != nil {
			return err
		}
	}
	// Also when there was nothing to change: the answer to an earlier attempt, or its
	// apply, may have been lost. A phone that runs its configuration is not disturbed.
	return c.ApplyPhone(ctx, have.Name)
}

// RestorePhone takes back MovePhone. Absent is success.
func (a *CallProcessor) RestorePhone(ctx context.Context, in MovePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Phone
	fate, err := a.mark(in.On, objectPhone, in.New.Name).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetPhone(ctx, in.New.Name)
	if err != nil {
		return gone(err)
	}
	if back := phoneRestored(in, before, now); !reflect.DeepEqual(back, axl.Phone{}) {
		back.Name = now.Name
		if err := gone(c.UpdatePhone(ctx, back)); err != nil {
			return err
		}
	}
	return gone(c.ApplyPhone(ctx, now.Name)) // also when an earlier attempt got no further
}

// phoneMove is the update that brings the phone to the new place; the zero phone when
// there is nothing to do.
func phoneMove(in MovePhoneIn, have axl.Phone) axl.Phone {
	change := axl.Phone{Lines: moveLines(in.OldLine, in.Line, in.UserID, val(have.Lines))}
	if !same(in.UserID, val(have.OwnerUser)) {
		change.OwnerUser = &in.UserID
	}
	if in.New.Desk {
		return change
	}
	old, now := in.Old, in.New
	change.Description = follow(old.Description, now.Description, have.Description)
	change.DevicePool = follow("", now.DevicePool, have.DevicePool)
	change.Location = follow("", now.Location, have.Location)
	change.CSS = follow(old.CSS, now.CSS, have.CSS)
	change.ButtonTemplate = follow("", now.ButtonTemplate, have.ButtonTemplate)
	change.SecurityProfile = follow("", now.SecurityProfile, have.SecurityProfile)
	change.SIPProfile = follow("", now.SIPProfile, have.SIPProfile)
	return change
}

// phoneRestored is the update that takes phoneMove back; the zero phone when nothing
// of it is left.
func phoneRestored(in MovePhoneIn, before, now axl.Phone) axl.Phone {
	ours := phoneMove(in, before)
	back := axl.Phone{
		Lines: movedBack(in.OldLine.Number, in.Line.Number, ours.Lines, val(before.Lines), val(now.Lines)),
	}
	if back.Lines != nil && len(*back.Lines) == 0 {
		back.Lines, back.RemoveLines = nil, val(now.Lines) // an update cannot empty the list
	}
	takeBack([]field{
		{&ours.OwnerUser, &before.OwnerUser, &now.OwnerUser, &back.OwnerUser},
		{&ours.Description, &before.Description, &now.Description, &back.Description},
		{&ours.DevicePool, &before.DevicePool, &now.DevicePool, &back.DevicePool},
		{&ours.Location, &before.Location, &now.Location, &back.Location},
		{&ours.CSS, &before.CSS, &now.CSS, &back.CSS},
		{&ours.ButtonTemplate, &before.ButtonTemplate, &now.ButtonTemplate, &back.ButtonTemplate},
		{&ours.SecurityProfile, &before.SecurityProfile, &now.SecurityProfile, &back.SecurityProfile},
		{&ours.SIPProfile, &before.SIPProfile, &now.SIPProfile, &back.SIPProfile},
	})
	return back
}
