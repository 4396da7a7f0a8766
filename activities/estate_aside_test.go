package activities_test

import (
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// While an order is carried out on the call processor, and only then, it is read in
// small pages.
func TestReadsAside(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 501}}})
	order := func(id, callProcessor string) {
		t.Helper()
		_, _, err := c.DB.OpenOrder(t.Context(), db.NewOrder{
			ID: id, Kind: uc.JoinerOrder, State: uc.Running, UserID: id, Joiner: &uc.Joiner{User: uc.User{ID: id, LastName: "x"}},
			ServiceArea: "berlin", CallProcessor: callProcessor, CreatedBy: "test",
		})
		must(t, err)
	}
	reads := func(want int, when string) {
		t.Helper()
		on, _ := c.opens(t, uc.SyncSubscribers)
		before := c.CUCM.Stats().Calls["executeSQLQuery"]
		if out := c.reads(t, on, uc.UserKind); out.State != uc.KindRead {
			t.Fatalf("%s: %+v", when, out)
		}
		if got := c.CUCM.Stats().Calls["executeSQLQuery"] - before; got != want {
			t.Errorf("%s: 501 people were read with %d requests, want %d", when, got, want)
		}
		result(t, c, c.book.EndSync, activities.SyncEndIn{SyncID: on.SyncID, State: uc.SyncCancelled})
	}
	reads(1, "alone")
	order("elsewhere", world.FarCUCM)
	reads(1, "an order on another call processor")
	order("here", world.CUCM)
	reads(3, "an order on this one: two pages, and how many there are")
	waiting := uc.Waiting
	must(t, c.DB.SetOrder(t.Context(), "here", uc.OrderChange{State: &waiting}))
	reads(1, "the order waits")
}
