package activities

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// refreshBatch is how many objects are read at once: a statement that names more is
// long, and rows of a batch are held.
const refreshBatch = 200

// refresh reads the objects again and brings them into the copy; those that are not
// there any more leave it.
func (f *follower) refresh(ctx context.Context, objects map[uc.EstateKind][]axl.UUID) error {
	for _, kind := range slices.Sorted(maps.Keys(objects)) {
		if object, ok := listed(kind); ok {
			if err := f.relist(ctx, kind, object, objects[kind]); err != nil {
				return err
			}
			continue
		}
		for batch := range slices.Chunk(objects[kind], refreshBatch) {
			if err := f.reread(ctx, kind, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// relist reads the whole list of a kind for some of its objects: there is no list of
// some ids, and lists of what people share are short.
func (f *follower) relist(ctx context.Context, kind uc.EstateKind, object string, ids []axl.UUID) error {
	in := db.ObjectsIn{CallProcessor: f.cp, ReadAt: time.Now()}
	found := map[axl.UUID]bool{}
	_, err := f.c.ListObjects(ctx, axl.ListQuery{Kind: object}, func(o axl.Object) error {
		if slices.Contains(ids, o.UUID) && !found[o.UUID] {
			found[o.UUID] = true
			in.Rows = append(in.Rows, db.KindRow{Kind: kind, EstateRow: rowOf(o)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.put(ctx, in, found, ids)
}

// reread reads objects by their ids, with the relations that they are first in.
func (f *follower) reread(ctx context.Context, kind uc.EstateKind, ids []axl.UUID) error {
	in := db.ObjectsIn{CallProcessor: f.cp, ReadAt: time.Now()}
	keep := f.a.Switches[f.cp].keeps(kind)
	found := map[axl.UUID]bool{}
	_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: kind, Of: ids}, func(o axl.Object) error {
		if keep(o) {
			found[o.UUID] = true
			in.Rows = append(in.Rows, db.KindRow{Kind: kind, EstateRow: rowOf(o)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range uc.RelationsOf(kind) {
		if !slices.Contains(r.From, kind) {
			continue
		}
		in.Relations = append(in.Relations, r.Kind)
		_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: r.Kind, Of: ids}, func(o axl.Object) error {
			if found[o.UUID] {
				in.Rows = append(in.Rows, db.KindRow{Kind: r.Kind, EstateRow: rowOf(o)})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return f.put(ctx, in, found, ids)
}

// put applies what was read of the ids, and removes what was not there.
func (f *follower) put(ctx context.Context, in db.ObjectsIn, found map[axl.UUID]bool, ids []axl.UUID) error {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id axl.UUID) bool { return found[id] })
	if len(missing) > 0 {
		out, err := f.a.DB.RemoveObjects(ctx, f.cp, in.ReadAt, texts(missing)...)
		if err != nil {
			return err
		}
		f.count(out)
	}
	if len(in.Rows) == 0 {
		return nil
	}
	out, err := f.a.DB.ApplyObjects(ctx, in)
	f.count(out)
	return err
}
