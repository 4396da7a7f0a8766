package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

func TestLeaveOne(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	golden(t, "leave-one", c.ok("leave", "ann", "--at", "2090-03-31"))
	o := c.asked("ann")
	if o.Leaver.Batch != 0 || o.Leaver.LeaveAt.Format("2006-01-02") != "2090-03-31" {
		t.Errorf("leaver %+v", o.Leaver)
	}
	golden(t, "leave-get", c.ok("order", "get", o.ID))
	c.ok("order", "reschedule", o.ID, "--leave-at", "2091-03-31")
	if r := c.run("order", "reschedule", o.ID, "--start-at", "2091-03-31"); r.code != exitUsage || !strings.Contains(r.err, "give leaveAt") {
		t.Errorf("a start date for a leaver: %d %s", r.code, r.err)
	}
	way := "`dialtone order reschedule " + o.ID + " --leave-at DATE`, or end it with `dialtone leave ann --cancel`"
	if r := c.run("leave", "ann"); r.code != exitConflict || !strings.Contains(r.err, way) {
		t.Errorf("another date: %d %s, want %s", r.code, r.err, way)
	}
	cases := map[string]struct {
		args []string
		code int
		says string
	}{
		"nobody":   {[]string{"bob"}, exitNotFound, "name the service area"},
		"bad user": {[]string{"a b"}, exitUsage, "letters"},
		"bad date": {[]string{"ann", "--at", "soon"}, exitUsage, "2006-01-02"},
		"no file":  {[]string{"-f", "none.csv"}, exitUsage, "none.csv"},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"leave"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d; says %q, want %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

// Recalling cancels the open leaver, and nothing else.
func TestLeaveCancel(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	if r := c.run("leave", "ann", "--cancel"); r.code != exitNotFound || !strings.Contains(r.err, "user ann is not leaving") {
		t.Errorf("nobody leaves: %d %s", r.code, r.err)
	}
	c.ok("leave", "ann")
	o := c.asked("ann")
	golden(t, "leave-cancel", c.ok("leave", "ANN", "--cancel"))
	if diff := cmp.Diff([]string{"cancel leaver/ann"}, c.Temporal.Told()); diff != "" {
		t.Error(diff)
	}
	end := func(state uc.OrderState) chan struct{} {
		ended, told := make(chan struct{}), len(c.Temporal.Told())
		go func() {
			defer close(ended)
			c.finishAs("ann", func(uc.Order) uc.OrderChange {
				return uc.OrderChange{State: &state}
			}, func() bool { return len(c.Temporal.Told()) > told })
		}()
		return ended
	}
	ended := end(uc.Cancelled)
	r := c.run("leave", "ann", "--cancel", "--wait", "--timeout", "1m", "-o", "json")
	<-ended
	if r.code != exitOK || !strings.Contains(r.out, o.ID) || !strings.Contains(r.out, `"cancelled"`) {
		t.Errorf("waiting for the recall: %d %s%s", r.code, r.out, r.err)
	}
	c.ok("leave", "ann")
	ended = end(uc.Done)
	r = c.run("leave", "ann", "--cancel", "--wait", "--timeout", "1m")
	<-ended
	if r.code != exitNotDone {
		t.Errorf("too late for the recall: %d %s%s", r.code, r.out, r.err)
	}
}

// The plan is shown before anything is ordered, and on a terminal it is confirmed.
func TestLeavePlan(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.Temporal.Plan(uc.LeaverPlan{UserID: "ann", CallProcessor: "cucm-1", Objects: []uc.PlannedObject{
		{System: "cucm-1", Type: uc.PlannedSignIn, Key: "ann", Action: uc.PlanChange, Stage: uc.AtLeave, Why: "the user can sign in no more"},
		{System: "cucm-1", Type: uc.PlannedProfile, Key: "ann-em", Action: uc.PlanRemove, Stage: uc.AtRemoval},
		{
			System: "cucm-1", Type: uc.PlannedLine, Key: "4711", Partition: "PT_Berlin", Action: uc.PlanKeep,
			Why: "others use it", Affects: []string{"phone SEP001122334455 of bob", "pickup group Sales"},
		},
	}})
	golden(t, "leave-plan", c.ok("leave", "ann", "--plan"))
	golden(t, "leave-plan.json", c.ok("leave", "ann", "--plan", "-o", "json"))
	ask := func(answer string, args ...string) ran {
		var out, errOut bytes.Buffer
		a := newApp(strings.NewReader(answer), &out, &errOut)
		a.asks = true
		code := a.run(t.Context(), append([]string{"--data", c.dir, "leave", "ann"}, args...))
		return ran{code, out.String(), errOut.String()}
	}
	for _, answer := range []string{"n\n", "\n", "", "perhaps\n"} {
		if r := ask(answer); r.code != exitFailed || !strings.Contains(r.err, "nothing was ordered") || !strings.Contains(r.out, "keep") {
			t.Errorf("answer %q: code %d %s%s", answer, r.code, r.out, r.err)
		}
	}
	if o := c.asked("ann"); o.Kind != uc.JoinerOrder {
		t.Fatalf("there is an order: %+v", o)
	}
	golden(t, "leave-asked", ask("Yes\n", "--at", "2090-01-01").out)
	file := c.write("leavers.csv", "userId\nann\n")
	var out, errOut bytes.Buffer
	a := newApp(strings.NewReader("n\n"), &out, &errOut)
	a.asks = true
	if code := a.run(t.Context(), []string{"--data", c.dir, "leave", "-f", file}); code != exitFailed || !strings.Contains(errOut.String(), "Let 1 people leave?") {
		t.Errorf("a file: code %d %s", code, errOut.String())
	}
	if r := ask("", "--yes", "--at", "2090-01-01"); r.code != exitOK || strings.Contains(r.out+r.err, "keep") {
		t.Errorf("with --yes: code %d %s%s", r.code, r.out, r.err)
	}
}

// A leaver that waits for its removal is on its way; one that waits for somebody is not.
func TestLeaveWaits(t *testing.T) {
	t.Parallel()
	for kind, code := range map[uc.Kind]int{"": exitOK, uc.Denied: exitNotDone} {
		c := newCLI(t)
		c.person("ann", "berlin")
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			c.finishAs("ann", func(uc.Order) uc.OrderChange {
				stage, state, detail := uc.AtLeave.String(), uc.Waiting, "removal on 2090-01-01"
				return uc.OrderChange{State: &state, Stage: &stage, Detail: &detail, FailureKind: &kind}
			}, func() bool { return true })
		}()
		r := c.run("leave", "ann", "--wait", "--timeout", "1m")
		<-ended
		if r.code != code || !strings.Contains(r.out, "removal on 2090-01-01") {
			t.Errorf("kind %q: code %d, want %d: %s%s", kind, r.code, code, r.out, r.err)
		}
	}
}

// An order that comes after another one of the person is waited for.
func TestWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]bool{"TakeTurn": false, "PassGuard": true, "": true} {
		if got := settled(uc.Order{State: uc.Waiting, WaitingStep: step}); got != want {
			t.Errorf("waiting at %q is settled: %t", step, got)
		}
	}
}

// finishAs plays one story: as soon as the person has an open order and it is time, it
// changes the order.
func (c *cli) finishAs(user string, change func(uc.Order) uc.OrderChange, due func() bool) {
	c.t.Helper()
	tick, late := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-late:
			c.t.Errorf("%s has no open order to end", user)
			return
		case <-tick.C:
		}
		orders, err := c.DB.OrdersOf(c.t.Context(), user)
		if err != nil {
			c.t.Error(err)
			return
		}
		if len(orders) > 0 && orders[0].State.Open() && due() {
			if err := c.DB.SetOrder(c.t.Context(), orders[0].ID, change(orders[0])); err != nil {
				c.t.Error(err)
			}
			return
		}
	}
}

// After a reschedule the order says the new date everywhere.
func TestLeaverWasRescheduled(t *testing.T) {
	t.Parallel()
	was, is := time.Date(2090, 3, 31, 0, 0, 0, 0, time.Local), time.Date(2091, 4, 30, 0, 0, 0, 0, time.Local)
	o := uc.Order{Kind: uc.LeaverOrder, State: uc.Scheduled, StartAt: &is, Leaver: &uc.Leaver{UserID: "ann", LeaveAt: was}}
	if text := orderText(o); strings.Contains(text, "2090") || !strings.Contains(text, "leaves 2091-04-30 00:00:00") {
		t.Error(text)
	}
}
