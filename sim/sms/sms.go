// Package sms plays a gateway that brings new PINs to people: it receives Standard
// Webhooks and shows, instead of sending, what people were told. Nothing is written
// to disk. It must not know any client of ours.
//
// assumed: what an event pin.reset means to such a gateway: the PIN is told to the
// person once; another one of the same order takes the place of one that was not told
// yet, and a later one of the person makes the earlier ones worthless.
package sms

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/sim/hr"
)

// Message is what a person was told.
type Message struct {
	OrderID    string    `json:"orderId"`
	UserID     string    `json:"userId"`
	EmployeeID string    `json:"employeeId"`
	Mail       string    `json:"mail"`
	PIN        string    `json:"pin"`
	At         time.Time `json:"-"`
}

// Server is the gateway: an http.Handler with POST /events and a page at /. Its
// methods may be called from any goroutine.
type Server struct {
	events *hr.Server
	mux    *http.ServeMux
}

// New returns a gateway that keeps everything in memory. It fails for a secret that
// Standard Webhooks does not allow.
func New(secret string) (*Server, error) {
	events, err := hr.New(hr.Options{Secret: secret})
	if err != nil {
		return nil, err
	}
	s := &Server{events: events, mux: http.NewServeMux()}
	s.mux.Handle("POST /events", events)
	s.mux.HandleFunc("GET /{$}", s.page)
	return s, nil
}

// ServeHTTP serves POST /events and the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Faults are the rules that break deliveries, as sim/hr has them: the operation is
// "events".
func (s *Server) Faults() *fault.Rules { return s.events.Faults() }

// Deliveries returns every PIN that was received, in order of arrival.
func (s *Server) Deliveries() []Message {
	var out []Message
	for _, e := range s.events.Events() {
		var m Message
		if e.Type != "pin.reset" || json.Unmarshal(e.Data, &m) != nil || m.UserID == "" {
			continue
		}
		m.At = e.Timestamp
		out = append(out, m)
	}
	return out
}

// Message is the last that the person was told, the user id in any case; found is
// false when the person was told nothing.
func (s *Server) Message(userID string) (last Message, found bool) {
	for _, m := range s.Deliveries() {
		if strings.EqualFold(m.UserID, userID) && !m.At.Before(last.At) {
			last, found = m, true
		}
	}
	return last, found
}

var table = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Demo SMS gateway</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #ddd}
</style></head><body><main><h1>Demo SMS gateway</h1><p>What people were told, the newest first; it is kept in memory only.</p>
<table><thead><tr><th scope="col">Person</th><th scope="col">Message</th><th scope="col">At</th><th scope="col">Order</th></tr></thead><tbody>
{{range .}}<tr><td>{{.UserID}}</td><td>Your new phone PIN is {{.PIN}}. Earlier ones are void. You choose your own at the first login.</td>
<td><time>{{.At.Format "2006-01-02 15:04:05 MST"}}</time></td><td>{{.OrderID}}</td></tr>
{{end}}</tbody></table></main></body></html>`))

// page shows the messages; no script runs.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	messages := s.Deliveries()
	slices.Reverse(messages)
	var out bytes.Buffer
	if err := table.Execute(&out, messages); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(out.Bytes()); err != nil {
		return // the reader has gone
	}
}
