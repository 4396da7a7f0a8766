package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/uc"
)

func TestCountOrders(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for user, state := range map[string]uc.OrderState{"ann": uc.Running, "bob": uc.Running, "cleo": uc.Scheduled} {
		_, _, err := d.OpenOrder(t.Context(), db.NewOrder{
			ID: user, Kind: uc.JoinerOrder, State: state, UserID: user, Joiner: &uc.Joiner{User: uc.User{ID: user, LastName: "x"}},
			ServiceArea: "berlin", CreatedBy: "test",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.CountOrders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[uc.OrderState]int{
		uc.Scheduled: 1, uc.Running: 2, uc.Waiting: 0, uc.Done: 0, uc.Failed: 0, uc.Cancelled: 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
