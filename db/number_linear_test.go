package db_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// ledgerCall is one call of the ledger.
type ledgerCall struct {
	name   string // reserve, publish, undo, release, import, read
	order  string
	user   string
	digits string // of release and import
}

// ledgerAnswer is what came back.
type ledgerAnswer struct {
	digits string
	kind   uc.Kind
	read   string // of read: the whole ledger
	lost   bool   // no answer came: it happened, or did not, or happens later
}

// TestLedgerIsLinearizable lets clients of two processes work on few numbers at
// once, some of them without waiting for the answer, and asks a checker whether the
// answers are those of some order of the calls, one after the other.
func TestLedgerIsLinearizable(t *testing.T) {
	t.Parallel()
	const histories, clients, calls = 30, 8, 10
	w := newWorld(t)
	second, err := db.Open(t.Context(), w.sql.Config().ConnString())
	must(t, err)
	defer second.Close()
	seen := map[uc.Kind]int{}
	for h := range histories {
		pool := fmt.Sprintf("pool%d", h)
		w.newPool(uc.NumberPool{Name: pool, Retention: uc.Duration(time.Hour)})
		r := recorder{w: w, dbs: []*db.DB{w.DB, second}, pool: pool}
		r.run(0, ledgerCall{name: "import", digits: "100"})
		var done sync.WaitGroup
		for c := range clients {
			random := rand.New(rand.NewPCG(uint64(h), uint64(c)))
			done.Go(func() {
				for range calls {
					r.run(c, randomCall(random))
				}
			})
		}
		done.Wait()
		r.run(0, ledgerCall{name: "read"})
		switch result, info := porcupine.CheckOperationsVerbose(ledgerModel, r.history, time.Minute); result {
		case porcupine.Illegal:
			t.Fatalf("history %d is not linearizable:\n%s", h, r.text(info))
		case porcupine.Unknown:
			t.Fatalf("history %d could not be checked in a minute", h)
		case porcupine.Ok:
		}
		for _, op := range r.history {
			if a := op.Output.(ledgerAnswer); a.lost {
				seen["lost"]++
			} else {
				seen[a.kind]++
			}
		}
	}
	t.Logf("answers: %v", seen)
	for _, kind := range []uc.Kind{"", "lost", uc.Exhausted, uc.NotFound} {
		if seen[kind] == 0 {
			t.Errorf("no answer %q came: the histories prove less than they should", kind)
		}
	}
}

// TestLedgerModelRefuses proves that the checker is not content with everything.
func TestLedgerModelRefuses(t *testing.T) {
	t.Parallel()
	imported := porcupine.Operation{Input: ledgerCall{name: "import", digits: "100"}, Output: ledgerAnswer{}, Call: 0, Return: 1}
	reserve := func(order, digits string, kind uc.Kind, call int64) porcupine.Operation {
		return porcupine.Operation{
			Input: ledgerCall{name: "reserve", order: order, user: order}, Output: ledgerAnswer{digits: digits, kind: kind},
			Call: call, Return: call + 5,
		}
	}
	cases := map[string]struct {
		reason  string
		history []porcupine.Operation
		want    bool
	}{
		"one":    {"one number, one order", []porcupine.Operation{imported, reserve("a", "100", "", 2)}, true},
		"again":  {"the same order again", []porcupine.Operation{imported, reserve("a", "100", "", 2), reserve("a", "100", "", 3)}, true},
		"none":   {"the second order finds none", []porcupine.Operation{imported, reserve("a", "100", "", 2), reserve("b", "", uc.Exhausted, 3)}, true},
		"twice":  {"one number, two holders", []porcupine.Operation{imported, reserve("a", "100", "", 2), reserve("b", "100", "", 3)}, false},
		"false":  {"none, although one is free", []porcupine.Operation{imported, reserve("a", "", uc.Exhausted, 2)}, false},
		"unborn": {"a number that is not there", []porcupine.Operation{imported, reserve("a", "101", "", 2)}, false},
	}
	for name, c := range cases {
		if got := porcupine.CheckOperations(ledgerModel, c.history); got != c.want {
			t.Errorf("%s (%s): %v, want %v", name, c.reason, got, c.want)
		}
	}
}

func randomCall(r *rand.Rand) ledgerCall {
	user := fmt.Sprintf("u%d", r.IntN(4))
	order := user + []string{"-a", "-b"}[r.IntN(2)]
	digits := fmt.Sprint(100 + r.IntN(4))
	switch r.IntN(10) {
	case 0:
		return ledgerCall{name: "import", digits: digits}
	case 1, 2:
		return ledgerCall{name: "publish", order: order, user: user}
	case 3, 4:
		return ledgerCall{name: "undo", order: order, user: user}
	case 5:
		return ledgerCall{name: "release", user: user, digits: digits}
	}
	return ledgerCall{name: "reserve", order: order, user: user}
}

// recorder makes the calls and keeps the history.
type recorder struct {
	w       world
	dbs     []*db.DB
	pool    string
	lost    atomic.Int32
	mu      sync.Mutex
	history []porcupine.Operation
}

// maxLost bounds the calls of a history without an answer: each makes the check dearer.
const maxLost = 2

func (r *recorder) run(client int, c ledgerCall) {
	ctx := r.w.t.Context()
	if client%4 == 3 && r.lost.Add(1) <= maxLost {
		short, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(1500))*time.Microsecond)
		defer cancel()
		ctx = short
	}
	call := time.Now()
	out := r.call(ctx, r.dbs[client%len(r.dbs)], c)
	op := porcupine.Operation{
		ClientId: client, Input: c, Output: out,
		Call: call.UnixNano(), Return: time.Now().UnixNano(),
	}
	if out.lost {
		op.Return = math.MaxInt64
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, op)
}

func (r *recorder) call(ctx context.Context, d *db.DB, c ledgerCall) (out ledgerAnswer) {
	number := uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_" + r.pool, Digits: c.digits}
	order := r.pool + c.order
	var err error
	switch c.name {
	case "reserve":
		var got db.Reservation
		got, err = d.Reserve(ctx, db.ReserveRequest{OrderID: order, Pool: r.pool, UserID: r.pool + c.user})
		out.digits = got.Digits
	case "publish":
		var got uc.Number
		got, err = d.Publish(ctx, order)
		out.digits = got.Digits
	case "undo":
		err = d.ReleaseReservation(ctx, order, "undo")
	case "release":
		err = d.Release(ctx, db.ReleaseRequest{Number: number, UserID: r.pool + c.user, Actor: "ann"})
	case "import":
		_, err = d.ImportNumbers(ctx, r.pool, slices.All([]string{c.digits}), "ann")
	case "read":
		out.read = r.read()
	}
	switch {
	case errors.Is(err, uc.Unavailable) && ctx.Err() != nil:
		return ledgerAnswer{lost: true}
	case errors.Is(err, uc.Unavailable), errors.Is(err, uc.Internal), errors.Is(err, uc.Invalid):
		r.w.t.Errorf("%+v: %v", c, err)
	}
	out.kind = uc.KindOf(err)
	return out
}

func (r *recorder) read() string {
	numbers, _, err := r.w.ListNumbers(context.WithoutCancel(r.w.t.Context()), db.NumberFilter{Pool: r.pool}, "", 100)
	if err != nil {
		r.w.t.Error(err)
	}
	l := ledger{}
	for _, n := range numbers {
		l[n.Digits] = entry{state: n.State, order: trim(n.OrderID, r.pool), user: trim(n.UserID, r.pool)}
	}
	return l.String()
}

func trim(s, prefix string) string { return s[min(len(prefix), len(s)):] }

// text is the longest part of the history that has an order, in that order, and
// then the calls that fit nowhere after it.
func (r *recorder) text(info porcupine.LinearizationInfo) string {
	var longest []porcupine.Operation
	for _, part := range info.PartialLinearizationsOperations() {
		for _, some := range part {
			if len(some) > len(longest) {
				longest = some
			}
		}
	}
	start := r.history[0].Call
	line := func(op porcupine.Operation) string {
		return fmt.Sprintf("%d..%d %+v -> %+v\n", op.Call-start, op.Return-start, op.Input, op.Output)
	}
	out, placed := "", map[string]bool{}
	for _, op := range longest {
		out += line(op)
		placed[line(op)] = true
	}
	out += "--- and then none of\n"
	for _, op := range r.history {
		if !placed[line(op)] {
			out += line(op)
		}
	}
	return out
}
