package db_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestReserveDigits(t *testing.T) {
	t.Parallel()
	hold := func(w world, user string) {
		must(w.t, w.Hold(w.t.Context(), w.number("11").Directory(), user, time.Now().Add(time.Hour), "bob", "returns"))
	}
	leave := func(w world, user string) {
		w.taken("earlier", user, "11")
		must(w.t, w.Release(w.t.Context(), db.ReleaseRequest{Number: w.number("11").Directory(), UserID: user, Actor: "order"}))
	}
	cases := map[string]struct {
		reason string
		before func(w world)
		digits string
		kind   uc.Kind
		says   string // the problem, or the last reason in the history
		found  bool   // the person had it
	}{
		"free":             {"it is not the first of the pool", func(world) {}, "11", "", "this number was asked for", false},
		"again":            {"the order has it", func(w world) { w.taken("order", "ann", "11") }, "11", "", "", false},
		"has another":      {"an order has one number", func(w world) { w.taken("order", "ann", "10") }, "11", uc.Conflict, "order order has number 10 in PT_berlin on cucm-1 already", false},
		"taken":            {"somebody has it", func(w world) { w.taken("earlier", "bea", "11") }, "11", uc.Conflict, "number 11 in PT_berlin on cucm-1 is assigned to bea", false},
		"theirs":           {"in another case", func(w world) { w.taken("earlier", "ANN", "11") }, "11", "", "", true},
		"has one already":  {"and wants this one", func(w world) { w.taken("earlier", "ann", "10") }, "11", "", "this number was asked for", false},
		"reserved":         {"by another order", func(w world) { w.reservedDigits("other", "ann", "11") }, "11", uc.Conflict, "is reserved by order other", false},
		"held for another": {"until a date", func(w world) { hold(w, "bea") }, "11", uc.Conflict, "is held for bea until 20", false},
		"held":             {"for this person", func(w world) { hold(w, "Ann") }, "11", "", "held for this person", false},
		"hold has passed":  {"it is nobody's any more", func(w world) { hold(w, "bea"); w.expire() }, "11", "", "this number was asked for", false},
		"cooling":          {"somebody else had it", func(w world) { leave(w, "bea") }, "11", uc.Conflict, "(given back by bea)", false},
		"old one":          {"the person comes back", func(w world) { leave(w, "ANN") }, "11", "", "given back by this person, still cooling", false},
		"cooled":           {"its retention is over", func(w world) { leave(w, "bea"); w.cooled() }, "11", "", "this number was asked for", false},
		"short hold":       {"the hold has passed, the retention has not", func(w world) { leave(w, "bea"); hold(w, "carl"); w.expire() }, "11", uc.Conflict, "is cooling until 20", false},
		"blocked":          {"with its reason", func(w world) { must(w.t, w.Block(w.t.Context(), w.number("11").Directory(), "bob", "reception")) }, "11", uc.Conflict, "is blocked (reception)", false},
		"foreign": {"what it is", func(w world) {
			w.reservedDigits("other", "bea", "11")
			must(w.t, w.MarkForeign(w.t.Context(), w.number("11").Directory(), "other", "hunt pilot HP1"))
		}, "11", uc.Conflict, "is foreign (hunt pilot HP1)", false},
		"not in the pool": {"in another one", func(w world) { w.newPool(uc.NumberPool{Name: "bonn"}, "99") }, "99", uc.NotFound, `number "99" is not in pool "berlin"; name its pool: bonn`, false},
		"in none":         {"nobody imported it", func(world) {}, "99", uc.NotFound, `number "99" is not in pool "berlin"; it is in no pool`, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(24 * time.Hour)}, "9", "10-11")
			c.before(w)
			asked := db.ReserveRequest{OrderID: "order", Pool: "berlin", UserID: "ann", Digits: c.digits}
			rehearsed := w.RehearseReserve(t.Context(), asked)
			for range 2 {
				r, err := w.Reserve(t.Context(), asked)
				wantKind(t, err, c.kind)
				if fmt.Sprint(err) != fmt.Sprint(rehearsed) {
					t.Errorf("%s: rehearsed it fails with %v, then with %v", c.reason, rehearsed, err)
				}
				if err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %q, want %q", c.reason, err, c.says)
				}
				if err == nil && (r.Digits != c.digits || r.Made == c.found) {
					t.Errorf("%s: got %+v", c.reason, r)
				}
			}
			if c.kind == "" {
				events := w.number(c.digits).Events
				if got := events[len(events)-1].Reason; got != c.says {
					t.Errorf("%s: the history says %q, want %q", c.reason, got, c.says)
				}
				_, err := w.Publish(t.Context(), "order")
				must(t, err)
			}
		})
	}
	w := newWorld(t)
	_, err := w.Reserve(t.Context(), db.ReserveRequest{OrderID: "order", Pool: "nowhere", UserID: "ann", Digits: "1"})
	wantKind(t, err, uc.NotFound)
}

// A number is asked for as it is dialled from outside, too.
func TestReserveE164(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+4930123XX"}, "10-11", "110")
	ask := func(digits string) (db.Reservation, error) {
		return w.Reserve(t.Context(), db.ReserveRequest{OrderID: "order", Pool: "berlin", UserID: "ann", Digits: digits})
	}
	_, err := ask("+493012310")
	wantKind(t, err, uc.Conflict) // 10 and 110
	for range 2 {
		r, err := ask("+493012311")
		must(t, err)
		if r.Digits != "11" || !r.Made {
			t.Errorf("reserved %+v", r)
		}
	}
	_, err = ask("+493012399")
	wantKind(t, err, uc.Conflict) // the order has one
}

// What undo restores is what was there before.
func TestReserveDigitsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "9", "10-11")
	must(t, w.Hold(t.Context(), w.number("11").Directory(), "ann", time.Now().Add(time.Hour), "bob", "returns"))
	for _, digits := range []string{"10", "11"} {
		before := w.number(digits).Number
		w.reservedDigits("order", "ann", digits)
		must(t, w.ReleaseReservation(t.Context(), "order", "undo"))
		after := w.number(digits).Number
		after.ChangedAt = before.ChangedAt
		equal(t, digits, before, after)
	}
}

// reservedDigits lets the order have this number of the pool berlin.
func (w world) reservedDigits(order, user, digits string) {
	w.t.Helper()
	_, err := w.Reserve(w.t.Context(), db.ReserveRequest{OrderID: order, Pool: "berlin", UserID: user, Digits: digits})
	must(w.t, err)
}

// taken lets the person have this number of the pool berlin.
func (w world) taken(order, user, digits string) {
	w.t.Helper()
	w.reservedDigits(order, user, digits)
	_, err := w.Publish(w.t.Context(), order)
	must(w.t, err)
}

// cooled lets every retention be over.
func (w world) cooled() {
	w.t.Helper()
	w.exec(`UPDATE numbers SET released_at = released_at - interval '1 year'`)
	w.expire()
}

func TestReserveDigitsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second, err := db.Open(t.Context(), w.sql.Config().ConnString()) // another process
	must(t, err)
	defer second.Close()
	w.newPool(uc.NumberPool{Name: "berlin"}, "4700-4719")
	for round := range 10 {
		digits := fmt.Sprint(4700 + round)
		var mu sync.Mutex
		winners, conflicts := map[string]bool{}, 0
		var done sync.WaitGroup
		for i := range 24 {
			// Each of twelve orders tries twice; a third of them wants any number.
			order, want := fmt.Sprintf("order-%d-%d", round, i%12), digits
			if i%3 == 2 {
				want = ""
			}
			done.Go(func() {
				r, err := []*db.DB{w.DB, second}[i%2].Reserve(t.Context(),
					db.ReserveRequest{OrderID: order, Pool: "berlin", UserID: order, Digits: want})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.Is(err, uc.Conflict) && want != "":
					conflicts++
				case errors.Is(err, uc.Exhausted) && want == "":
				case err != nil:
					t.Error(err)
				case r.Digits == digits:
					winners[order] = true
				case want != "":
					t.Errorf("%s wanted %s and got %s", order, digits, r.Digits)
				}
			})
		}
		done.Wait()
		if len(winners) != 1 || conflicts < 14 {
			t.Errorf("%s went to %v; %d were refused", digits, winners, conflicts)
		}
		w.exec(`UPDATE numbers SET state = 'available', turn = '-infinity', order_id = '', user_id = '', user_key = '', prior_state = NULL
			WHERE digits <> $1 AND state = 'reserved' AND digits > $1`, digits)
	}
}
