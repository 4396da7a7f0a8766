package main

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

func TestScheduleCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if out := c.ok("schedule", "list"); out != "none\n" {
		t.Error(out)
	}
	golden(t, "schedule-set", c.ok("schedule", "set", "nightly", "--call-processor", "cucm-1", "--cron", "30 2 * * 1-5",
		"--time-zone", "Europe/Lisbon", "--jitter", "15m"))
	golden(t, "schedule-pause", c.ok("schedule", "pause", "nightly", "--note", "upgrade"))
	golden(t, "schedule-list.csv", c.ok("schedule", "list", "-o", "csv"))
	golden(t, "schedule-resume.json", c.ok("schedule", "resume", "nightly", "-o", "json"))
	if got, want := c.ok("__complete", "schedule", "delete", ""), "nightly\tcucm-1 all 30 2 * * 1-5\n:4\n"; !strings.HasSuffix(got, want) {
		t.Errorf("completion %q, want %q", got, want)
	}
	if out := c.ok("schedule", "trigger", "nightly"); !strings.Contains(out, "a sync (all) of cucm-1 begins") {
		t.Error(out)
	}
	if started := c.Temporal.Started(); len(started) != 1 || started[0] != "schedule/nightly" {
		t.Errorf("started %q", started)
	}
	if r := c.run("schedule", "delete", "nightly"); r.code != exitOK || !strings.Contains(r.err, "is removed") {
		t.Errorf("delete: %d %s", r.code, r.err)
	}
	cases := map[string]struct {
		args []string
		says string
		code int
	}{
		"gone":    {[]string{"pause", "nightly"}, `no schedule "nightly"`, exitNotFound},
		"trigger": {[]string{"trigger", "nightly"}, `no schedule "nightly"`, exitNotFound},
		"cron":    {[]string{"set", "x", "--call-processor", "cucm-1", "--cron", "nightly"}, "cron", exitUsage},
		"no cron": {[]string{"set", "x", "--call-processor", "cucm-1"}, "cron", exitUsage},
		"zone":    {[]string{"set", "x", "--call-processor", "cucm-1", "--cron", "@daily", "--time-zone", "Mars"}, "Mars", exitUsage},
		"name":    {[]string{"set", "a b", "--call-processor", "cucm-1", "--cron", "@daily"}, "name", exitUsage},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"schedule"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d: %q does not say %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

func TestSyncWatchers(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.synced("SEP1")
	if out := c.ok("sync", "watchers"); !strings.Contains(out, "none") || !strings.Contains(out, "changeWatch") {
		t.Errorf("nobody watches: %s", out)
	}
	at := time.Now()
	followed, changed := at.Add(-3*time.Minute-time.Second), at.Add(-time.Hour)
	c.Temporal.Watch(uc.Watch{
		CallProcessor: "cucm-1", State: uc.WatchFailing, LookedAt: at, FollowedAt: &followed, ChangedAt: &changed,
		Detail: "cucm listChange: unavailable: no answer",
	})
	out := c.ok("sync", "watchers", "--call-processor", "cucm-1")
	for _, want := range []string{"cucm-1", "failing", "3 min", moment(&followed), moment(&changed), "no answer"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
}

func TestSyncRefresh(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.synced("SEP1")
	golden(t, "sync-refresh", c.ok("sync", "refresh", "ann"))
	if r := c.run("sync", "refresh", "nobody", "--call-processor", "cucm-1"); r.code != exitNotFound || !strings.Contains(r.err, "nobody") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}

func TestHeldText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.Local)
	l := scheduleListing(uc.ScheduleStatus{}, uc.ScheduleStatus{Held: &uc.HeldSync{ID: "s1", Since: at}})
	want := "reads nothing: sync s1 waits for `dialtone sync approve` or `dialtone sync reject` since 2026-03-01 02:00:00"
	if last := len(l.header) - 1; l.rows[0][last] != "" || l.rows[1][last] != want {
		t.Errorf("%q", l.rows)
	}
}
