package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// PhoneIn is the input of the effects on a phone.
type PhoneIn struct {
	On
	Phone  uc.Phone `json:"phone"`
	Line   uc.Line  `json:"line"`
	UserID string   `json:"userId"`
}

// EnsurePhone makes the soft phone with the line on it, or puts the line on the
// phone that is there: a given desk phone, or a soft phone that is the user's or
// nobody's. Fails with NotFound when a desk phone is missing, Conflict when the
// phone is another user's.
func (a *CallProcessor) EnsurePhone(ctx context.Context, in PhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	m := a.mark(in.On, objectPhone, in.Phone.Name)
	have, err := c.GetPhone(ctx, in.Phone.Name)
	if errors.Is(err, uc.NotFound) && !in.Phone.Desk {
		if err := m.absent(ctx); err != nil {
			return err
		}
		_, err = c.AddPhone(ctx, toPhone(in))
		if !errors.Is(err, uc.Conflict) {
			return err
		}
		have, err = taken(err, func() (axl.Phone, error) { return c.GetPhone(ctx, in.Phone.Name) })
	}
	if errors.Is(err, uc.NotFound) {
		return &uc.Error{Kind: uc.NotFound, System: "cucm", Op: "getPhone", Err: err, Detail: fmt.Sprintf(
			"desk phone %s is not on %s: insert it there first, or correct its MAC address", in.Phone.Name, in.CallProcessor)}
	}
	if err != nil {
		return err
	}
	if owner := val(have.OwnerUser); owner != "" && !same(owner, in.UserID) {
		if err := m.disownMade(ctx); err != nil {
			return err
		}
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getPhone", Detail: fmt.Sprintf(
			"phone %s on %s belongs to user %s", have.Name, in.CallProcessor, owner)}
	}
	ours := !in.Phone.Desk && val(have.OwnerUser) != "" && same(val(have.Description), in.Phone.Description)
	made, err := m.found(ctx, have, ours)
	if err != nil {
		return err
	}
	if err := putLine(ctx, c, in, have); err != nil || made {
		return err
	}
	// Also when there was nothing to put: the answer to an earlier attempt, or its
	// apply, may have been lost. A phone that runs its configuration is not disturbed.
	return c.ApplyPhone(ctx, have.Name)
}

// putLine adds the line to a phone that lacks it and makes the user its owner.
func putLine(ctx context.Context, c *axl.Client, in PhoneIn, have axl.Phone) error {
	change := axl.Phone{Name: have.Name}
	if !same(in.UserID, val(have.OwnerUser)) {
		change.OwnerUser = &in.UserID
	}
	if !carries(have, in.Line.Number) {
		change.AddLines = []axl.LineAppearance{toAppearance(in.Line, freeIndex(have), in.UserID)}
	}
	if change.OwnerUser == nil && change.AddLines == nil {
		return nil
	}
	return c.UpdatePhone(ctx, change)
}

func carries(p axl.Phone, n uc.DirectoryNumber) bool {
	return slices.ContainsFunc(val(p.Lines), func(l axl.LineAppearance) bool { return isLine(l, n) })
}

func freeIndex(p axl.Phone) int {
	index := 1
	for slices.ContainsFunc(val(p.Lines), func(l axl.LineAppearance) bool { return l.Index == index }) {
		index++
	}
	return index
}

// RemovePhone takes back EnsurePhone: removed when this order made it; otherwise
// the line is taken off and the owner put back. Absent is success.
func (a *CallProcessor) RemovePhone(ctx context.Context, in PhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Phone
	fate, err := a.mark(in.On, objectPhone, in.Phone.Name).fate(ctx, &before)
	switch {
	case err != nil || fate == leave:
		return err
	case fate == remove:
		return gone(c.RemovePhone(ctx, in.Phone.Name))
	}
	now, err := c.GetPhone(ctx, in.Phone.Name)
	if err != nil {
		return gone(err)
	}
	if change, changed := phoneBack(in, before, now); changed {
		if err := gone(c.UpdatePhone(ctx, change)); err != nil {
			return err
		}
	}
	return gone(c.ApplyPhone(ctx, in.Phone.Name)) // also when an earlier attempt got no further
}

// phoneBack is the update that takes the line off a phone and puts its owner back,
// as far as nobody else changed them since.
func phoneBack(in PhoneIn, before, now axl.Phone) (change axl.Phone, changed bool) {
	change.Name = now.Name
	if same(val(now.OwnerUser), in.UserID) && !same(val(before.OwnerUser), in.UserID) {
		change.OwnerUser = axl.Set(val(before.OwnerUser))
	}
	for _, l := range val(now.Lines) {
		if isLine(l, in.Line.Number) && !carries(before, in.Line.Number) {
			change.RemoveLines = append(change.RemoveLines, l)
		}
	}
	return change, change.OwnerUser != nil || change.RemoveLines != nil
}

// toPhone is the wire form of a new soft phone with its line.
func toPhone(in PhoneIn) axl.Phone {
	p := in.Phone
	return axl.Phone{
		Name: p.Name, Description: wish(p.Description), Product: p.Product, Protocol: p.Protocol,
		DevicePool: axl.Set(p.DevicePool), Location: axl.Set(p.Location), CSS: wish(p.CSS),
		ButtonTemplate: axl.Set(p.ButtonTemplate), SecurityProfile: axl.Set(p.SecurityProfile),
		SIPProfile: wish(p.SIPProfile), OwnerUser: axl.Set(in.UserID),
		Lines: &[]axl.LineAppearance{toAppearance(in.Line, 1, in.UserID)},
	}
}
