package db_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestReserveManyForFew(t *testing.T) {
	t.Parallel()
	for _, policy := range []uc.Policy{uc.Lowest, uc.LongestIdle} {
		w := newWorld(t)
		w.newPool(uc.NumberPool{Name: "berlin", Policy: policy}, "4700-4849")
		var mu sync.Mutex
		taken, exhausted := map[string]string{}, 0
		var done sync.WaitGroup
		for i := range 200 {
			done.Go(func() {
				order := fmt.Sprintf("order-%d", i)
				r, err := w.Reserve(t.Context(), db.ReserveRequest{OrderID: order, Pool: "berlin", UserID: fmt.Sprintf("user-%d", i)})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.Is(err, uc.Exhausted):
					exhausted++
				case err != nil:
					t.Error(err)
				case taken[r.Digits] != "":
					t.Errorf("%s was given to %s and %s", r.Digits, taken[r.Digits], order)
				default:
					taken[r.Digits] = order
				}
			})
		}
		done.Wait()
		if len(taken) != 150 || exhausted != 50 {
			t.Errorf("%s: %d have a number and %d have none, want 150 and 50", policy, len(taken), exhausted)
		}
	}
}

func TestReserveOneOrderAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second, err := db.Open(t.Context(), w.sql.Config().ConnString()) // another process
	must(t, err)
	defer second.Close()
	w.newPool(uc.NumberPool{Name: "berlin"}, "4700-4703")
	for round := range 3 {
		order, user := fmt.Sprintf("order-%d", round), fmt.Sprintf("user-%d", round)
		var mu sync.Mutex
		got := map[string]int{}
		var done sync.WaitGroup
		for i := range 40 {
			done.Go(func() {
				r, err := []*db.DB{w.DB, second}[i%2].Reserve(t.Context(),
					db.ReserveRequest{OrderID: order, Pool: "berlin", UserID: user})
				if err != nil || !r.Made || r.State != uc.Reserved || r.OrderID != order {
					t.Errorf("%+v, %v", r, err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[r.Digits]++
			})
		}
		done.Wait()
		if len(got) != 1 {
			t.Errorf("one order got %v", got)
		}
	}
	pools, err := w.ListPools(t.Context())
	must(t, err)
	if n := pools[0].Counts[uc.Reserved]; n != 3 {
		t.Errorf("%d numbers are reserved for 3 orders", n)
	}
}

func TestPublishAgainstRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(1e12)}, "4700-4719")
	var done sync.WaitGroup
	for i := range 20 {
		order := fmt.Sprintf("order-%d", i)
		w.reserved(order, "berlin", fmt.Sprintf("user-%d", i))
		done.Go(func() {
			if _, err := w.Publish(t.Context(), order); err != nil && !errors.Is(err, uc.NotFound) {
				t.Error(err)
			}
		})
		done.Go(func() {
			if err := w.ReleaseReservation(t.Context(), order, "undo"); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	pools, err := w.ListPools(t.Context())
	must(t, err)
	c := pools[0].Counts
	// The release came before or after: either way the order has nothing left.
	if c[uc.Available]+c[uc.Cooling] != 20 {
		t.Errorf("counts %v, want all available or cooling", c)
	}
}

func TestImportAgainstReserve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"})
	var done sync.WaitGroup
	for i := range 4 {
		done.Go(func() {
			// Overlapping ranges, in both directions.
			texts := []string{"4700-4799", fmt.Sprintf("47%d0-47%d9", i, i), "4750-4849"}
			if i%2 == 1 {
				texts[0], texts[2] = texts[2], texts[0]
			}
			if _, err := w.ImportNumbers(t.Context(), "berlin", func(yield func(int, string) bool) {
				for line, text := range texts {
					if !yield(line+1, text) {
						return
					}
				}
			}, "ann"); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	pools, err := w.ListPools(t.Context())
	must(t, err)
	if n := pools[0].Counts[uc.Available]; n != 150 {
		t.Errorf("%d numbers, want 150", n)
	}
}
