package db_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// However many ask at once, in two processes, while somebody approves.
func TestGuardAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	second, err := db.Open(ctx, w.sql.Config().ConnString())
	must(t, err)
	defer second.Close()
	const orders, limit = 200, 50
	for _, id := range ids("o", orders) {
		w.opened(id, "user of "+id)
	}
	all := make([]atomic.Bool, orders)
	var done sync.WaitGroup
	for i, id := range ids("o", orders) {
		for range 2 { // each asks twice
			done.Go(func() {
				a, err := []*db.DB{w.DB, second}[i%2].PassGuard(ctx,
					db.GuardRequest{OrderID: id, Kind: uc.GuardLeaver, Domain: "corp", People: 5000})
				if err != nil {
					t.Error(err)
				}
				if a.Passed {
					all[i].Store(true)
				}
			})
		}
	}
	done.Wait()
	n := 0
	for i := range all {
		if all[i].Load() {
			n++
		}
	}
	if n != limit {
		t.Errorf("%d of %d passed at once, want %d", n, orders, limit)
	}
	holds, err := w.ListGuardHolds(ctx, false)
	must(t, err)
	if len(holds) != 1 || holds[0].Orders != orders-limit {
		t.Fatalf("holds %+v", holds)
	}
	// Orders that come during the approval belong to it, or to the next hold.
	for _, id := range ids("late", 40) {
		w.opened(id, "user of "+id)
	}
	var resumed []string
	done.Go(func() {
		var err error
		if resumed, err = w.ApproveGuard(ctx, holds[0].ID, "ann", "a site closes"); err != nil {
			t.Error(err)
		}
	})
	for _, id := range ids("late", 40) {
		done.Go(func() {
			a, err := w.PassGuard(ctx, db.GuardRequest{OrderID: id, Kind: uc.GuardLeaver, Domain: "corp", People: 5000})
			if err != nil || a.Passed {
				t.Errorf("%s: %+v, %v", id, a, err)
			}
		})
	}
	done.Wait()
	for _, id := range append(ids("late", 40), ids("o", orders)...) {
		a, err := w.PassGuard(ctx, db.GuardRequest{OrderID: id, Kind: uc.GuardLeaver, Domain: "corp", People: 5000})
		must(t, err)
		if a.HoldID == holds[0].ID && (!a.Passed || !slices.Contains(resumed, id)) {
			t.Errorf("%s belongs to the approved hold: %+v, told: %v", id, a, slices.Contains(resumed, id))
		}
	}
}
