package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// sorted stages the rows in order of their ids, two to a page.
func (w world) sorted(sync string, kind uc.EstateKind, rows ...db.EstateRow) {
	w.t.Helper()
	rows = slices.SortedFunc(slices.Values(rows), func(a, b db.EstateRow) int { return strings.Compare(a.UUID, b.UUID) })
	after := ""
	for page := range slices.Chunk(append(rows, db.EstateRow{}), 2) {
		last := page[len(page)-1].UUID == ""
		page = slices.DeleteFunc(slices.Clone(page), func(r db.EstateRow) bool { return r.UUID == "" })
		upto := after
		if len(page) > 0 {
			upto = page[len(page)-1].UUID
		}
		_, err := w.StagePage(w.t.Context(), db.PageIn{
			SyncID: sync, Kind: kind, Cursor: after, Rows: each(page), Sorted: true, After: after,
			End: func() db.PageEnd { return db.PageEnd{Cursor: upto, Upto: upto, Last: last} },
		})
		must(w.t, err)
		after = upto
	}
}

// reads reads the content in order and applies it.
func (w world) reads(sync string, c content) db.ApplyOut {
	w.t.Helper()
	return w.runs(sync, c, w.sorted)
}

// people is a company of six, whose phones have a line each.
func people(version string) content {
	c := content{}
	for _, name := range []string{"ann", "bob", "cat", "dan", "eve", "fay"} {
		user, phone, line := thing(name, "v", version), thing("SEP"+name), thingIn("4"+name, "PT")
		c[uc.UserKind] = append(c[uc.UserKind], user)
		c[uc.PhoneKind] = append(c[uc.PhoneKind], phone)
		c[uc.LineKind] = append(c[uc.LineKind], line)
		c[uc.RelUserDevice] = append(c[uc.RelUserDevice], link(user, phone))
		c[uc.RelDeviceLine] = append(c[uc.RelDeviceLine], link(phone, line, "index", "1"))
	}
	return c
}

func TestSortedPagesKeepWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reads("s1", people("1"))
	for _, k := range []uc.EstateKind{uc.UserKind, uc.PhoneKind, uc.LineKind} {
		wantCounts(t, w.kind("s1", k), 6, 0, 0)
	}
	w.reads("s2", people("1"))
	if n := w.count(`SELECT sum(staged + hidden) FROM sync_kinds JOIN syncs ON number = sync_number WHERE id = 's2'`); n != 0 {
		t.Errorf("%d rows were kept of a reading in which nothing differs", n)
	}
	if lines := w.lines("s2"); len(lines) != 0 {
		t.Errorf("%+v", lines)
	}
	next := people("1")
	next[uc.UserKind][0] = thing("ann", "v", "2")
	next[uc.UserKind] = append(next[uc.UserKind][:5], thing("gus"), thing("hal")) // fay is gone
	next[uc.RelUserDevice] = next[uc.RelUserDevice][:5]
	next[uc.RelDeviceLine][1].Attributes = []byte(`{"index": "2"}`) // bob's
	w.reads("s3", next)
	wantCounts(t, w.kind("s3", uc.UserKind), 2, 1, 1)
	wantCounts(t, w.kind("s3", uc.PhoneKind), 0, 2, 0) // bob's has another button, fay's nobody
	wantCounts(t, w.kind("s3", uc.LineKind), 0, 1, 0)
	whole := newWorld(t)
	whole.synced("s1", next)
	w.equalEstate("after three readings", whole)
	i := slices.IndexFunc(w.lines("s3"), func(l uc.SyncLine) bool { return l.Object == "4bob in PT" })
	if i < 0 || string(w.lines("s3")[i].Properties) != `{"devices": {"new": [{"uuid": "`+id("SEPbob/")+
		`", "index": "2"}], "old": [{"uuid": "`+id("SEPbob/")+`", "index": "1"}]}}` {
		t.Errorf("%+v", w.lines("s3"))
	}
	if n := w.reads("s4", content{uc.UserKind: {}}); !n.Held {
		t.Errorf("all people are gone, and the guard says nothing: %+v", n)
	}
}

// TestRelationMadeAnew: a row of a relation that is made anew with the same content is no
// change of anything.
func TestRelationMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reads("s1", people("1"))
	again := people("1")
	for i := range again[uc.RelDeviceLine] {
		again[uc.RelDeviceLine][i].UUID = id(again[uc.RelDeviceLine][i].UUID)
	}
	for _, k := range w.reads("s2", again).Kinds {
		wantCounts(t, k, 0, 0, 0)
	}
	if n := w.count(`SELECT count(*) FROM estate_related WHERE kind = 'rel_device_line'`); n != 6 {
		t.Errorf("%d rows of the relation", n)
	}
}

// TestFirstReadingIsHidden brings the rows of a first reading to the estate, where nobody
// sees them until it is applied.
func TestFirstReadingIsHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := people("1")
	w.opens("s1", uc.UserKind, uc.PhoneKind, uc.RelUserDevice, uc.LineKind)
	w.sorted("s1", uc.UserKind, all[uc.UserKind]...)
	w.sorted("s1", uc.RelUserDevice, all[uc.RelUserDevice]...)
	if w.staged() != 0 {
		t.Errorf("%d rows are staged, and would be written twice", w.staged())
	}
	equal(t, "before it is applied", map[string]string{}, w.estate(uc.UserKind))
	counts, err := w.EstateCounts(t.Context(), "")
	must(t, err)
	equal(t, "counts", 0, len(counts))
	// Somebody is refreshed meanwhile: before the page, and after it.
	phones := all[uc.PhoneKind]
	w.applies(db.ObjectsIn{Rows: of(uc.PhoneKind, thing("SEPann", "v", "early"), phones[1])})
	w.sorted("s1", uc.PhoneKind, phones...)
	w.applies(db.ObjectsIn{Rows: of(uc.PhoneKind, thing("SEPcat", "v", "late"))})
	_, err = w.RemoveObjects(t.Context(), "cucm-1", time.Now(), all[uc.UserKind][5].UUID)
	must(t, err)
	equal(t, "what was refreshed", map[string]string{
		"SEPann": `{"v": "early"}`, "SEPbob": `{}`, "SEPcat": `{"v": "late"}`,
	}, w.estate(uc.PhoneKind))
	// The lines are never read to their end.
	_, err = w.StagePage(t.Context(), db.PageIn{
		SyncID: "s1", Kind: uc.LineKind, Rows: each(all[uc.LineKind][:1]), Sorted: true,
		End: func() db.PageEnd { return db.PageEnd{Cursor: "x", Upto: all[uc.LineKind][0].UUID} },
	})
	must(t, err)
	out, err := w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	if out.Held {
		t.Fatalf("%+v", out)
	}
	equal(t, "lines", map[string]string{}, w.estate(uc.LineKind))
	equal(t, "phones", 6, len(w.estate(uc.PhoneKind)))
	equal(t, "ann's phone, as the page has it", `{"users": [{"uuid": "`+all[uc.UserKind][0].UUID+`"}]}`, w.estate(uc.PhoneKind)["SEPann"])
	equal(t, "cat's, read later", `{"v": "late", "users": [{"uuid": "`+all[uc.UserKind][2].UUID+`"}]}`, w.estate(uc.PhoneKind)["SEPcat"])
	if users := w.estate(uc.UserKind); len(users) != 5 || users["fay"] != "" {
		t.Errorf("fay was removed meanwhile: %v", users)
	}
	if n := w.count(`SELECT count(*) FROM estate_object`) + w.count(`SELECT count(*) FROM estate_hidden`); n != 11 {
		t.Errorf("%d rows, of which nobody sees some", n)
	}
}

// TestHiddenRowsGo: of a first reading that ends without being applied nothing is left.
func TestHiddenRowsGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := people("1")
	rows := func() int {
		return w.count(`SELECT count(*) FROM estate_object`) + w.count(`SELECT count(*) FROM estate_relation`)
	}
	w.opens("s1", uc.UserKind, uc.RelUserDevice)
	w.sorted("s1", uc.UserKind, all[uc.UserKind]...)
	w.sorted("s1", uc.RelUserDevice, all[uc.RelUserDevice]...)
	must(t, w.EndSync(t.Context(), "s1", uc.SyncCancelled, ""))
	_, err := w.PruneEstateStage(t.Context())
	must(t, err)
	equal(t, "rows of a cancelled sync", 0, rows())
	w.opens("s2", uc.UserKind, uc.PhoneKind)
	w.sorted("s2", uc.UserKind, all[uc.UserKind]...)
	// Another sync begins although this one has not ended.
	w.reads("s3", people("3"))
	equal(t, "rows of the one that was applied", 30, rows())
	_, err = w.ApplySync(t.Context(), "s2", false)
	wantKind(t, err, uc.Conflict)
	_, err = w.StagePage(t.Context(), db.PageIn{
		SyncID: "s2", Kind: uc.PhoneKind, Rows: each(nil), Sorted: true, End: func() db.PageEnd { return db.PageEnd{Last: true} },
	})
	wantKind(t, err, uc.Conflict)
	equal(t, "users", `{"v": "3", "devices": [{"uuid": "`+all[uc.PhoneKind][0].UUID+`"}]}`, w.estate(uc.UserKind)["ann"])
}

// TestSortedPageMeetsRefresh reads a page while an object of it is refreshed, and what a
// refresh finds as the page has it is there at once.
func TestSortedPageMeetsRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := thing("ann", "v", "page")
	w.opens("s1", uc.UserKind)
	asked := 0
	out, err := w.StagePage(t.Context(), db.PageIn{
		SyncID: "s1", Kind: uc.UserKind, Sorted: true,
		Rows: func(yield func(db.EstateRow, error) bool) {
			if yield(ann, nil) && asked == 0 {
				w.applies(db.ObjectsIn{Rows: of(uc.UserKind, thing("ann", "v", "refresh"))})
			}
			asked++
		},
		End: func() db.PageEnd { return db.PageEnd{Last: true} },
	})
	must(t, err)
	if !out.Staged || asked != 1 {
		t.Errorf("%+v, asked %d times", out, asked)
	}
	_, err = w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	equal(t, "users: what was read last", map[string]string{"ann": `{"v": "refresh"}`}, w.estate(uc.UserKind))
	far := newWorld(t)
	all := people("1")
	far.opens("s1", uc.UserKind, uc.PhoneKind, uc.RelUserDevice)
	far.sorted("s1", uc.UserKind, all[uc.UserKind]...)
	far.sorted("s1", uc.RelUserDevice, all[uc.RelUserDevice]...)
	far.applies(db.ObjectsIn{
		Rows:      rowsOf(of(uc.UserKind, all[uc.UserKind][0]), of(uc.RelUserDevice, all[uc.RelUserDevice][0])),
		Relations: []uc.EstateKind{uc.RelUserDevice},
	})
	equal(t, "the one who was refreshed", map[string]string{
		"ann": `{"v": "1", "devices": [{"uuid": "` + all[uc.PhoneKind][0].UUID + `"}]}`,
	}, far.estate(uc.UserKind))
}

// TestRefreshTakesStagedRelations reads a relation that is no more when its object is
// refreshed, before the sync is applied.
func TestRefreshTakesStagedRelations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := people("1")
	w.reads("s1", all)
	ann, bob := all[uc.UserKind][0], all[uc.PhoneKind][1]
	w.opens("s2", uc.RelUserDevice)
	w.sorted("s2", uc.RelUserDevice, append(slices.Clone(all[uc.RelUserDevice]), link(ann, bob))...)
	w.applies(db.ObjectsIn{
		Rows:      rowsOf(of(uc.UserKind, ann), of(uc.RelUserDevice, all[uc.RelUserDevice][0])),
		Relations: []uc.EstateKind{uc.RelUserDevice},
	})
	_, err := w.ApplySync(t.Context(), "s2", false)
	must(t, err)
	whole := newWorld(t)
	whole.synced("s1", all)
	w.equalEstate("after the refresh", whole)
}

// waitsForLock returns once somebody waits for somebody else's transaction.
func (w world) waitsForLock() {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		select {
		case <-tick.C:
		case <-w.t.Context().Done():
			w.t.Fatal("nobody waits")
		}
	}
}

// TestRefreshMeetsPageUnderWay refreshes somebody whom a large page has brought to the
// estate a moment ago, while the page is still being read: the refresh waits and stands.
func TestRefreshMeetsPageUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows := many("u", 4001, "v", "page")
	slices.SortFunc(rows, func(a, b db.EstateRow) int { return strings.Compare(a.UUID, b.UUID) })
	one := rows[0]
	one.Attributes = []byte(`{"v": "refresh"}`)
	w.opens("s1", uc.UserKind)
	refreshed := make(chan error, 1)
	_, err := w.StagePage(t.Context(), db.PageIn{
		SyncID: "s1", Kind: uc.UserKind, Sorted: true,
		Rows: func(yield func(db.EstateRow, error) bool) {
			for i, r := range rows {
				if i == len(rows)-1 { // all others were written, and nobody else sees them yet
					go func() {
						_, err := w.ApplyObjects(t.Context(), db.ObjectsIn{CallProcessor: "cucm-1", Rows: of(uc.UserKind, one)})
						refreshed <- err
					}()
					w.waitsForLock()
				}
				if !yield(r, nil) {
					return
				}
			}
		},
		End: func() db.PageEnd { return db.PageEnd{Last: true} },
	})
	must(t, err)
	must(t, <-refreshed)
	equal(t, "the one who was refreshed", map[string]string{one.Name: `{"v": "refresh"}`}, w.estate(uc.UserKind))
	_, err = w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	if users := w.estate(uc.UserKind); len(users) != len(rows) || users[one.Name] != `{"v": "refresh"}` {
		t.Errorf("%d users, %s", len(users), users[one.Name])
	}
}

// TestAllGoneInPieces: a kind that comes back empty is staged as gone, however many
// there were.
func TestAllGoneInPieces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows := many("u", 12_500)
	w.synced("s1", content{uc.UserKind: rows})
	w.opens("s2", uc.UserKind)
	_, err := w.StagePage(t.Context(), db.PageIn{
		SyncID: "s2", Kind: uc.UserKind, Sorted: true, Rows: each(rows[:1]),
		End: func() db.PageEnd { return db.PageEnd{Last: true} },
	})
	must(t, err)
	equal(t, "staged", 12_499, w.staged())
	out, err := w.ApplySync(t.Context(), "s2", true)
	must(t, err)
	wantCounts(t, out.Kinds[0], 0, 0, 12_499)
}
