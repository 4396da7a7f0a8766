package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// follower brings changes of a call processor into its copy.
type follower struct {
	a      *Estate
	c      *axl.Client
	cp     string
	ages   []uc.EstateAge
	replay bool // the copy may be older than what other objects say about these
	any    bool // objects of every kind are taken, whatever the copy has

	out  db.ObjectsOut
	seen int                          // changes
	last map[axl.UUID]axl.Change      // the last word about each object, not applied yet
	read map[uc.EstateKind][]axl.UUID // what is to be read
	done map[string]bool              // what was read, by kind and id: once is enough
}

func (a *Estate) follower(ctx context.Context, callProcessor string) (*follower, error) {
	c, err := a.client(callProcessor)
	if err != nil {
		return nil, err
	}
	f := &follower{
		a: a, c: c, cp: callProcessor,
		last: map[axl.UUID]axl.Change{}, read: map[uc.EstateKind][]axl.UUID{}, done: map[string]bool{},
	}
	f.ages, err = a.DB.EstateAges(ctx, callProcessor, "")
	return f, err
}

// has reports whether the copy has the kind: of another one, single objects would stand
// for all.
func (f *follower) has(kind uc.EstateKind) bool {
	return slices.ContainsFunc(f.ages, func(a uc.EstateAge) bool { return a.Kind == kind })
}

// gather asks for everything that changed from there on. Of an object with many changes
// the last one counts: a batch job that touches it again and again costs one read.
func (f *follower) gather(ctx context.Context, at ChangePoint) (ChangePoint, error) {
	for {
		changes, err := f.c.ListChanges(ctx, axl.ChangeQuery{QueueID: at.Queue, StartID: at.Next})
		if err != nil {
			return at, err
		}
		activity.RecordHeartbeat(ctx, changes.Next)
		f.seen += len(changes.Changes)
		for _, c := range changes.Changes {
			// It has the id of the person, of whom it must not be the last word.
			if kindOfChange(c.Kind) == uc.LicenceKind {
				f.wantLicences(c.UUID)
				continue
			}
			f.last[c.UUID] = c
		}
		at = ChangePoint{Queue: changes.QueueID, Next: changes.Next}
		if !changes.More() {
			return at, nil
		}
	}
}

// apply removes what was removed, and reads everything else that changed once.
func (f *follower) apply(ctx context.Context, at time.Time) error {
	var gone []axl.UUID
	for id, c := range f.last {
		if c.Action == axl.ChangeRemoved {
			gone = append(gone, id)
			continue
		}
		f.want(kindOfChange(c.Kind), id)
	}
	f.last = map[axl.UUID]axl.Change{}
	if err := f.remove(ctx, at, gone); err != nil {
		return err
	}
	return f.refresh(ctx)
}

// want notes an object to be read.
func (f *follower) want(kind uc.EstateKind, ids ...axl.UUID) {
	if kind == "" || !f.any && !f.has(kind) {
		return
	}
	f.read[kind] = append(f.read[kind], ids...)
	if slices.Contains(withPattern, kind) && f.has(uc.SpecialNumberKind) {
		f.read[uc.SpecialNumberKind] = append(f.read[uc.SpecialNumberKind], ids...)
	}
	if kind == uc.UserKind {
		f.wantLicences(ids...)
	}
}

// withPattern are the kinds whose objects may be special numbers, too, under the same id.
var withPattern = []uc.EstateKind{
	uc.LineKind, "huntPilot", "callPark", "callPickupGroup", "meetMe", "messageWaiting", "routePattern", "transPattern",
	"voiceMailPilot",
}

// remove takes objects out of the copy. Those that knew them are read again.
func (f *follower) remove(ctx context.Context, at time.Time, ids []axl.UUID) error {
	for batch := range slices.Chunk(ids, refreshBatch) {
		// Before they are gone, or nobody would know.
		if err := f.besideGone(ctx, batch); err != nil {
			return err
		}
		out, err := f.a.DB.RemoveObjects(ctx, f.cp, at, texts(batch)...)
		if err != nil {
			return err
		}
		f.count(out)
		activity.RecordHeartbeat(ctx, len(batch))
	}
	return nil
}

// alike are the words of change notification for kinds that lists call otherwise.
var alike = map[string]uc.EstateKind{"Vg202": "gateway", "Vg204": "gateway", "Vg224": "gateway", axl.ObjectLicensedUser: uc.LicenceKind}

// kindOfChange is the kind that change notification means, "" for none of ours.
func kindOfChange(word string) uc.EstateKind {
	if kind, ok := alike[word]; ok || word == "" {
		return kind
	}
	kind := uc.EstateKind(strings.ToLower(word[:1]) + word[1:])
	if _, ok := kind.Info(); !ok {
		return ""
	}
	return kind
}

func (f *follower) count(o db.ObjectsOut) {
	f.out.Added += o.Added
	f.out.Changed += o.Changed
	f.out.Same += o.Same
	f.out.Gone += o.Gone
	f.out.Others += o.Others
}

func texts(ids []axl.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
