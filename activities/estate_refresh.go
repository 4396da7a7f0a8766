package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// refreshBatch is how many objects are read at once: a statement that names more is
// long, and rows of a batch are held.
const refreshBatch = 200

// refresh reads the wanted objects and brings them into the copy; those that are not
// there any more leave it. What lists the related sides differently makes more to be
// read: people behind devices, which come last.
func (f *follower) refresh(ctx context.Context) error {
	for len(f.read) > 0 {
		kind := f.first()
		ids := f.read[kind]
		delete(f.read, kind)
		ids = f.undone(kind, ids)
		if kind == uc.LicenceKind {
			if err := f.relicense(ctx, ids); err != nil {
				return err
			}
			continue
		}
		if object, ok := listed(kind); ok {
			if err := f.relist(ctx, kind, object, ids); err != nil {
				return err
			}
			continue
		}
		for batch := range slices.Chunk(ids, refreshBatch) {
			read := func() error { return f.reread(ctx, kind, batch) }
			if err := f.a.aside(ctx, f.cp, func(bool) error { return f.patiently(ctx, read) }); err != nil {
				return err
			}
			activity.RecordHeartbeat(ctx, len(batch))
		}
	}
	return nil
}

// patiently reads again what was not answered, a few times: one lost answer must not
// make a storm of changes begin anew.
func (f *follower) patiently(ctx context.Context, read func() error) error {
	for tries := 0; ; tries++ {
		err := read()
		if err == nil || ctx.Err() != nil || ours(err) || uc.KindOf(err).Disposition() != uc.Retry || tries == batchTries {
			return err
		}
		if err := wait(ctx, pauseOf(err, tries)); err != nil {
			return err
		}
	}
}

// batchTries is how often what was not answered is read again.
const batchTries = 3

// undone are the ids that were not read yet, each once; they are from now on.
func (f *follower) undone(kind uc.EstateKind, ids []axl.UUID) []axl.UUID {
	var out []axl.UUID
	for _, id := range ids {
		if key := string(kind) + "/" + string(id); !f.done[key] {
			f.done[key] = true
			out = append(out, id)
		}
	}
	return out
}

// first is the kind to be read next, in the order of a sync.
func (f *follower) first() uc.EstateKind {
	for _, info := range uc.EstateKinds {
		if _, ok := f.read[info.Kind]; ok {
			return info.Kind
		}
	}
	panic("a kind is wanted that there is not") // want lets none in
}

// fresh is what was read of some objects of one kind.
type fresh struct {
	kind  uc.EstateKind
	ids   []axl.UUID // that were asked for
	in    db.ObjectsIn
	found map[axl.UUID]bool
}

func (f *follower) fresh(kind uc.EstateKind, ids []axl.UUID) *fresh {
	return &fresh{kind: kind, ids: ids, in: db.ObjectsIn{CallProcessor: f.cp, ReadAt: time.Now()}, found: map[axl.UUID]bool{}}
}

func (r *fresh) take(o axl.Object) {
	if slices.Contains(r.ids, o.UUID) && !r.found[o.UUID] {
		r.found[o.UUID] = true
		r.in.Rows = append(r.in.Rows, db.KindRow{Kind: r.kind, EstateRow: rowOf(r.kind, o)})
	}
}

// relist reads the whole list of a kind for some of its objects: lists of what people
// share are short. Of one that is not, the objects are asked for one by one.
func (f *follower) relist(ctx context.Context, kind uc.EstateKind, object string, ids []axl.UUID) error {
	r := f.fresh(kind, ids)
	_, err := f.c.ListObjects(ctx, axl.ListQuery{Kind: object}, func(o axl.Object) error {
		r.take(o)
		return nil
	})
	var limit *axl.LimitError
	if errors.As(err, &limit) {
		err = f.each(ctx, r, object)
	}
	if err != nil {
		return err
	}
	if err := f.renamed(ctx, r); err != nil {
		return err
	}
	if err := f.relations(ctx, r); err != nil {
		return err
	}
	return f.put(ctx, r)
}

func (f *follower) each(ctx context.Context, r *fresh, object string) error {
	for _, id := range r.ids {
		o, err := f.c.GetObject(ctx, object, id)
		switch {
		case err == nil:
			r.take(o)
		case !errors.Is(err, uc.NotFound):
			return err
		}
	}
	return nil
}

// renamed brings the new names of objects to what refers to them: that is not reported.
func (f *follower) renamed(ctx context.Context, r *fresh) error {
	have, err := f.a.DB.EstateObjects(ctx, f.cp, texts(r.ids)...)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, row := range r.in.Rows {
		for _, o := range have {
			if o.Kind == r.kind && o.UUID == row.UUID && (o.Name != row.Name || f.replay) {
				names[row.UUID] = row.Name
			}
		}
	}
	n, err := f.a.DB.RenameReferences(ctx, f.cp, names)
	f.out.Others += n
	return err
}

// reread reads objects by their ids, with the relations that they are first in.
func (f *follower) reread(ctx context.Context, kind uc.EstateKind, ids []axl.UUID) error {
	r := f.fresh(kind, ids)
	keep := f.a.Switches[f.cp].keeps(kind)
	_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: kind, Of: ids}, func(o axl.Object) error {
		if keep(o) {
			r.take(o)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := f.relations(ctx, r); err != nil {
		return err
	}
	if err := f.beside(ctx, r); err != nil {
		return err
	}
	return f.put(ctx, r)
}

// relations reads the relations that the objects are first in.
func (f *follower) relations(ctx context.Context, r *fresh) error {
	for _, relation := range uc.RelationsOf(r.kind) {
		if !slices.Contains(relation.From, r.kind) {
			continue
		}
		r.in.Relations = append(r.in.Relations, relation.Kind)
		for ids := range slices.Chunk(r.ids, refreshBatch) {
			_, err := f.c.ReadEstate(ctx, axl.EstateQuery{Kind: relation.Kind, Of: ids}, func(o axl.Object) error {
				if r.found[o.UUID] {
					r.in.Rows = append(r.in.Rows, db.KindRow{Kind: relation.Kind, EstateRow: rowOf(relation.Kind, o)})
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// put applies what was read, and removes what was not there and is of this kind in the
// copy.
func (f *follower) put(ctx context.Context, r *fresh) error {
	missing := slices.DeleteFunc(slices.Clone(r.ids), func(id axl.UUID) bool { return r.found[id] })
	known, err := f.a.DB.EstateObjects(ctx, f.cp, texts(missing)...)
	if err != nil {
		return err
	}
	missing = missing[:0]
	for _, o := range known {
		// A special number has the id of a line or pattern, a licence that of a person.
		if o.Kind == r.kind && o.Kind != uc.SpecialNumberKind && o.Kind != uc.LicenceKind {
			missing = append(missing, axl.UUID(o.UUID))
		}
	}
	if err := f.remove(ctx, r.in.ReadAt, missing); err != nil {
		return err
	}
	if len(r.in.Rows) == 0 {
		return nil
	}
	out, err := f.a.DB.ApplyObjects(ctx, r.in)
	f.count(out)
	return err
}
