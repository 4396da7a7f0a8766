package activities

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// beside wants what knows these objects and is not reported itself: who may use a device
// is kept with the person, and whose a phone is by the person's name.
func (f *follower) beside(ctx context.Context, r *fresh) error {
	relation := uc.Relations[slices.IndexFunc(uc.Relations, func(r uc.Relation) bool { return r.Kind == uc.RelUserDevice })]
	isUser, isDevice := r.kind == uc.UserKind, slices.Contains(relation.To, r.kind)
	if !isUser && !isDevice {
		return nil
	}
	have, err := f.a.DB.EstateObjects(ctx, f.cp, texts(r.ids)...)
	if err != nil {
		return err
	}
	if isDevice {
		return f.besideDevices(ctx, have, relation, r.ids)
	}
	for _, o := range have {
		renamed := slices.ContainsFunc(r.in.Rows, func(n db.KindRow) bool { return n.UUID == o.UUID && n.Name != o.Name })
		if !renamed && !f.replay {
			continue
		}
		if err := f.wantKnown(ctx, related(o, relation.FromAs)); err != nil {
			return err
		}
	}
	return nil
}

// besideDevices wants the people who may use one of the devices now and could not
// before, or the other way round.
func (f *follower) besideDevices(ctx context.Context, have []uc.EstateObject, relation uc.Relation, ids []axl.UUID) error {
	type pair struct{ device, user axl.UUID }
	differ := map[pair]bool{}
	for _, o := range have {
		for _, user := range related(o, relation.ToAs) {
			differ[pair{axl.UUID(o.UUID), user}] = true
		}
	}
	same := map[pair]bool{} // one person may use a device in several ways
	_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: relation.Kind, With: ids}, func(o axl.Object) error {
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
