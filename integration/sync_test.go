package integration

import (
	"context"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// A sync reads a call processor completely, a second one finds nothing new.
func TestSync(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 50, Phones: 60, Lines: 70}}})
	p.work(t)
	first := p.sync(t, uc.SyncAll)
	if first.State != uc.SyncDone || first.Detail != "Completed." {
		t.Fatalf("%s: %s\n%s", first.State, first.Detail, p.report(t, first.ID))
	}
	for _, k := range first.Kinds {
		t.Log(k.Kind, k.State, k.Read, k.Added, k.Skipped, k.Detail)
	}
	t.Log(p.report(t, first.ID))
	page, err := p.DB.ListEstate(t.Context(), db.EstateFilter{Kind: uc.DevicePoolKind}, "", 100)
	if err != nil || len(page.Objects) == 0 {
		t.Fatalf("%v %v", page, err)
	}
}

// sync runs a sync to its end.
func (p *product) sync(t *testing.T, scope uc.SyncScope) uc.Sync {
	t.Helper()
	id, _, err := workflows.StartSync(t.Context(), p.temporal, workflows.SyncInput{CallProcessor: world.CUCM, Scope: scope, CreatedBy: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return p.synced(t, id, time.Minute)
}

// synced waits for the end of a sync.
func (p *product) synced(t *testing.T, id string, within time.Duration) (s uc.Sync) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	every(t, ctx, func() bool {
		now, err := p.DB.GetSync(ctx, id)
		if err == nil {
			s = now
		}
		return s.State.Final() || ctx.Err() != nil
	})
	return s
}

// report is what a sync tells.
func (p *product) report(t *testing.T, id string) string {
	t.Helper()
	lines, _, err := p.DB.SyncLines(t.Context(), id, db.LineFilter{}, "", 200)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, l := range lines {
		out += string(l.Severity) + " " + string(l.Kind) + " " + l.Object + " " + l.What + ": " + l.Why + "\n"
	}
	return out
}
