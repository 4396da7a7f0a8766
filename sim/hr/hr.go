// Package hr plays an HR system that is told numbers: it receives Standard
// Webhooks, checks their signature by its own reading of the specification, keeps
// them by id, and shows people and numbers on a page. It must not know any client
// of ours.
//
// Faithful to Standard Webhooks 1.0: v1 signatures over id.timestamp.body, any of
// several may match, compared in constant time; timestamps at most five minutes
// off; a repeated webhook-id is taken as delivered and changes nothing.
//
// assumed: 401 for what cannot be verified and 400 for what cannot be read (the
// specification leaves the codes to the receiver); what the events mean to an HR
// system: number.assigned sets a person's number, number.withdrawn of that number
// clears it, and the payload's timestamps order them.
package hr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dialtone/dialtone/sim/fault"
)

// Options is what a receiver is made of.
type Options struct {
	Secret string // "whsec_" and the base64 of 24 to 64 bytes
	Path   string // events, one JSON line each; "" keeps them in memory
}

// Event is one accepted webhook.
type Event struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Timestamp  time.Time       `json:"timestamp"` // when it happened, says the sender
	Received   time.Time       `json:"received"`
	Data       json.RawMessage `json:"data"`
	Deliveries int             `json:"-"` // attempts that were taken, this run: more than 1 is a repeat
}

// Record is what HR knows about a person's number.
type Record struct {
	UserID     string    `json:"userId"`
	EmployeeID string    `json:"employeeId"`
	Number     string    `json:"number"` // "" after a withdrawal
	Partition  string    `json:"partition"`
	E164       string    `json:"e164"`
	OrderID    string    `json:"orderId"` // whose event was the last
	Since      time.Time `json:"-"`       // timestamp of that event
}

// Server is the receiver: an http.Handler with POST /events and a page at /. Its
// methods may be called from any goroutine.
type Server struct {
	key    []byte
	faults *fault.Rules
	mux    *http.ServeMux
	now    func() time.Time

	mu     sync.Mutex
	events []*Event
	byID   map[string]*Event
	log    *os.File // nil in memory
	size   int64
}

// New reads what Options.Path holds. It fails for a secret that Standard Webhooks
// does not allow and for a file that is damaged elsewhere than in its last line.
func New(o Options) (*Server, error) {
	key, err := parseSecret(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("hr: %w", err)
	}
	s := &Server{key: key, faults: &fault.Rules{}, mux: http.NewServeMux(), now: time.Now, byID: map[string]*Event{}}
	if o.Path != "" {
		if err := s.open(o.Path); err != nil {
			return nil, fmt.Errorf("hr: %w", err)
		}
	}
	s.mux.HandleFunc("POST /events", s.receive)
	s.mux.HandleFunc("GET /{$}", s.page)
	return s, nil
}

// ServeHTTP serves POST /events and the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close closes the file. Events that arrive later are answered with 500.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil {
		return nil
	}
	if err := s.log.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Faults are the rules that break deliveries. The operation is "events", the key
// is "id type userId". Kinds are Status (with a Delay: that long in Retry-After),
// Drop, Delay, and AfterCommit: the event is kept and the answer is lost. Only
// verified deliveries count.
func (s *Server) Faults() *fault.Rules { return s.faults }

// Events returns every accepted event, in order of arrival.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Event, len(s.events))
	for i, e := range s.events {
		out[i] = *e
	}
	return out
}

// Records returns what HR knows, by lower-case user id. An event that comes late
// does not replace a newer one.
func (s *Server) Records() map[string]Record {
	events := s.Events()
	slices.SortStableFunc(events, func(a, b Event) int { return a.Timestamp.Compare(b.Timestamp) })
	out := map[string]Record{}
	for _, e := range events {
		var r Record
		if json.Unmarshal(e.Data, &r) != nil || r.UserID == "" {
			continue // another kind of event: kept, and no number in it
		}
		r.Since = e.Timestamp
		key := strings.ToLower(r.UserID)
		switch known := out[key]; {
		case e.Type == "number.assigned":
			out[key] = r
		case e.Type == "number.withdrawn" && known.Number == r.Number && known.Partition == r.Partition:
			r.Number, r.Partition, r.E164 = "", "", ""
			out[key] = r
		}
	}
	return out
}

// maxBody bounds a delivery in bytes; the specification asks for less than 20 kB.
const maxBody = 64 << 10

// receive takes one delivery. An answer of 2xx means that the event is kept.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	id := r.Header.Get("webhook-id")
	if err := verify(s.key, r.Header, body, s.now()); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var e Event
	if err := json.Unmarshal(body, &e); err != nil || e.Type == "" || e.Timestamp.IsZero() || len(e.Data) == 0 {
		http.Error(w, "the payload needs type, timestamp and data", http.StatusBadRequest)
		return
	}
	e.ID, e.Received = id, s.now().UTC()
	broken := s.faults.Fire("events", e.key())
	if status, ok := broken.Of(fault.Status); ok && status.Delay > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((status.Delay+time.Second-1)/time.Second), 10))
	}
	if broken.Before(w, r) {
		return
	}
	known, err := s.keep(e)
	if err != nil {
		http.Error(w, "the event cannot be kept", http.StatusInternalServerError)
		return
	}
	answer := http.StatusNoContent
	if known {
		answer = http.StatusOK
	}
	if broken.ChangesAnswer() {
		broken.After(w, r, answer, nil)
		return
	}
	w.WriteHeader(answer)
}

// key is what a fault rule's Match looks into.
func (e *Event) key() string {
	var who Record
	if json.Unmarshal(e.Data, &who) != nil {
		return e.ID + " " + e.Type
	}
	return e.ID + " " + e.Type + " " + who.UserID
}
