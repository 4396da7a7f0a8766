package activities

import (
	"context"
	"errors"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// RefreshIn is the input of RefreshPersonNow.
type RefreshIn struct {
	CallProcessor string `json:"callProcessor"`
	UserID        string `json:"userId"`
}

// RefreshPersonNow reads the person, everything that the person owns or may use, and the
// lines on it, and brings them into the copy. A person who is not on the call processor
// leaves it. Fails with NotFound when neither of them knows the person.
func (a *Estate) RefreshPersonNow(ctx context.Context, in RefreshIn) (uc.PersonRefresh, error) {
	f, err := a.follower(ctx, in.CallProcessor)
	if err != nil {
		return uc.PersonRefresh{}, err
	}
	f.any = true
	at := time.Now()
	user, err := f.c.GetUser(ctx, in.UserID)
	if errors.Is(err, uc.NotFound) {
		return f.forget(ctx, in.UserID, at, err)
	}
	if err != nil {
		return uc.PersonRefresh{}, err
	}
	if err := f.wantPerson(ctx, user.UUID); err != nil {
		return uc.PersonRefresh{}, err
	}
	err = f.refresh(ctx)
	return f.person(user.UserID, string(user.UUID), true), err
}

func (f *follower) person(userID, id string, there bool) uc.PersonRefresh {
	o := f.out
	return uc.PersonRefresh{
		CallProcessor: f.cp, UserID: userID, UUID: id, There: there,
		Added: o.Added, Changed: o.Changed + o.Others, Same: o.Same, Gone: o.Gone,
	}
}

// forget takes a person out of the copy who is not on the call processor.
func (f *follower) forget(ctx context.Context, userID string, at time.Time, missing error) (uc.PersonRefresh, error) {
	page, err := f.a.DB.ListEstate(ctx, db.EstateFilter{Kind: uc.UserKind, CallProcessor: f.cp, Name: userID}, "", 1)
	if err != nil {
		return uc.PersonRefresh{}, err
	}
	if len(page.Objects) == 0 {
		return uc.PersonRefresh{}, missing
	}
	id := page.Objects[0].UUID
	if err := f.remove(ctx, at, []axl.UUID{axl.UUID(id)}); err != nil {
		return uc.PersonRefresh{}, err
	}
	err = f.refresh(ctx)
	return f.person(page.Objects[0].Name, id, false), err
}

// wantPerson wants a person with devices, profiles, remote destinations and lines: those
// that the call processor knows, and those that the copy does.
func (f *follower) wantPerson(ctx context.Context, user axl.UUID) error {
	f.want(uc.UserKind, user)
	have, err := f.a.DB.EstateObjects(ctx, f.cp, string(user))
	if err != nil {
		return err
	}
	known := []axl.UUID{}
	for _, o := range have {
		known = append(append(known, related(o, "devices")...), related(o, "extensions")...)
	}
	if err := f.wantKnown(ctx, known); err != nil {
		return err
	}
	devices, err := f.devicesOf(ctx, user)
	if err != nil {
		return err
	}
	for _, kind := range []uc.EstateKind{uc.PhoneKind, uc.DeviceProfileKind, uc.RemoteDestinationProfileKind} {
		f.want(kind, devices...) // of another kind none is found, and nothing happens
	}
	destinations, err := f.c.RemoteDestinationsOf(ctx, user)
	if err != nil {
		return err
	}
	for _, d := range destinations {
		f.want(uc.RemoteDestinationKind, d.UUID)
	}
	return f.wantLines(ctx, user, devices)
}

// devicesOf are the devices that the person may use or owns.
func (f *follower) devicesOf(ctx context.Context, user axl.UUID) (ids []axl.UUID, err error) {
	_, err = f.c.ReadEstate(ctx, axl.EstateQuery{Kind: uc.RelUserDevice, Of: []axl.UUID{user}}, func(o axl.Object) error {
		ids = append(ids, axl.UUID(o.Name))
		return nil
	})
	for _, list := range []func(context.Context, axl.UUID) ([]axl.Device, error){f.c.PhonesOf, f.c.RemoteDestinationProfilesOf} {
		if err != nil {
			return nil, err
		}
		var found []axl.Device
		found, err = list(ctx, user)
		for _, d := range found {
			ids = append(ids, d.UUID)
		}
	}
	return ids, err
}

// wantLines wants the lines on the devices, and the extensions of the person.
func (f *follower) wantLines(ctx context.Context, user axl.UUID, devices []axl.UUID) error {
	line := func(o axl.Object) error { f.want(uc.LineKind, axl.UUID(o.Name)); return nil }
	_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: uc.RelUserExtension, Of: []axl.UUID{user}}, line)
	if err != nil || len(devices) == 0 {
		return err
	}
	_, err = f.c.ReadEstate(ctx, axl.EstateQuery{Kind: uc.RelDeviceLine, Of: devices}, line)
	return err
}
