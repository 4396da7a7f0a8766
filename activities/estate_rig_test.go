package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// copier runs the effects of syncs on a world whose account may only read.
type copier struct {
	*rig
	estate *activities.Estate
	book   *activities.Inventory
	admin  *axl.Client // changes the call processor behind our back
	state  string      // file of the simulated call processor
	syncs  int
}

func newCopier(t *testing.T, o world.Options) *copier {
	t.Helper()
	o.ReadOnly = true
	o.CUCM.Path = filepath.Join(t.TempDir(), "cucm.db")
	r := &rig{World: world.New(t, o)}
	clients, err := r.Endpoints.Clients(nil)
	must(t, err)
	t.Cleanup(func() {
		clients.CUCM.Close()
		must(t, clients.Directory.Close())
	})
	r.axl = clients.CUCM
	r.log.SetLogger(worker.Logger(zap.NewNop()))
	c := &copier{rig: r, admin: r.Admin(t), state: o.CUCM.Path}
	c.on(r.DB)
	return c
}

// on makes the copy stand in the database from now on.
func (c *copier) on(d *db.DB) {
	c.DB = d
	c.estate = &activities.Estate{Clients: map[string]*axl.Client{world.CUCM: c.axl}, DB: d, Switches: map[string]activities.SyncSwitches{}}
	c.book = &activities.Inventory{DB: d}
}

// result runs an activity as a worker does and returns what it gave.
func result[In, Out any](t *testing.T, c *copier, activity func(context.Context, In) (Out, error), in In) (out Out) {
	t.Helper()
	v, err := c.result(activity, in)
	must(t, err)
	must(t, v.Get(&out))
	return out
}

func (c *copier) opens(t *testing.T, scope uc.SyncScope) (activities.SyncOn, []uc.EstateKind) {
	t.Helper()
	c.syncs++
	on := activities.SyncOn{SyncID: fmt.Sprint("sync-", c.syncs), CallProcessor: world.CUCM}
	kinds := result(t, c, c.book.OpenSync, activities.SyncIn{
		SyncID: on.SyncID, CallProcessor: world.CUCM, Scope: scope, CreatedBy: "test",
	})
	return on, kinds
}

// reads reads a kind to its end, without the pauses.
func (c *copier) reads(t *testing.T, on activities.SyncOn, kind uc.EstateKind) activities.KindOut {
	t.Helper()
	in := activities.KindIn{SyncID: on.SyncID, CallProcessor: on.CallProcessor, Kind: kind, MaxTries: 5}
	for {
		out := result(t, c, c.estate.ReadKind, in)
		if !out.More() {
			return out
		}
		in.Tries, in.PageRows, in.MostRows = out.Tries, out.PageRows, out.MostRows
	}
}

// sync runs a sync to its end as the story does.
func (c *copier) sync(t *testing.T, scope uc.SyncScope) uc.Sync {
	t.Helper()
	on, kinds := c.opens(t, scope)
	from := result(t, c, c.estate.MarkChangePoint, on)
	for _, kind := range kinds {
		c.reads(t, on, kind)
	}
	return c.finishes(t, on, from)
}

// finishes applies what was read, and what changed meanwhile.
func (c *copier) finishes(t *testing.T, on activities.SyncOn, from activities.ChangePoint) uc.Sync {
	t.Helper()
	if out := result(t, c, c.estate.ApplySync, activities.ApplyIn{SyncOn: on}); out.Held || out.None {
		t.Fatalf("the sync was not applied: %+v\n%s", out, c.report(t, on.SyncID))
	}
	if from.Queue != "" {
		must(t, c.execute(c.estate.ReplayChanges, activities.ReplayIn{SyncOn: on, From: from}))
	}
	must(t, c.execute(c.estate.MarkNumbers, on))
	result(t, c, c.book.EndSync, activities.SyncEndIn{SyncID: on.SyncID, State: uc.SyncDone})
	s, err := c.DB.GetSync(t.Context(), on.SyncID)
	must(t, err)
	return s
}

func (c *copier) report(t *testing.T, id string) string {
	t.Helper()
	lines, _, err := c.DB.SyncLines(t.Context(), id, db.LineFilter{}, "", 500)
	must(t, err)
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s %s %s: %s %s (%s) %s\n", l.Severity, l.Class, l.Kind, l.Object, l.What, l.Why, l.Do)
	}
	return b.String()
}

// copies is everything that the copy holds, by kind and label.
func (c *copier) copies(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, info := range uc.EstateKinds {
		for cursor := ""; ; {
			page, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: info.Kind}, cursor, 500)
			must(t, err)
			for _, o := range page.Objects {
				out[string(o.Kind)+" "+o.UUID] = o.Label() + " " + string(o.Attributes)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	return out
}

// equals fails unless the copy is what stands in the tables of the call processor, and
// what a fresh one, made while nothing moves, would be.
func (c *copier) equals(t *testing.T, when string) {
	t.Helper()
	objects, differ, err := c.EstateDiffers(t.Context(), c.state, 5)
	must(t, err)
	if objects == 0 || len(differ) > 0 {
		t.Errorf("%s: of %d objects:\n%s", when, objects, strings.Join(differ, "\n"))
	}
	got := c.copies(t)
	fresh := &copier{rig: &rig{World: &world.World{}, axl: c.axl}}
	fresh.log.SetLogger(worker.Logger(zap.NewNop()))
	fresh.on(dbtest.New(t))
	c.CUCM.Faults().Clear()
	if s := fresh.sync(t, uc.SyncAll); s.Detail != "Completed." {
		t.Fatalf("%s: the fresh copy: %s", when, s.Detail)
	}
	want := fresh.copies(t)
	if len(want) < 100 {
		t.Fatalf("the fresh copy has %d objects", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s the copy differs from the call processor (-call processor +copy):\n%s", when, diff)
	}
}

// without is the object of copies without one of its lists.
func without(t *testing.T, object, list string) string {
	t.Helper()
	label, text, _ := strings.Cut(object, " {")
	attributes := map[string]any{}
	must(t, json.Unmarshal([]byte("{"+text), &attributes))
	delete(attributes, list)
	rest, err := json.Marshal(attributes)
	must(t, err)
	return label + " " + string(rest)
}
