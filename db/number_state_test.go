package db_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
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

func TestHoldAndBlock(t *testing.T) {
	t.Parallel()
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "4711-4712")
	n := w.number("4711").Directory()
	steps := []struct {
		reason string
		err    error
		says   string // "" = it succeeds
	}{
		{"nothing to end", w.Unhold(ctx, n, "bob", "x"), "is available: it is not held"},
		{"a free one", w.Hold(ctx, n, "ann", later, "bob", "x"), ""},
		{"the very same hold", w.Hold(ctx, n, "Ann", later, "bob", "x"), ""},
		{"held again, longer", w.Hold(ctx, n, "ANN", later.Add(time.Hour), "bob", "x"), ""},
		{"held for another", w.Hold(ctx, n, "bea", later, "bob", "x"), "is held for ANN until"},
		{"a date that has passed", w.Hold(ctx, n, "ann", time.Now(), "bob", "x"), "a date in the future"},
		{"nobody", w.Hold(ctx, n, "", later, "bob", "x"), "name the person"},
		{"held, not blocked", w.Unblock(ctx, n, "bob", "x"), "it is not blocked"},
		{"held is blocked", w.Block(ctx, n, "bob", "x"), ""},
		{"blocked again", w.Block(ctx, n, "bob", "x"), ""},
		{"blocked for another reason", w.Block(ctx, n, "bob", "y"), ""},
		{"blocked, not held", w.Unhold(ctx, n, "bob", "x"), "is blocked (y): it is not held"},
		{"a hold does not end a block", w.Hold(ctx, n, "ANN", later, "bob", "x"), "is blocked (y): unblock it before it is held"},
		{"unblocked", w.Unblock(ctx, n, "bob", "x"), ""},
		{"unblocked again", w.Unblock(ctx, n, "bob", "x"), "it is not blocked"},
		{"held for another still", w.Hold(ctx, n, "bea", later, "bob", "x"), "end that hold first"},
		{"and the hold ends", w.Unhold(ctx, n, "bob", "x"), ""},
		{"blocked when nobody has it", w.Block(ctx, n, "bob", "x"), ""},
		{"no hold comes back twice", w.Unblock(ctx, n, "bob", "x"), ""},
	}
	for _, s := range steps {
		if s.err != nil {
			got := s.err.Error()
			if s.says == "" || !strings.Contains(got, s.says) {
				t.Errorf("%s: %q, want %q", s.reason, got, s.says)
			}
		} else if s.says != "" {
			t.Errorf("%s: no error, want %q", s.reason, s.says)
		}
	}
	var to []uc.NumberState
	for _, e := range w.number("4711").Events {
		to = append(to, e.To)
	}
	equal(t, "history", []uc.NumberState{
		uc.Available, uc.Held, uc.Held, uc.Blocked, uc.Blocked, uc.Held, uc.Available, uc.Blocked, uc.Available,
	}, to)

	n = w.published("order", "berlin", "ann").Directory()
	for _, call := range []func(uc.DirectoryNumber) error{
		func(n uc.DirectoryNumber) error { return w.Hold(ctx, n, "ann", later, "bob", "") },
		func(n uc.DirectoryNumber) error { return w.Block(ctx, n, "bob", "") },
		func(n uc.DirectoryNumber) error { return w.Unhold(ctx, n, "bob", "") },
		func(n uc.DirectoryNumber) error { return w.Unblock(ctx, n, "bob", "") },
	} {
		wantKind(t, call(n), uc.Conflict)
		wantKind(t, call(uc.DirectoryNumber{CallProcessor: n.CallProcessor, Partition: n.Partition, Digits: "1"}), uc.NotFound)
	}
}

// Under a block a hold rests: person, date and reason come back, and follow a rename.
func TestBlockKeepsTheHold(t *testing.T) {
	t.Parallel()
	ctx, until := t.Context(), time.Now().Add(time.Hour).Truncate(time.Microsecond)
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "4711-4712")
	held, passed := w.number("4711").Directory(), w.number("4712").Directory()
	must(t, w.SavePerson(ctx, uc.Person{UserID: "Ann", Domain: "d", State: uc.Active}))
	for _, n := range []uc.DirectoryNumber{held, passed} {
		must(t, w.Hold(ctx, n, "Ann", until, "bob", `parental "leave"`))
		must(t, w.Block(ctx, n, "bob", "abused"))
		must(t, w.Block(ctx, n, "bob", "abused again"))
	}
	must(t, w.RenamePerson(ctx, "ann", "Ann.Ray"))
	w.exec(`UPDATE numbers SET prior_reason = replace(prior_reason, '20', '19') WHERE digits = '4712'`)
	for _, n := range []uc.DirectoryNumber{held, passed} {
		must(t, w.Unblock(ctx, n, "bob", "quiet now"))
	}
	got := w.number("4711")
	if got.State != uc.Held || got.UserID != "Ann.Ray" || got.Reason != `parental "leave"` || got.Until == nil || !got.Until.Equal(until) {
		t.Errorf("unblocked it is %+v", got.Number)
	}
	last := got.Events[len(got.Events)-1]
	if last.From != uc.Blocked || last.To != uc.Held || last.UserID != "Ann.Ray" || last.Reason != "quiet now" || last.Actor != "bob" {
		t.Errorf("the event is %+v", last)
	}
	if r, err := w.Reserve(ctx, db.ReserveRequest{OrderID: "o", Pool: "berlin", UserID: "ann.ray"}); err != nil || r.Digits != "4711" {
		t.Errorf("the person gets %s, %v", r.Digits, err)
	}
	if got := w.number("4712"); got.State != uc.Available || got.UserID != "" || got.Until != nil || got.Reason != "" {
		t.Errorf("a hold whose date passed under the block: %+v", got.Number)
	}
}

// A hold or a block that ends does not end the retention.
func TestRetentionOutlivesHoldAndBlock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hold := func(w world, n uc.DirectoryNumber) error {
		return w.Hold(ctx, n, "bea", time.Now().Add(time.Hour), "bob", "x")
	}
	cases := map[string]struct {
		reason   string
		from, to func(w world, n uc.DirectoryNumber) error
		user     string // who gets it back when returning
	}{
		"block":  {"the leaver may return", func(w world, n uc.DirectoryNumber) error { return w.Block(ctx, n, "bob", "x") }, func(w world, n uc.DirectoryNumber) error { return w.Unblock(ctx, n, "bob", "x") }, "ann"},
		"unhold": {"the leaver may return", hold, func(w world, n uc.DirectoryNumber) error { return w.Unhold(ctx, n, "bob", "x") }, "ann"},
		"thaw": {"nobody has it until then", hold, func(w world, _ uc.DirectoryNumber) error {
			w.expire()
			_, err := w.Thaw(ctx)
			return err
		}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(24 * time.Hour)}, "4711")
			w.left("4711", "ann")
			before := w.number("4711")
			must(t, c.from(w, before.Directory()))
			must(t, c.to(w, before.Directory()))
			got := w.number("4711")
			if got.State != uc.Cooling || got.UserID != c.user || got.Until == nil || !got.Until.Equal(*before.Until) || got.Reason != "" {
				t.Errorf("%s: %+v, want it to cool until %s", c.reason, got.Number, before.Until)
			}
			_, err := w.Reserve(ctx, db.ReserveRequest{OrderID: "o", Pool: "berlin", UserID: "carl"})
			wantKind(t, err, uc.Exhausted)
		})
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
