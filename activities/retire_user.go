package activities

import (
	"context"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// ClearUserIn is the input of ClearUser.
type ClearUserIn struct {
	On
	UserID    string               `json:"userId"`
	Devices   []string             `json:"devices"`             // the user loses control of them
	Profiles  []string             `json:"profiles"`            // the user's no more
	Kept      []string             `json:"kept"`                // profiles that stay the user's, but for CTI
	Lines     []uc.DirectoryNumber `json:"lines"`               // no extension of the user any more
	Given     uc.UserService       `json:"given,omitzero"`      // what orders gave and is taken back
	EndSignIn bool                 `json:"endSignIn,omitempty"` // sign-in flags that the user did not have before go off
	UserToGo  bool                 `json:"userToGo,omitempty"`  // the user itself is removed next: only associations matter
}

// ClearUser takes devices, profiles and extensions off the user, and what orders gave
// besides: groups, service profile, self-service id, locale. A text that somebody
// changed since stays; one that the user had before the person's first order comes
// back. Everything that is not named stays.
func (a *CallProcessor) ClearUser(ctx context.Context, in ClearUserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	now, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return gone(err)
	}
	known, err := a.origins(ctx, in.UserID, in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.User
	if _, err := known.adopted(objectUser, in.UserID, &before); err != nil {
		return err
	}
	// The primary extension first: it must not outlive the device that carries it.
	if extensionOf(val(now.PrimaryExtension), in.Lines) {
		if err := c.UpdateUser(ctx, axl.User{UserID: now.UserID, PrimaryExtension: &axl.Extension{}}); err != nil {
			return gone(err)
		}
	}
	change, needed := userCleared(in, before, now)
	if !needed {
		return nil
	}
	return gone(c.UpdateUser(ctx, change))
}

// userCleared is the update that takes everything but the primary extension off the
// user.
func userCleared(in ClearUserIn, before, now axl.User) (change axl.User, needed bool) {
	controlled := slices.Concat(in.Profiles, in.Kept)
	change = axl.User{
		UserID:                      now.UserID,
		AssociatedDevices:           without(in.Devices, nil, now.AssociatedDevices),
		PhoneProfiles:               without(in.Profiles, nil, now.PhoneProfiles),
		CTIControlledDeviceProfiles: without(controlled, notIn(in.Profiles, before.CTIControlledDeviceProfiles), now.CTIControlledDeviceProfiles),
		Extensions:                  withoutLines(in.Lines, now.Extensions),
	}
	if contains(in.Profiles, val(now.DefaultProfile)) {
		change.DefaultProfile = axl.Set("")
	}
	if !in.UserToGo {
		giftsBack(&change, in, before, now)
	}
	return change, change.AssociatedDevices != nil || change.PhoneProfiles != nil ||
		change.CTIControlledDeviceProfiles != nil || change.Extensions != nil || change.DefaultProfile != nil ||
		change.Groups != nil || change.ServiceProfile != nil || change.SelfService != nil || change.UserLocale != nil ||
		signsIn(change)
}

// giftsBack adds what a user that stays loses besides associations.
func giftsBack(change *axl.User, in ClearUserIn, before, now axl.User) {
	text := func(given string, before, now *string) *string {
		if given == "" || !same(given, val(now)) || same(val(before), val(now)) {
			return nil
		}
		return axl.Set(val(before))
	}
	change.Groups = without(in.Given.Groups, before.Groups, now.Groups)
	change.ServiceProfile = text(in.Given.ServiceProfile, before.ServiceProfile, now.ServiceProfile)
	change.SelfService = text(in.Given.SelfService, before.SelfService, now.SelfService)
	change.UserLocale = text(in.Given.Locale, before.UserLocale, now.UserLocale)
	if !in.EndSignIn {
		return
	}
	off := func(before, now *bool) *bool {
		if !val(now) || val(before) {
			return nil
		}
		return axl.Set(false)
	}
	change.EnableCTI = off(before.EnableCTI, now.EnableCTI)
	change.EnableMobility = off(before.EnableMobility, now.EnableMobility)
	change.EnableMobileVoiceAccess = off(before.EnableMobileVoiceAccess, now.EnableMobileVoiceAccess)
	change.IMPresence = off(before.IMPresence, now.IMPresence)
	change.HomeCluster = off(before.HomeCluster, now.HomeCluster)
}

// notIn is the list without the names.
func notIn(names []string, list *[]string) *[]string {
	left := slices.DeleteFunc(slices.Clone(val(list)), func(name string) bool { return contains(names, name) })
	return &left
}

func extensionOf(e axl.Extension, lines []uc.DirectoryNumber) bool {
	return slices.ContainsFunc(lines, func(n uc.DirectoryNumber) bool {
		return sameExtension(e, axl.Extension{Pattern: n.Digits, Partition: n.Partition})
	})
}

// withoutLines are the further extensions without those lines; nil when none is.
func withoutLines(lines []uc.DirectoryNumber, now *[]axl.UserExtension) *[]axl.UserExtension {
	left := slices.DeleteFunc(slices.Clone(val(now)), func(e axl.UserExtension) bool { return extensionOf(e.Extension, lines) })
	if len(left) == len(val(now)) {
		return nil
	}
	return &left
}

// RetireUserIn is the input of RetireUser.
type RetireUserIn struct {
	On
	UserID string `json:"userId"`
}

// RetireUser removes the local user. One that a directory owns by now is left to it.
func (a *CallProcessor) RetireUser(ctx context.Context, in RetireUserIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	have, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return Retired{}, gone(err)
	}
	if have.LDAPDirectory != "" {
		return kept(ctx, "user %s is left to LDAP agreement %s", have.UserID, have.LDAPDirectory), nil
	}
	return Retired{}, gone(c.RemoveUser(ctx, have.UserID))
}
