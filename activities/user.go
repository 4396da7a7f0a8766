package activities

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

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
	if in.User.LDAPAgreement != "" && awaitsLDAP(have, err) {
		have, err = a.fromLDAP(ctx, c, in)
	}
	if err == nil {
		return a.adoptUser(ctx, m, in, have)
	}
	if !errors.Is(err, uc.NotFound) || in.User.LDAPAgreement != "" {
		return UserOut{}, err
	}
	if err := m.absent(ctx); err != nil {
		return UserOut{}, err
	}
	if _, err = c.AddUser(ctx, toUser(in.User)); errors.Is(err, uc.Conflict) {
		have, err = taken(err, func() (axl.User, error) { return c.GetUser(ctx, in.User.User.ID) })
		if err == nil {
			return a.adoptUser(ctx, m, in, have)
		}
	}
	return UserOut{UserID: in.User.User.ID, Made: err == nil}, err
}

// adoptUser takes the user that is there. The names of one that the directory owns
// are the directory's: they are not compared.
func (a *CallProcessor) adoptUser(ctx context.Context, m mark, in UserIn, have axl.User) (UserOut, error) {
	ours := have.LDAPDirectory == "" && sameName(val(have.LastName), in.User.User.LastName)
	if !ours && have.LDAPDirectory == "" {
		if err := m.disownMade(ctx); err != nil {
			return UserOut{}, err
		}
		return UserOut{}, &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getUser", Detail: fmt.Sprintf(
			"user %s on %s is %q, not %q: use another user id or correct the name",
			have.UserID, in.CallProcessor, strings.TrimSpace(val(have.FirstName)+" "+val(have.LastName)), in.User.User.Name())}
	}
	made, err := m.found(ctx, have, ours)
	return UserOut{UserID: have.UserID, Made: made}, err
}

// sameName compares names as people write them: Müller is Mueller is MÜLLER.
func sameName(a, b string) bool { return same(a, b) || same(ascii(a, nameMax), ascii(b, nameMax)) }

// nameMax is longer than any name.
const nameMax = 256

// DissociateUser takes back AssociateUser and EnsurePrimaryExtension: what this order
// gave the user and the user did not have before is taken away, and what it replaced
// is put back. What others gave or changed since stays. It comes before the devices
// are removed. Absent is success.
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
	back := userBack(in, fate == remove, before, now)
	// The primary extension first: it must not outlive the device that carries it.
	if back.PrimaryExtension != nil {
		primary := axl.User{UserID: now.UserID, PrimaryExtension: back.PrimaryExtension}
		if err := c.UpdateUser(ctx, primary); err != nil {
			return err
		}
		back.PrimaryExtension = nil
	}
	if reflect.DeepEqual(back, axl.User{}) {
		return nil
	}
	back.UserID = now.UserID
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

// toUser is a new local user before anything is associated.
func toUser(s uc.UserService) axl.User {
	return axl.User{
		UserID: s.User.ID, FirstName: wish(s.User.FirstName), LastName: axl.Set(s.User.LastName),
		DisplayName: wish(s.User.Name()), MailID: wish(s.User.Mail), Department: wish(s.User.Department),
		Title: wish(s.User.Title), PresenceGroup: axl.Set(s.PresenceGroup),
	}
}
