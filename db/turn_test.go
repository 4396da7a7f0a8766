package db_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// kindOf is an order of the person of another kind.
func kindOf(id, user string, kind uc.OrderKind, state uc.OrderState) db.NewOrder {
	n := newOrder(id, user)
	n.Kind, n.State, n.WorkflowID = kind, state, string(kind)+"/"+user
	return n
}

func TestTakeTurn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	open := func(id, user string, kind uc.OrderKind, state uc.OrderState) {
		t.Helper()
		_, _, err := w.OpenOrder(ctx, kindOf(id, user, kind, state))
		must(t, err)
	}
	ahead := func(id, want, reason string) {
		t.Helper()
		got, err := w.TakeTurn(ctx, id)
		must(t, err)
		if got.ID != want {
			t.Errorf("ahead of %s is %s, want %s: %s", id, got.ID, want, reason)
		}
	}
	open("join", "Ann", uc.JoinerOrder, uc.Scheduled)
	open("move", "ann", uc.MoverOrder, uc.Running)
	open("leave", "ANN", uc.LeaverOrder, uc.Running)
	open("other", "bob", uc.LeaverOrder, uc.Running)
	ahead("move", "move", "a scheduled order is not in the line")
	ahead("leave", "move", "it came later")
	ahead("other", "other", "another person")
	ahead("join", "move", "it became due after the others were accepted")
	must(t, w.SetOrder(ctx, "move", uc.OrderChange{State: ptr(uc.Done)}))
	next, err := w.NextInTurn(ctx, "move")
	must(t, err)
	if next.ID != "leave" || next.WorkflowID != "leaver/ANN" {
		t.Errorf("next is %s with workflow %q", next.ID, next.WorkflowID)
	}
	ahead("join", "leave", "the order in which they came into the line")
	must(t, w.SetOrder(ctx, "leave", uc.OrderChange{State: ptr(uc.Failed)}))
	ahead("join", "join", "the last of them")
	must(t, w.SetOrder(ctx, "join", uc.OrderChange{State: ptr(uc.Done)}))
	_, err = w.TakeTurn(ctx, "join")
	wantKind(t, err, uc.Conflict)
	_, err = w.TakeTurn(ctx, "nobody")
	wantKind(t, err, uc.NotFound)
}

// Orders of one person that come at once have their turn one at a time.
func TestTakeTurnAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	kinds := []uc.OrderKind{uc.JoinerOrder, uc.LeaverOrder, uc.MoverOrder, uc.NumberRequestOrder, uc.PhoneOrder, uc.PINOrder}
	var yours atomic.Int32
	var done sync.WaitGroup
	for i, kind := range kinds {
		done.Go(func() {
			id := fmt.Sprintf("o%d", i)
			if _, _, err := w.OpenOrder(ctx, kindOf(id, "ann", kind, uc.Running)); err != nil {
				t.Error(err)
				return
			}
			ahead, err := w.TakeTurn(ctx, id)
			if err != nil {
				t.Error(err)
			}
			if ahead.ID == id {
				yours.Add(1)
			}
		})
	}
	done.Wait()
	if yours.Load() != 1 {
		t.Errorf("%d orders had their turn at once", yours.Load())
	}
}

func TestScheduledJoiner(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for _, n := range []db.NewOrder{
		kindOf("join", "ann", uc.JoinerOrder, uc.Scheduled), kindOf("leave", "ANN", uc.LeaverOrder, uc.Running),
		kindOf("leave2", "bob", uc.LeaverOrder, uc.Running), kindOf("join2", "bob", uc.JoinerOrder, uc.Scheduled),
	} {
		_, _, err := w.OpenOrder(ctx, n)
		must(t, err)
	}
	found := func(id string) string {
		t.Helper()
		o, err := w.ScheduledJoiner(ctx, id)
		must(t, err)
		return o.ID
	}
	equal(t, "who has nothing leaves before the start", "join", found("leave"))
	equal(t, "who leaves is hired again", "", found("leave2"))
	must(t, w.SavePerson(ctx, person("ann", "E1")))
	equal(t, "who has something leaves, and is hired again", "", found("leave"))
}
