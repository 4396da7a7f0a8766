package db_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// many are so many things with these attributes.
func many(prefix string, n int, pairs ...string) []db.EstateRow {
	out := make([]db.EstateRow, n)
	for i := range out {
		out[i] = thing(fmt.Sprintf("%s%04d", prefix, i), pairs...)
	}
	return out
}

// lines are the lines of the report, without seq and time.
func (w world) lines(sync string) []uc.SyncLine {
	w.t.Helper()
	var out []uc.SyncLine
	cursor := ""
	for {
		lines, next, err := w.SyncLines(w.t.Context(), sync, db.LineFilter{}, cursor, 100)
		must(w.t, err)
		for _, l := range lines {
			l.Seq, l.At = 0, time.Time{}
			out = append(out, l)
		}
		if cursor = next; cursor == "" {
			return out
		}
	}
}

func (w world) kind(sync string, kind uc.EstateKind) uc.SyncKind {
	w.t.Helper()
	s, err := w.GetSync(w.t.Context(), sync)
	must(w.t, err)
	i := slices.IndexFunc(s.Kinds, func(k uc.SyncKind) bool { return k.Kind == kind })
	if i < 0 {
		w.t.Fatalf("sync %s does not read %s", sync, kind)
	}
	return s.Kinds[i]
}

func wantCounts(t *testing.T, k uc.SyncKind, added, changed, gone int) {
	t.Helper()
	equal(t, "added, changed, gone of "+string(k.Kind), [3]int{added, changed, gone}, [3]int{k.Added, k.Changed, k.Gone})
}

func TestSyncReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := thing("ann", "mail", "a@x", "phone", "1"), thing("bob", "mail", "b@x"), thing("eve", "mail", "e@x")
	line := thingIn("4711", "PT_A", "description", "front")
	other := thingIn("4711", "PT_B", "description", "front")
	w.synced("s1", content{uc.UserKind: {ann, bob, eve}, uc.LineKind: {line, other}})
	equal(t, "the first report", []uc.SyncLine{
		{Kind: uc.LineKind, Severity: uc.SeverityInfo, Class: uc.DataLine, What: "2 added", Why: "the kind was read for the first time", Do: "nothing: the copy has them now"},
		{Kind: uc.UserKind, Severity: uc.SeverityInfo, Class: uc.DataLine, What: "3 added", Why: "the kind was read for the first time", Do: "nothing: the copy has them now"},
	}, w.lines("s1"))

	changed := thing("ann", "mail", "ann@x", "title", "Dr")
	renamed := thing("bobby", "mail", "b@x")
	renamed.UUID = bob.UUID
	zoe := thing("zoe", "mail", "z@x")
	moved := thingIn("4711", "PT_A", "description", "back")
	w.synced("s2", content{uc.UserKind: {changed, renamed, zoe}, uc.LineKind: {moved, other}})
	wantCounts(t, w.kind("s2", uc.UserKind), 1, 2, 1)
	wantCounts(t, w.kind("s2", uc.LineKind), 0, 1, 0)
	type told struct{ Kind, Object, UUID, What, Properties string }
	var got []told
	for _, l := range w.lines("s2") {
		if l.Why == "" || l.Do == "" {
			t.Errorf("a line does not say why and what to do: %+v", l)
		}
		got = append(got, told{string(l.Kind), l.Object, l.UUID, l.What, string(l.Properties)})
	}
	equal(t, "the second report", []told{
		{"user", "zoe", zoe.UUID, "added", `{"mail": {"new": "z@x"}, "name": {"new": "zoe"}, "partition": {"new": ""}}`},
		{"line", "4711 in PT_A", line.UUID, "changed", `{"description": {"new": "back", "old": "front"}}`},
		{"user", "ann", ann.UUID, "changed", `{"mail": {"new": "ann@x", "old": "a@x"}, "phone": {"old": "1"}, "title": {"new": "Dr"}}`},
		{"user", "bobby", bob.UUID, "renamed", `{"name": {"new": "bobby", "old": "bob"}}`},
		{"user", "eve", eve.UUID, "gone", `{"mail": {"old": "e@x"}, "name": {"old": "eve"}, "partition": {"old": ""}}`},
	}, got)
	equal(t, "lines", map[string]string{
		"4711 in PT_A": `{"description": "back"}`, "4711 in PT_B": `{"description": "front"}`,
	}, w.estate(uc.LineKind))
	equal(t, "users", map[string]string{
		"ann": `{"mail": "ann@x", "title": "Dr"}`, "bobby": `{"mail": "b@x"}`, "zoe": `{"mail": "z@x"}`,
	}, w.estate(uc.UserKind))
}

func TestSyncReportIsCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.synced("s1", content{uc.PhoneKind: many("SEP", 700, "model", "7841")})
	w.synced("s2", content{uc.PhoneKind: many("SEP", 700, "model", "8851")})
	wantCounts(t, w.kind("s2", uc.PhoneKind), 0, 700, 0)
	lines := w.lines("s2")
	if len(lines) != 501 || lines[0].Object != "SEP0000" || lines[499].Object != "SEP0499" {
		t.Fatalf("%d lines, %+v", len(lines), lines[0])
	}
	equal(t, "the last line", uc.SyncLine{
		Kind: uc.PhoneKind, Severity: uc.SeverityInfo, Class: uc.DataLine, What: "200 more changed",
		Why: "a report tells the first 500 of a kind one by one", Do: "nothing: the copy has the new values now",
	}, lines[500])
}

func TestSameObjectTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.PhoneKind)
	at := time.Now()
	page := func(cursor, next string, readAt time.Time, rows ...db.EstateRow) {
		_, err := w.StagePage(t.Context(), db.PageIn{
			SyncID: "s1", Kind: uc.PhoneKind, Cursor: cursor, ReadAt: readAt, Rows: each(rows),
			End: func() db.PageEnd { return db.PageEnd{Cursor: next, Last: next == ""} },
		})
		must(t, err)
	}
	page("", "2", at, thing("SEP1", "n", "1"), thing("SEP2", "n", "1"))
	// A phone was renamed between the pages, so that the list returns it again.
	renamed := thing("SEP9", "n", "2")
	renamed.UUID = thing("SEP1").UUID
	page("2", "", at.Add(time.Second), renamed, thing("SEP3", "n", "1"))
	out, err := w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	wantCounts(t, out.Kinds[0], 3, 0, 0)
	equal(t, "phones", map[string]string{"SEP2": `{"n": "1"}`, "SEP3": `{"n": "1"}`, "SEP9": `{"n": "2"}`}, w.estate(uc.PhoneKind))
}

func TestGoneOnlyWhenComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users, phones := []db.EstateRow{thing("ann"), thing("bob")}, []db.EstateRow{thing("SEP1"), thing("SEP2")}
	w.synced("s1", content{
		uc.UserKind: users, uc.PhoneKind: phones, uc.LineKind: {thing("1")}, "region": {thing("R1"), thing("R2")},
		uc.RelUserDevice: {link(users[0], phones[0])},
	})
	before := maps.Collect(func(yield func(uc.EstateKind, map[string]string) bool) {
		for _, k := range []uc.EstateKind{uc.UserKind, uc.PhoneKind, uc.LineKind} {
			yield(k, w.estate(k))
		}
	})
	w.opens("s2", uc.UserKind, uc.PhoneKind, uc.LineKind, "region", uc.RelUserDevice)
	w.stages("s2", uc.UserKind, "", "p2", users[1]) // the rest never came
	w.stages("s2", uc.PhoneKind, "", "", phones[0]) // complete: SEP2 is gone
	w.stages("s2", "region", "", "p2", thing("R3")) // failed on its second page
	fault := db.KindEnd{
		SyncID: "s2", Kind: "region", State: uc.KindFailed, Detail: "HTTP 503",
		Line: uc.SyncLine{Severity: uc.SeverityError, Class: uc.NetworkLine, What: "could not be read", Why: "HTTP 503", Do: "run the sync again"},
	}
	for range 2 {
		must(t, w.EndSyncKind(t.Context(), fault))
	}
	if out := w.stages("s2", "region", "p2", "", thing("R4")); out.Staged {
		t.Errorf("a page of a kind that failed: %+v", out)
	}
	must(t, w.EndSyncKind(t.Context(), db.KindEnd{SyncID: "s2", Kind: uc.RelUserDevice, State: uc.KindFailed, Line: fault.Line}))
	out, err := w.ApplySync(t.Context(), "s2", false)
	must(t, err)
	if out.Held {
		t.Fatalf("%+v", out)
	}
	wantCounts(t, w.kind("s2", uc.PhoneKind), 0, 0, 1)
	wantCounts(t, w.kind("s2", uc.UserKind), 0, 0, 0)
	delete(before[uc.PhoneKind], "SEP2")
	for k, want := range before {
		equal(t, k.Title(), want, w.estate(k)) // SEP1 keeps its users: their relation was not read
	}
	equal(t, "regions", map[string]string{"R1": "{}", "R2": "{}"}, w.estate("region"))
	ages, err := w.EstateAges(t.Context(), "", "")
	must(t, err)
	got := map[uc.EstateKind]string{}
	for _, a := range ages {
		got[a.Kind] = a.SyncID
	}
	equal(t, "ages", map[uc.EstateKind]string{uc.UserKind: "s1", uc.PhoneKind: "s2", uc.LineKind: "s1", "region": "s1"}, got)
	s, err := w.GetSync(t.Context(), "s2")
	must(t, err)
	equal(t, "summary", "Completed. But the following objects could not be synchronized: [Region, User]", uc.SyncSummary(s.Kinds))
	failed := slices.DeleteFunc(w.lines("s2"), func(l uc.SyncLine) bool { return l.Class != uc.NetworkLine })
	if len(failed) != 2 || failed[0].Kind != "region" {
		t.Errorf("%+v", failed)
	}
}

// TestReadersSeeAllOrNothing reads both kinds in one snapshot while syncs of them are
// applied: all phones and all users are of one sync, whenever one looks.
func TestReadersSeeAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const objects, rounds = 300, 6
	apply := func(round int) {
		version := fmt.Sprint(round)
		w.synced("s"+version, content{
			uc.PhoneKind: many("SEP", objects, "v", version), uc.UserKind: many("u", objects+round, "v", version),
		})
	}
	apply(0)
	ctx, stop := context.WithCancel(t.Context())
	var seen []string
	done := make(chan error, 1)
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var state string
			err := w.sql.QueryRow(t.Context(), `SELECT string_agg(DISTINCT attributes->>'v', ',') || '/' || count(*)
				FROM estate`).Scan(&state)
			if err != nil {
				done <- err
				return
			}
			if len(seen) == 0 || seen[len(seen)-1] != state {
				seen = append(seen, state)
			}
		}
	}()
	for round := 1; round <= rounds; round++ {
		apply(round)
	}
	stop()
	must(t, <-done)
	whole := map[string]bool{}
	for round := range rounds + 1 {
		whole[fmt.Sprintf("%d/%d", round, 2*objects+round)] = true
	}
	for _, state := range seen {
		if !whole[state] {
			t.Errorf("a reader saw %s", state)
		}
	}
	if len(seen) < 2 {
		t.Errorf("the reader saw %v only", seen)
	}
}

// TestApplyRollsBack breaks the last write of an application: nothing of it stays.
func TestApplyRollsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.synced("s1", content{uc.UserKind: {thing("ann")}})
	w.opens("s2", uc.UserKind)
	w.stages("s2", uc.UserKind, "", "", thing("bob"))
	w.exec(`ALTER TABLE estate_kinds ADD CONSTRAINT broken CHECK (sync_number < 2)`)
	_, err := w.ApplySync(t.Context(), "s2", true)
	wantKind(t, err, uc.Invalid)
	equal(t, "users", map[string]string{"ann": "{}"}, w.estate(uc.UserKind))
	if n := len(w.lines("s2")); n != 0 {
		t.Errorf("%d lines of a report of nothing", n)
	}
	w.exec(`ALTER TABLE estate_kinds DROP CONSTRAINT broken`)
	_, err = w.ApplySync(t.Context(), "s2", true)
	must(t, err)
	equal(t, "users", map[string]string{"bob": "{}"}, w.estate(uc.UserKind))
}

func TestEstateNeedsAnObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows()
	w.opens("s1", uc.UserKind)
	list := thing("ann")
	list.Attributes = []byte(`[1]`)
	w.stages("s1", uc.UserKind, "", "", list)
	_, err := w.ApplySync(t.Context(), "s1", false)
	wantKind(t, err, uc.Invalid)
}
