package cucm

import (
	"errors"
	"sync"
	"time"
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

var (
	errAnswerTooLarge = errors.New("the answer exceeds the limit")
	errMemory         = errors.New("all answers together exceed the limit")
)

// buffer holds an answer up to the limits. Every byte counts for the whole
// server until release.
type buffer struct {
	data  []byte
	limit int64
	whole int64
	s     *Server
}

func (s *Server) buffer() *buffer {
	return &buffer{limit: s.opts.Limits.MaxResponseBytes, whole: s.opts.Limits.MaxConcurrentBytes, s: s}
}

// Write keeps the bytes or says which limit they break.
func (b *buffer) Write(p []byte) (int, error) {
	n := int64(len(p))
	if b.limit > 0 && int64(len(b.data))+n > b.limit {
		return 0, errAnswerTooLarge
	}
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
