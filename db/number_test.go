package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestReservePreference(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		policy uc.Policy
		before func(w world) // on the pool berlin with 9, 10 and 11
		want   string
		made   bool
		why    string // last reason in the number's history
	}{
		"lowest": {
			reason: "the lowest by value, not by text", want: "9", made: true, why: "next of the pool",
			before: func(world) {},
		},
		"own": {
			reason: "the order has one", want: "9", made: true, why: "next of the pool",
			before: func(w world) { w.reserved("order", "berlin", "ann") },
		},
		"own, published": {
			reason: "the order has published it", want: "9", made: true,
			before: func(w world) { w.published("order", "berlin", "ann") },
		},
		"theirs": {
			reason: "the person has one, in another case", want: "9", made: false,
			before: func(w world) { w.published("earlier", "berlin", "ANN") },
		},
		"of another order": {
			reason: "what another order has reserved for the person is not yet theirs", want: "10", made: true,
			why:    "next of the pool",
			before: func(w world) { w.reserved("earlier", "berlin", "ann") },
		},
		"held": {
			reason: "one is held for the person", want: "11", made: true, why: "held for this person",
			before: func(w world) {
				must(w.t, w.Hold(w.t.Context(), w.number("11").Directory(), "Ann", time.Now().Add(time.Hour), "bob", "returns"))
			},
		},
		"held for another": {
			reason: "one is held for somebody else", want: "10", made: true, why: "next of the pool",
			before: func(w world) {
				must(w.t, w.Hold(w.t.Context(), w.number("9").Directory(), "bea", time.Now().Add(time.Hour), "bob", "returns"))
			},
		},
		"old one": {
			reason: "the person comes back while it cools", want: "9", made: true,
			why:    "given back by this person, still cooling",
			before: func(w world) { w.left("9", "ann") },
		},
		"cooling of another": {
			reason: "it is not eligible yet", want: "10", made: true, why: "next of the pool",
			before: func(w world) { w.left("9", "bea") },
		},
		"cooled": {
			reason: "its retention is over", want: "9", made: true, why: "next of the pool",
			before: func(w world) { w.left("9", "bea"); w.expire() },
		},
		"hold has passed": {
			reason: "it is nobody's any more", want: "9", made: true, why: "next of the pool",
			before: func(w world) {
				must(w.t, w.Hold(w.t.Context(), w.number("9").Directory(), "bea", time.Now().Add(time.Hour), "bob", ""))
				w.expire()
			},
		},
		"blocked": {
			reason: "it is never handed out", want: "10", made: true, why: "next of the pool",
			before: func(w world) { must(w.t, w.Block(w.t.Context(), w.number("9").Directory(), "bob", "reception")) },
		},
		"foreign": {
			reason: "it is in use on the call processor", want: "10", made: true, why: "next of the pool",
			before: func(w world) {
				n := w.reserved("order", "berlin", "ann")
				must(w.t, w.MarkForeign(w.t.Context(), n.Directory(), "order", "hunt pilot"))
			},
		},
		"longest idle": {
			reason: "one that was never used comes before one that was", policy: uc.LongestIdle, want: "10", made: true,
			why:    "next of the pool",
			before: func(w world) { w.left("9", "bea"); w.expire() },
		},
		"longest idle, all used": {
			reason: "the one that was given back first", policy: uc.LongestIdle, want: "10", made: true,
			why: "next of the pool",
			before: func(w world) {
				w.published("o1", "berlin", "u1")
				w.published("o2", "berlin", "u2")
				w.published("o3", "berlin", "u3")
				for _, n := range [][2]string{{"10", "u2"}, {"9", "u1"}, {"11", "u3"}} {
					must(w.t, w.Release(w.t.Context(), db.ReleaseRequest{Number: w.number(n[0]).Directory(), UserID: n[1], Actor: "x"}))
				}
				w.expire()
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Policy: c.policy, Retention: uc.Duration(time.Hour)}, "9", "10-11")
			c.before(w)
			for range 2 {
				r := w.reserved("order", "berlin", "ann")
				if r.Digits != c.want || r.Made != c.made {
					t.Errorf("%s: got %s, made %v, want %s, %v", c.reason, r.Digits, r.Made, c.want, c.made)
				}
			}
			events := w.number(c.want).Events
			if got := events[len(events)-1].Reason; got != c.why {
				t.Errorf("%s: the history says %q, want %q", c.reason, got, c.why)
			}
		})
	}
}

// left lets the person have the number and give it back.
func (w world) left(digits, user string) {
	w.t.Helper()
	n := w.published("of "+user, "berlin", user)
	if n.Digits != digits {
		w.t.Fatalf("%s got %s", user, n.Digits)
	}
	must(w.t, w.Release(w.t.Context(), db.ReleaseRequest{Number: n.Directory(), UserID: user, Actor: "order", Reason: "left"}))
}

func TestReserveFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "4711")
	w.left("4711", "bea")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		reason string
		ctx    context.Context
		r      db.ReserveRequest
		want   uc.Kind
	}{
		"none":     {"the only number cools", t.Context(), db.ReserveRequest{OrderID: "o", Pool: "berlin", UserID: "ann"}, uc.Exhausted},
		"no pool":  {"there is no such pool", t.Context(), db.ReserveRequest{OrderID: "o", Pool: "bonn", UserID: "ann"}, uc.NotFound},
		"no order": {"nobody could undo it", t.Context(), db.ReserveRequest{Pool: "berlin", UserID: "ann"}, uc.Invalid},
		"no user":  {"nobody would have it", t.Context(), db.ReserveRequest{OrderID: "o", Pool: "berlin"}, uc.Invalid},
		"gone":     {"the caller is gone", gone, db.ReserveRequest{OrderID: "o", Pool: "berlin", UserID: "ann"}, uc.Unavailable},
	}
	for name, c := range cases {
		_, err := w.Reserve(c.ctx, c.r)
		t.Logf("%s: %v", name, err)
		wantKind(t, err, c.want)
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason    string
		retention time.Duration
		before    func(w world) // on the pool berlin with 4711
		want      uc.NumberState
		user      string
	}{
		"reserved": {
			reason: "it was never published", want: uc.Available,
			before: func(w world) { w.reserved("order", "berlin", "ann") },
		},
		"published": {
			reason: "people may have seen it", retention: time.Hour, want: uc.Cooling, user: "ann",
			before: func(w world) { w.published("order", "berlin", "ann") },
		},
		"published, no retention": {
			reason: "the pool has no retention", want: uc.Available,
			before: func(w world) { w.published("order", "berlin", "ann") },
		},
		"was cooling": {
			reason: "it cools on, until the old date", retention: time.Hour, want: uc.Cooling, user: "ann",
			before: func(w world) { w.left("4711", "ann"); w.reserved("order", "berlin", "ann") },
		},
		"was held": {
			reason: "it is held on", want: uc.Held, user: "Ann",
			before: func(w world) {
				must(w.t, w.Hold(w.t.Context(), w.number("4711").Directory(), "Ann", time.Now().Add(time.Hour), "bob", "returns"))
				w.reserved("order", "berlin", "ann")
			},
		},
		"theirs": {
			reason: "the person had it before the order", want: uc.Assigned, user: "ann",
			before: func(w world) { w.published("earlier", "berlin", "ann"); w.published("order", "berlin", "ann") },
		},
		"none": {reason: "the order has none", want: uc.Available, before: func(world) {}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(c.retention)}, "4711")
			c.before(w)
			before := w.number("4711")
			for range 2 {
				must(t, w.ReleaseReservation(t.Context(), "order", "undo"))
			}
			n := w.number("4711")
			if n.State != c.want || n.UserID != c.user {
				t.Errorf("%s: %s of %q, want %s of %q", c.reason, n.State, n.UserID, c.want, c.user)
			}
			if (n.State == uc.Cooling || n.State == uc.Held) == (n.Until == nil) {
				t.Errorf("%s: %s until %v", c.reason, n.State, n.Until)
			}
			if changed := len(n.Events) - len(before.Events); changed > 1 {
				t.Errorf("%s: undone twice wrote %d events", c.reason, changed)
			}
		})
	}
}

func TestUndoKeepsTheOldDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "4711")
	w.left("4711", "ann")
	before := w.number("4711")
	w.reserved("order", "berlin", "ann")
	must(t, w.ReleaseReservation(t.Context(), "order", "undo"))
	equal(t, "the number after the undo", before.Number, w.number("4711").Number,
		cmpopts.IgnoreFields(uc.Number{}, "ChangedAt"))
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+49301XXXX"}, "4711-4712")
	w.reserved("order", "berlin", "ann")
	want := uc.Number{
		CallProcessor: "cucm-1", Partition: "PT_berlin", Digits: "4711", E164: "+493014711", Pool: "berlin",
		State: uc.Assigned, UserID: "ann", OrderID: "order",
	}
	ignore := cmpopts.IgnoreFields(uc.Number{}, "ID", "ChangedAt")
	for range 2 {
		n, err := w.Publish(t.Context(), "order")
		must(t, err)
		equal(t, "published number", want, n, ignore)
	}
	w.reserved("later", "berlin", "ann")
	n, err := w.Publish(t.Context(), "later")
	must(t, err)
	equal(t, "number that the person had", want, n, ignore)
	if got := len(w.number("4711").Events); got != 3 {
		t.Errorf("%d events, want made, reserved, assigned", got)
	}

	_, err = w.Publish(t.Context(), "nobody")
	wantKind(t, err, uc.NotFound)
	must(t, w.Release(t.Context(), db.ReleaseRequest{Number: n.Directory(), UserID: "ann", Actor: "x"}))
	w.published("other", "berlin", "bea")
	_, err = w.Publish(t.Context(), "later")
	wantKind(t, err, uc.NotFound) // it is somebody else's by now
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(48 * time.Hour)}, "4711-4713")
	n := w.published("order", "berlin", "Ann")
	request := db.ReleaseRequest{Number: n.Directory(), UserID: "ANN", Actor: "bob", Reason: "left"}
	start := time.Now()
	for range 2 {
		must(t, w.Release(t.Context(), request))
	}
	got := w.number("4711")
	if got.State != uc.Cooling || got.Until == nil || got.Until.Sub(start).Round(time.Minute) != 48*time.Hour {
		t.Errorf("%s until %v", got.State, got.Until)
	}
	last := got.Events[len(got.Events)-1]
	equal(t, "event", uc.NumberEvent{
		Actor: "bob", OrderID: "order", UserID: "Ann", From: uc.Assigned, To: uc.Cooling, Reason: "left",
	}, last, cmpopts.IgnoreFields(uc.NumberEvent{}, "At"))

	w.expire()
	w.published("next", "berlin", "bea")
	must(t, w.Release(t.Context(), request))
	if got := w.number("4711"); got.State != uc.Assigned || got.UserID != "bea" {
		t.Errorf("a release that came again took the number from its next holder: %s of %s", got.State, got.UserID)
	}
	reserved := w.reserved("third", "berlin", "eve")
	request.Number, request.UserID = reserved.Directory(), "eve"
	wantKind(t, w.Release(t.Context(), request), uc.Conflict)
	request.Number.Partition = "nowhere"
	wantKind(t, w.Release(t.Context(), request), uc.NotFound)
}

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

func TestGetNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+4930123XXXX"}, "1111")
	w.newPool(uc.NumberPool{Name: "bonn", CallProcessor: "cucm-2", Partition: "PT_Bonn"}, "1111", "+49228991111")
	cases := map[string]struct {
		reason string
		ask    string
		want   []string
	}{
		"digits":         {"in every partition", "1111", []string{"1111 in PT_berlin on cucm-1", "1111 in PT_Bonn on cucm-2"}},
		"e164":           {"the form outside", "+49301231111", []string{"1111 in PT_berlin on cucm-1"}},
		"e164 bare":      {"without the plus", "49301231111", []string{"1111 in PT_berlin on cucm-1"}},
		"plus in digits": {"dialled with the plus", "+49 228 991111", []string{"+49228991111 in PT_Bonn on cucm-2"}},
	}
	for name, c := range cases {
		found, err := w.GetNumbers(t.Context(), c.ask)
		must(t, err)
		var got []string
		for _, n := range found {
			got = append(got, n.Directory().String())
		}
		equal(t, name+": "+c.reason, c.want, got)
	}
	_, err := w.GetNumbers(t.Context(), "2222")
	wantKind(t, err, uc.NotFound)
}

func TestListNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "100-124")
	w.newPool(uc.NumberPool{Name: "bonn"}, "100-104")
	w.reserved("order", "berlin", "Ann")
	all := func(f db.NumberFilter, limit int) (digits []string) {
		cursor := ""
		for {
			page, next, err := w.ListNumbers(t.Context(), f, cursor, limit)
			must(t, err)
			if len(page) > limit {
				t.Fatalf("page of %d", len(page))
			}
			for _, n := range page {
				digits = append(digits, n.Digits)
			}
			if cursor = next; cursor == "" {
				return digits
			}
		}
	}
	if got := all(db.NumberFilter{}, 4); len(got) != 30 {
		t.Errorf("%d numbers in all: %v", len(got), got)
	}
	if got := all(db.NumberFilter{Pool: "berlin", State: uc.Available}, 5); len(got) != 24 || got[0] != "101" {
		t.Errorf("%d available in berlin: %v", len(got), got)
	}
	equal(t, "of ann", []string{"100"}, all(db.NumberFilter{UserID: "ANN"}, 5))
	for _, cursor := range []string{"x", "!", "MTAw"} {
		_, _, err := w.ListNumbers(t.Context(), db.NumberFilter{}, cursor, 5)
		wantKind(t, err, uc.Invalid)
	}
}

func TestNumbersOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "10-19")
	w.left("10", "ann")
	w.newPool(uc.NumberPool{Name: "bonn"}, "20-29")
	w.published("o2", "bonn", "Ann")
	w.published("o3", "bonn", "bea")
	numbers, err := w.NumbersOf(t.Context(), "ANN")
	must(t, err)
	equal(t, "numbers of ann", []uc.Number{
		{Digits: "10", State: uc.Cooling, UserID: "ann"}, {Digits: "20", State: uc.Assigned, UserID: "Ann"},
	}, numbers, cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return len(p) > 2 && name != ".Digits" && name != ".State" && name != ".UserID"
	}, cmp.Ignore()))
	numbers, err = w.NumbersOf(t.Context(), "")
	if err != nil || len(numbers) != 0 || errors.Is(err, uc.NotFound) {
		t.Errorf("numbers of nobody: %v, %v", numbers, err)
	}
}
