package db_test

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/dialtone/dialtone/uc"
)

// ledger is the number ledger as a machine that does one call after the other, of
// one pool whose numbers cool for a long time. It says what may be given, and not
// which is preferred: that is for tests of one call after the other.
type ledger map[string]entry // by digits

// entry is one number.
type entry struct {
	state       uc.NumberState
	order, user string
	prior       uc.NumberState // of a reserved one
}

// String is the ledger as people, and read, see it.
func (l ledger) String() string {
	out := ""
	for _, digits := range slices.Sorted(maps.Keys(l)) {
		e := l[digits]
		out += fmt.Sprintf("%s %s %s %s;", digits, e.state, e.order, e.user)
	}
	return out
}

func (l ledger) with(digits string, e entry) ledger {
	out := maps.Clone(l)
	out[digits] = e
	return out
}

func (l ledger) find(match func(entry) bool) (digits string, found bool) {
	for digits, e := range l {
		if match(e) {
			return digits, true
		}
	}
	return "", false
}

// outcome is one answer that a call may get, and the ledger after it.
type outcome struct {
	answer ledgerAnswer
	after  ledger
}

// outcomes are all that the call may lead to.
func (l ledger) outcomes(c ledgerCall) []outcome {
	own, has := l.find(func(e entry) bool { return c.order != "" && e.order == c.order })
	switch c.name {
	case "reserve":
		return l.reserve(c, own, has)
	case "publish":
		return l.publish(c, own, has)
	case "undo":
		if !has {
			return []outcome{{ledgerAnswer{}, l}}
		}
		next := entry{state: uc.Cooling, user: c.user}
		if l[own].state == uc.Reserved && l[own].prior == uc.Available {
			next = entry{state: uc.Available}
		}
		return []outcome{{ledgerAnswer{}, l.with(own, next)}}
	case "release":
		e, known := l[c.digits]
		switch {
		case !known:
			return []outcome{{ledgerAnswer{kind: uc.NotFound}, l}}
		case e.state == uc.Assigned && e.user == c.user:
			return []outcome{{ledgerAnswer{}, l.with(c.digits, entry{state: uc.Cooling, user: c.user})}}
		case e.state == uc.Reserved && e.user == c.user:
			return []outcome{{ledgerAnswer{kind: uc.Conflict}, l}}
		}
	case "import":
		if _, known := l[c.digits]; !known {
			return []outcome{{ledgerAnswer{}, l.with(c.digits, entry{state: uc.Available})}}
		}
	case "read":
		return []outcome{{ledgerAnswer{read: l.String()}, l}}
	}
	return []outcome{{ledgerAnswer{}, l}}
}

func (l ledger) reserve(c ledgerCall, own string, has bool) []outcome {
	if has {
		return []outcome{{ledgerAnswer{digits: own}, l}}
	}
	var out []outcome
	take := func(digits string) {
		e := entry{state: uc.Reserved, order: c.order, user: c.user, prior: l[digits].state}
		out = append(out, outcome{ledgerAnswer{digits: digits}, l.with(digits, e)})
	}
	for digits, e := range l {
		switch {
		case e.user == c.user && e.state == uc.Assigned:
			out = append(out, outcome{ledgerAnswer{digits: digits}, l})
		case e.state == uc.Available, e.user == c.user && e.state == uc.Cooling:
			take(digits)
		}
	}
	if out == nil {
		return []outcome{{ledgerAnswer{kind: uc.Exhausted}, l}}
	}
	return out
}

func (l ledger) publish(c ledgerCall, own string, has bool) []outcome {
	if has {
		return []outcome{{ledgerAnswer{digits: own}, l.with(own, entry{state: uc.Assigned, order: c.order, user: c.user})}}
	}
	out := []outcome{{ledgerAnswer{kind: uc.NotFound}, l}}
	// When the order found a number that the person had, it is the answer; which
	// orders did is not in this model.
	for digits, e := range l {
		if e.user == c.user && e.state == uc.Assigned {
			out = append(out, outcome{ledgerAnswer{digits: digits}, l})
		}
	}
	return out
}

var ledgerSeed = maphash.MakeSeed()

var ledgerModel = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{ledger{}} },
	Step: func(state, input, output any) []any {
		l, answer := state.(ledger), output.(ledgerAnswer)
		var after []any
		for _, o := range l.outcomes(input.(ledgerCall)) {
			if answer.lost || answer == o.answer {
				after = append(after, o.after)
			}
		}
		if answer.lost {
			after = append(after, l)
		}
		return after
	},
	Equal: func(a, b any) bool { return maps.Equal(a.(ledger), b.(ledger)) },
	Hash:  func(state any) uint64 { return maphash.String(ledgerSeed, state.(ledger).String()) },
}).ToModel()
