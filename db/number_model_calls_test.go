package db_test

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// theirs is the number that the person is to get before any other.
func (m *model) theirs(user string) *modelNumber {
	for _, state := range []uc.NumberState{uc.Assigned, uc.Held, uc.Cooling} {
		for _, n := range m.numbers {
			if n.state == state && n.user == user && !n.late {
				return n
			}
		}
	}
	return nil
}

func (m *model) next() *modelNumber {
	m.thawed()
	var free []*modelNumber
	for _, n := range m.numbers {
		if n.state == uc.Available {
			free = append(free, n)
		}
	}
	if len(free) == 0 {
		return nil
	}
	return slices.MinFunc(free, func(a, b *modelNumber) int {
		idle := 0
		if m.pool.Policy == uc.LongestIdle {
			idle = cmp.Compare(a.idle, b.idle)
		}
		return cmp.Or(idle, cmp.Compare(len(a.digits), len(b.digits)), cmp.Compare(a.digits, b.digits))
	})
}

func (m *model) reserve() {
	order, user := m.drawOrder()
	n, made := m.of(order), true
	if n == nil {
		if n = m.theirs(user); n != nil && n.state == uc.Assigned {
			made, m.adopted[order] = false, n
		} else if n == nil {
			n = m.next()
		}
		if n != nil && made {
			n.reserve(order, user)
		}
	}
	r, err := m.w.Reserve(m.w.t.Context(), db.ReserveRequest{OrderID: order, Pool: m.pool.Name, UserID: user})
	if n == nil {
		m.want(err, uc.Exhausted)
		return
	}
	m.must(err)
	if r.Digits != n.digits || r.Made != made || r.State != n.state || r.OrderID != n.order {
		m.t.Fatalf("reserved %+v, want %+v, made %v", r, *n, made)
	}
}

func (n *modelNumber) reserve(order, user string) {
	prior := *n
	*n = modelNumber{
		digits: n.digits, state: uc.Reserved, user: user, order: order, idle: n.idle, hot: n.hot, prior: &prior,
	}
}

func (m *model) reserveDigits() {
	order, user := m.drawOrder()
	n := m.drawNumber()
	own := m.of(order)
	if own == nil && n.late {
		m.thawed()
	}
	kind, made := uc.Kind(""), true
	switch {
	case own == n:
	case own != nil:
		kind = uc.Conflict
	case n.state == uc.Assigned && n.user == user:
		made, m.adopted[order] = false, n
	case n.state == uc.Available, n.user == user && (n.state == uc.Held || n.state == uc.Cooling):
		n.reserve(order, user)
	default:
		kind = uc.Conflict
	}
	r, err := m.w.Reserve(m.w.t.Context(), db.ReserveRequest{OrderID: order, Pool: m.pool.Name, UserID: user, Digits: n.digits})
	m.want(err, kind)
	if err == nil && (r.Digits != n.digits || r.Made != made || r.State != n.state || r.OrderID != n.order) {
		m.t.Fatalf("reserved %+v, want %+v, made %v", r, *n, made)
	}
}

func (m *model) publish() {
	order, user := m.drawOrder()
	n := m.of(order)
	if n == nil {
		if n = m.adopted[order]; n != nil && (n.state != uc.Assigned || n.user != user) {
			n = nil
		}
	}
	got, err := m.w.Publish(m.w.t.Context(), order)
	if n == nil {
		m.want(err, uc.NotFound)
		return
	}
	m.must(err)
	n.state, n.prior = uc.Assigned, nil
	if got.Digits != n.digits || got.State != uc.Assigned {
		m.t.Fatalf("published %+v, want %s", got, n.digits)
	}
}

// giveBack is what becomes of a number that people may have seen.
func (m *model) giveBack(n *modelNumber) {
	m.clock++
	*n = modelNumber{digits: n.digits, state: uc.Cooling, user: n.user, idle: m.clock, hot: n.user}
	if m.pool.Retention == 0 {
		n.state, n.user, n.hot = uc.Available, "", ""
	}
}

func (m *model) undo() {
	order, _ := m.drawOrder()
	if n := m.of(order); n != nil && n.state == uc.Reserved {
		*n = *n.prior
	} else if n != nil {
		m.giveBack(n)
	}
	m.must(m.w.ReleaseReservation(m.w.t.Context(), order, "undo"))
}

func (m *model) release() {
	_, user := m.drawOrder()
	n := m.drawNumber()
	err := m.w.Release(m.w.t.Context(), db.ReleaseRequest{Number: m.identity(n), UserID: user, Actor: "bob"})
	switch {
	case n.user == user && n.state == uc.Assigned:
		m.must(err)
		m.giveBack(n)
	case n.user == user && n.state == uc.Reserved:
		m.want(err, uc.Conflict)
	default:
		m.must(err)
	}
}

func (m *model) foreign() {
	order, _ := m.drawOrder()
	n := m.drawNumber()
	if n.order == order && n.state == uc.Reserved {
		*n = modelNumber{digits: n.digits, state: uc.Foreign, idle: n.idle, hot: n.hot}
	}
	m.must(m.w.MarkForeign(m.w.t.Context(), m.identity(n), order, "in use"))
}

func (m *model) expire() {
	for _, n := range m.numbers {
		n.hot, n.late = "", n.state == uc.Cooling || n.state == uc.Held
		if n.prior != nil {
			n.prior.hot = ""
		}
	}
	_, err := m.w.sql.Exec(m.w.t.Context(), `UPDATE numbers SET released_at = released_at - interval '2 hours',
		turn = turn - interval '2 hours', until = CASE WHEN until IS NOT NULL THEN now() - interval '1 second' END
		WHERE pool = $1`, m.pool.Name)
	m.must(err)
}

// holdsPass lets the dates of holds pass, and no retention.
func (m *model) holdsPass() {
	for _, n := range m.numbers {
		n.late = n.late || n.state == uc.Held
	}
	_, err := m.w.sql.Exec(m.w.t.Context(), `UPDATE numbers SET until = now() - interval '1 second'
		WHERE state = 'held' AND pool = $1`, m.pool.Name)
	m.must(err)
}

func (m *model) thawed() {
	for _, n := range m.numbers {
		switch {
		case n.late && n.state == uc.Held && n.hot != "":
			*n = modelNumber{digits: n.digits, state: uc.Cooling, idle: n.idle, hot: n.hot}
		case n.late:
			*n = modelNumber{digits: n.digits, state: uc.Available, idle: n.idle}
		}
	}
}

func (m *model) thaw() {
	m.thawed()
	_, err := m.w.Thaw(m.w.t.Context())
	m.must(err)
}

func (m *model) admin(to uc.NumberState) {
	_, user := m.drawOrder()
	n, ctx := m.drawNumber(), m.w.t.Context()
	var err error
	if to == uc.Held {
		err = m.w.Hold(ctx, m.identity(n), user, time.Now().Add(time.Hour), "bob", "x")
	} else {
		err, user = m.w.Block(ctx, m.identity(n), "bob", "x"), ""
	}
	theirs := n.state == uc.Held && n.user != user || n.state == uc.Blocked
	if n.state == uc.Reserved || n.state == uc.Assigned || to == uc.Held && theirs {
		m.want(err, uc.Conflict)
		return
	}
	m.must(err)
	rests := n.rests
	if hold := *n; n.state == uc.Held && to == uc.Blocked {
		rests = &hold
	}
	*n = modelNumber{digits: n.digits, state: to, user: user, idle: n.idle, hot: n.hot, rests: rests}
}

func (m *model) free(from uc.NumberState) {
	n, ctx := m.drawNumber(), m.w.t.Context()
	call := m.w.Unhold
	if from == uc.Blocked {
		call = m.w.Unblock
	}
	err := call(ctx, m.identity(n), "bob", "x")
	if n.state != from {
		m.want(err, uc.Conflict)
		return
	}
	m.must(err)
	if hold := n.rests; hold != nil && !hold.late {
		*n = modelNumber{digits: n.digits, state: uc.Held, user: hold.user, idle: n.idle, hot: n.hot}
		return
	}
	*n = modelNumber{digits: n.digits, state: uc.Available, idle: n.idle, hot: n.hot}
	if n.hot != "" {
		n.state, n.user = uc.Cooling, n.hot
	}
}

func (m *model) policy() {
	m.pool.Policy = rapid.SampledFrom([]uc.Policy{uc.Lowest, uc.LongestIdle}).Draw(m.t, "policy")
	m.must(m.w.SavePool(m.w.t.Context(), m.pool))
}

// compare reads the whole pool.
func (m *model) compare() {
	numbers, _, err := m.w.ListNumbers(m.w.t.Context(), db.NumberFilter{Pool: m.pool.Name}, "", 100)
	m.must(err)
	if len(numbers) != len(m.numbers) {
		m.t.Fatalf("%d numbers, want %d", len(numbers), len(m.numbers))
	}
	byDigits := map[string]*modelNumber{}
	for _, n := range m.numbers {
		byDigits[n.digits] = n
	}
	for _, got := range numbers {
		n := byDigits[got.Digits]
		if got.State != n.state || got.UserID != n.user || got.OrderID != n.order {
			m.t.Fatalf("%+v, want %+v", got, *n)
		}
		if late := got.Until != nil && got.Until.Before(time.Now()); late != n.late {
			m.t.Fatalf("%+v, want late %v", got, n.late)
		}
	}
	if len(m.numbers) == 0 {
		m.t.Fatal(errors.New("no numbers"))
	}
}
