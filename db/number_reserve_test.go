package db_test

import (
	"context"
	"testing"
	"time"

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

// A person who wants another number than the own gets one, and waits when there is
// none.
func TestReserveAnother(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		before func(w world) // ann has 9, and 10 and 11 are free
		want   string        // "" = none
	}{
		"next": {"the first free one", func(world) {}, "10"},
		"held": {"one is held for the person", func(w world) {
			must(w.t, w.Hold(w.t.Context(), w.number("11").Directory(), "ann", time.Now().Add(time.Hour), "bob", "asked"))
		}, "11"},
		"cooling": {"not the one that the person gave back", func(w world) {
			w.published("moved", "berlin", "bea")
			must(w.t, w.Release(w.t.Context(), db.ReleaseRequest{Number: w.number("10").Directory(), UserID: "bea", Actor: "x"}))
			w.exec(`UPDATE numbers SET user_id = 'ann', user_key = 'ann' WHERE digits = '10'`)
		}, "11"},
		"none": {"nothing else is free", func(w world) {
			w.published("o1", "berlin", "u1")
			w.published("o2", "berlin", "u2")
		}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "9", "10-11")
			w.published("first", "berlin", "ann")
			c.before(w)
			w.opened("second", "ann")
			for range 2 {
				r, err := w.Reserve(t.Context(), db.ReserveRequest{OrderID: "second", Pool: "berlin", UserID: "ann", Another: true})
				if c.want == "" {
					wantKind(t, err, uc.Exhausted)
					continue
				}
				must(t, err)
				if r.Digits != c.want || !r.Made {
					t.Errorf("got %s (made %v), want %s: %s", r.Digits, r.Made, c.want, c.reason)
				}
			}
		})
	}
}
