package fault_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim/fault"
)

func TestWhichCallsFail(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason string
		rule   fault.Rule
		want   string // one letter a call: x fails, . goes well
	}{
		"each":        {"a rule without a choice takes each call", fault.Rule{Op: "add"}, "xxxxxxxx"},
		"any":         {"no operation means all", fault.Rule{}, "xxxxxxxx"},
		"star":        {"so does a star", fault.Rule{Op: "*"}, "xxxxxxxx"},
		"other":       {"another operation goes well", fault.Rule{Op: "remove"}, "........"},
		"third":       {"the n-th only", fault.Rule{Nth: 3}, "..x....."},
		"every":       {"every n-th", fault.Rule{Every: 3}, "..x..x.."},
		"twice":       {"at most so often", fault.Rule{Times: 2}, "xx......"},
		"key":         {"only a key that holds the text", fault.Rule{Match: "odd"}, ".x.x.x.x"},
		"second odd":  {"counts matching calls only", fault.Rule{Match: "odd", Nth: 2}, "...x...."},
		"meaningless": {"an invalid rule never fires", fault.Rule{Probability: 7}, "........"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rules fault.Rules
			tc.rule.Kind = fault.Drop
			rules.Add(tc.rule)
			if got := calls(&rules, 8); got != tc.want {
				t.Errorf("%s: %s, want %s", tc.reason, got, tc.want)
			}
			rules.Clear()
			if got := calls(&rules, 2); got != ".." {
				t.Errorf("after Clear: %s", got)
			}
		})
	}
}

func calls(rules *fault.Rules, n int) string {
	var b strings.Builder
	for i := range n {
		key := "even"
		if i%2 == 1 {
			key = "odd"
		}
		if len(rules.Fire("add", key)) > 0 {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func TestSameSeedSameCalls(t *testing.T) {
	t.Parallel()
	roll := func(seed int64) string {
		var rules fault.Rules
		rules.Add(fault.Rule{Kind: fault.Drop, Probability: 0.3, Seed: seed})
		return calls(&rules, 200)
	}
	if again := roll(1); roll(1) != again || again == roll(2) {
		t.Error("the seed does not choose the calls")
	}
	if n := strings.Count(roll(1), "x"); n < 30 || n > 90 {
		t.Errorf("%d of 200 calls fail at 0.3", n)
	}
}

func TestRulesAsData(t *testing.T) {
	t.Parallel()
	rule := fault.Rule{Op: "addPhone", Match: "SEP", Nth: 2, Kind: fault.SlowStream, Delay: 250 * time.Millisecond, Times: 1}
	data, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"op":"addPhone","match":"SEP","nth":2,"kind":"slow-stream","delay":"250ms","times":1}`; string(data) != want {
		t.Errorf("JSON %s", data)
	}
	var back fault.Rule
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rule, back); d != "" {
		t.Error(d)
	}
	for name, text := range map[string]string{
		"kind": `{"kind":"explode"}`, "delay": `{"kind":"delay"}`, "status": `{"kind":"status","status":42}`, "text": `{"kind":"delay","delay":"soon"}`,
		"probability": `{"kind":"drop","probability":2}`, "negative": `{"kind":"drop","nth":-1}`, "shape": `[]`,
	} {
		if err := json.Unmarshal([]byte(text), &back); err == nil {
			t.Errorf("%s: %s is accepted", name, text)
		}
	}
}

func TestAnswersOverHTTP(t *testing.T) {
	t.Parallel()
	var rules fault.Rules
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := rules.Fire(r.URL.Path, "")
		if set.Before(w, r) {
			return
		}
		set.After(w, r, http.StatusCreated, []byte(`{"id":"1","name":"<a>text</a>"}`))
	}))
	t.Cleanup(srv.Close)
	rules.Add(fault.Rule{Op: "/status", Kind: fault.Status, Status: 429})
	rules.Add(fault.Rule{Op: "/drop", Kind: fault.Drop})
	rules.Add(fault.Rule{Op: "/lost", Kind: fault.AfterCommit})
	rules.Add(fault.Rule{Op: "/slow", Kind: fault.SlowStream, Delay: time.Millisecond})
	for path, want := range map[string]int{"/status": 429, "/drop": 0, "/lost": 0, "/slow": 201, "/well": 201} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := srv.Client().Do(req)
		if want == 0 {
			if err == nil {
				t.Errorf("%s is answered with %d", path, res.StatusCode)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
