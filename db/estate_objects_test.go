package db_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func of(kind uc.EstateKind, rows ...db.EstateRow) []db.KindRow {
	out := make([]db.KindRow, len(rows))
	for i, r := range rows {
		out[i] = db.KindRow{Kind: kind, EstateRow: r}
	}
	return out
}

func rowsOf(parts ...[]db.KindRow) (out []db.KindRow) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// office is a person with a phone that has a line.
type office struct{ ann, phone, line, group db.EstateRow }

func newOffice(w world) office {
	o := office{thing("ann", "mail", "a@x"), thing("SEP1", "model", "8851"), thingIn("4711", "PT"), thing("Users")}
	w.synced("s1", content{
		uc.UserKind: {o.ann}, uc.PhoneKind: {o.phone}, uc.LineKind: {o.line}, uc.UserGroupKind: {o.group},
		uc.RelUserDevice: {link(o.ann, o.phone)}, uc.RelDeviceLine: {link(o.phone, o.line, "index", "1")},
		uc.RelUserGroup: {link(o.ann, o.group)}, uc.RelUserExtension: {}, uc.RelDeviceService: {},
	})
	return o
}

func (w world) applies(in db.ObjectsIn) db.ObjectsOut {
	w.t.Helper()
	in.CallProcessor = "cucm-1"
	out, err := w.ApplyObjects(w.t.Context(), in)
	must(w.t, err)
	return out
}

func TestApplyObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOffice(w)
	users, phones, lines := w.estate(uc.UserKind), w.estate(uc.PhoneKind), w.estate(uc.LineKind)
	same := db.ObjectsIn{
		Rows: rowsOf(of(uc.UserKind, o.ann), of(uc.PhoneKind, o.phone), of(uc.RelUserDevice, link(o.ann, o.phone)),
			of(uc.RelUserGroup, link(o.ann, o.group))),
		Relations: []uc.EstateKind{uc.RelUserDevice, uc.RelUserGroup},
	}
	equal(t, "an own write that came back", db.ObjectsOut{Same: 2}, w.applies(same))
	// Without the relations: they stay as they are.
	changed := thing("ann", "mail", "new@x")
	in := db.ObjectsIn{Rows: of(uc.UserKind, changed)}
	equal(t, "a change", db.ObjectsOut{Changed: 1}, w.applies(in))
	equal(t, "again", db.ObjectsOut{Same: 1}, w.applies(in))
	users["ann"] = `{"mail": "new@x"` + users["ann"][len(`{"mail": "a@x"`):]
	equal(t, "users", users, w.estate(uc.UserKind))
	equal(t, "phones", phones, w.estate(uc.PhoneKind))
	equal(t, "lines", lines, w.estate(uc.LineKind))
	// What was read before that stands back.
	old := db.ObjectsIn{Rows: of(uc.UserKind, thing("ann", "mail", "old@x")), ReadAt: time.Now().Add(-time.Hour)}
	equal(t, "a reading that comes late", db.ObjectsOut{Same: 1}, w.applies(old))
	equal(t, "users", users, w.estate(uc.UserKind))
	_, err := w.ApplyObjects(t.Context(), db.ObjectsIn{CallProcessor: "cucm-1", Rows: of(uc.UserKind, db.EstateRow{Name: "x"})})
	wantKind(t, err, uc.Invalid)
}

func TestApplyObjectsBothSides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOffice(w)
	second, soft, line2 := thing("bob"), thing("CSFBOB", "model", "CSF"), thingIn("4712", "PT")
	// A new person with a new phone, on a new line and on one that others have: of the
	// entries of one list some say more than others.
	out := w.applies(db.ObjectsIn{
		Rows: rowsOf(of(uc.UserKind, second), of(uc.PhoneKind, soft), of(uc.LineKind, line2),
			of(uc.RelUserDevice, link(second, soft), link(second, o.phone, "association", "1")),
			of(uc.RelDeviceLine, link(soft, line2, "index", "1"), link(soft, o.line, "index", "1", "label", "Bob"),
				link(soft, o.line, "index", "10"), link(soft, o.line, "index", "2"))),
		Relations: []uc.EstateKind{uc.RelUserDevice, uc.RelDeviceLine},
	})
	equal(t, "a new person", db.ObjectsOut{Added: 3, Others: 2}, out)
	// The same as a complete reading of all.
	w2 := newWorld(t)
	w2.synced("s1", content{
		uc.UserKind: {o.ann, second}, uc.PhoneKind: {o.phone, soft}, uc.LineKind: {o.line, line2},
		uc.RelUserDevice: {link(o.ann, o.phone), link(second, soft), link(second, o.phone, "association", "1")},
		uc.RelUserGroup:  {link(o.ann, o.group)},
		uc.RelDeviceLine: {
			link(o.phone, o.line, "index", "1"), link(soft, line2, "index", "1"), link(soft, o.line, "index", "10"),
			link(soft, o.line, "index", "2"), link(soft, o.line, "index", "1", "label", "Bob"),
		},
	})
	w.equalEstate("after a new person", w2)
	// The phone loses the shared line.
	out = w.applies(db.ObjectsIn{
		Rows:      rowsOf(of(uc.PhoneKind, soft), of(uc.RelDeviceLine, link(soft, line2, "index", "1"))),
		Relations: []uc.EstateKind{uc.RelDeviceLine},
	})
	equal(t, "a line less", db.ObjectsOut{Changed: 1, Others: 1}, out)
	out, err := w.RemoveObjects(t.Context(), "cucm-1", time.Now(), soft.UUID, second.UUID, id("never there"))
	must(t, err)
	equal(t, "removed", db.ObjectsOut{Gone: 2, Others: 2}, out)
	w3 := newWorld(t)
	newOffice(w3)
	w.applies(db.ObjectsIn{Rows: of(uc.LineKind, line2)})
	_, err = w.RemoveObjects(t.Context(), "cucm-1", time.Now(), line2.UUID)
	must(t, err)
	w.equalEstate("as it was", w3)
}

func (w world) equalEstate(when string, other world) {
	w.t.Helper()
	for _, k := range []uc.EstateKind{uc.UserKind, uc.PhoneKind, uc.LineKind} {
		equal(w.t, when+": "+k.Title(), other.estate(k), w.estate(k))
	}
}

// TestApplyObjectsInAnyOrder brings a person before the phone, and that before its line.
func TestApplyObjectsInAnyOrder(t *testing.T) {
	t.Parallel()
	ann, phone, line := thing("ann"), thing("SEP1"), thingIn("4711", "PT")
	parts := map[string]db.ObjectsIn{
		"user":  {Rows: rowsOf(of(uc.UserKind, ann), of(uc.RelUserDevice, link(ann, phone)))},
		"phone": {Rows: rowsOf(of(uc.PhoneKind, phone), of(uc.RelDeviceLine, link(phone, line, "index", "1")))},
		"line":  {Rows: of(uc.LineKind, line)},
	}
	whole := newWorld(t)
	whole.synced("s1", content{
		uc.UserKind: {ann}, uc.PhoneKind: {phone}, uc.LineKind: {line}, uc.RelUserDevice: {link(ann, phone)},
		uc.RelDeviceLine: {link(phone, line, "index", "1")},
	})
	for _, order := range [][]string{
		{"user", "phone", "line"}, {"line", "phone", "user"}, {"phone", "user", "line"}, {"phone", "line", "user"},
	} {
		w := newWorld(t)
		for _, part := range order {
			in := parts[part]
			in.Relations = []uc.EstateKind{uc.RelUserDevice, uc.RelDeviceLine}
			w.applies(in)
		}
		for _, k := range []uc.EstateKind{uc.UserKind, uc.PhoneKind, uc.LineKind} {
			equal(t, k.Title(), whole.estate(k), w.estate(k))
		}
	}
}

func TestRemoveObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOffice(w)
	out, err := w.RemoveObjects(t.Context(), "cucm-1", time.Now().Add(-time.Hour), o.phone.UUID)
	must(t, err)
	equal(t, "read after it was removed", db.ObjectsOut{}, out)
	out, err = w.RemoveObjects(t.Context(), "cucm-2", time.Now(), o.phone.UUID)
	must(t, err)
	equal(t, "elsewhere", db.ObjectsOut{}, out)
	for i, want := range []db.ObjectsOut{{Gone: 1, Others: 2}, {}} {
		out, err = w.RemoveObjects(t.Context(), "cucm-1", time.Now(), "{"+o.phone.UUID+"}", "nonsense")
		must(t, err)
		equal(t, []string{"removed", "again"}[i], want, out)
	}
	equal(t, "phones", map[string]string{}, w.estate(uc.PhoneKind))
	equal(t, "lines", map[string]string{"4711 in PT": "{}"}, w.estate(uc.LineKind))
	equal(t, "users", map[string]string{"ann": `{"mail": "a@x", "groups": [{"uuid": "` + o.group.UUID + `"}]}`}, w.estate(uc.UserKind))
}

// TestRemoveWhatListsName takes objects away that lists name and that do not know it.
func TestRemoveWhatListsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOffice(w)
	out, err := w.RemoveObjects(t.Context(), "cucm-1", time.Now(), o.group.UUID)
	must(t, err)
	equal(t, "the group", db.ObjectsOut{Gone: 1, Others: 1}, out)
	// A relation was read before its phone was removed, and the phone never was.
	never := thing("SEP9")
	w.applies(db.ObjectsIn{
		Rows:      rowsOf(of(uc.UserKind, o.ann), of(uc.RelUserDevice, link(o.ann, never), link(o.ann, o.phone))),
		Relations: []uc.EstateKind{uc.RelUserDevice},
	})
	out, err = w.RemoveObjects(t.Context(), "cucm-1", time.Now(), never.UUID)
	must(t, err)
	equal(t, "a phone that never was", db.ObjectsOut{Others: 1}, out)
	equal(t, "users", map[string]string{"ann": `{"mail": "a@x", "devices": [{"uuid": "` + o.phone.UUID + `"}]}`}, w.estate(uc.UserKind))
	// A sync that has read the relation and not applied it forgets it too.
	w.opens("s2", uc.UserKind, uc.PhoneKind, uc.RelUserDevice)
	w.stages("s2", uc.UserKind, "", "", o.ann)
	w.stages("s2", uc.PhoneKind, "", "", o.phone)
	w.stages("s2", uc.RelUserDevice, "", "", link(o.ann, o.phone))
	_, err = w.RemoveObjects(t.Context(), "cucm-1", time.Now(), o.phone.UUID)
	must(t, err)
	_, err = w.ApplySync(t.Context(), "s2", true)
	must(t, err)
	equal(t, "users", map[string]string{"ann": `{"mail": "a@x"}`}, w.estate(uc.UserKind))
	equal(t, "phones", map[string]string{}, w.estate(uc.PhoneKind))
}

// TestChangesWhileSyncing plays a watcher that sees changes while a sync reads.
func TestChangesWhileSyncing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := thing("old")
	w.synced("s1", content{uc.PhoneKind: {thing("SEP1", "v", "1"), thing("SEP2", "v", "1"), old}})
	w.opens("s2", uc.PhoneKind)
	w.stages("s2", uc.PhoneKind, "", "p2", thing("SEP1", "v", "2"), thing("SEP2", "v", "2"), old)
	w.applies(db.ObjectsIn{Rows: of(uc.PhoneKind, thing("SEP1", "v", "3"), thing("NEW", "v", "1"))})
	_, err := w.RemoveObjects(t.Context(), "cucm-1", time.Now(), old.UUID)
	must(t, err)
	w.stages("s2", uc.PhoneKind, "p2", "", thing("SEP3", "v", "1"))
	out, err := w.ApplySync(t.Context(), "s2", false)
	must(t, err)
	wantCounts(t, out.Kinds[0], 1, 1, 0)
	equal(t, "what was read last stands, new ones stay, and what was removed does not come back", map[string]string{
		"SEP1": `{"v": "3"}`, "SEP2": `{"v": "2"}`, "SEP3": `{"v": "1"}`, "NEW": `{"v": "1"}`,
	}, w.estate(uc.PhoneKind))
}

func TestEstateWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, found, err := w.GetEstateWatch(t.Context(), "cucm-1")
	must(t, err)
	if found {
		t.Error("a watch that never was")
	}
	at := time.Now().UTC().Truncate(time.Microsecond)
	for next := range int64(2) {
		want := db.EstateWatch{CallProcessor: "cucm-1", Queue: "q", NextChange: next, HeardAt: at}
		must(t, w.SetEstateWatch(t.Context(), want, false))
		got, _, err := w.GetEstateWatch(t.Context(), "cucm-1")
		must(t, err)
		equal(t, "watch", want, got)
	}
	w.synced("s1", content{uc.UserKind: {}})
	page, err := w.ListEstate(t.Context(), db.EstateFilter{Kind: uc.UserKind}, "", 0)
	must(t, err)
	if len(page.Ages) != 1 || page.Ages[0].LastChange == nil || !page.Ages[0].LastChange.Equal(at) {
		t.Errorf("%+v", page.Ages)
	}
}

// TestEstateGap: a kind that was not read since changes were missed is as old as the
// last change before, however often they are missed again.
func TestEstateGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := func(reason string, want time.Time) {
		t.Helper()
		page, err := w.ListEstate(t.Context(), db.EstateFilter{Kind: uc.UserKind}, "", 0)
		must(t, err)
		var got time.Time
		if len(page.Ages) == 1 && page.Ages[0].LastChange != nil {
			got = *page.Ages[0].LastChange
		}
		if !got.Equal(want) {
			t.Errorf("%s: changes are known until %s, want %s", reason, got, want)
		}
	}
	keep := func(at time.Time, missed bool) {
		t.Helper()
		must(t, w.SetEstateWatch(t.Context(), db.EstateWatch{CallProcessor: "cucm-1", Queue: "q", HeardAt: at}, missed))
	}
	w.synced("s1", content{uc.UserKind: {}})
	at := time.Now().UTC().Truncate(time.Microsecond)
	after := func(minutes time.Duration) time.Time { return at.Add(minutes * time.Minute) }
	keep(at, true)
	known("nobody watched before", time.Time{})
	keep(at.Add(-time.Hour), true)
	w.synced("s2", content{uc.UserKind: {}})
	known("read since", at.Add(-time.Hour))
	keep(after(1), true)
	keep(after(2), false)
	known("missed, and not read since", at.Add(-time.Hour))
	keep(after(3), true)
	known("missed twice", at.Add(-time.Hour))
}
