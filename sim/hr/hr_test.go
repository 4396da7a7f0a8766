package hr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/dialtone/dialtone/sim/fault"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

type world struct {
	*Server
	t   *testing.T
	web *httptest.Server
}

func start(t *testing.T, path string) world {
	t.Helper()
	s, err := New(Options{Secret: secret, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return world{Server: s, t: t, web: web}
}

// signed is a delivery as the specification's own library signs it.
func (w world) signed(id, body string, at time.Time) *http.Request {
	w.t.Helper()
	signer, err := webhooks.NewWebhook(secret)
	if err != nil {
		w.t.Fatal(err)
	}
	signature, err := signer.Sign(id, at, []byte(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.web.URL+"/events", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	return r
}

// do returns the status, 0 when no answer came.
func (w world) do(r *http.Request) (int, http.Header) {
	w.t.Helper()
	// A retry by the transport would hide a lost answer.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			w.t.Error(err)
		}
		return 0, nil
	}
	if err := answer.Body.Close(); err != nil {
		w.t.Error(err)
	}
	return answer.StatusCode, answer.Header
}

func event(kind, user, number string, minute int) string {
	return fmt.Sprintf(`{"type":%q,"timestamp":"2026-01-02T03:%02d:00Z","data":{"orderId":"o-%d","userId":%q,"employeeId":"E1","number":%q,"partition":"P","e164":"+49%s"}}`,
		kind, minute, minute, user, number, number)
}

func TestVerification(t *testing.T) {
	t.Parallel()
	w := start(t, "")
	good := event("number.assigned", "anna", "4711", 1)
	now := time.Now()
	change := func(name, value string) *http.Request {
		r := w.signed("id", good, now)
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
		return r
	}
	right := w.signed("id", good, now).Header.Get("webhook-signature")
	wrong := "v1," + strings.Repeat("A", 43) + "="
	tests := map[string]struct {
		reason string
		r      *http.Request
		want   int
	}{
		"good":        {"as the library signs it", w.signed("good", good, now), 204},
		"rotated":     {"one of several signatures is enough", change("webhook-signature", wrong+" "+right), 204},
		"wrong":       {"another key", change("webhook-signature", wrong), 401},
		"otherScheme": {"asymmetric signatures are not ours", change("webhook-signature", strings.Replace(right, "v1,", "v1a,", 1)), 401},
		"otherID":     {"the id is signed", change("webhook-id", "other"), 401},
		"otherTime":   {"the timestamp is signed", change("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10)), 401},
		"noSignature": {"unsigned", change("webhook-signature", ""), 401},
		"noID":        {"no id", change("webhook-id", ""), 401},
		"noTime":      {"not seconds", change("webhook-timestamp", "now"), 401},
		"old":         {"a replay of six minutes ago", w.signed("old", good, now.Add(-6*time.Minute)), 401},
		"late":        {"four minutes are within tolerance", w.signed("late", good, now.Add(-4*time.Minute)), 204},
		"future":      {"a clock that runs ahead", w.signed("future", good, now.Add(6*time.Minute)), 401},
		"noJSON":      {"signed nonsense", w.signed("noJSON", "hello", now), 400},
		"noData":      {"no data", w.signed("noData", `{"type":"a.b","timestamp":"2026-01-02T03:00:00Z"}`, now), 400},
		"tooLong":     {"far beyond 20 kB", w.signed("tooLong", strings.Repeat(" ", maxBody+1), now), 400},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, _ := w.do(tc.r); got != tc.want {
				t.Errorf("%s: got %d, want %d", tc.reason, got, tc.want)
			}
		})
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "whsec_", "whsec_c2hvcnQ=", "whsk_" + secret[6:], "whsec_%%%"} {
		if _, err := New(Options{Secret: bad}); err == nil || strings.Contains(err.Error(), bad) && bad != "" && bad != "whsec_" {
			t.Errorf("secret %q gave %v", bad, err)
		}
	}
}

func TestRepeatIsKeptOnce(t *testing.T) {
	t.Parallel()
	w := start(t, "")
	var all sync.WaitGroup
	answers := make(chan int, 20)
	for range 20 {
		r := w.signed("order-1.number.assigned", event("number.assigned", "anna", "4711", 1), time.Now())
		all.Go(func() {
			status, _ := w.do(r)
			answers <- status
		})
	}
	all.Wait()
	close(answers)
	counts := map[int]int{}
	for a := range answers {
		counts[a]++
	}
	if diff := cmp.Diff(map[int]int{204: 1, 200: 19}, counts); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got := w.Events(); len(got) != 1 || got[0].Deliveries != 20 {
		t.Errorf("events: %+v", got)
	}
}

func TestRecordsSurvive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "hr.jsonl")
	w := start(t, path)
	for i, body := range []string{
		event("number.assigned", "anna", "4711", 1),
		event("number.assigned", "Anna", "4712", 5),
		event("number.assigned", "anna", "4710", 0), // comes late
		event("number.withdrawn", "anna", "4711", 9),
		event("number.assigned", "bert", "4720", 1),
		event("number.withdrawn", "bert", "4720", 2),
		`{"type":"user.created","timestamp":"2026-01-02T03:00:00Z","data":{"name":"x"}}`,
	} {
		if got, _ := w.do(w.signed(fmt.Sprint("e", i), body, time.Now())); got != 204 {
			t.Fatalf("event %d: %d", i, got)
		}
	}
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	want := map[string]Record{
		"anna": {UserID: "Anna", EmployeeID: "E1", Number: "4712", Partition: "P", E164: "+494712", OrderID: "o-5", Since: at(5)},
		"bert": {UserID: "bert", EmployeeID: "E1", OrderID: "o-2", Since: at(2)},
	}
	if diff := cmp.Diff(want, w.Records()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id":"half`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, path)
	if diff := cmp.Diff(w.Events(), again.Events()); diff != "" {
		t.Errorf("a restart changed events (-before +after):\n%s", diff)
	}
	if got, _ := again.do(again.signed("e0", event("number.assigned", "anna", "9", 30), time.Now())); got != 200 {
		t.Errorf("a repeat after the restart: %d, want 200", got)
	}
	if diff := cmp.Diff(want, again.Records()); diff != "" {
		t.Errorf("records after the restart (-want +got):\n%s", diff)
	}
	third := start(t, path)
	if diff := cmp.Diff(want, third.Records()); diff != "" {
		t.Errorf("records after two restarts (-want +got):\n%s", diff)
	}
}

func TestDamageIsSaid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hr.jsonl")
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Secret: secret, Path: path}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a damaged file gave %v, want an error naming line 1", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason     string
		rule       fault.Rule
		want       int
		retryAfter string
		kept       int
	}{
		"throttled":   {"slow down, and how long", fault.Rule{Kind: fault.Status, Status: 429, Delay: 1500 * time.Millisecond}, 429, "2", 0},
		"unavailable": {"no word when", fault.Rule{Op: "events", Kind: fault.Status, Status: 503}, 503, "", 0},
		"drop":        {"nothing was kept", fault.Rule{Kind: fault.Drop}, 0, "", 0},
		"afterCommit": {"kept, and nobody heard", fault.Rule{Match: "anna", Kind: fault.AfterCommit}, 0, "", 1},
		"late":        {"late, but kept", fault.Rule{Kind: fault.Delay, Delay: time.Millisecond}, 204, "", 1},
		"somebody":    {"another person's", fault.Rule{Match: "bert", Kind: fault.Drop}, 204, "", 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, "")
			w.Faults().Add(tc.rule)
			got, header := w.do(w.signed("id", event("number.assigned", "anna", "4711", 1), time.Now()))
			if got != tc.want || header.Get("Retry-After") != tc.retryAfter {
				t.Errorf("%s: got %d with Retry-After %q, want %d with %q", tc.reason, got, header.Get("Retry-After"), tc.want, tc.retryAfter)
			}
			if n := len(w.Events()); n != tc.kept {
				t.Errorf("%s: %d kept, want %d", tc.reason, n, tc.kept)
			}
		})
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	w := start(t, "")
	for i, user := range []string{"bert", "<script>"} {
		if got, _ := w.do(w.signed(fmt.Sprint(i), event("number.assigned", user, "4711", 1), time.Now())); got != 204 {
			t.Fatal(got)
		}
	}
	r, err := http.Get(w.web.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if page := string(body); !strings.Contains(page, "2 people") || !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "<script") {
		t.Errorf("the page:\n%s", page)
	}
	if !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("scripts may run")
	}
}
