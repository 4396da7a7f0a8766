package activities_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
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
