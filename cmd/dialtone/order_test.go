package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

func (c *cli) set(id string, state uc.OrderState, kind uc.Kind, detail string) {
	c.t.Helper()
	step := "EnsureLine"
	if err := c.DB.SetOrder(c.t.Context(), id, uc.OrderChange{State: &state, FailureKind: &kind, Detail: &detail, WaitingStep: &step}); err != nil {
		c.t.Fatal(err)
	}
}

func TestOrderCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	first, second := c.order("ann", "berlin"), c.order("bob", "lisbon")
	ref := uc.StepRef{OrderID: first}
	for i, s := range []struct {
		name  string
		state uc.StepState
		kind  uc.Kind
		why   string
	}{{"ReserveNumber", uc.StepDone, "", ""}, {"EnsureUser", uc.StepDone, "", ""}, {"EnsureLine", uc.StepFailed, uc.Denied, "cucm addLine: denied: the account may not write"}} {
		for attempt := 1; attempt <= i+1; attempt++ {
			if err := c.DB.BeginStep(t.Context(), ref, s.name, attempt); err != nil {
				t.Fatal(err)
			}
			if err := c.DB.EndStep(t.Context(), ref, s.name, attempt, s.state, s.kind, s.why); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.set(first, uc.Waiting, uc.Denied, "cucm addLine: denied: the account may not write")
	golden(t, "order-list", c.ok("order", "list"))
	golden(t, "order-list-none", c.ok("order", "list", "--state", "failed"))
	golden(t, "order-list.csv", c.ok("order", "list", "-o", "csv", "--user", "ANN"))
	golden(t, "order-get", c.ok("order", "get", first))
	golden(t, "order-get.csv", took.ReplaceAllString(c.ok("order", "get", first, "-o", "csv"), "TOOK"))
	golden(t, "order-resume", c.ok("order", "resume", first))
	golden(t, "order-cancel", c.ok("order", "cancel", second))
	if diff := cmp.Diff([]string{"resume joiner/ann", "cancel joiner/bob"}, c.Temporal.Told()); diff != "" {
		t.Error(diff)
	}
	if r := c.run("order", "resume", second); r.code != exitConflict || !strings.Contains(r.err, "only a waiting order can be resumed") {
		t.Errorf("resume of a running order: %d %s", r.code, r.err)
	}
	if r := c.run("order", "get", "nothing"); r.code != exitNotFound || r.err != "dialtone: order \"nothing\" does not exist\n" {
		t.Errorf("get of nothing: %d %s", r.code, r.err)
	}
	if n := len(strings.Split(strings.TrimSpace(c.ok("order", "list", "--limit", "1")), "\n")); n != 2 {
		t.Errorf("a list of one has %d lines", n)
	}
}

func TestOrderReschedule(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	id := orderID.FindString(c.ok("join", "--user", "ann", "--last-name", "Lee", "--service-area", "berlin", "--start-at", "2090-01-04"))
	var o uc.Order
	if err := json.Unmarshal([]byte(c.ok("order", "reschedule", id, "--start-at", "2091-05-04", "-o", "json")), &o); err != nil {
		t.Fatal(err)
	}
	if o.StartAt == nil || !o.StartAt.Equal(time.Date(2091, 5, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("begins %v", o.StartAt)
	}
}

func TestOrderAdvice(t *testing.T) {
	t.Parallel()
	for _, kind := range []uc.Kind{uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal} {
		for _, state := range []uc.OrderState{uc.Waiting, uc.Failed} {
			if advice(uc.Order{State: state, FailureKind: kind}) == "" {
				t.Errorf("no advice for %s by %s", state, kind)
			}
		}
	}
	if got := advice(uc.Order{State: uc.Done}); got != "" {
		t.Errorf("advice %q for a done order", got)
	}
}

func TestOrderWatch(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	ids := map[uc.OrderState]string{}
	for i, state := range []uc.OrderState{uc.Done, uc.Failed, uc.Cancelled} {
		ids[state] = c.order(fmt.Sprintf("p%d", i), "berlin")
		c.set(ids[state], state, "", "")
	}
	for state, code := range map[uc.OrderState]int{uc.Done: exitOK, uc.Failed: exitNotDone, uc.Cancelled: exitNotDone} {
		if r := c.run("order", "watch", ids[state]); r.code != code || !strings.Contains(r.out, string(state)) {
			t.Errorf("watching a %s order: code %d, %s%s", state, r.code, r.out, r.err)
		}
	}
	if r := c.run("order", "watch", ids[uc.Done], ids[uc.Failed]); r.code != exitNotDone {
		t.Errorf("watching two: code %d", r.code)
	}
	if r := c.run("order", "watch", "nothing"); r.code != exitNotFound {
		t.Errorf("watching nothing: code %d", r.code)
	}
	slow := c.order("slow", "berlin")
	ended := make(chan struct{})
	go func() { defer close(ended); c.finish(map[string]uc.OrderState{"slow": uc.Done}) }()
	r := c.run("order", "watch", slow)
	<-ended
	if r.code != exitOK || !strings.Contains(r.out, "4711") {
		t.Errorf("watching until the end: code %d, %s%s", r.code, r.out, r.err)
	}
}

// --all goes on until it is interrupted, and that is no failure.
func TestOrderWatchAll(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.order("ann", "berlin")
	ctx, interrupt := context.WithCancel(t.Context())
	out := &interruptAfter{when: "ann", then: interrupt}
	a := newApp(strings.NewReader(""), out, out)
	if code := a.run(ctx, []string{"--data", c.dir, "order", "watch", "--all"}); code != exitOK {
		t.Errorf("code %d: %s", code, out.text.String())
	}
}

// Ctrl-C ends the watching, not the orders, and says so.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		args   []string
		code   int
		says   string
	}{
		"watch": {"nothing about contexts", []string{"order", "watch"}, exitFailed, "dialtone: interrupted; what was accepted goes on\n"},
		"join":  {"the orders' ids are not lost", []string{"join", "--wait", "--user", "bob", "--last-name", "Ray", "--service-area", "berlin"}, exitNotDone, "interrupted: 1 orders still run, and go on\nROW  USER  ORDER"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t)
			if name == "watch" {
				tc.args = append(tc.args, c.order("bob", "berlin"))
			}
			ctx, interrupt := context.WithCancel(t.Context())
			out := &interruptAfter{when: "bob", then: interrupt}
			a := newApp(strings.NewReader(""), out, out)
			if code := a.run(ctx, append([]string{"--data", c.dir}, tc.args...)); code != tc.code || !strings.Contains(out.text.String(), tc.says) {
				t.Errorf("%s: code %d, want %d: %s", tc.reason, code, tc.code, out.text.String())
			}
		})
	}
}

// interruptAfter is an output that interrupts when a text was written.
type interruptAfter struct {
	text strings.Builder
	when string
	then func()
}

func (w *interruptAfter) Write(b []byte) (int, error) {
	w.text.Write(b)
	if strings.Contains(w.text.String(), w.when) {
		w.then()
	}
	return len(b), nil
}

// The exit code says what kind of failure it was, whatever the command.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status int
		kind   uc.Kind
		want   int
	}{
		"unauthorized": {401, uc.Denied, exitDenied}, "forbidden": {403, uc.Denied, exitDenied},
		"missing": {404, uc.NotFound, exitNotFound}, "conflict": {409, uc.Conflict, exitConflict},
		"exhausted": {409, uc.Exhausted, exitConflict}, "invalid": {422, uc.Invalid, exitUsage},
		"internal": {500, uc.Internal, exitFailed}, "throttled": {503, uc.Throttled, exitUnavailable},
		"unavailable": {503, uc.Unavailable, exitUnavailable}, "not ours": {502, "", exitUnavailable},
		"redirect": {302, "", exitUnavailable}, "not ours but ok": {200, "", exitFailed},
	}
	for name, k := range cases {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(k.status)
			if k.kind != "" {
				if _, err := fmt.Fprintf(w, `{"kind": %q, "detail": "it is so", "status": %d}`, k.kind, k.status); err != nil {
					t.Error(err)
				}
			}
			if r.URL.Path == "/elsewhere" {
				t.Error("the token went elsewhere")
			}
		}))
		var out, errOut strings.Builder
		code := newApp(strings.NewReader(""), &out, &errOut).run(t.Context(), []string{"order", "list", "--url", server.URL})
		server.Close()
		if code != k.want || strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("%s: code %d, want %d: %s", name, code, k.want, errOut.String())
		}
	}
	var out, errOut strings.Builder
	if code := newApp(strings.NewReader(""), &out, &errOut).run(t.Context(), []string{"order", "list", "--url", "http://127.0.0.1:1"}); code != exitUnavailable {
		t.Errorf("no API: code %d: %s", code, errOut.String())
	}
}
