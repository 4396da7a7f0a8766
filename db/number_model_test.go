package db_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dialtone/dialtone/uc"
)

// modelNumber is a number as the state machine of the ledger knows it.
type modelNumber struct {
	digits      string
	state       uc.NumberState
	user, order string
	late        bool   // its date has passed
	idle        int    // when it was given back, 0 = never
	hot         string // who gave it back, while its retention lasts
	prior       *modelNumber
	rests       *modelNumber // the hold under a block
}

// model is the ledger of one pool in memory, with its policy: a call after the
// other, it must agree with the real one in every answer and every state.
type model struct {
	t       *rapid.T
	w       world
	pool    uc.NumberPool
	numbers []*modelNumber // in order of their import
	adopted map[string]*modelNumber
	clock   int
}

var modelPools atomic.Int64

// TestLedgerAgreesWithModel makes random calls on a pool and on a model of it.
func TestLedgerAgreesWithModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{t: rt, w: w, adopted: map[string]*modelNumber{}}
		m.pool = uc.NumberPool{
			Name: fmt.Sprintf("pool%d", modelPools.Add(1)), CallProcessor: "cucm-1",
			Policy:    rapid.SampledFrom([]uc.Policy{uc.Lowest, uc.LongestIdle}).Draw(rt, "policy"),
			Retention: rapid.SampledFrom([]uc.Duration{0, uc.Duration(time.Hour)}).Draw(rt, "retention"),
		}
		m.pool.Partition = m.pool.Name
		m.must(w.SavePool(t.Context(), m.pool))
		m.importNumbers()
		rt.Repeat(map[string]func(*rapid.T){
			"":        func(*rapid.T) { m.compare() },
			"import":  func(*rapid.T) { m.importNumbers() },
			"reserve": func(*rapid.T) { m.reserve() }, "publish": func(*rapid.T) { m.publish() },
			"undo": func(*rapid.T) { m.undo() }, "release": func(*rapid.T) { m.release() },
			"foreign": func(*rapid.T) { m.foreign() }, "expire": func(*rapid.T) { m.expire() },
			"thaw": func(*rapid.T) { m.thaw() }, "hold": func(*rapid.T) { m.admin(uc.Held) },
			"block": func(*rapid.T) { m.admin(uc.Blocked) }, "unhold": func(*rapid.T) { m.free(uc.Held) },
			"unblock": func(*rapid.T) { m.free(uc.Blocked) }, "holds pass": func(*rapid.T) { m.holdsPass() },
			"policy": func(*rapid.T) { m.policy() }, "reserve digits": func(*rapid.T) { m.reserveDigits() },
		})
	})
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) want(err error, kind uc.Kind) {
	m.t.Helper()
	if uc.KindOf(err) != kind {
		m.t.Fatalf("error %v, want kind %q", err, kind)
	}
}

// drawOrder draws an order; two orders belong to each person.
func (m *model) drawOrder() (order, user string) {
	i := rapid.IntRange(0, 5).Draw(m.t, "order")
	return fmt.Sprintf("%s-%d", m.pool.Name, i), fmt.Sprintf("%s-User%d", m.pool.Name, i%3)
}

func (m *model) drawNumber() *modelNumber { return rapid.SampledFrom(m.numbers).Draw(m.t, "number") }

func (m *model) identity(n *modelNumber) uc.DirectoryNumber {
	return uc.DirectoryNumber{CallProcessor: m.pool.CallProcessor, Partition: m.pool.Partition, Digits: n.digits}
}

func (m *model) of(order string) *modelNumber {
	for _, n := range m.numbers {
		if n.order == order {
			return n
		}
	}
	return nil
}

func (m *model) importNumbers() {
	first := rapid.IntRange(97, 103).Draw(m.t, "first")
	known, added := map[string]bool{}, 0
	for _, n := range m.numbers {
		known[n.digits] = true
	}
	// Two rows and not a range: the width changes at 100.
	var texts []string
	for _, d := range []int{first, first + 1} {
		texts = append(texts, fmt.Sprint(d))
		if digits := fmt.Sprint(d); !known[digits] {
			m.numbers = append(m.numbers, &modelNumber{digits: digits, state: uc.Available})
			added++
		}
	}
	report, err := m.w.ImportNumbers(m.w.t.Context(), m.pool.Name, slices.All(texts), "ann")
	m.must(err)
	if report.Added != added || report.Existing != 2-added || report.Rejected != 0 {
		m.t.Fatalf("report %+v, want %d added", report, added)
	}
}
