package db_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

func TestMarkForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "4711-4713")
	first := w.reserved("order", "berlin", "ann")
	for range 2 {
		must(t, w.MarkForeign(t.Context(), first.Directory(), "order", "in use by hunt pilot HP1"))
	}
	got := w.number("4711")
	if got.State != uc.Foreign || got.Reason != "in use by hunt pilot HP1" || got.OrderID != "" || got.UserID != "" {
		t.Errorf("%+v", got.Number)
	}
	second := w.reserved("order", "berlin", "ann")
	if second.Digits != "4712" {
		t.Fatalf("next is %s", second.Digits)
	}
	// An attempt that was given up still runs and says it again.
	must(t, w.MarkForeign(t.Context(), first.Directory(), "order", "late"))
	if got := w.number("4712"); got.State != uc.Reserved {
		t.Errorf("a late attempt made the next number %s", got.State)
	}
	w.published("order", "berlin", "ann")
	must(t, w.MarkForeign(t.Context(), second.Directory(), "order", "later"))
	if got := w.number("4712"); got.State != uc.Assigned {
		t.Errorf("a published number became %s", got.State)
	}
}

func TestHoldBlockFree(t *testing.T) {
	t.Parallel()
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "4711-4712")
	n := w.number("4711").Directory()
	steps := []struct {
		reason string
		err    error
		kind   uc.Kind
	}{
		{"a free one", w.Hold(ctx, n, "ann", later, "bob", "x"), ""},
		{"held again, longer", w.Hold(ctx, n, "ANN", later.Add(time.Hour), "bob", "x"), ""},
		{"held for another", w.Hold(ctx, n, "bea", later, "bob", "x"), uc.Conflict},
		{"a date that has passed", w.Hold(ctx, n, "ann", time.Now(), "bob", "x"), uc.Invalid},
		{"nobody", w.Hold(ctx, n, "", later, "bob", "x"), uc.Invalid},
		{"held is blocked", w.Block(ctx, n, "bob", "x"), ""},
		{"blocked again", w.Block(ctx, n, "bob", "x"), ""},
		{"freed", w.Free(ctx, n, "bob", "x"), ""},
		{"freed again", w.Free(ctx, n, "bob", "x"), ""},
	}
	for _, s := range steps {
		t.Logf("%s: %v", s.reason, s.err)
		wantKind(t, s.err, s.kind)
	}
	var to []uc.NumberState
	for _, e := range w.number("4711").Events {
		to = append(to, e.To)
	}
	equal(t, "history", []uc.NumberState{uc.Available, uc.Held, uc.Held, uc.Blocked, uc.Available}, to)

	n = w.published("order", "berlin", "ann").Directory()
	for _, err := range []error{w.Hold(ctx, n, "ann", later, "bob", ""), w.Block(ctx, n, "bob", ""), w.Free(ctx, n, "bob", "")} {
		wantKind(t, err, uc.Conflict)
	}
	n.Digits = "1"
	for _, err := range []error{w.Hold(ctx, n, "ann", later, "bob", ""), w.Block(ctx, n, "bob", ""), w.Free(ctx, n, "bob", "")} {
		wantKind(t, err, uc.NotFound)
	}
}

func TestThaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "4711")
	w.newPool(uc.NumberPool{Name: "bonn"}, "11-12")
	w.left("4711", "ann")
	must(t, w.Hold(t.Context(), w.number("12").Directory(), "ann", time.Now().Add(time.Hour), "bob", ""))
	for _, want := range []int{0, 2, 0} {
		n, err := w.Thaw(t.Context())
		must(t, err)
		if n != want {
			t.Errorf("thawed %d, want %d", n, want)
		}
		if n == 0 {
			w.expire()
		}
	}
	for _, digits := range []string{"4711", "12"} {
		n := w.number(digits)
		last := n.Events[len(n.Events)-1]
		if n.State != uc.Available || n.UserID != "" || last.Actor != "retention" {
			t.Errorf("%s: %+v, last %+v", digits, n.Number, last)
		}
	}
}
