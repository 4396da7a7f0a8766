package activities_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// Whatever changes while a sync runs, between any two of its requests, is in the copy.
func TestSyncWhileThingsChange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
			if seed%2 == 1 {
				c.sync(t, uc.SyncAll) // a copy that is there already
			}
			admin := newAdministrator(t, c, seed)
			c.estate.PageRows = 11
			var reads atomic.Int64
			c.CUCM.Observe(func(call cucm.Call) {
				read := strings.HasPrefix(call.Op, "list") || call.Op == "executeSQLQuery"
				if read && call.Op != "listChange" && call.Phase == cucm.After && reads.Add(1)%2 == 0 && reads.Load() < 100 {
					admin.change()
				}
			})
			c.sync(t, uc.SyncAll)
			reads.Store(1000)
			c.equals(t, strings.Join(admin.did, ", "))
		})
	}
}

// What changes is in the copy after the next look; our own writes are seen as such.
func TestFollowChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
			look := activities.WatchIn{CallProcessor: world.CUCM}
			first := result(t, c, c.estate.FollowChanges, look)
			if first.State != uc.WatchFollowing {
				t.Fatalf("%+v", first)
			}
			c.sync(t, uc.SyncAll)
			admin := newAdministrator(t, c, 100+seed)
			for range 8 {
				for range 5 {
					admin.change()
				}
				if out := result(t, c, c.estate.FollowChanges, look); out.State != uc.WatchFollowing {
					t.Fatalf("%+v", out)
				}
			}
			c.equals(t, strings.Join(admin.did, ", "))
			quiet := result(t, c, c.estate.FollowChanges, look)
			if quiet.Seen != 0 {
				t.Errorf("nothing changed: %+v", quiet)
			}
		})
	}
}

// What stands in the copy already is seen and left alone; one lost answer is asked for
// again; changes that the call processor has forgotten make the state lost, until a
// sync of everything has begun.
func TestFollowOddly(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.ChangeRing = 5
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 8}, Limits: limits}})
	c.sync(t, uc.SyncAll)
	change := func(user int, department string) string {
		t.Helper()
		id := simworld.UserID(user)
		must(t, c.admin.UpdateUser(t.Context(), axl.User{UserID: id, Department: axl.Set(department)}))
		return id
	}
	look := func(reason string, want uc.Watch) activities.WatchOut {
		t.Helper()
		out := result(t, c, c.estate.FollowChanges, activities.WatchIn{CallProcessor: world.CUCM})
		want.CallProcessor, want.LookedAt, want.Detail = world.CUCM, out.LookedAt, out.Detail
		if diff := cmp.Diff(want, out.Watch); diff != "" {
			t.Errorf("%s: %s", reason, diff)
		}
		return out
	}
	lost := look("nobody watched before", uc.Watch{State: uc.WatchLost})
	must(t, c.execute(c.book.KeepWatch, lost))

	id := change(1, "Watched")
	result(t, c, c.estate.RefreshPersonNow, activities.RefreshIn{CallProcessor: world.CUCM, UserID: id})
	// The person, and what the licences say of the person.
	look("it is in the copy already", uc.Watch{State: uc.WatchFollowing, Seen: 1, Same: 2})

	change(2, "Watched")
	c.CUCM.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Drop, Times: 1})
	look("a lost answer", uc.Watch{State: uc.WatchFollowing, Seen: 1, Applied: 1, Same: 1})

	for user := range 8 {
		change(user, "Watched again")
	}
	lost = look("the ring was overrun", uc.Watch{State: uc.WatchLost})
	if lost.Scope != uc.SyncAll || lost.From.Queue == "" || !strings.Contains(lost.Detail, "listChange") {
		t.Errorf("%+v", lost)
	}
	look("nobody has begun a sync", uc.Watch{State: uc.WatchLost})
	must(t, c.execute(c.book.KeepWatch, lost))
	look("somebody has", uc.Watch{State: uc.WatchFollowing})
}
