package activities

import (
	"context"
	"reflect"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// MarkUser keeps what the user has before a move changes it. It comes after the renames
// and before anything that takes the old line off a device: the call processor drops
// the primary extension then.
func (a *CallProcessor) MarkUser(ctx context.Context, in MoveIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.New.User.User.ID)
	if err != nil {
		return err
	}
	_, err = a.mark(in.On, objectMove, in.New.User.User.Key()).found(ctx, have, false)
	return err
}

// MoveUser gives the user the devices, groups, flags and other fields of the new
// services, and takes away what only the old ones gave. Names, mail, department and
// title follow the move where they changed, and never of a user that a directory
// owns. What the user has besides stays. MarkUser comes before it.
func (a *CallProcessor) MoveUser(ctx context.Context, in MoveIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.New.User.User.ID)
	if err != nil {
		return err
	}
	change := userMove(in, have)
	if reflect.DeepEqual(change, axl.User{}) {
		return nil
	}
	change.UserID = have.UserID
	return c.UpdateUser(ctx, change)
}

// RestoreUser takes back MoveUser: what the move changed and is still so becomes as
// it was. The primary extension is RestorePrimaryExtension's. Absent is success.
func (a *CallProcessor) RestoreUser(ctx context.Context, in MoveIn) error {
	c, before, now, err := a.userOf(ctx, in)
	if err != nil || c == nil {
		return err
	}
	back := userRestored(userMove(in, before), before, now)
	if reflect.DeepEqual(back, axl.User{}) {
		return nil
	}
	back.UserID = now.UserID
	return gone(c.UpdateUser(ctx, back))
}

// RestorePrimaryExtension takes back what became of the primary extension by a move,
// once the old line is on the user's devices again. One that somebody else set stays.
func (a *CallProcessor) RestorePrimaryExtension(ctx context.Context, in MoveIn) error {
	c, before, now, err := a.userOf(ctx, in)
	if err != nil || c == nil {
		return err
	}
	n := in.New.Number
	was, is := val(before.PrimaryExtension), val(now.PrimaryExtension)
	ours := is == axl.Extension{} || sameExtension(is, axl.Extension{Pattern: n.Digits, Partition: n.Partition})
	if !ours || sameExtension(was, is) {
		return nil
	}
	return gone(c.UpdateUser(ctx, axl.User{UserID: now.UserID, PrimaryExtension: &was}))
}

// userOf is the user before the order and now; without a client when undo has nothing
// to put back.
func (a *CallProcessor) userOf(ctx context.Context, in MoveIn) (c *axl.Client, before, now axl.User, err error) {
	client, err := a.client(in.CallProcessor)
	if err != nil {
		return nil, before, now, err
	}
	fate, err := a.mark(in.On, objectMove, in.New.User.User.Key()).fate(ctx, &before)
	if err != nil || fate != restore {
		return nil, before, now, err
	}
	now, err = client.GetUser(ctx, in.New.User.User.ID)
	if err != nil {
		return nil, before, now, gone(err)
	}
	return client, before, now, nil
}

// userMove is the update that brings the user from the old services to the new ones;
// the zero User when there is nothing to do.
func userMove(in MoveIn, have axl.User) axl.User {
	old, now := in.Old.User, in.New.User
	profile := []string{in.New.DeviceProfile.Name}
	// CTI stays allowed, as it is for every new user: what counts is what it controls.
	u := axl.User{
		AssociatedDevices: moveList(nil, phoneList(in.New), have.AssociatedDevices),
		PhoneProfiles:     moveList(nil, profile, have.PhoneProfiles),
		Groups:            moveList(old.Groups, now.Groups, have.Groups),
		UserLocale:        follow(old.Locale, now.Locale, have.UserLocale),
		ServiceProfile:    follow(old.ServiceProfile, now.ServiceProfile, have.ServiceProfile),
		SelfService:       follow(old.SelfService, now.SelfService, have.SelfService),
		EnableCTI:         moveFlag(false, now.CTI, have.EnableCTI),
		EnableMobility:    moveFlag(old.Mobility, now.Mobility, have.EnableMobility),
		IMPresence:        moveFlag(old.IMPresence, now.IMPresence, have.IMPresence),
		HomeCluster:       moveFlag(false, true, have.HomeCluster),
	}
	switch {
	case now.CTI:
		u.CTIControlledDeviceProfiles = moveList(nil, profile, have.CTIControlledDeviceProfiles)
	case old.CTI:
		u.CTIControlledDeviceProfiles = moveList(profile, nil, have.CTIControlledDeviceProfiles)
	}
	if d := val(have.DefaultProfile); d == "" || same(d, in.Old.DeviceProfile.Name) && !same(d, profile[0]) {
		u.DefaultProfile = axl.Set(profile[0])
	}
	if have.LDAPDirectory == "" {
		ownFields(&u, old.User, now.User, have)
	}
	return u
}

// ownFields are the fields of a local user that changed with the person.
func ownFields(u *axl.User, old, now uc.User, have axl.User) {
	for _, f := range []struct {
		old, now string
		have     *string
		to       **string
	}{
		{old.FirstName, now.FirstName, have.FirstName, &u.FirstName},
		{old.LastName, now.LastName, have.LastName, &u.LastName},
		{old.Name(), now.Name(), have.DisplayName, &u.DisplayName},
		{old.Mail, now.Mail, have.MailID, &u.MailID},
		{old.Department, now.Department, have.Department, &u.Department},
		{old.Title, now.Title, have.Title, &u.Title},
	} {
		if f.old != f.now {
			*f.to = follow(f.old, f.now, f.have)
		}
	}
}

// userRestored is the update that takes back ours; the zero User when nothing of it
// is left.
func userRestored(ours, before, now axl.User) axl.User {
	back := axl.User{
		AssociatedDevices: listBack(ours.AssociatedDevices, before.AssociatedDevices, now.AssociatedDevices),
		PhoneProfiles:     listBack(ours.PhoneProfiles, before.PhoneProfiles, now.PhoneProfiles),
		CTIControlledDeviceProfiles: listBack(ours.CTIControlledDeviceProfiles,
			before.CTIControlledDeviceProfiles, now.CTIControlledDeviceProfiles),
		Groups:         listBack(ours.Groups, before.Groups, now.Groups),
		EnableCTI:      flagBack(ours.EnableCTI, before.EnableCTI, now.EnableCTI),
		EnableMobility: flagBack(ours.EnableMobility, before.EnableMobility, now.EnableMobility),
		IMPresence:     flagBack(ours.IMPresence, before.IMPresence, now.IMPresence),
		HomeCluster:    flagBack(ours.HomeCluster, before.HomeCluster, now.HomeCluster),
	}
	takeBack([]field{
		{&ours.DefaultProfile, &before.DefaultProfile, &now.DefaultProfile, &back.DefaultProfile},
		{&ours.UserLocale, &before.UserLocale, &now.UserLocale, &back.UserLocale},
		{&ours.ServiceProfile, &before.ServiceProfile, &now.ServiceProfile, &back.ServiceProfile},
		{&ours.SelfService, &before.SelfService, &now.SelfService, &back.SelfService},
		{&ours.FirstName, &before.FirstName, &now.FirstName, &back.FirstName},
		{&ours.LastName, &before.LastName, &now.LastName, &back.LastName},
		{&ours.DisplayName, &before.DisplayName, &now.DisplayName, &back.DisplayName},
		{&ours.MailID, &before.MailID, &now.MailID, &back.MailID},
		{&ours.Department, &before.Department, &now.Department, &back.Department},
		{&ours.Title, &before.Title, &now.Title, &back.Title},
	})
	return back
}

func phoneList(s uc.Services) []string {
	var names []string
	for _, p := range s.Phones {
		names = append(names, p.Name)
	}
	return names
}
