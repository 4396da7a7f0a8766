package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// asks lets orders of the domain corp ask the guard, one after the other; an order
// that does not exist is made.
func (w world) asks(r db.GuardRequest, orders ...string) []db.GuardAnswer {
	w.t.Helper()
	out := make([]db.GuardAnswer, len(orders))
	for i, id := range orders {
		if _, err := w.GetOrder(w.t.Context(), id); err != nil {
			w.opened(id, "user of "+id)
		}
		r.OrderID = id
		var err error
		if r.Domain == "" {
			r.Domain = "corp"
		}
		if r.Kind == "" {
			r.Kind = uc.GuardLeaver
		}
		out[i], err = w.PassGuard(w.t.Context(), r)
		must(w.t, err)
	}
	return out
}

func ids(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return out
}

func passed(answers []db.GuardAnswer) (n int) {
	for _, a := range answers {
		if a.Passed {
			n++
		}
	}
	return n
}

// few allows five.
var few = db.GuardRequest{People: 20}

func TestGuardHoldsABurst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if n := passed(w.asks(few, ids("a", 5)...)); n != 5 {
		t.Fatalf("%d of 5 passed", n)
	}
	held := w.asks(few, "b")[0]
	want := db.GuardAnswer{HoldID: held.HoldID, Detail: fmt.Sprintf("6 people of domain corp would leave within 1d "+
		"and the guard allows 5: approve with `dialtone guard approve %d --reason TEXT`", held.HoldID)}
	equal(t, "the sixth", want, held)
	equal(t, "and again", []db.GuardAnswer{want}, w.asks(few, "b"))
	if a := w.asks(few, "c")[0]; a.Passed || a.HoldID != held.HoldID || !strings.HasPrefix(a.Detail, "7 people") {
		t.Errorf("while a hold is open: %+v", a)
	}
	if n := passed(w.asks(few, ids("a", 5)...)); n != 5 {
		t.Errorf("%d of those who passed pass again", n)
	}
	for _, r := range []db.GuardRequest{{People: 20, Domain: "other"}, {People: 20, Kind: uc.GuardMove}} {
		if !w.asks(r, "elsewhere "+r.Domain)[0].Passed {
			t.Errorf("%+v was held by another hold", r)
		}
	}
}

func TestGuardBatches(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		before int // alone
		batch  int
		sent   int
		passes int
	}{
		"fits":             {"all of it", 0, 5, 5, 5},
		"too large":        {"none of it: held before the first write", 0, 6, 6, 0},
		"with others":      {"none of it", 2, 4, 4, 0},
		"just":             {"beside others", 2, 3, 3, 3},
		"twice":            {"a second one of the size is another one", 0, 3, 6, 3},
		"larger than said": {"never more than the limit", 0, 2, 7, 4},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.asks(few, ids("before", c.before)...)
			answers := w.asks(db.GuardRequest{People: 20, Batch: c.batch}, ids("batch", c.sent)...)
			if n := passed(answers); n != c.passes {
				t.Errorf("%s: %d of %d passed, want %d", c.reason, n, c.sent, c.passes)
			}
		})
	}
	w := newWorld(t)
	a := w.asks(db.GuardRequest{People: 20, Batch: 300}, "first")[0]
	if !strings.HasPrefix(a.Detail, "300 people of domain corp") {
		t.Errorf("the first of 300 is told %q", a.Detail)
	}
}

func TestGuardWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asks(few, ids("a", 5)...)
	w.exec(`UPDATE guard_orders SET passed_at = passed_at - interval '23 hours'`)
	short := few
	short.Limit.Window = uc.Duration(time.Hour)
	if !w.asks(short, "b")[0].Passed {
		t.Error("those before the window count")
	}
	if w.asks(few, "c")[0].Passed {
		t.Error("those of the window do not count")
	}
}

func TestGuardApproved(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.asks(few, ids("a", 5)...)
	id := w.asks(few, ids("b", 10)...)[0].HoldID
	must(t, w.SetOrder(ctx, "b-3", uc.OrderChange{State: ptr(uc.Cancelled)}))
	hold, err := w.GetGuardHold(ctx, id)
	must(t, err)
	equal(t, "hold", uc.GuardHold{
		ID: id, Kind: uc.GuardLeaver, Domain: "corp", State: uc.GuardOpen, Orders: 10, Waiting: 9, OpenedAt: hold.OpenedAt,
		Detail: "14 people of domain corp would leave within 1d and the guard allows 5",
	}, hold)
	want := slices.DeleteFunc(ids("b", 10), func(id string) bool { return id == "b-3" })
	for range 2 {
		orders, err := w.ApproveGuard(ctx, id, "ann", "a site closes")
		must(t, err)
		equal(t, "orders", want, orders)
	}
	if n := passed(w.asks(few, want...)); n != 9 {
		t.Errorf("%d of 9 approved orders pass", n)
	}
	// An approval raises no limit, and its orders use up none of it.
	next := w.asks(few, "c")[0]
	if next.Passed || next.HoldID == id || !strings.HasPrefix(next.Detail, "6 people") {
		t.Errorf("after the approval: %+v", next)
	}
	w.exec(`UPDATE guard_orders SET passed_at = passed_at - interval '25 hours' WHERE order_id LIKE 'a-%'`)
	_, err = w.RejectGuard(ctx, next.HoldID, "ann", "a mistake")
	must(t, err)
	if n := passed(w.asks(few, ids("d", 6)...)); n != 5 {
		t.Errorf("%d of 6 pass in the next window, want 5", n)
	}
	all, err := w.ListGuardHolds(ctx, false)
	must(t, err)
	open, err := w.ListGuardHolds(ctx, true)
	must(t, err)
	if len(all) != 3 || len(open) != 1 || open[0].ID != all[0].ID || all[2].DecidedBy != "ann" ||
		all[2].Reason != "a site closes" || all[2].DecidedAt == nil || all[2].Waiting != 0 || all[2].Orders != 10 {
		t.Errorf("all %+v, open %+v", all, open)
	}
}

func TestGuardRejected(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.asks(few, ids("a", 5)...)
	id := w.asks(few, "b", "c")[0].HoldID
	for range 2 {
		orders, err := w.RejectGuard(ctx, id, "ann", "a mistake")
		must(t, err)
		equal(t, "orders", []string{"b", "c"}, orders)
	}
	a := w.asks(few, "b")[0]
	if a.Passed || !a.Rejected || !strings.HasSuffix(a.Detail, "ann rejected it (a mistake)") {
		t.Errorf("after the rejection: %+v", a)
	}
	_, err := w.ApproveGuard(ctx, id, "ann", "after all")
	wantKind(t, err, uc.Conflict)
	id = w.asks(few, "d")[0].HoldID
	_, err = w.ApproveGuard(ctx, id, "ann", "x")
	must(t, err)
	_, err = w.RejectGuard(ctx, id, "ann", "x")
	wantKind(t, err, uc.Conflict)
}

func TestGuardFails(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.opened("order", "ann")
	for reason, c := range map[string]struct {
		r    db.GuardRequest
		want uc.Kind
	}{
		"no order":      {db.GuardRequest{Kind: uc.GuardLeaver, Domain: "corp"}, uc.Invalid},
		"no domain":     {db.GuardRequest{OrderID: "order", Kind: uc.GuardLeaver}, uc.Invalid},
		"no kind":       {db.GuardRequest{OrderID: "order", Domain: "corp"}, uc.Invalid},
		"unknown order": {db.GuardRequest{OrderID: "none", Kind: uc.GuardLeaver, Domain: "corp"}, uc.NotFound},
	} {
		_, err := w.PassGuard(ctx, c.r)
		t.Logf("%s: %v", reason, err)
		wantKind(t, err, c.want)
	}
	_, err := w.GetGuardHold(ctx, 99)
	wantKind(t, err, uc.NotFound)
	for _, decide := range []func() ([]string, error){
		func() ([]string, error) { return w.ApproveGuard(ctx, 99, "ann", "x") },
		func() ([]string, error) { return w.RejectGuard(ctx, 99, "ann", "x") },
	} {
		_, err := decide()
		wantKind(t, err, uc.NotFound)
	}
	_, err = w.ApproveGuard(ctx, 99, "ann", "")
	wantKind(t, err, uc.Invalid)
}
