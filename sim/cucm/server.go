package cucm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/cluster"
	"github.com/dialtone/dialtone/sim/cucm/store"
	"github.com/dialtone/dialtone/sim/fault"
)

// Server is one simulated cluster. It is an http.Handler for /axl/ and safe for
// concurrent use.
type Server struct {
	opts     Options
	db       *store.DB
	cluster  *cluster.Cluster
	faults   fault.Rules
	sessions sessions
	throttle throttle
	inflight atomic.Int64 // bytes of answers under way
	watchers atomic.Pointer[[]func(Call)]
	mu       sync.Mutex // guards stats and wrong
	stats    Stats
	wrong    map[string]int // wrong passwords in a row, by user
}

// Phase says when an observer is called.
type Phase string

// The phases.
const (
	Before Phase = "before" // read and admitted, nothing is done yet
	After  Phase = "after"  // done and committed, or refused; the answer is not sent yet
)

// Call is what an observer sees of one request.
type Call struct {
	Op        string
	Key       string // user id, device name, pattern or uuid the request is about
	Phase     Phase
	N         int  // the how-manieth call of Op this is, from 1
	Committed bool // in phase After: the change was made
}

// Stats are counts since the start.
type Stats struct {
	Calls     map[string]int `json:"calls"`     // per operation
	Refused   map[string]int `json:"refused"`   // per operation: faults, 401, 503
	Writes    int            `json:"writes"`    // committed
	Injected  int            `json:"injected"`  // faults by rule
	Throttled int            `json:"throttled"` // 503 by limit
	// Unauthorized counts wrong credentials and locked accounts.
	Unauthorized int            `json:"unauthorized"`
	Unknown      map[string]int `json:"unknown"` // operations the simulator lacks
}

// New makes a cluster, filling an empty state with the model. Close releases it.
func New(opts Options) (*Server, error) {
	if err := opts.normalise(); err != nil {
		return nil, fmt.Errorf("cucm simulator: %w", err)
	}
	ctx := context.Background()
	db, err := store.Open(ctx, opts.Path)
	if err != nil {
		return nil, fmt.Errorf("cucm simulator: %w", err)
	}
	s := &Server{opts: opts, db: db, stats: newStats(), wrong: map[string]int{}}
	durations := map[string]time.Duration{}
	for name, a := range opts.LDAP {
		durations[name] = a.SyncDuration
	}
	s.cluster = cluster.New(db, cluster.Options{
		Strict: opts.Mode == Strict, Version: opts.Version, AllowSQLUpdate: opts.AllowSQLUpdate, ChangesOff: opts.ChangesOff,
		SyncDuration: durations, ChangeRing: opts.Limits.ChangeRing, ReadOnlyText: opts.LDAPReadOnly,
		SQLTimeout: opts.SQLTimeout,
	})
	s.throttle = throttle{limit: opts.Limits.MaxOutstandingChanges, rate: opts.Limits.DrainPerSecond}
	s.sessions = sessions{idle: opts.Limits.SessionIdle, open: map[string]*session{}}
	if err := s.fill(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cucm simulator: %w", err), s.Close())
	}
	return s, nil
}

func newStats() Stats {
	return Stats{Calls: map[string]int{}, Refused: map[string]int{}, Unknown: map[string]int{}}
}

// Close ends the cluster. A state without a path is gone then.
func (s *Server) Close() error {
	return errors.Join(s.cluster.Close(), s.db.Close())
}

// Faults are the rules by which calls fail; they may be changed while the server
// runs.
func (s *Server) Faults() *fault.Rules { return &s.faults }

// Observe calls fn for every request, before it is done and after it was
// committed, from the request's goroutine: the answer waits for fn.
func (s *Server) Observe(fn func(Call)) {
	for {
		old := s.watchers.Load()
		var list []func(Call)
		if old != nil {
			list = append(list, *old...)
		}
		list = append(list, fn)
		if s.watchers.CompareAndSwap(old, &list) {
			return
		}
	}
}

func (s *Server) tell(c Call) {
	list := s.watchers.Load()
	if list == nil {
		return
	}
	for _, fn := range *list {
		fn(c)
	}
}

// Stats are a copy of the counts.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Calls, out.Refused, out.Unknown = maps.Clone(out.Calls), maps.Clone(out.Refused), maps.Clone(out.Unknown)
	return out
}

// RestartQueue makes listChange start a new queue, as a restart of the AXL
// service does.
func (s *Server) RestartQueue() { s.cluster.RestartQueue() }

// Operations are the names of every operation the simulator has.
func (s *Server) Operations() []string { return s.cluster.Operations() }

func (s *Server) count(fn func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&s.stats)
}
