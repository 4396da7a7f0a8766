package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// UserIn is the input of the effects on a user.
type UserIn struct {
	On
	User    uc.UserService `json:"user"`
	Profile string         `json:"profile,omitempty"` // the device profile to associate
	Devices []string       `json:"devices,omitempty"` // the phones to associate
	Number  string         `json:"number,omitempty"`  // of the primary extension
	Part    string         `json:"partition,omitempty"`
}

// UserOut is the user as the call processor spells it.
type UserOut struct {
	UserID string `json:"userId"`
	Made   bool   `json:"made"` // by this order
}

// EnsureUser makes the user, or adopts the one that is there under the same id in
// any case. A user who comes from an LDAP agreement is never made: one sync of the
// agreement is started for all who wait, and until the user is there it fails with
// Unavailable and when to look again. Fails with NotFound when the sync brought no
// such user, Conflict when the user id is somebody else's.
func (a *CallProcessor) EnsureUser(ctx context.Context, in UserIn) (UserOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return UserOut{}, err
	}
	m := a.mark(in.On, objectUser, in.User.User.Key())
	have, err := c.GetUser(ctx, in.User.User.ID)
	switch {
	case err == nil:
		return a.adoptUser(ctx, m, in, have)
	case !errors.Is(err, uc.NotFound):
		return UserOut{}, err
	case in.User.LDAPAgreement != "":
		return UserOut{}, a.syncLDAP(ctx, c, in)
	}
	if err := m.absent(ctx); err != nil {
		return UserOut{}, err
	}
	if _, err := c.AddUser(ctx, toUser(in.User)); err != nil {
		if !errors.Is(err, uc.Conflict) {
			return UserOut{}, err
		}
		if have, err = c.GetUser(ctx, in.User.User.ID); err != nil {
			return UserOut{}, err
		}
		return a.adoptUser(ctx, m, in, have)
	}
	return UserOut{UserID: in.User.User.ID, Made: true}, nil
}

func (a *CallProcessor) adoptUser(ctx context.Context, m mark, in UserIn, have axl.User) (UserOut, error) {
	if !strings.EqualFold(val(have.LastName), in.User.User.LastName) && have.LDAPDirectory == "" {
		return UserOut{}, &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getUser", Detail: fmt.Sprintf(
			"user %s on %s is %s %s, not %s: use another user id or correct the name",
			have.UserID, in.CallProcessor, val(have.FirstName), val(have.LastName), in.User.User.Name())}
	}
	made, err := m.found(ctx, have)
	return UserOut{UserID: have.UserID, Made: made}, err
}

// The pace of LDAP syncs: one agreement is not synced again within the gap, and
// those who wait look again after the poll.
const (
	ldapSyncGap  = 30 * time.Second
	ldapSyncPoll = 5 * time.Second
)

// syncLDAP moves the agreement's sync on by one step and says when to look again.
func (a *CallProcessor) syncLDAP(ctx context.Context, c *axl.Client, in UserIn) error {
	agreement := in.User.LDAPAgreement
	again := &uc.Error{Kind: uc.Unavailable, System: "cucm", Op: "doLdapSync", RetryAfter: ldapSyncPoll,
		Detail: fmt.Sprintf("waiting for the LDAP sync of %s to bring user %s", agreement, in.User.User.ID)}
	state, err := c.LDAPSyncStatus(ctx, agreement)
	if err != nil {
		return err
	}
	if state == axl.LDAPRunning {
		return again
	}
	claimed, started, err := a.claimSync(ctx, in)
	if err != nil {
		return err
	}
	if claimed {
		if err := c.StartLDAPSync(ctx, agreement); err != nil {
			return err
		}
		return again
	}
	if started != nil && started.After(activity.GetInfo(ctx).ScheduledTime) {
		return &uc.Error{Kind: uc.NotFound, System: "cucm", Op: "getUser", Detail: fmt.Sprintf(
			"user %s is not on %s after a sync of LDAP agreement %s: add the person to the directory first",
			in.User.User.ID, in.CallProcessor, agreement)}
	}
	return again
}

func (a *CallProcessor) claimSync(ctx context.Context, in UserIn) (bool, *time.Time, error) {
	claimed, started, _, err := a.DB.ClaimLDAPSync(ctx, in.CallProcessor, in.User.LDAPAgreement, ldapSyncGap)
	return claimed, started, err
}

// DissociateUser takes back AssociateUser and EnsurePrimaryExtension: the user holds
// again what it held when this order first saw it; of a user that this order made,
// nothing. It comes before the devices are removed. Absent is success.
func (a *CallProcessor) DissociateUser(ctx context.Context, in UserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.User
	fate, err := a.mark(in.On, objectUser, in.User.User.Key()).fate(ctx, &before)
	if err != nil || fate == leave {
		return err
	}
	now, err := c.GetUser(ctx, in.User.User.ID)
	if err != nil {
		return gone(err)
	}
	back, changed := userBack(before, now)
	if !changed {
		return nil
	}
	back.UserID = now.UserID
	// The primary extension first: it must not outlive the device that carries it.
	if back.PrimaryExtension != nil {
		primary := axl.User{UserID: back.UserID, PrimaryExtension: back.PrimaryExtension}
		if err := c.UpdateUser(ctx, primary); err != nil {
			return err
		}
		back.PrimaryExtension = nil
	}
	return c.UpdateUser(ctx, back)
}

// RemoveUser takes back EnsureUser: a user that this order made is removed, an
// adopted one stays. Absent is success.
func (a *CallProcessor) RemoveUser(ctx context.Context, in UserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.User
	fate, err := a.mark(in.On, objectUser, in.User.User.Key()).fate(ctx, &before)
	if err != nil || fate != remove {
		return err
	}
	return gone(c.RemoveUser(ctx, in.User.User.ID))
}

// gone makes the absence of what is to be removed a success.
func gone(err error) error {
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	return err
}

// userBack is the update that puts back what the joiner may have changed.
func userBack(before, now axl.User) (axl.User, bool) {
	back := axl.User{UserID: before.UserID}
	changed := false
	list := func(before, now *[]string) *[]string {
		if slices.Equal(val(before), val(now)) {
			return nil
		}
		changed = true
		return axl.Set(append([]string{}, val(before)...))
	}
	text := func(before, now *string) *string {
		if val(before) == val(now) {
			return nil
		}
		changed = true
		return axl.Set(val(before))
	}
	flag := func(before, now *bool) *bool {
		if val(before) == val(now) {
			return nil
		}
		changed = true
		return axl.Set(val(before))
	}
	if val(before.PrimaryExtension) != val(now.PrimaryExtension) {
		changed = true
		back.PrimaryExtension = axl.Set(val(before.PrimaryExtension))
	}
	back.AssociatedDevices = list(before.AssociatedDevices, now.AssociatedDevices)
	back.Groups = list(before.Groups, now.Groups)
	back.PhoneProfiles = list(before.PhoneProfiles, now.PhoneProfiles)
	back.CTIControlledDeviceProfiles = list(before.CTIControlledDeviceProfiles, now.CTIControlledDeviceProfiles)
	back.DefaultProfile = text(before.DefaultProfile, now.DefaultProfile)
	back.ServiceProfile = text(before.ServiceProfile, now.ServiceProfile)
	back.SelfService = text(before.SelfService, now.SelfService)
	back.UserLocale = text(before.UserLocale, now.UserLocale)
	back.EnableCTI = flag(before.EnableCTI, now.EnableCTI)
	back.EnableMobility = flag(before.EnableMobility, now.EnableMobility)
	back.HomeCluster = flag(before.HomeCluster, now.HomeCluster)
	back.IMPresence = flag(before.IMPresence, now.IMPresence)
	return back, changed
}

// toUser is a new local user before anything is associated.
func toUser(s uc.UserService) axl.User {
	return axl.User{
		UserID: s.User.ID, FirstName: wish(s.User.FirstName), LastName: axl.Set(s.User.LastName),
		DisplayName: wish(s.User.Name()), MailID: wish(s.User.Mail), Department: wish(s.User.Department),
		Title: wish(s.User.Title), PresenceGroup: axl.Set(s.PresenceGroup),
	}
}
