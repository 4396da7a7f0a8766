package activities

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// ReleasePhoneIn is the input of the effects that take a phone from its person.
type ReleasePhoneIn struct {
	On
	Name   string             `json:"name"`
	UserID string             `json:"userId"`         // whose it is
	Number uc.DirectoryNumber `json:"number"`         // the person's: its line is taken off
	Bare   bool               `json:"bare,omitempty"` // every line and button is, not only the person's line
}

// ReleasePhone takes the person's line off the phone, with Bare every line and button,
// and makes it nobody's. The phone itself stays. Absent is success.
func (a *CallProcessor) ReleasePhone(ctx context.Context, in ReleasePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetPhone(ctx, in.Name)
	if err != nil {
		return gone(err)
	}
	if _, err := a.mark(in.On, objectPhone, in.Name).found(ctx, have, false); err != nil {
		return err
	}
	if change := released(in, have); !reflect.DeepEqual(change, axl.Phone{}) {
		change.Name = have.Name
		if err := gone(c.UpdatePhone(ctx, change)); err != nil {
			return err
		}
	}
	return gone(c.ApplyPhone(ctx, have.Name)) // also when an earlier attempt got no further
}

// released is the update that takes the phone from the person; the zero phone when
// there is nothing to take.
func released(in ReleasePhoneIn, have axl.Phone) (change axl.Phone) {
	if same(val(have.OwnerUser), in.UserID) {
		change.OwnerUser = axl.Set("")
	}
	for _, l := range val(have.Lines) {
		if in.Bare || isLine(l, in.Number) {
			change.RemoveLines = append(change.RemoveLines, l)
		}
	}
	if !in.Bare {
		return change
	}
	change.SpeedDials = cleared(have.SpeedDials)
	change.BusyLampFields = cleared(have.BusyLampFields)
	change.DirectedCallPark = cleared(have.DirectedCallPark)
	return change
}

// cleared empties a list that holds something.
func cleared[T any](have *[]T) *[]T {
	if len(val(have)) == 0 {
		return nil
	}
	return &[]T{}
}

// ReleasePhoneBack takes back ReleasePhone. An owner that the phone has got since
// stays. Absent is success.
func (a *CallProcessor) ReleasePhoneBack(ctx context.Context, in ReleasePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Phone
	fate, err := a.mark(in.On, objectPhone, in.Name).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetPhone(ctx, in.Name)
	if err != nil {
		return gone(err)
	}
	back := releasedBack(in, before, now)
	if !reflect.DeepEqual(back, axl.Phone{}) {
		back.Name = now.Name
		if err := gone(c.UpdatePhone(ctx, back)); err != nil {
			return err
		}
	}
	return gone(c.ApplyPhone(ctx, now.Name)) // also when an earlier attempt got no further
}

func releasedBack(in ReleasePhoneIn, before, now axl.Phone) axl.Phone {
	if in.Bare {
		return phoneAsBefore(before, now)
	}
	var back axl.Phone
	if val(now.OwnerUser) == "" && val(before.OwnerUser) != "" {
		back.OwnerUser = before.OwnerUser
	}
	for _, l := range val(before.Lines) {
		if isLine(l, in.Number) && !carries(now, in.Number) {
			back.AddLines = append(back.AddLines, l)
		}
	}
	return back
}

// phoneAsBefore is the update that puts everything back that a swap changes; the zero
// phone when it is so.
func phoneAsBefore(before, now axl.Phone) (back axl.Phone) {
	back.OwnerUser = was(before.OwnerUser, now.OwnerUser)
	back.ButtonTemplate = was(before.ButtonTemplate, now.ButtonTemplate)
	back.EnableEM = was(before.EnableEM, now.EnableEM)
	back.Services = was(before.Services, now.Services)
	back.SpeedDials = was(before.SpeedDials, now.SpeedDials)
	back.BusyLampFields = was(before.BusyLampFields, now.BusyLampFields)
	back.DirectedCallPark = was(before.DirectedCallPark, now.DirectedCallPark)
	back.Modules = was(before.Modules, now.Modules)
	switch {
	case slices.EqualFunc(val(before.Lines), val(now.Lines), sameButton):
	case len(val(before.Lines)) == 0:
		back.RemoveLines = val(now.Lines) // an update cannot empty the list
	default:
		back.Lines = before.Lines
	}
	return back
}

// was is the field as it was; nil when it is so, or was not read.
func was[T any](before, now *T) *T {
	if before == nil || reflect.DeepEqual(val(before), val(now)) {
		return nil
	}
	return before
}

// sameButton reports whether a line is on the same button with the same look.
func sameButton(a, b axl.LineAppearance) bool {
	return a.Index == b.Index && sameLines([]axl.LineAppearance{a}, []axl.LineAppearance{b}) && sameAppearance(a, b)
}

// DeletePhone removes the person's soft phone. Fails with Conflict when it is another
// user's by now, or when another user controls it too. Absent is success.
func (a *CallProcessor) DeletePhone(ctx context.Context, in ReleasePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetPhone(ctx, in.Name)
	if err != nil {
		return gone(err)
	}
	if err := onlyTheirs(ctx, c, in, have); err != nil {
		return err
	}
	if _, err := a.mark(in.On, objectPhone, in.Name).found(ctx, have, false); err != nil {
		return err
	}
	return gone(c.RemovePhone(ctx, have.Name))
}

// onlyTheirs fails with Conflict when somebody else needs the phone.
func onlyTheirs(ctx context.Context, c *axl.Client, in ReleasePhoneIn, have axl.Phone) error {
	conflict := func(why string) error {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "removePhone", Detail: fmt.Sprintf(
			"phone %s on %s %s", have.Name, in.CallProcessor, why)}
	}
	if owner := val(have.OwnerUser); owner != "" && !same(owner, in.UserID) {
		return conflict("belongs to user " + owner)
	}
	others, err := otherUsers(ctx, c, have.UUID, in.UserID)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return conflict("is controlled by " + strings.Join(others, ", ") + " too: take it from them first")
	}
	return nil
}

// DeletePhoneBack takes back DeletePhone: the phone is made again as it was, unless
// somebody else has made one of its name.
func (a *CallProcessor) DeletePhoneBack(ctx context.Context, in ReleasePhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Phone
	fate, err := a.mark(in.On, objectPhone, in.Name).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	if _, err := c.GetPhone(ctx, in.Name); !errors.Is(err, uc.NotFound) {
		return err
	}
	_, err = c.AddPhone(ctx, before)
	if errors.Is(err, uc.Conflict) {
		_, err = taken(err, func() (axl.Phone, error) { return c.GetPhone(ctx, in.Name) })
	}
	return err
}
