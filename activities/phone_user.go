package activities

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// UserPhonesIn is the input of SetUserPhones and RestoreUserPhones.
type UserPhonesIn struct {
	On
	UserID string   `json:"userId"`
	Add    []string `json:"add,omitempty"`    // the user controls these
	Remove []string `json:"remove,omitempty"` // and these no more
}

// SetUserPhones changes which phones the user controls. What the user controls
// besides stays: the list is read, changed and written. Fails with NotFound when the
// user is missing.
func (a *CallProcessor) SetUserPhones(ctx context.Context, in UserPhonesIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return err
	}
	if _, err := a.userMark(in).found(ctx, have, false); err != nil {
		return err
	}
	want := userPhones(in, val(have.AssociatedDevices))
	if slices.EqualFunc(want, val(have.AssociatedDevices), strings.EqualFold) {
		return nil
	}
	return c.UpdateUser(ctx, axl.User{UserID: have.UserID, AssociatedDevices: &want})
}

func (a *CallProcessor) userMark(in UserPhonesIn) mark {
	return a.mark(in.On, objectUser, uc.User{ID: in.UserID}.Key())
}

// userPhones is the list as it shall be.
func userPhones(in UserPhonesIn, have []string) []string {
	out := slices.DeleteFunc(slices.Clone(have), func(name string) bool {
		return contains(in.Remove, name) && !contains(in.Add, name)
	})
	for _, name := range in.Add {
		if !contains(out, name) {
			out = append(out, name)
		}
	}
	return append([]string{}, out...)
}

// RestoreUserPhones takes back SetUserPhones, and gives the user the primary extension
// again that went with a phone. What others changed since stays. It comes after the
// phones are back. Absent is success.
func (a *CallProcessor) RestoreUserPhones(ctx context.Context, in UserPhonesIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.User
	fate, err := a.userMark(in).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return gone(err)
	}
	if want, changed := userPhonesBack(in, val(before.AssociatedDevices), val(now.AssociatedDevices)); changed {
		if err := gone(c.UpdateUser(ctx, axl.User{UserID: now.UserID, AssociatedDevices: &want})); err != nil {
			return err
		}
	}
	was := val(before.PrimaryExtension)
	if was == (axl.Extension{}) || val(now.PrimaryExtension) != (axl.Extension{}) {
		return nil
	}
	return gone(c.UpdateUser(ctx, axl.User{UserID: now.UserID, PrimaryExtension: &was}))
}

// userPhonesBack is the list as it was, when nobody else changed it; otherwise that of
// now with only ours taken back.
func userPhonesBack(in UserPhonesIn, before, now []string) (want []string, changed bool) {
	ours := func(name string) bool { return contains(in.Add, name) || contains(in.Remove, name) }
	same := func(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }
	others := slices.DeleteFunc(slices.Clone(now), ours)
	want = append([]string{}, before...)
	if !same(others, slices.DeleteFunc(slices.Clone(before), ours)) {
		want = others
		for _, name := range before {
			if ours(name) {
				want = append(want, name)
			}
		}
	}
	return want, !same(want, now)
}
