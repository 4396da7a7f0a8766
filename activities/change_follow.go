package activities

import (
	"context"
	"maps"
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
	a     *Estate
	c     *axl.Client
	cp    string
	kinds map[uc.EstateKind]bool // that the copy has: of others single objects would stand alone
	out   db.ObjectsOut
	seen  int // changes
}

func (a *Estate) follower(ctx context.Context, callProcessor string) (*follower, error) {
	c, err := a.client(callProcessor)
	if err != nil {
		return nil, err
	}
	ages, err := a.DB.EstateAges(ctx, callProcessor, "")
	if err != nil {
		return nil, err
	}
	f := &follower{a: a, c: c, cp: callProcessor, kinds: map[uc.EstateKind]bool{}}
	for _, age := range ages {
		f.kinds[age.Kind] = true
	}
	return f, nil
}

// step applies what one answer of the change notification says, each object once, and
// returns where the next answer begins and whether there is one at once.
func (f *follower) step(ctx context.Context, at ChangePoint) (next ChangePoint, more bool, err error) {
	asked := time.Now()
	changes, err := f.c.ListChanges(ctx, axl.ChangeQuery{QueueID: at.Queue, StartID: at.Next})
	if err != nil {
		return at, false, err
	}
	activity.RecordHeartbeat(ctx, changes.Next)
	f.seen += len(changes.Changes)
	if err := f.apply(ctx, asked, changes.Changes); err != nil {
		return at, false, err
	}
	return ChangePoint{Queue: changes.QueueID, Next: changes.Next}, changes.More(), nil
}

// apply reads what changed, each object once, and removes what was removed.
func (f *follower) apply(ctx context.Context, at time.Time, changes []axl.Change) error {
	last := map[axl.UUID]axl.Change{} // the last word about an object counts
	for _, c := range changes {
		last[c.UUID] = c
	}
	var gone []axl.UUID
	read := map[uc.EstateKind][]axl.UUID{}
	for _, id := range slices.Sorted(maps.Keys(last)) {
		c := last[id]
		kind := kindOfChange(c.Kind)
		switch {
		case c.Action == axl.ChangeRemoved:
			gone = append(gone, id)
		case f.kinds[kind]:
			read[kind] = append(read[kind], id)
		}
	}
	if len(gone) > 0 {
		out, err := f.a.DB.RemoveObjects(ctx, f.cp, at, texts(gone)...)
		if err != nil {
			return err
		}
		f.count(out)
	}
	return f.refresh(ctx, read)
}

// alike are the words of change notification for kinds that lists call otherwise.
var alike = map[string]uc.EstateKind{"Vg202": "gateway", "Vg204": "gateway", "Vg224": "gateway"}

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
