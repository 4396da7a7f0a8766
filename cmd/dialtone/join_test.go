package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

const joinersCSV = `userId,firstName,lastName,serviceArea,startAt,expect
ann,Ann,Lee,berlin,,done
bob,Bob,,berlin,,rejected
cleo,Cléo,O'Neil,lisbon,2090-01-04,scheduled
dan,Dan,Ray,paris,,rejected
`

func TestJoinFile(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", joinersCSV)
	r := c.run("join", "-f", file)
	if r.code != exitUsage {
		t.Errorf("code %d, want %d for the row without a last name", r.code, exitUsage)
	}
	golden(t, "join", r.out)
	golden(t, "join.stderr", r.err)
	again := c.run("join", "-f", file, "-o", "csv")
	golden(t, "join-again.csv", again.out)
	if n := len(c.Temporal.Started()); n != 2 {
		t.Errorf("%d stories after the same file twice, want 2", n)
	}
	golden(t, "join.json", c.run("join", "-f", file, "-o", "json").out)
	golden(t, "join.yaml", c.run("join", "-f", file, "-o", "yaml").out)
}

func TestJoinOne(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	golden(t, "join-one", c.ok("join", "--user", "ann", "--first-name", "Ann", "--last-name", "Lee", "--service-area", "berlin", "--number-wanted", "true"))
	cases := map[string]struct {
		args []string
		code int
		says string
	}{
		"open order":     {[]string{"--user", "ANN", "--last-name", "Lee", "--service-area", "lisbon"}, exitConflict, "one order of a kind per person"},
		"no area":        {[]string{"--user", "bob", "--last-name", "Ray"}, exitUsage, "serviceArea is missing"},
		"unknown area":   {[]string{"--user", "bob", "--last-name", "Ray", "--service-area", "paris"}, exitNotFound, "paris"},
		"bad class":      {[]string{"--user", "bob", "--last-name", "Ray", "--service-area", "berlin", "--class-of-service", "x"}, exitUsage, "classOfService"},
		"nobody":         {nil, exitUsage, "either -f FILE"},
		"file and flags": {[]string{"-f", "x.csv", "--user", "bob"}, exitUsage, "either -f FILE"},
		"missing file":   {[]string{"-f", "none.csv"}, exitUsage, "none.csv"},
		"an argument":    {[]string{"x.csv"}, exitUsage, "wants no arguments"},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"join"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d; says %q, want %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

func TestJoinFromStdin(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if r := c.runWith("userId;lastName;serviceArea\nann;Lee;berlin\n", "join", "-f", "-"); r.code != exitOK || !strings.Contains(r.out, "ann") {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
}

// However many are sent at once, the result is in the order of the file.
func TestJoinParallel(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	text := "userId,lastName,serviceArea\n"
	var want []string
	for i := range 50 {
		text += fmt.Sprintf("p%02d,Lee,berlin\n", i)
		want = append(want, fmt.Sprintf("p%02d", i))
	}
	var results []sentRow
	out := c.ok("join", "-f", c.write("joiners.csv", text), "--parallel", "16", "-o", "json")
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, r.UserID)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(c.Temporal.Started()) != 50 {
		t.Errorf("%d stories: %s", len(c.Temporal.Started()), diff)
	}
}

// An API that goes away stops the file; nothing is lost by sending it again.
func TestJoinStopsWithoutAPI(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", "userId,lastName,serviceArea\nann,Lee,berlin\nbob,Ray,berlin\n")
	c.DB.Close()
	r := c.run("join", "-f", file)
	if r.code != exitUnavailable || !strings.Contains(r.err, "stopped after 1 of 2 people") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}

// The same file again does what is missing: it makes a new order of one that failed or
// was cancelled, and no other.
func TestJoinAgain(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", "userId,lastName,serviceArea\nann,Lee,berlin\n")
	ids := map[string]bool{}
	for _, state := range []uc.OrderState{uc.Failed, uc.Cancelled, uc.Running} {
		id := orderID.FindString(c.ok("join", "-f", file))
		ids[id] = true
		c.set(id, state, "", "")
	}
	if len(ids) != 3 || len(c.Temporal.Started()) != 3 {
		t.Errorf("%d orders, %d stories, want 3", len(ids), len(c.Temporal.Started()))
	}
	for range 2 {
		if id := orderID.FindString(c.ok("join", "-f", file)); !ids[id] {
			t.Errorf("an order that runs was made again: %s", id)
		}
	}
}

// finish plays the stories: it ends each order by the state that its person is
// named after.
func (c *cli) finish(users map[string]uc.OrderState) {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(users) > 0 {
		select {
		case <-c.t.Context().Done():
			return
		case <-tick.C:
		}
		for user, state := range users {
			orders, err := c.DB.OrdersOf(c.t.Context(), user)
			if err != nil {
				c.t.Error(err)
				return
			}
			if len(orders) == 0 {
				continue
			}
			number, detail := "4711", "because of "+user
			kind, none := uc.Exhausted, ""
			change := uc.OrderChange{State: &state, Number: &number, WaitingStep: &none}
			if state != uc.Done {
				change = uc.OrderChange{State: &state, FailureKind: &kind, Detail: &detail}
			}
			if err := c.DB.SetOrder(c.t.Context(), orders[0].ID, change); err != nil {
				c.t.Error(err)
			}
			delete(users, user)
		}
	}
}

func TestJoinWait(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		state  uc.OrderState
		code   int
	}{
		"done":      {"as it should", uc.Done, exitOK},
		"failed":    {"not done", uc.Failed, exitNotDone},
		"waiting":   {"somebody else must do something", uc.Waiting, exitNotDone},
		"cancelled": {"not done", uc.Cancelled, exitNotDone},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t)
			file := c.write("joiners.csv", "userId,lastName,serviceArea,startAt\nann,Lee,berlin,\n"+name+",Ray,berlin,\nlater,Low,berlin,2090-01-04\n")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				c.finish(map[string]uc.OrderState{"ann": uc.Done, name: k.state})
			}()
			r := c.run("join", "-f", file, "--wait")
			<-ended
			if r.code != k.code {
				t.Errorf("%s: code %d, want %d: %s", k.reason, r.code, k.code, r.err)
			}
			golden(t, "join-wait-"+name, r.out)
			if !strings.Contains(r.err, "later") || !strings.Contains(r.err, string(k.state)) {
				t.Errorf("%s: progress %s", k.reason, r.err)
			}
		})
	}
}

func TestJoinWaitTimeout(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	r := c.run("join", "--user", "ann", "--last-name", "Lee", "--service-area", "berlin", "--wait", "--timeout", "100ms")
	if r.code != exitNotDone || !strings.Contains(r.err, "1 orders still run after 100ms") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}
