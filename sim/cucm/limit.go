package cucm

import (
	"errors"
	"sync"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/cluster"
	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// throttle counts change notifications that other nodes have not taken yet. They
// drain at a steady rate.
//
// assumed: a steady rate; the threshold is from administrators' reports.
type throttle struct {
	mu    sync.Mutex
	limit int
	rate  float64
	level float64
	at    time.Time
}

func (t *throttle) drain(now time.Time) {
	if !t.at.IsZero() {
		t.level = max(0, t.level-now.Sub(t.at).Seconds()*t.rate)
	}
	t.at = now
}

// open reports whether a write may go on.
func (t *throttle) open() bool {
	if t.limit <= 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain(time.Now())
	return t.level < float64(t.limit)
}

func (t *throttle) add(n int) {
	if t.limit <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain(time.Now())
	t.level += float64(n)
}

// Outstanding is how many change notifications wait to be drained; always 0
// without that limit.
func (s *Server) Outstanding() int {
	s.throttle.mu.Lock()
	defer s.throttle.mu.Unlock()
	s.throttle.drain(time.Now())
	return int(s.throttle.level)
}

// Load adds outstanding change notifications, as a busy cluster has them.
func (s *Server) Load(n int) { s.throttle.add(n) }

var errMemory = errors.New("all answers together exceed the limit")

// buffer holds an answer. Every byte counts for the whole server until release.
type buffer struct {
	data  []byte
	whole int64
	s     *Server
}

func (s *Server) buffer() *buffer {
	return &buffer{whole: s.opts.Limits.MaxConcurrentBytes, s: s}
}

// Write keeps the bytes, or fails when all answers together hold too many.
func (b *buffer) Write(p []byte) (int, error) {
	n := int64(len(p))
	if all := b.s.inflight.Add(n); b.whole > 0 && all > b.whole {
		b.s.inflight.Add(-n)
		return 0, errMemory
	}
	b.data = append(b.data, p...)
	return len(p), nil
}

func (b *buffer) release() {
	b.s.inflight.Add(-int64(len(b.data)))
	b.data = nil
}

// limitFault words the limits as AXL does. The suggested page is what fits, less a
// tenth, since rows differ in size. Source: AXL developer guide.
func (s *Server) limitFault(err error) error {
	var large *cluster.TooLarge
	switch {
	case errors.Is(err, errMemory):
		return soap.Faultf(soap.CodeLimit, "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed")
	case errors.As(err, &large):
		fits := int64(large.Rows) * s.opts.Limits.MaxResponseBytes / max(1, large.Bytes) * 9 / 10
		return soap.Faultf(soap.CodeLimit, "Query request too large. Total rows matched: %d rows. Suggestive Row Fetch: less than %d rows", large.Total, max(1, fits))
	case errors.Is(err, soap.ErrLimit):
		return soap.Faultf(soap.CodeLimit, "Query request too large.")
	}
	return err
}
