// Package fault describes failures as data and decides which call of a simulator
// fails how. It knows no protocol; the simulators apply what it decides.
package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Kind is how a call fails.
type Kind string

// The kinds of failure.
const (
	Drop        Kind = "drop"         // the connection ends before anything is done
	AfterCommit Kind = "after-commit" // the change is made and kept, the answer is lost
	Delay       Kind = "delay"        // the call waits Delay first, then goes on
	Status      Kind = "status"       // answered with Status, nothing is done
	Fault       Kind = "fault"        // answered with the protocol's own error Code/Text, nothing is done
	Truncate    Kind = "truncate"     // done, but the answer ends in its middle
	IllegalChar Kind = "illegal-char" // done, but the answer holds a byte its format forbids (U+0002)
	SlowStream  Kind = "slow-stream"  // done, the answer comes in pieces, Delay between them
)

// Rule says which calls fail and how. A call matches when Op and Match do; of the
// matching calls those that Nth, Every and Probability all choose fail. With
// none of the three each matching call fails.
type Rule struct {
	Op          string        // operation in the vendor's words, "" or "*" = all
	Match       string        // substring of the call's key (user id, phone name, pattern), "" = all
	Nth         int           // only the n-th matching call, from 1; 0 = any
	Every       int           // every n-th matching call; 0 = any
	Probability float64       // chance of each, 0..1; 0 = always
	Seed        int64         // of Probability's dice: the same seed chooses the same calls
	Kind        Kind          // what happens
	Status      int           // HTTP or reply code for Kind Status
	Code        int           // the protocol's own error code for Kind Fault
	Text        string        // text for Status and Fault
	Delay       time.Duration // for Delay and SlowStream
	Times       int           // fires at most that often; 0 = without limit
}

// wire is the JSON of a Rule: durations as text.
type wire struct {
	Op          string  `json:"op,omitempty"`
	Match       string  `json:"match,omitempty"`
	Nth         int     `json:"nth,omitempty"`
	Every       int     `json:"every,omitempty"`
	Probability float64 `json:"probability,omitempty"`
	Seed        int64   `json:"seed,omitempty"`
	Kind        Kind    `json:"kind"`
	Status      int     `json:"status,omitempty"`
	Code        int     `json:"code,omitempty"`
	Text        string  `json:"text,omitempty"`
	Delay       string  `json:"delay,omitempty"`
	Times       int     `json:"times,omitempty"`
}

// MarshalJSON writes {"op":"addPhone","kind":"delay","delay":"250ms"}.
func (r Rule) MarshalJSON() ([]byte, error) {
	w := wire{r.Op, r.Match, r.Nth, r.Every, r.Probability, r.Seed, r.Kind, r.Status, r.Code, r.Text, "", r.Times}
	if r.Delay != 0 {
		w.Delay = r.Delay.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes and fails when Validate does.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("reading a fault rule: %w", err)
	}
	*r = Rule{w.Op, w.Match, w.Nth, w.Every, w.Probability, w.Seed, w.Kind, w.Status, w.Code, w.Text, 0, w.Times}
	if w.Delay != "" {
		d, err := time.ParseDuration(w.Delay)
		if err != nil {
			return fmt.Errorf("reading a fault rule's delay: %w", err)
		}
		r.Delay = d
	}
	return r.Validate()
}

// Validate reports everything that makes the rule meaningless.
func (r *Rule) Validate() error {
	var errs []error
	switch r.Kind {
	case Drop, AfterCommit, Fault, Truncate, IllegalChar:
	case Delay, SlowStream:
		if r.Delay <= 0 {
			errs = append(errs, fmt.Errorf("kind %s needs a delay", r.Kind))
		}
	case Status:
		if r.Status < 100 || r.Status > 599 {
			errs = append(errs, fmt.Errorf("status %d is not between 100 and 599", r.Status))
		}
	default:
		errs = append(errs, fmt.Errorf("kind %q is not known", r.Kind))
	}
	if r.Probability < 0 || r.Probability > 1 {
		errs = append(errs, fmt.Errorf("probability %g is not between 0 and 1", r.Probability))
	}
	if r.Nth < 0 || r.Every < 0 || r.Times < 0 {
		errs = append(errs, errors.New("nth, every and times must not be negative"))
	}
	return errors.Join(errs...)
}

// Rules are the rules of one simulator. They are safe for concurrent use; the
// zero value has none.
type Rules struct {
	mu   sync.Mutex
	list []*counted
}

type counted struct {
	rule  Rule
	dice  *rand.Rand
	seen  int
	fired int
}

// State is a rule and what became of it.
type State struct {
	Rule  Rule `json:"rule"`
	Seen  int  `json:"seen"`  // calls that matched
	Fired int  `json:"fired"` // calls that failed by it
}

// Add puts a rule behind the others. A rule that Validate refuses never fires.
func (s *Rules) Add(r Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, &counted{rule: r, dice: rand.New(rand.NewPCG(uint64(r.Seed), 0))})
}

// Clear removes every rule.
func (s *Rules) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}

// List is every rule with its counts, in the order they were added.
func (s *Rules) List() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]State, len(s.list))
	for i, c := range s.list {
		out[i] = State{c.rule, c.seen, c.fired}
	}
	return out
}

// Fire counts one call and returns the rules that make it fail, in order; empty
// for a call that goes well.
func (s *Rules) Fire(op, key string) Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out Set
	for _, c := range s.list {
		if c.fires(op, key) {
			out = append(out, c.rule)
		}
	}
	return out
}

func (c *counted) fires(op, key string) bool {
	r := &c.rule
	if r.Op != "" && r.Op != "*" && r.Op != op || !strings.Contains(key, r.Match) || r.Validate() != nil {
		return false
	}
	c.seen++
	switch {
	case r.Times > 0 && c.fired >= r.Times,
		r.Nth > 0 && c.seen != r.Nth,
		r.Every > 0 && c.seen%r.Every != 0,
		r.Probability > 0 && c.dice.Float64() >= r.Probability:
		return false
	}
	c.fired++
	return true
}

// Set is what happens to one call.
type Set []Rule

// Of is the first rule of the kind, and whether there is one.
func (s Set) Of(kind Kind) (Rule, bool) {
	for _, r := range s {
		if r.Kind == kind {
			return r, true
		}
	}
	return Rule{}, false
}
