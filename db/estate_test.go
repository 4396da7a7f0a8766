package db_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"iter"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// id is an identifier that is the same for the same word.
func id(word string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(word)) // a hash never fails
	s := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", s[:4], s[4:6], s[6:8], s[8:10], s[10:])
}

// thing is an object with these attributes: "key=value" in turns.
func thing(name string, pairs ...string) db.EstateRow {
	return thingIn(name, "", pairs...)
}

func thingIn(name, partition string, pairs ...string) db.EstateRow {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	attributes, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return db.EstateRow{UUID: id(name + "/" + partition), Name: name, Partition: partition, Attributes: attributes}
}

// link is a row of a relation between two things.
func link(from, to db.EstateRow, pairs ...string) db.EstateRow {
	row := thing("", pairs...)
	row.UUID = id(from.UUID + to.UUID + string(row.Attributes))
	row.From, row.To = from.UUID, to.UUID
	return row
}

func each(rows []db.EstateRow) iter.Seq2[db.EstateRow, error] {
	return func(yield func(db.EstateRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// content is what a reading returns, by kind.
type content map[uc.EstateKind][]db.EstateRow

// knows makes the call processor one whose people were read before: what is read of them
// now is staged.
func (w world) knows() {
	w.t.Helper()
	w.synced("s0", content{uc.UserKind: {}})
}

// opens begins a sync that reads the kinds of the content.
func (w world) opens(sync string, kinds ...uc.EstateKind) {
	w.t.Helper()
	_, created, err := w.OpenSync(w.t.Context(), db.NewSync{
		ID: sync, CallProcessor: "cucm-1", Scope: uc.SyncAll, Kinds: kinds, CreatedBy: "ann",
	})
	must(w.t, err)
	if !created {
		w.t.Fatalf("sync %s was there", sync)
	}
}

// stages a page that begins at the cursor and ends at the other, "" = it is the last.
func (w world) stages(sync string, kind uc.EstateKind, cursor, next string, rows ...db.EstateRow) db.PageOut {
	w.t.Helper()
	out, err := w.StagePage(w.t.Context(), db.PageIn{
		SyncID: sync, Kind: kind, Cursor: cursor, Rows: each(rows),
		End: func() db.PageEnd { return db.PageEnd{Cursor: next, Last: next == ""} },
	})
	must(w.t, err)
	return out
}

// synced reads the content in one page each and applies it.
func (w world) synced(sync string, c content) db.ApplyOut {
	w.t.Helper()
	return w.runs(sync, c, func(sync string, k uc.EstateKind, rows ...db.EstateRow) { w.stages(sync, k, "", "", rows...) })
}

// runs reads the content in its way and applies it.
func (w world) runs(sync string, c content, read func(sync string, k uc.EstateKind, rows ...db.EstateRow)) db.ApplyOut {
	w.t.Helper()
	kinds := make([]uc.EstateKind, 0, len(c))
	for k := range c {
		kinds = append(kinds, k)
	}
	w.opens(sync, kinds...)
	for k, rows := range c {
		read(sync, k, rows...)
	}
	out, err := w.ApplySync(w.t.Context(), sync, false)
	must(w.t, err)
	return out
}

// estate is what readers see of the kind: the label and the attributes of each object.
func (w world) estate(kind uc.EstateKind) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	cursor := ""
	for {
		page, err := w.ListEstate(w.t.Context(), db.EstateFilter{Kind: kind, CallProcessor: "cucm-1"}, cursor, 1000)
		must(w.t, err)
		for _, o := range page.Objects {
			out[o.Label()] = string(o.Attributes)
		}
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

func TestSyncBecomesVisible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := thing("ann", "mail", "a@x"), thing("bob", "mail", "b@x")
	phone := thing("SEP1", "model", "8851")
	line1, line2 := thingIn("4711", "PT"), thingIn("4712", "PT")
	started := time.Now()
	out := w.synced("s1", content{
		uc.UserKind: {ann, bob}, uc.PhoneKind: {phone}, uc.LineKind: {line1, line2},
		uc.RelUserDevice:    {link(ann, phone), link(bob, phone)},
		uc.RelUserExtension: {link(ann, line1, "usage", "primary")},
		uc.RelDeviceLine:    {link(phone, line2, "index", "10"), link(phone, line1, "index", "9")},
	})
	if out.Held {
		t.Fatalf("%+v", out)
	}
	equal(t, "users", map[string]string{
		"ann": `{"mail": "a@x", "devices": [{"uuid": "` + phone.UUID + `"}], "extensions": [{"uuid": "` + line1.UUID + `", "usage": "primary"}]}`,
		"bob": `{"mail": "b@x", "devices": [{"uuid": "` + phone.UUID + `"}]}`,
	}, w.estate(uc.UserKind))
	equal(t, "phones", map[string]string{
		"SEP1": `{"lines": [{"uuid": "` + line1.UUID + `", "index": "9"}, {"uuid": "` + line2.UUID + `", "index": "10"}], "model": "8851", ` +
			`"users": [{"uuid": "` + min(ann.UUID, bob.UUID) + `"}, {"uuid": "` + max(ann.UUID, bob.UUID) + `"}]}`,
	}, w.estate(uc.PhoneKind))
	equal(t, "lines", map[string]string{
		"4711 in PT": `{"users": [{"uuid": "` + ann.UUID + `", "usage": "primary"}], "devices": [{"uuid": "` + phone.UUID + `", "index": "9"}]}`,
		"4712 in PT": `{"devices": [{"uuid": "` + phone.UUID + `", "index": "10"}]}`,
	}, w.estate(uc.LineKind))
	ages, err := w.EstateAges(t.Context(), "cucm-1", uc.UserKind)
	must(t, err)
	if len(ages) != 1 || ages[0].SyncID != "s1" || ages[0].ReadAt.Before(started) || ages[0].LastChange != nil {
		t.Errorf("ages %+v", ages)
	}
	again, err := w.ApplySync(t.Context(), "s1", false)
	must(t, err)
	equal(t, "applied again", out, again)
}
