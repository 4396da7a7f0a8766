package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		have, err = c.GetPhone(ctx, in.Phone.Name)
	}
	if errors.Is(err, uc.NotFound) {
		return &uc.Error{Kind: uc.NotFound, System: "cucm", Op: "getPhone", Err: err, Detail: fmt.Sprintf(
			"desk phone %s is not on %s: insert it there first, or leave deskPhone empty", in.Phone.Name, in.CallProcessor)}
	}
	if err != nil {
		return err
	}
	if owner := val(have.OwnerUser); owner != "" && !strings.EqualFold(owner, in.UserID) {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getPhone", Detail: fmt.Sprintf(
			"phone %s on %s belongs to user %s", have.Name, in.CallProcessor, owner)}
	}
	if _, err := m.found(ctx, have); err != nil {
		return err
	}
	return a.putLine(ctx, c, in, have)
}

// putLine adds the line to a phone that lacks it and makes the user its owner.
func (a *CallProcessor) putLine(ctx context.Context, c *axl.Client, in PhoneIn, have axl.Phone) error {
	change := axl.Phone{Name: have.Name, OwnerUser: changed(in.UserID, have.OwnerUser)}
	if !carries(have, in.Line.Number) {
		change.AddLines = []axl.LineAppearance{toAppearance(in.Line, freeIndex(have), in.UserID)}
	}
	if change.OwnerUser == nil && change.AddLines == nil {
		return nil
	}
	if err := c.UpdatePhone(ctx, change); err != nil {
		return err
	}
	return c.ApplyPhone(ctx, have.Name)
}

func carries(p axl.Phone, n uc.DirectoryNumber) bool {
	return slices.ContainsFunc(val(p.Lines), func(l axl.LineAppearance) bool {
		return l.Pattern == n.Digits && l.Partition == n.Partition
	})
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
	change := axl.Phone{Name: now.Name}
	if val(before.OwnerUser) != val(now.OwnerUser) {
		change.OwnerUser = axl.Set(val(before.OwnerUser))
	}
	for _, l := range val(now.Lines) {
		n := in.Line.Number
		if l.Pattern == n.Digits && l.Partition == n.Partition && !carries(before, n) {
			change.RemoveLines = append(change.RemoveLines, l)
		}
	}
	if change.OwnerUser == nil && change.RemoveLines == nil {
		return nil
	}
	return c.UpdatePhone(ctx, change)
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
