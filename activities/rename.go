package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// RenameIn is the input of the effects that give an object another name.
type RenameIn struct {
	On
	From string `json:"from"`
	To   string `json:"to"`
}

// RenamedOut is the user after a rename.
type RenamedOut struct {
	LDAPAgreement string `json:"ldapAgreement,omitempty"` // that owns the user; "" = a local user
}

// RenameUser gives a local user another user id. A user that a directory owns is
// renamed there, and by a sync here: it is left, and who owns it is said. Renamed
// already is success, also when nobody is there under either id. Fails with Conflict
// when both user ids are in use.
func (a *CallProcessor) RenameUser(ctx context.Context, in RenameIn) (RenamedOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return RenamedOut{}, err
	}
	old, err := c.GetUser(ctx, in.From)
	if errors.Is(err, uc.NotFound) {
		now, err := c.GetUser(ctx, in.To)
		return RenamedOut{now.LDAPDirectory}, gone(err)
	}
	if err != nil || old.LDAPDirectory != "" {
		return RenamedOut{old.LDAPDirectory}, err
	}
	err = a.rename(ctx, in, objectUser, naming{
		get: func(name string) (string, error) { u, err := c.GetUser(ctx, name); return u.UserID, err },
		set: func(from, to string) error { return c.RenameUser(ctx, from, to) },
	})
	return RenamedOut{}, err
}

// RenameUserBack takes back RenameUser.
func (a *CallProcessor) RenameUserBack(ctx context.Context, in RenameIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	return a.renameBack(ctx, in, objectUser, naming{
		get: func(name string) (string, error) { u, err := c.GetUser(ctx, name); return u.UserID, err },
		set: func(from, to string) error { return c.RenameUser(ctx, from, to) },
	})
}

// RenameDeviceProfile gives a device profile another name. Renamed already is
// success. Fails with NotFound when there is none of either name, and with Conflict
// when both are taken.
func (a *CallProcessor) RenameDeviceProfile(ctx context.Context, in RenameIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	return a.rename(ctx, in, objectProfile, profileNames(ctx, c))
}

// RenameDeviceProfileBack takes back RenameDeviceProfile.
func (a *CallProcessor) RenameDeviceProfileBack(ctx context.Context, in RenameIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	return a.renameBack(ctx, in, objectProfile, profileNames(ctx, c))
}

func profileNames(ctx context.Context, c *axl.Client) naming {
	return naming{
		get: func(name string) (string, error) { p, err := c.GetDeviceProfile(ctx, name); return p.Name, err },
		set: func(from, to string) error { return c.RenameDeviceProfile(ctx, from, to) },
	}
}

// RenamePhone gives a phone another name. Renamed already is success. Fails with
// NotFound when there is none of either name, and with Conflict when both are taken.
func (a *CallProcessor) RenamePhone(ctx context.Context, in RenameIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	return a.rename(ctx, in, objectPhone, phoneNames(ctx, c))
}

// RenamePhoneBack takes back RenamePhone.
func (a *CallProcessor) RenamePhoneBack(ctx context.Context, in RenameIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	return a.renameBack(ctx, in, objectPhone, phoneNames(ctx, c))
}

func phoneNames(ctx context.Context, c *axl.Client) naming {
	return naming{
		get: func(name string) (string, error) { p, err := c.GetPhone(ctx, name); return p.Name, err },
		set: func(from, to string) error { return c.RenamePhone(ctx, from, to) },
	}
}

// naming reads and changes the names of one type of object. get returns the name as
// the call processor spells it.
type naming struct {
	get func(name string) (string, error)
	set func(from, to string) error
}

// renamed is the type under which the rename of an object is marked.
func renamed(objectType string) string { return objectType + "_rename" }

func (a *CallProcessor) rename(ctx context.Context, in RenameIn, objectType string, n naming) error {
	old, err := n.get(in.From)
	if errors.Is(err, uc.NotFound) {
		_, err := n.get(in.To)
		return err // under its new name already, or nowhere
	}
	if err != nil || old == in.To {
		return err
	}
	if !same(in.From, in.To) {
		switch taken, err := n.get(in.To); {
		case err == nil:
			return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "rename", Detail: fmt.Sprintf(
				"%s cannot become %s on %s: %s is there already", old, in.To, in.CallProcessor, taken)}
		case !errors.Is(err, uc.NotFound):
			return err
		}
	}
	if err := a.mark(in.On, renamed(objectType), in.From).absent(ctx); err != nil {
		return err
	}
	return n.set(old, in.To)
}

// renameBack takes back rename: what this order did not rename, and what somebody
// renamed since, stays.
func (a *CallProcessor) renameBack(ctx context.Context, in RenameIn, objectType string, n naming) error {
	_, ours, err := a.DB.ObjectOf(ctx, a.mark(in.On, renamed(objectType), in.From).ref)
	if err != nil || !ours {
		return err
	}
	now, err := n.get(in.To)
	if err != nil || now == in.From {
		return gone(err)
	}
	if !same(in.From, in.To) {
		if _, err := n.get(in.From); !errors.Is(err, uc.NotFound) {
			return err // somebody took the old name meanwhile
		}
	}
	return gone(n.set(now, in.From))
}
