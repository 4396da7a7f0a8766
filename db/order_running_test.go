package db_test

import (
	"testing"

	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/uc"
)

func TestOrdersRun(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	o := newOrder("o-1", "ann")
	o.State, o.CallProcessor = uc.Scheduled, "berlin"
	if _, _, err := d.OpenOrder(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		state uc.OrderState
		want  bool
	}{{uc.Scheduled, false}, {uc.Running, true}, {uc.Waiting, false}, {uc.Running, true}, {uc.Done, false}} {
		if err := d.SetOrder(t.Context(), o.ID, uc.OrderChange{State: &c.state}); err != nil {
			t.Fatal(err)
		}
		if got, err := d.OrdersRun(t.Context(), "berlin"); got != c.want || err != nil {
			t.Errorf("%s: %v %v", c.state, got, err)
		}
		if got, err := d.OrdersRun(t.Context(), "lisbon"); got || err != nil {
			t.Errorf("%s elsewhere: %v %v", c.state, got, err)
		}
	}
}
