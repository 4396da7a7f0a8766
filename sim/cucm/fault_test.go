package cucm_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
)

func TestFaultsByRule(t *testing.T) {
	t.Parallel()
	const made, absent = true, false
	for name, tc := range map[string]struct {
		reason string
		rule   fault.Rule
		made   bool
		check  func(t *testing.T, status int, body string, err error)
	}{
		"drop": {"nothing is done and nothing answered", fault.Rule{Kind: fault.Drop}, absent, lost},
		"after commit": {
			"the change is made, the answer is lost", fault.Rule{Kind: fault.AfterCommit}, made, lost,
		},
		"status": {"another status, nothing done", fault.Rule{Kind: fault.Status, Status: 503}, absent, func(t *testing.T, status int, body string, _ error) {
			t.Helper()
			if status != 503 || !strings.Contains(body, "HTTP Status 503") {
				t.Errorf("%d %s", status, body)
			}
		}},
		"fault": {"a SOAP fault by code", fault.Rule{Kind: fault.Fault, Code: -692, Text: "still being referenced"}, absent, func(t *testing.T, status int, body string, _ error) {
			t.Helper()
			if status != 500 || !strings.Contains(body, "<axlcode>-692</axlcode><axlmessage>still being referenced") {
				t.Errorf("%d %s", status, body)
			}
		}},
		"truncate": {"the answer ends early", fault.Rule{Kind: fault.Truncate}, made, func(t *testing.T, status int, body string, err error) {
			t.Helper()
			if status != 200 || err == nil || body == "" || strings.Contains(body, "</soapenv:Envelope>") {
				t.Errorf("%d %v %s", status, err, body)
			}
		}},
		"illegal character": {"a byte XML forbids", fault.Rule{Kind: fault.IllegalChar}, made, func(t *testing.T, status int, body string, err error) {
			t.Helper()
			if status != 200 || err != nil || !strings.Contains(body, "\x02") {
				t.Errorf("%d %v %q", status, err, body)
			}
		}},
		"slow stream": {"the answer comes in pieces", fault.Rule{Kind: fault.SlowStream, Delay: 20 * time.Millisecond}, made, whole},
		"delay":       {"the call waits first", fault.Rule{Kind: fault.Delay, Delay: 50 * time.Millisecond}, made, whole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failOnce(t, tc.reason, tc.rule, tc.made, tc.check)
		})
	}
}

// failOnce adds a user under the rule and looks whether it was made.
func failOnce(t *testing.T, reason string, rule fault.Rule, made bool,
	check func(*testing.T, int, string, error),
) {
	t.Helper()
	r := start(t, cucm.Options{})
	rule.Op, rule.Match, rule.Times = "addUser", "jdoe", 1
	r.Faults().Add(rule)
	// Another key and another operation go well.
	r.ok(t, "addUser", edit(newUser, "jdoe", "other"))
	began := time.Now()
	status, body, err := r.try(t.Context(), "addUser", newUser)
	check(t, status, body, err)
	if rule.Delay > 0 && time.Since(began) < rule.Delay {
		t.Errorf("took only %s", time.Since(began))
	}
	got, _ := r.post(t, "getUser", "<userid>jdoe</userid>")
	if (got == 200) != made {
		t.Errorf("%s: getUser afterwards answers %d", reason, got)
	}
	if n := r.Stats().Injected; n != 1 {
		t.Errorf("%d faults counted", n)
	}
}

func lost(t *testing.T, status int, body string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("answered %d %s", status, body)
	}
}

func whole(t *testing.T, status int, body string, err error) {
	t.Helper()
	if status != 200 || err != nil || !strings.HasSuffix(body, "</soapenv:Envelope>") {
		t.Errorf("%d %v %s", status, err, body)
	}
}

func TestObserversSeeBothSidesOfACommit(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	var mu sync.Mutex
	var seen []cucm.Call
	r.Observe(func(c cucm.Call) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, c)
	})
	r.ok(t, "addUser", newUser)
	r.refused(t, "addUser", newUser, "-239", "duplicate")
	r.ok(t, "getUser", "<userid>jdoe</userid>")
	mu.Lock()
	defer mu.Unlock()
	want := []cucm.Call{
		{Op: "addUser", Key: "jdoe", Phase: cucm.Before, N: 1},
		{Op: "addUser", Key: "jdoe", Phase: cucm.After, N: 1, Committed: true},
		{Op: "addUser", Key: "jdoe", Phase: cucm.Before, N: 2},
		{Op: "addUser", Key: "jdoe", Phase: cucm.After, N: 2},
		{Op: "getUser", Key: "jdoe", Phase: cucm.Before, N: 1},
		{Op: "getUser", Key: "jdoe", Phase: cucm.After, N: 1},
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Latency: map[string]time.Duration{"getCCMVersion": 60 * time.Millisecond, "*": time.Millisecond}})
	began := time.Now()
	r.ok(t, "getCCMVersion", "")
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("took %s", took)
	}
}
