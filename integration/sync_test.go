package integration

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// startSync starts a sync of the call processor.
func (p *product) startSync(t *testing.T, scope uc.SyncScope) (id string, joined bool) {
	t.Helper()
	id, joined, err := workflows.StartSync(t.Context(), p.temporal, workflows.SyncInput{
		CallProcessor: world.CUCM, Scope: scope, CreatedBy: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, joined
}

// synced waits for the end of a sync.
func (p *product) synced(t *testing.T, id string, within time.Duration) (s uc.Sync) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		if now, err := p.DB.GetSync(ctx, id); err == nil {
			s = now
		}
		if s.State.Final() {
			return s
		}
		select {
		case <-ctx.Done():
			t.Fatalf("after %s the sync is %s: %s %+v", within, s.State, s.Detail,
				slices.DeleteFunc(s.Kinds, func(k uc.SyncKind) bool { return k.State.Final() }))
		case <-ticker.C:
		}
	}
}

// objects are the objects of a kind in the copy.
func (p *product) objects(t *testing.T, f db.EstateFilter) (out []uc.EstateObject) {
	t.Helper()
	for cursor := ""; ; {
		page, err := p.DB.ListEstate(t.Context(), f, cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Objects...)
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

// One sync at a time: a second start joins the running one; afterwards a person is
// refreshed, and what changes is in the copy by itself.
func TestSync(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 200, Phones: 300, Lines: 400}}, ReadOnly: true})
	p.watch = 500 * time.Millisecond
	p.work(t)
	id, joined := p.startSync(t, uc.SyncAll)
	again, joins := p.startSync(t, uc.SyncInfra)
	if joined || !joins || again != id {
		t.Errorf("the first %s joined: %v, the second %s joined: %v", id, joined, again, joins)
	}
	s := p.synced(t, id, 2*time.Minute)
	if s.Detail != "Completed." || s.Scope != uc.SyncAll {
		t.Fatalf("%s %s: %s", s.Scope, s.State, s.Detail)
	}
	for kind, want := range map[uc.EstateKind]int{uc.UserKind: 200, uc.PhoneKind: 300, uc.LineKind: 400, uc.DevicePoolKind: 3} {
		if n := len(p.objects(t, db.EstateFilter{Kind: kind})); n != want {
			t.Errorf("%d objects of kind %s, want %d", n, kind, want)
		}
	}
	admin, user := p.Admin(t), simworld.UserID(7)
	if err := admin.UpdateUser(t.Context(), axl.User{UserID: user, Department: axl.Set("Seen")}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	every(t, ctx, func() bool {
		return len(p.objects(t, db.EstateFilter{Kind: uc.UserKind, Attributes: map[string]string{"department": "Seen"}})) == 1
	})
	refreshed, err := workflows.Refresh(t.Context(), p.temporal, world.CUCM, user)
	if err != nil || !refreshed.There || refreshed.Same == 0 {
		t.Errorf("%+v %v", refreshed, err)
	}
	if _, err = workflows.Refresh(t.Context(), p.temporal, world.CUCM, "nobody"); !errors.Is(err, uc.NotFound) {
		t.Errorf("a person whom nobody knows: %v", err)
	}
	watch, err := workflows.GetWatch(t.Context(), p.temporal, world.CUCM)
	if err != nil || watch.State != uc.WatchFollowing {
		t.Errorf("%+v %v", watch, err)
	}
	// Somebody ends the watcher: nobody watches, and it comes back by itself.
	if err := p.temporal.TerminateWorkflow(t.Context(), workflows.WatchID(world.CUCM), "", "by mistake"); err != nil {
		t.Error(err)
	}
	if _, err := workflows.GetWatch(t.Context(), p.temporal, world.CUCM); !errors.Is(err, uc.NotFound) {
		t.Errorf("a watcher that was ended: %v", err)
	}
	every(t, ctx, func() bool {
		watch, err = workflows.GetWatch(ctx, p.temporal, world.CUCM)
		return err == nil && watch.State == uc.WatchFollowing
	})
	if writes := p.CUCM.Stats().Writes; writes != 1 { // the administrator's
		t.Errorf("%d writes", writes)
	}
}

// Schedules start syncs, and are listed, changed, paused and deleted.
func TestSchedule(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{ReadOnly: true})
	p.work(t)
	nightly := uc.Schedule{
		Name: "nightly", CallProcessor: world.CUCM, Scope: uc.SyncInfra, Cron: "30 2 * * 1-5", TimeZone: "Europe/Lisbon",
		Jitter: uc.Duration(10 * time.Minute), Note: "for the auditors",
	}
	ctx := t.Context()
	if err := workflows.CreateSchedule(ctx, p.temporal, nightly); err != nil {
		t.Fatal(err)
	}
	if err := workflows.CreateSchedule(ctx, p.temporal, nightly); !errors.Is(err, uc.Conflict) {
		t.Errorf("the same name again: %v", err)
	}
	bad := nightly
	bad.Name, bad.Cron = "bad", "99 2 * * *"
	if err := workflows.CreateSchedule(ctx, p.temporal, bad); !errors.Is(err, uc.Invalid) {
		t.Errorf("minute 99: %v", err)
	}
	got, err := workflows.GetSchedule(ctx, p.temporal, "nightly")
	if err != nil || got.Schedule != nightly || len(got.Next) == 0 || got.Next[0].UTC().Minute() < 30 {
		t.Errorf("%+v %v", got, err)
	}
	nightly.Cron, nightly.Scope = "@daily", uc.SyncSubscribers
	if err := workflows.ChangeSchedule(ctx, p.temporal, nightly); err != nil {
		t.Error(err)
	}
	if err := workflows.PauseSchedule(ctx, p.temporal, "nightly", "moving house"); err != nil {
		t.Error(err)
	}
	nightly.Paused, nightly.Note = true, "moving house"
	if got, err = workflows.GetSchedule(ctx, p.temporal, "nightly"); err != nil || got.Schedule != nightly || len(got.Next) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if err := workflows.RunSchedule(ctx, p.temporal, "nightly"); err != nil {
		t.Error(err)
	}
	within, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	every(t, within, func() bool {
		syncs, _, err := p.DB.ListSyncs(within, db.SyncFilter{State: uc.SyncDone}, "", 10)
		return err == nil && len(syncs) == 1 && syncs[0].Scope == uc.SyncSubscribers && syncs[0].CreatedBy == "schedule nightly"
	})
	every(t, within, func() bool {
		list, err := workflows.ListSchedules(within, p.temporal)
		return err == nil && len(list) == 1 && list[0].Name == "nightly" && len(list[0].Last) == 1
	})
	if err := workflows.DeleteSchedule(ctx, p.temporal, "nightly"); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"get":    second(workflows.GetSchedule(ctx, p.temporal, "nightly")),
		"pause":  workflows.PauseSchedule(ctx, p.temporal, "nightly", ""),
		"change": workflows.ChangeSchedule(ctx, p.temporal, nightly),
		"delete": workflows.DeleteSchedule(ctx, p.temporal, "nightly"),
	} {
		if !errors.Is(err, uc.NotFound) {
			t.Errorf("%s a schedule that is not there: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
