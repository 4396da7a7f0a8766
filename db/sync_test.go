package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestOpenSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := db.NewSync{ID: "s1", CallProcessor: "cucm-1", Scope: uc.SyncSubscribers, CreatedBy: "ann", Shrink: uc.ShrinkGuard{Percent: 10}}
	s, created, err := w.OpenSync(t.Context(), n)
	must(t, err)
	if !created || len(s.Kinds) != len(uc.SyncSubscribers.Kinds()) || s.Kinds[0].State != uc.KindPending {
		t.Errorf("%v %+v", created, s)
	}
	want := uc.Sync{
		ID: "s1", CallProcessor: "cucm-1", Scope: uc.SyncSubscribers, State: uc.SyncRunning, CreatedBy: "ann",
		Shrink: uc.ShrinkGuard{Percent: 10, Least: 50},
	}
	equal(t, "sync", want, s, cmpopts.IgnoreFields(uc.Sync{}, "CreatedAt", "Kinds"))
	n.Scope, n.CreatedBy = uc.SyncInfra, "bob"
	again, created, err := w.OpenSync(t.Context(), n)
	must(t, err)
	if created {
		t.Error("a sync with the same id was made")
	}
	equal(t, "the same id", s, again)
	for name, bad := range map[string]db.NewSync{
		"no id":    {CallProcessor: "cucm-1", Scope: uc.SyncAll},
		"no name":  {ID: "s2", Scope: uc.SyncAll},
		"no scope": {ID: "s2", CallProcessor: "cucm-1", Scope: "everything"},
	} {
		if _, _, err := w.OpenSync(t.Context(), bad); uc.KindOf(err) != uc.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = w.GetSync(t.Context(), "s2")
	wantKind(t, err, uc.NotFound)
}

func TestListSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		_, _, err := w.OpenSync(t.Context(), db.NewSync{
			ID: fmt.Sprint("s", i), CallProcessor: fmt.Sprint("cucm-", i%2), Scope: uc.SyncInfra, CreatedBy: "ann",
		})
		must(t, err)
	}
	must(t, w.EndSync(t.Context(), "s2", uc.SyncCancelled, "by ann"))
	list := func(f db.SyncFilter) (out []string) {
		cursor := ""
		for {
			page, next, err := w.ListSyncs(t.Context(), f, cursor, 2)
			must(t, err)
			for _, s := range page {
				out = append(out, s.ID)
			}
			if cursor = next; cursor == "" {
				return out
			}
		}
	}
	equal(t, "all", []string{"s4", "s3", "s2", "s1", "s0"}, list(db.SyncFilter{}))
	equal(t, "of one", []string{"s3", "s1"}, list(db.SyncFilter{CallProcessor: "cucm-1"}))
	equal(t, "running", []string{"s4", "s0"}, list(db.SyncFilter{CallProcessor: "cucm-0", State: uc.SyncRunning}))
	_, _, err := w.ListSyncs(t.Context(), db.SyncFilter{}, "nonsense", 0)
	wantKind(t, err, uc.Invalid)
}

func TestEndSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.opens("s1", uc.UserKind)
	wantKind(t, w.EndSync(ctx, "s9", uc.SyncDone, ""), uc.NotFound)
	wantKind(t, w.EndSync(ctx, "s1", uc.SyncWaiting, ""), uc.Invalid)
	wantKind(t, w.EndSync(ctx, "s1", uc.SyncDone, ""), uc.Conflict)
	must(t, w.EndSync(ctx, "s1", uc.SyncFailed, "no answer"))
	must(t, w.EndSync(ctx, "s1", uc.SyncCancelled, "later"))
	s, err := w.GetSync(ctx, "s1")
	must(t, err)
	if s.State != uc.SyncFailed || s.Detail != "no answer" || s.EndedAt == nil || s.AppliedAt != nil {
		t.Errorf("%+v", s)
	}
	w.synced("s2", content{uc.UserKind: {thing("ann")}})
	must(t, w.EndSync(ctx, "s2", uc.SyncDone, "Completed."))
	if s, err = w.GetSync(ctx, "s2"); err != nil || s.State != uc.SyncDone || s.AppliedAt == nil {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestEndSyncKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind, "gatekeeper")
	end := db.KindEnd{
		SyncID: "s1", Kind: "gatekeeper", State: uc.KindSkipped, Detail: "this version has none",
		Line: uc.SyncLine{Severity: uc.SeverityWarning, Class: uc.ConfigurationLine, What: "is not there", Why: "this version has none"},
	}
	must(t, w.EndSyncKind(t.Context(), end))
	end.State = uc.KindFailed
	must(t, w.EndSyncKind(t.Context(), end)) // it has ended already
	if k := w.kind("s1", "gatekeeper"); k.State != uc.KindSkipped || k.Detail != "this version has none" {
		t.Errorf("%+v", k)
	}
	w.stages("s1", uc.UserKind, "", "", thing("ann"))
	end.Kind = uc.UserKind
	must(t, w.EndSyncKind(t.Context(), end)) // it was read
	if k := w.kind("s1", uc.UserKind); k.State != uc.KindRead {
		t.Errorf("%+v", k)
	}
	if n := len(w.lines("s1")); n != 1 {
		t.Errorf("%d lines", n)
	}
	end.State = uc.KindRead
	wantKind(t, w.EndSyncKind(t.Context(), end), uc.Invalid)
	end.State, end.Kind = uc.KindFailed, "region"
	wantKind(t, w.EndSyncKind(t.Context(), end), uc.NotFound)
}

func TestSyncLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind)
	ctx := t.Context()
	started := time.Now().Add(-time.Second)
	line := uc.SyncLine{
		Kind: "region", Severity: uc.SeverityWarning, Class: uc.DataLine, Object: "color", What: uc.WhatSkipped,
		Why: "no kind has it", Properties: []byte(`{"a": 1}`), Do: "nothing",
	}
	other := line
	other.Object, other.Severity, other.Class, other.Properties = "", uc.SeverityError, uc.NetworkLine, nil
	for range 2 {
		must(t, w.AddSyncLines(ctx, "s1", line, other))
	}
	all, next, err := w.SyncLines(ctx, "s1", db.LineFilter{}, "", 1)
	must(t, err)
	if len(all) != 1 || next == "" || all[0].Seq == 0 || all[0].At.Before(started) {
		t.Errorf("%+v", all)
	}
	rest, next, err := w.SyncLines(ctx, "s1", db.LineFilter{}, next, 1)
	must(t, err)
	if next != "" {
		t.Error("there is no third line")
	}
	ignore := cmpopts.IgnoreFields(uc.SyncLine{}, "Seq", "At")
	equal(t, "all", []uc.SyncLine{line, other}, append(all, rest...), ignore)
	found, _, err := w.SyncLines(ctx, "s1", db.LineFilter{Kind: "region", Severity: uc.SeverityError, Class: uc.NetworkLine}, "", 0)
	must(t, err)
	equal(t, "one", []uc.SyncLine{other}, found, ignore)
	_, _, err = w.SyncLines(ctx, "s1", db.LineFilter{}, "nonsense", 0)
	wantKind(t, err, uc.Invalid)
	_, _, err = w.SyncLines(ctx, "s9", db.LineFilter{}, "", 0)
	wantKind(t, err, uc.NotFound)
	wantKind(t, w.AddSyncLines(ctx, "s9", line), uc.NotFound)
}

func TestDiffSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	fault := uc.SyncLine{Kind: "region", Severity: uc.SeverityError, Class: uc.NetworkLine, What: "could not be read", Why: "HTTP 503"}
	unknown := uc.SyncLine{Kind: "region", Severity: uc.SeverityWarning, Class: uc.DataLine, Object: "color", What: uc.WhatSkipped}
	w.synced("s0", content{uc.UserKind: {thing("ann", "v", "0"), thing("bob", "v", "0")}})
	w.synced("s1", content{uc.UserKind: {thing("ann", "v", "1"), thing("bob", "v", "0")}})
	must(t, w.AddSyncLines(ctx, "s1", fault, unknown))
	w.synced("s2", content{uc.UserKind: {thing("ann", "v", "2"), thing("bob", "v", "1")}})
	must(t, w.AddSyncLines(ctx, "s2", unknown))
	type delta struct{ In, Object, What, Properties string }
	var got []delta
	cursor := ""
	for pages := 0; ; pages++ {
		d, err := w.DiffSyncs(ctx, "s1", "s2", cursor, 2)
		must(t, err)
		if d.Same != 1 || d.A.ID != "s1" || d.B.ID != "s2" || d.A.Kinds[0].Changed != 1 || d.B.Kinds[0].Changed != 2 {
			t.Errorf("%+v", d)
		}
		for _, l := range d.Lines {
			got = append(got, delta{l.In, l.Object, l.What, string(l.Properties)})
		}
		if cursor = d.Next; cursor == "" {
			if pages != 1 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
	}
	equal(t, "what only one says", []delta{
		{"a", "ann", "changed", `{"v": {"new": "1", "old": "0"}}`},
		{"a", "", "could not be read", ""},
		{"b", "ann", "changed", `{"v": {"new": "2", "old": "1"}}`},
		{"b", "bob", "changed", `{"v": {"new": "1", "old": "0"}}`},
	}, got)
	for _, pair := range [][2]string{{"s1", "s9"}, {"s9", "s1"}} {
		_, err := w.DiffSyncs(ctx, pair[0], pair[1], "", 0)
		wantKind(t, err, uc.NotFound)
	}
	_, err := w.DiffSyncs(ctx, "s1", "s1", "", 0)
	wantKind(t, err, uc.Invalid)
	_, err = w.DiffSyncs(ctx, "s1", "s2", "nonsense", 0)
	wantKind(t, err, uc.Invalid)
}

// TestSyncConstraints tries to break the rules of syncs with plain SQL, past all our
// code.
func TestSyncConstraints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind)
	w.applies(db.ObjectsIn{Rows: of(uc.UserKind, thing("ann"))})
	cases := map[string]struct{ reason, sql string }{
		"done, not applied": {"what is done was applied", `UPDATE syncs SET state = 'done', ended_at = now()`},
		"final, not ended":  {"a final sync has ended", `UPDATE syncs SET state = 'failed'`},
		"ended and open":    {"an open sync has not ended", `UPDATE syncs SET ended_at = now()`},
		"no such state":     {"states are the five", `UPDATE syncs SET state = 'lost'`},
		"no such kind":      {"a kind is of a sync", `INSERT INTO sync_kinds (sync_number, kind, place) VALUES (99, 'user', 1)`},
		"read, not begun":   {"what was read was begun", `UPDATE sync_kinds SET state = 'read'`},
		"no such severity":  {"severities are the three", `INSERT INTO sync_lines (sync_number, severity, class, what) VALUES (1, 'fatal', 'data', 'x')`},
		"line of no sync":   {"a line is of a sync", `INSERT INTO sync_lines (sync_number, severity, class, what) VALUES (99, 'info', 'data', 'x')`},
		"twice":             {"an object is there once", `INSERT INTO estate (call_processor, kind, uuid, name, partition, attributes, first_seen, seen_at, changed_at) SELECT call_processor, kind, uuid, 'x', '', '{}', now(), now(), now() FROM estate`},
		"no object":         {"attributes are an object", `UPDATE estate SET attributes = '[]'`},
	}
	for name, c := range cases {
		if _, err := w.sql.Exec(t.Context(), c.sql); pgCode(err)[:2] != "23" {
			t.Errorf("%s (%s): %v", name, c.reason, err)
		}
	}
}

func pgCode(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return pg.Code
	}
	return "none"
}
