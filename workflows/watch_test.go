package workflows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// watch lets a watcher look until it begins a new run, with things that happen at
// times.
func (e *syncEnv) watch(t *testing.T, happens map[time.Duration]func()) {
	t.Helper()
	for at, what := range happens {
		e.RegisterDelayedCallback(what, at)
	}
	e.ExecuteWorkflow(workflows.ChangeWatch, workflows.WatchInput{CallProcessor: world.CUCM, Every: 30 * time.Second})
	var again *workflow.ContinueAsNewError
	if err := e.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("a watcher goes on for ever, this one ended: %v", err)
	}
}

func (e *syncEnv) stands(t *testing.T) (out uc.Watch) {
	t.Helper()
	v, err := e.QueryWorkflow("watch")
	if err == nil {
		err = v.Get(&out)
	}
	if err != nil {
		t.Error(err)
	}
	return out
}

// department is what the copy says about a person.
func department(t *testing.T, w *world.World, user string) string {
	t.Helper()
	page, err := w.DB.ListEstate(t.Context(), db.EstateFilter{
		Kind: uc.UserKind, Name: user, Attributes: map[string]string{"department": "Watched"},
	}, "", 1)
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprint(len(page.Objects))
}

// What changes is in the copy within a minute; a lost queue leads to a full sync by
// itself.
func TestWatch(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 10}}, ReadOnly: true})
	admin := w.Admin(t)
	change := func(user int) {
		err := admin.UpdateUser(t.Context(), axl.User{UserID: simworld.UserID(user), Department: axl.Set("Watched")})
		if err != nil {
			t.Error(err)
		}
	}
	seen := func(user int, want string, when string) {
		if got := department(t, w, simworld.UserID(user)); got != want {
			t.Errorf("%s: %s of user %d is in the copy, want %s", when, got, user, want)
		}
	}
	if s, _ := newSyncEnv(t, w).sync(t, uc.SyncAll); s.State != uc.SyncDone {
		t.Fatal(s.Detail)
	}
	e := newSyncEnv(t, w)
	minute := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	e.watch(t, map[time.Duration]func(){
		// Nobody watched before: there was a gap, and a sync closes it.
		minute(3): func() {
			if out := e.stands(t); out.State != uc.WatchFollowing {
				t.Errorf("%+v", out)
			}
			change(1)
			seen(1, "0", "at once")
		},
		minute(4): func() { seen(1, "1", "a minute later") },
		minute(10): func() {
			change(2)
			w.CUCM.RestartQueue()
			change(3)
		},
		minute(15): func() {
			seen(2, "1", "after a restart")
			seen(3, "1", "after a restart")
			change(4)
		},
		minute(16): func() { seen(4, "1", "a minute later") },
		minute(20): func() { w.CUCM.Faults().Add(fault.Rule{Op: "listChange", Kind: fault.Status, Status: 403, Times: 1}) },
		minute(22): func() {
			if out := e.stands(t); out.State != uc.WatchFailing || out.Detail == "" {
				t.Errorf("%+v", out)
			}
			change(5)
		},
		minute(32): func() { seen(5, "1", "after it looked again") },
		// Nobody answers for a minute and a half.
		minute(35): func() {
			w.CUCM.Faults().Add(fault.Rule{Op: "listChange", Kind: fault.Drop})
			change(6)
		},
		minute(36.5): func() {
			if out := e.stands(t); out.State != uc.WatchFailing || out.Detail == "" || out.FollowedAt == nil || !out.FollowedAt.Before(out.LookedAt) {
				t.Errorf("%+v", out)
			}
			w.CUCM.Faults().Clear()
		},
		minute(37.5): func() {
			seen(6, "1", "a minute after it answered again")
			if out := e.stands(t); out.State != uc.WatchFollowing || out.ChangedAt == nil || !out.FollowedAt.Equal(out.LookedAt) {
				t.Errorf("%+v", out)
			}
		},
		// One answer is lost: what changes is in the copy within a minute all the same.
		minute(40): func() {
			w.CUCM.Faults().Add(fault.Rule{Op: "listChange", Kind: fault.Drop, Times: 1})
			change(7)
		},
		minute(41): func() { seen(7, "1", "a minute later") },
	})
	syncs, _, err := w.DB.ListSyncs(t.Context(), db.SyncFilter{}, "", 10)
	if err != nil || len(syncs) != 3 {
		t.Errorf("%d syncs ran, want the first, one at the start and one after the restart (%v)", len(syncs), err)
	}
	if out := e.stands(t); out.State != uc.WatchFollowing || out.Seen != 0 {
		t.Errorf("%+v", out)
	}
}

// A call processor that tells no changes is looked at again after a while.
func TestWatchOff(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{CUCM: cucm.Options{ChangesOff: true}, ReadOnly: true})
	e := newSyncEnv(t, w)
	e.watch(t, map[time.Duration]func(){time.Minute: func() {
		if out := e.stands(t); out.State != uc.WatchOff || out.Detail == "" {
			t.Errorf("%+v", out)
		}
	}})
	if n := w.CUCM.Stats().Calls["listChange"]; n > 1100 {
		t.Errorf("%d questions", n)
	}
}

// A storm of changes costs one read of each object, many at once, and none of what
// belongs to it.
func TestWatchStorm(t *testing.T) {
	t.Parallel()
	limits := cucm.NoLimits()
	w := copied(t, cucm.Options{Model: cucm.Model{Users: 500, Phones: 600, Lines: 600}, Limits: limits})
	admin := w.Admin(t)
	e := newSyncEnv(t, w)
	reads := 0
	e.watch(t, map[time.Duration]func(){
		3 * time.Minute: func() {
			for i := range 2000 {
				err := admin.UpdateUser(t.Context(), axl.User{UserID: simworld.UserID(i % 500), Department: axl.Set("Watched")})
				if err != nil {
					t.Error(err)
				}
			}
			reads = w.CUCM.Stats().Calls["executeSQLQuery"]
		},
		4 * time.Minute: func() {
			if reads = w.CUCM.Stats().Calls["executeSQLQuery"] - reads; reads > 20 {
				t.Errorf("2,000 changes of 500 people cost %d reads", reads)
			}
			page, err := w.DB.ListEstate(t.Context(), db.EstateFilter{
				Kind: uc.UserKind, Attributes: map[string]string{"department": "Watched"},
			}, "", 500)
			if err != nil || len(page.Objects) != 500 {
				t.Errorf("%d people are as they should be (%v)", len(page.Objects), err)
			}
		},
	})
}

// A person is read now, on demand.
func TestRefreshPerson(t *testing.T) {
	t.Parallel()
	w := copied(t, cucm.Options{Model: cucm.Model{Users: 3, Phones: 6, Lines: 6}})
	admin, user := w.Admin(t), simworld.UserID(1)
	refresh := func(want uc.PersonRefresh) {
		t.Helper()
		e := newSyncEnv(t, w)
		e.ExecuteWorkflow(workflows.RefreshPerson, activities.RefreshIn{CallProcessor: world.CUCM, UserID: user})
		var got uc.PersonRefresh
		if err := e.GetWorkflowResult(&got); err != nil {
			t.Fatal(err)
		}
		want.CallProcessor, want.UserID, want.UUID = world.CUCM, user, got.UUID
		if got != want || got.UUID == "" {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	refresh(uc.PersonRefresh{There: true, Same: 6}) // among them what the licences say of the person
	if err := admin.UpdateUser(t.Context(), axl.User{UserID: user, Department: axl.Set("Watched")}); err != nil {
		t.Fatal(err)
	}
	if err := admin.RemovePhone(t.Context(), simworld.PhoneName(1)); err != nil {
		t.Fatal(err)
	}
	refresh(uc.PersonRefresh{There: true, Changed: 5, Gone: 1, Same: 3}) // the lines and the other side of them, too
	if err := admin.RemoveUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	refresh(uc.PersonRefresh{Changed: 2, Gone: 2})
}
