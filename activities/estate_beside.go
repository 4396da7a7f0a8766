package activities

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// userDevice is the relation of people and the devices that they may use.
var userDevice = uc.Relations[slices.IndexFunc(uc.Relations, func(r uc.Relation) bool { return r.Kind == uc.RelUserDevice })]

// beside wants what knows these objects and is not reported itself: who may use a device
// is kept with the person, and whose a phone is by the person's name.
func (f *follower) beside(ctx context.Context, r *fresh) error {
	isUser, isDevice := r.kind == uc.UserKind, slices.Contains(userDevice.To, r.kind)
	if !isUser && !isDevice {
		return nil
	}
	have, err := f.a.DB.EstateObjects(ctx, f.cp, texts(r.ids)...)
	if err != nil {
		return err
	}
	if isDevice {
		if err := f.wantOwnerLicences(have, r.in.Rows); err != nil {
			return err
		}
		return f.besideDevices(ctx, have, r)
	}
	var renamed []string
	for _, o := range have {
		if f.replay || slices.ContainsFunc(r.in.Rows, func(n db.KindRow) bool {
			return n.Kind == o.Kind && n.UUID == o.UUID && n.Name != o.Name
		}) {
			renamed = append(renamed, o.UUID)
		}
	}
	return f.wantOwned(ctx, renamed)
}

// wantOwned wants what people own.
func (f *follower) wantOwned(ctx context.Context, users []string) error {
	if len(users) == 0 {
		return nil
	}
	owned, err := f.a.DB.EstateOwned(ctx, f.cp, users...)
	for _, o := range owned {
		f.want(o.Kind, axl.UUID(o.UUID))
	}
	return err
}

// besideDevices wants the people who may use one of the devices now and could not
// before, or the other way round; and those of a device with other lines: their
// extensions may be gone with a line.
func (f *follower) besideDevices(ctx context.Context, have []uc.EstateObject, r *fresh) error {
	type pair struct{ device, user axl.UUID }
	differ := map[pair]bool{}
	for _, o := range have {
		users := related(o, userDevice.ToAs)
		for _, user := range users {
			differ[pair{axl.UUID(o.UUID), user}] = true
		}
		if f.replay || r.otherLines(o) {
			f.want(uc.UserKind, users...)
		}
	}
	same := map[pair]bool{} // one person may use a device in several ways
	_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: userDevice.Kind, With: r.ids}, func(o axl.Object) error {
		p := pair{axl.UUID(o.Name), o.UUID}
		if differ[p] || same[p] {
			same[p] = true
			delete(differ, p)
		} else {
			differ[p] = true
		}
		return nil
	})
	for p := range differ {
		f.want(uc.UserKind, p.user)
	}
	return err
}

// otherLines reports whether the device was read with other lines than it had.
func (r *fresh) otherLines(had uc.EstateObject) bool {
	lines := map[axl.UUID]bool{}
	for _, id := range related(had, "lines") {
		lines[id] = true
	}
	n := 0
	for _, row := range r.in.Rows {
		if row.Kind == uc.RelDeviceLine && row.From == had.UUID {
			if n++; !lines[axl.UUID(row.To)] {
				return true
			}
		}
	}
	return n != len(lines)
}

// besideGone wants what knew objects that are gone, of which the copy may know some.
func (f *follower) besideGone(ctx context.Context, gone []axl.UUID) error {
	known, err := f.a.DB.EstateObjects(ctx, f.cp, texts(gone)...)
	if err != nil {
		return err
	}
	for _, o := range known {
		if slices.Contains(userDevice.To, o.Kind) {
			f.want(uc.UserKind, related(o, userDevice.ToAs)...)
		}
	}
	if err := f.wantOwnerLicences(known, nil); err != nil {
		return err
	}
	return f.wantOwned(ctx, texts(gone))
}

// wantKnown wants objects that the copy has, whatever they are.
func (f *follower) wantKnown(ctx context.Context, ids []axl.UUID) error {
	have, err := f.a.DB.EstateObjects(ctx, f.cp, texts(ids)...)
	for _, o := range have {
		f.want(o.Kind, axl.UUID(o.UUID))
	}
	return err
}

// related are the ids of the objects that an attribute of the object lists.
func related(o uc.EstateObject, attribute string) []axl.UUID {
	var lists map[string]json.RawMessage
	var entries []struct {
		UUID axl.UUID `json:"uuid"`
	}
	if json.Unmarshal(o.Attributes, &lists) != nil || json.Unmarshal(lists[attribute], &entries) != nil {
		return nil // it has no such list
	}
	out := make([]axl.UUID, len(entries))
	for i, e := range entries {
		out[i] = e.UUID
	}
	return out
}
