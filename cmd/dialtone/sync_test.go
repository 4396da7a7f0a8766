package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// synced starts a sync and brings it to its end with these phones of ann.
func (c *cli) synced(models ...string) string {
	c.t.Helper()
	id := c.startSync("subscribers")
	c.stage(id, uc.UserKind, "ann")
	c.stage(id, uc.PhoneKind, models...)
	c.finishSync(id)
	return id
}

func (c *cli) startSync(scope string) string {
	c.t.Helper()
	var list api.SyncList
	out := c.ok("sync", "callprocessor", "cucm-1", "--"+scope, "--detach", "-o", "json")
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		c.t.Fatal(err)
	}
	return list.Items[0].ID
}

// stage stages the only page of a kind; the names say which objects these are.
func (c *cli) stage(id string, kind uc.EstateKind, names ...string) {
	c.t.Helper()
	_, err := c.DB.StagePage(c.t.Context(), db.PageIn{
		SyncID: id, Kind: kind, End: func() db.PageEnd { return db.PageEnd{Last: true, Total: len(names)} },
		Rows: func(yield func(db.EstateRow, error) bool) {
			for i, name := range names {
				uuid := fmt.Sprintf("%08x-0000-0000-0000-%012d", len(kind), i)
				text := fmt.Sprintf(`{"model": %q, "lines": [1, 2], "owner": null}`, "of "+name)
				if !yield(db.EstateRow{UUID: uuid, Name: name, Attributes: json.RawMessage(text)}, nil) {
					return
				}
			}
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cli) finishSync(id string) {
	c.t.Helper()
	if _, err := c.DB.ApplySync(c.t.Context(), id, true); err != nil {
		c.t.Fatal(err)
	}
	s, err := c.DB.GetSync(c.t.Context(), id)
	if err == nil {
		err = c.DB.EndSync(c.t.Context(), id, uc.SyncDone, uc.SyncSummary(s.Kinds))
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestSyncCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	first := c.synced("SEP1", "SEP2")
	second := c.startSync("subscribers")
	c.stage(second, uc.PhoneKind, "SEP1", "SEP3", "SEP4")
	if err := c.DB.EndSyncKind(t.Context(), db.KindEnd{
		SyncID: second, Kind: uc.DevicePoolKind, State: uc.KindFailed, Detail: "no answer",
		Line: uc.SyncLine{Severity: uc.SeverityError, Class: uc.NetworkLine, What: "could not be read", Why: "no answer", Do: "sync again"},
	}); err != nil {
		t.Fatal(err)
	}
	c.finishSync(second)
	golden(t, "sync-list", c.ok("sync", "list"))
	golden(t, "sync-get", c.ok("sync", "get", second))
	golden(t, "sync-report", c.ok("sync", "report", second, "--severity", "error"))
	golden(t, "sync-report.csv", c.ok("sync", "report", second, "--kind", "phones", "-o", "csv"))
	golden(t, "sync-diff", c.ok("sync", "diff", second, first))
	golden(t, "sync-watch", c.ok("sync", "watch", second))
	held := c.startSync("infra")
	golden(t, "sync-start", c.ok("sync", "callprocessor", "cucm-1", "--detach"))
	golden(t, "sync-cancel", c.ok("sync", "cancel", held))
	cases := map[string]struct {
		args []string
		says string
		code int
	}{
		"runs already":   {[]string{"callprocessor", "cucm-1", "--no-join"}, "runs already", exitConflict},
		"both scopes":    {[]string{"callprocessor", "--infra", "--subscribers"}, "leave both out", exitUsage},
		"unknown":        {[]string{"get", "none"}, `no sync "none"`, exitNotFound},
		"does not wait":  {[]string{"approve", held, "--reason", "x"}, "only one that waits", exitConflict},
		"without reason": {[]string{"approve", held}, "reason", exitUsage},
		"has ended":      {[]string{"cancel", first}, "has ended", exitConflict},
		"one of two":     {[]string{"diff", first}, "SYNC and OTHER", exitUsage},
		"kind":           {[]string{"report", first, "--kind", "things"}, "things", exitUsage},
		"watch of none":  {[]string{"watch"}, "one or more SYNCs", exitUsage},
		"watch not ours": {[]string{"watch", "none"}, `no sync "none"`, exitNotFound},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"sync"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d: %q does not say %q", name, r.code, k.code, r.err, k.says)
		}
	}
	if got := c.ok("__complete", "sync", "cancel", ""); !strings.Contains(got, held+"\tcucm-1 infra running") || strings.Contains(got, first) {
		t.Errorf("completion of syncs: %q", got)
	}
	if got := c.ok("__complete", "sync", "callprocessor", ""); got != "cucm-1\ncucm-2\n:4\n" {
		t.Errorf("completion of call processors: %q", got)
	}
}

// A sync is shown until it ends; one that the guard holds says what to do.
func TestSyncIsFollowed(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.synced("SEP1", "SEP2", "SEP3")
	id := c.startSync("subscribers")
	ended := make(chan ran)
	go func() { ended <- c.run("sync", "callprocessor", "cucm-1") }()
	c.stage(id, uc.PhoneKind)
	if out, err := c.DB.ApplySync(t.Context(), id, false); err != nil || !out.Held {
		t.Fatal(out, err)
	}
	r := <-ended
	for _, say := range []string{"waiting", "3 gone", "all 3 objects of kind IP Phone would be gone", "dialtone sync approve " + id} {
		if !strings.Contains(r.out, say) {
			t.Errorf("it does not say %q: %s", say, r.out)
		}
	}
	if r.code != exitNotDone || !strings.Contains(r.err, "joined") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
	if out := c.ok("sync", "approve", id, "--reason", "a site closed"); !strings.Contains(out, "approve is accepted") {
		t.Error(out)
	}
}

// Ctrl-C ends the showing, and says how to go on with it.
func TestSyncDetaches(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	ctx, interrupt := context.WithCancel(t.Context())
	id := c.startSync("infra")
	var out, errOut bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- newApp(strings.NewReader(""), &out, &errOut).run(ctx, []string{"--data", c.dir, "sync", "watch", id})
	}()
	timer := time.NewTimer(3 * pollEvery)
	defer timer.Stop()
	select {
	case code := <-ended:
		t.Fatalf("it ended with %d: %s", code, errOut.String())
	case <-timer.C:
	}
	interrupt()
	code := <-ended
	if text := errOut.String(); code != exitNotDone || !strings.Contains(text, "goes on: `dialtone sync watch "+id) {
		t.Errorf("code %d: %s", code, text)
	}
	if told := c.Temporal.Told(); len(told) > 0 {
		t.Errorf("the sync was told %v", told)
	}
}

func TestKindProgress(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	page, later := start.Add(10*time.Second), start.Add(40*time.Second)
	cases := map[string]struct {
		reason string
		kind   uc.SyncKind
		want   string
	}{
		"rate":    {"a tenth in ten seconds", uc.SyncKind{State: uc.KindReading, Read: 1000, Total: 10000, StartedAt: &start, UpdatedAt: &page}, "1000 of 10000, 100 a second, about 1m30s left"},
		"unknown": {"how many there are", uc.SyncKind{State: uc.KindReading, Read: 1000, StartedAt: &start, UpdatedAt: &page}, "1000, 100 a second"},
		"quiet":   {"no page for a while", uc.SyncKind{State: uc.KindReading, Read: 5, StartedAt: &start, UpdatedAt: &start}, "5; waits for an answer since 15s"},
		"minutes": {"no seconds of nothing", uc.SyncKind{State: uc.KindReading, Read: 1000, Total: 13000, StartedAt: &start, UpdatedAt: &page}, "1000 of 13000, 100 a second, about 2m left"},
		"told":    {"why it waits", uc.SyncKind{State: uc.KindReading, Read: 5, StartedAt: &start, UpdatedAt: &page, Wait: "asked to slow down", WaitUntil: &later}, "5, 0 a second; waits: asked to slow down, again in 25s"},
		"waits":   {"for its first page", uc.SyncKind{State: uc.KindPending, Wait: "no answer", WaitUntil: &page}, "0; waits: no answer, again now"},
		"begins":  {"nothing yet", uc.SyncKind{State: uc.KindReading}, "0"},
		"read":    {"its end", uc.SyncKind{State: uc.KindRead, Read: 7, Total: 7}, "7 read"},
		"failed":  {"why", uc.SyncKind{State: uc.KindFailed, Detail: "no answer"}, "could not be read: no answer"},
		"skipped": {"why", uc.SyncKind{State: uc.KindSkipped, Detail: "version"}, "left out: version"},
	}
	for name, c := range cases {
		if got := kindProgress(c.kind, start.Add(15*time.Second)); got != c.want {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, got, c.want)
		}
	}
}

func TestSyncListing(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"change watcher: cucm listChange: invalid: a long fault": "change watcher", "schedule nightly": "schedule nightly", "hr: prod": "hr: prod",
	} {
		if got := syncListing([]uc.Sync{{CreatedBy: by}}).rows[0][6]; got != want {
			t.Errorf("%q is shown as %q", by, got)
		}
	}
}

func TestSyncSilence(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out)
	at := time.Now()
	s := uc.Sync{ID: "s1", CallProcessor: "cucm-1", State: uc.SyncRunning, CreatedAt: at, Kinds: []uc.SyncKind{
		{Kind: uc.PhoneKind, State: uc.KindPending}, {Kind: uc.UserKind, State: uc.KindPending},
	}}
	for _, after := range []time.Duration{time.Second, 12 * time.Second, 14 * time.Second} {
		if err := p.updateSyncs([]uc.Sync{s}, at.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	want := "cucm-1  nothing was read in 12s: see with `dialtone doctor` that cucm-1 answers, and that a worker with its settings runs\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if advice := syncAdvice(s); advice != "" {
		t.Errorf("a sync that has just begun: %s", advice)
	}
	s.CreatedAt = at.Add(-time.Minute)
	if advice := syncAdvice(s); !strings.Contains(advice, "dialtone doctor") {
		t.Errorf("a silent sync: %q", advice)
	}
	s.Kinds[0].State = uc.KindReading
	if advice := syncAdvice(s); advice != "" {
		t.Errorf("one that reads: %s", advice)
	}
}

func TestSyncProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out)
	p.terminal = true
	at := time.Now()
	s := uc.Sync{CallProcessor: "cucm-1", Scope: uc.SyncAll, State: uc.SyncRunning, Kinds: []uc.SyncKind{
		{Kind: uc.PhoneKind, State: uc.KindRead, Read: 3},
		{Kind: "region", State: uc.KindFailed},
		{Kind: uc.UserKind, State: uc.KindReading, Read: 5, Total: 9, StartedAt: &at, UpdatedAt: &at},
		{Kind: uc.LineKind, State: uc.KindPending, Wait: "no answer"},
		{Kind: uc.RelUserDevice, State: uc.KindPending},
	}}
	ended := s
	ended.State = uc.SyncCancelled
	for _, k := range ended.Kinds {
		if isRead(ended, k) {
			t.Errorf("once it was cancelled it reads %s", k.Kind)
		}
	}
	if err := p.updateSyncs([]uc.Sync{s}, at); err != nil {
		t.Fatal(err)
	}
	want := "cucm-1  all: 2 of 5 kinds, 1 could not be read\ncucm-1  User                         5 of 9\n" +
		"cucm-1  Line                         0; waits: no answer\n"
	if out.String() != want {
		t.Errorf("shown: %q, want %q", out.String(), want)
	}
	out.Reset()
	s.Kinds[2].State, s.AppliedAt = uc.KindRead, &at
	if err := p.updateSyncs([]uc.Sync{s}, at); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "\x1b[3A\x1b[J") || !strings.Contains(out.String(), "; visible, what changed") {
		t.Errorf("shown next: %q", out.String())
	}
}
