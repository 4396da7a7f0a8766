package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func (w world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	must(w.t, w.sql.QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

func (w world) staged() int { return w.count(`SELECT count(*) FROM estate_stage`) }

func TestStagePageOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows()
	w.opens("s1", uc.UserKind)
	ann, bob, eve := thing("ann"), thing("bob"), thing("eve")
	first := w.stages("s1", uc.UserKind, "", "p2", ann, bob)
	equal(t, "the first page", db.PageOut{
		Staged: true, Rows: 2, SyncProgress: db.SyncProgress{Cursor: "p2", State: uc.KindReading, Read: 2, Total: 2},
	}, first)
	again := w.stages("s1", uc.UserKind, "", "p2", ann, bob)
	equal(t, "again", db.PageOut{SyncProgress: first.SyncProgress}, again)
	// The process dies here and another one asks where to go on.
	at, err := w.SyncProgress(t.Context(), "s1", uc.UserKind)
	must(t, err)
	equal(t, "where to go on", first.SyncProgress, at)
	last := w.stages("s1", uc.UserKind, at.Cursor, "", eve)
	equal(t, "the last page", db.SyncProgress{State: uc.KindRead, Read: 3, Total: 3}, last.SyncProgress)
	for _, cursor := range []string{"", "p2", "elsewhere"} {
		if out := w.stages("s1", uc.UserKind, cursor, "p9", ann); out.Staged || out.State != uc.KindRead {
			t.Errorf("a page at %q after the last one: %+v", cursor, out)
		}
	}
	if n := w.staged(); n != 3 {
		t.Errorf("%d rows are staged, want 3", n)
	}
}

func TestStagePageByTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows()
	w.opens("s1", uc.UserKind)
	// Both take the rows before either has moved the cursor.
	both := make(chan struct{})
	here := make(chan struct{})
	stage := func() (db.PageOut, error) {
		return w.StagePage(t.Context(), db.PageIn{
			SyncID: "s1", Kind: uc.UserKind,
			Rows: func(yield func(db.EstateRow, error) bool) {
				here <- struct{}{}
				<-both
				yield(thing("ann"), nil)
			},
			End: func() db.PageEnd { return db.PageEnd{Cursor: "p2"} },
		})
	}
	type result struct {
		out db.PageOut
		err error
	}
	results := make(chan result)
	for range 2 {
		go func() {
			out, err := stage()
			results <- result{out, err}
		}()
	}
	<-here
	<-here
	close(both)
	staged := 0
	for range 2 {
		r := <-results
		must(t, r.err)
		if r.out.Staged {
			staged++
		}
		if r.out.Cursor != "p2" {
			t.Errorf("%+v", r.out)
		}
	}
	if staged != 1 || w.staged() != 1 {
		t.Errorf("%d attempts staged the page, %d rows", staged, w.staged())
	}
}

func TestStagePageCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows()
	w.opens("s1", uc.UserKind)
	cut := &uc.Error{Kind: uc.Unavailable, System: "cucm", Op: "listUser", Detail: "connection lost"}
	_, err := w.StagePage(t.Context(), db.PageIn{
		SyncID: "s1", Kind: uc.UserKind,
		Rows: func(yield func(db.EstateRow, error) bool) {
			_ = yield(thing("ann"), nil) && yield(db.EstateRow{}, cut)
		},
		End: func() db.PageEnd { t.Error("a page that was cut off has no end"); return db.PageEnd{Last: true} },
	})
	if !errors.Is(err, uc.Unavailable) || !errors.As(err, &cut) {
		t.Errorf("error %v, want the one of the rows", err)
	}
	at, err := w.SyncProgress(t.Context(), "s1", uc.UserKind)
	must(t, err)
	equal(t, "nothing happened", db.SyncProgress{State: uc.KindPending}, at)
	if w.staged() != 0 {
		t.Error("rows of half a page are staged")
	}
}

func TestStagePageRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind)
	stage := func(sync string, kind uc.EstateKind, row db.EstateRow, end db.PageEnd) error {
		_, err := w.StagePage(t.Context(), db.PageIn{
			SyncID: sync, Kind: kind, Rows: each([]db.EstateRow{row}), End: func() db.PageEnd { return end },
		})
		return err
	}
	wantKind(t, stage("s2", uc.UserKind, thing("ann"), db.PageEnd{}), uc.NotFound)
	wantKind(t, stage("s1", uc.PhoneKind, thing("ann"), db.PageEnd{}), uc.NotFound)
	wantKind(t, stage("s1", uc.UserKind, thing("ann"), db.PageEnd{}), uc.Internal)
	broken := thing("ann")
	broken.Attributes = []byte(`{"name":`)
	wantKind(t, stage("s1", uc.UserKind, broken, db.PageEnd{Last: true}), uc.Invalid)
	must(t, w.EndSync(t.Context(), "s1", uc.SyncCancelled, "no more"))
	out := w.stages("s1", uc.UserKind, "", "", thing("ann"))
	if out.Staged || w.staged() != 0 {
		t.Errorf("a page of a sync that has ended: %+v", out)
	}
}

func TestStagePageBadRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind, uc.RelUserDevice)
	bad := thing("nobody", "mail", "x")
	bad.UUID = "{}"
	upper := thing("ann")
	upper.UUID = "{6A7B8C9D-0000-1111-2222-AABBCCDDEEFF}"
	rows := []db.EstateRow{bad, upper}
	for range 30 {
		rows = append(rows, db.EstateRow{UUID: "none"})
	}
	_, err := w.StagePage(t.Context(), db.PageIn{
		SyncID: "s1", Kind: uc.UserKind, Rows: each(rows), ReadAt: time.Now(),
		End: func() db.PageEnd {
			return db.PageEnd{Last: true, Total: 40, Skipped: 2, Lines: []uc.SyncLine{{
				Severity: uc.SeverityWarning, Class: uc.DataLine, Object: "color", What: uc.WhatSkipped, Why: "no kind has it",
			}}}
		},
	})
	must(t, err)
	w.stages("s1", uc.RelUserDevice, "", "", link(upper, thing("p")), link(upper, db.EstateRow{UUID: "x"}), link(bad, upper))
	s, err := w.GetSync(t.Context(), "s1")
	must(t, err)
	k := s.Kinds[0]
	if k.Read != 1 || k.Total != 40 || k.Skipped != 33 || s.Kinds[1].Read != 1 || s.Kinds[1].Skipped != 2 {
		t.Errorf("%+v", s.Kinds)
	}
	lines, _, err := w.SyncLines(t.Context(), "s1", db.LineFilter{Kind: uc.UserKind}, "", 0)
	must(t, err)
	if len(lines) != 3 { // all rows without a name and id say the same
		t.Errorf("%+v", lines)
	}
	i := slices.IndexFunc(lines, func(l uc.SyncLine) bool { return l.Object == "nobody" })
	if i < 0 || string(lines[i].Properties) != `{"mail": "x"}` || lines[i].UUID != "{}" || lines[i].Why == "" || lines[i].Do == "" {
		t.Errorf("%+v", lines)
	}
	out, err := w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	if out.Kinds[0].Added != 1 {
		t.Errorf("%+v", out)
	}
	found, err := w.EstateObjects(t.Context(), "cucm-1", "{6A7B8C9D-0000-1111-2222-AABBCCDDEEFF}", "nonsense")
	must(t, err)
	if len(found) != 1 || found[0].UUID != "6a7b8c9d-0000-1111-2222-aabbccddeeff" {
		t.Errorf("%+v", found)
	}
}

func TestPruneEstateStage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.synced("applied", content{uc.UserKind: {thing("ann")}})
	for _, sync := range []string{"running", "cancelled"} {
		w.opens(sync, uc.UserKind, uc.PhoneKind)
		w.stages(sync, uc.UserKind, "", "", thing("bob"))
		w.stages(sync, uc.PhoneKind, "", "p2", thing("SEP"))
	}
	must(t, w.EndSync(t.Context(), "cancelled", uc.SyncCancelled, ""))
	n, err := w.PruneEstateStage(t.Context())
	must(t, err)
	if n != 2 || w.staged() != 3 { // one of them says that ann is gone
		t.Errorf("%d pruned, %d rows left", n, w.staged())
	}
	n, err = w.PruneEstateStage(t.Context())
	must(t, err)
	if n != 0 {
		t.Errorf("%d pruned again", n)
	}
	w.stages("running", uc.PhoneKind, "p2", "", thing("SEP2"))
	out, err := w.ApplySync(t.Context(), "running", true)
	must(t, err)
	if out.Kinds[1].Added != 2 {
		t.Errorf("%+v", out)
	}
	n, err = w.PruneEstateStage(t.Context())
	must(t, err)
	if n != 1 || w.staged() != 0 {
		t.Errorf("%d pruned, %d rows left", n, w.staged())
	}
}

func TestApplySyncMissingRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows()
	w.opens("s1", uc.UserKind)
	w.stages("s1", uc.UserKind, "", "", thing("ann"), thing("bob"))
	w.exec(`DELETE FROM estate_stage WHERE name = 'ann'`)
	_, err := w.ApplySync(t.Context(), "s1", true)
	wantKind(t, err, uc.Internal)
	equal(t, "users", map[string]string{}, w.estate(uc.UserKind))
}
