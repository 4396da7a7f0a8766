package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestListEstate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := thing("SEP001", "model", "8851", "name", "x")
	w.synced("s1", content{
		uc.PhoneKind: {thing("sep003", "model", "8851"), phone, thing("SEP_02", "model", "7841"), thing("CSFANN", "model", "CSF")},
		uc.LineKind:  {thingIn("4711", "PT_A"), thingIn("4711", "PT_B"), thingIn("4712", "PT_A")},
		uc.UserKind:  {thing("ann"), thing("bob")}, uc.RelUserDevice: {link(thing("ann"), phone, "name", "Desk")},
	})
	_, err := w.ApplyObjects(t.Context(), db.ObjectsIn{CallProcessor: "cucm-2", Rows: of(uc.PhoneKind, thing("SEP001"))})
	must(t, err)
	cases := map[string]struct {
		reason string
		filter db.EstateFilter
		want   []string
	}{
		"all":       {"by name in any case", db.EstateFilter{Kind: uc.PhoneKind}, []string{"CSFANN", "SEP001", "SEP001", "sep003", "SEP_02"}},
		"one":       {"of one call processor", db.EstateFilter{Kind: uc.PhoneKind, CallProcessor: "cucm-2"}, []string{"SEP001"}},
		"name":      {"in any case", db.EstateFilter{Kind: uc.PhoneKind, Name: "SEP003"}, []string{"sep003"}},
		"wild":      {"a star is any text", db.EstateFilter{Kind: uc.PhoneKind, Name: "sep0*"}, []string{"SEP001", "SEP001", "sep003"}},
		"literal":   {"other signs are themselves", db.EstateFilter{Kind: uc.PhoneKind, Name: "sep_*"}, []string{"SEP_02"}},
		"partition": {"of patterns", db.EstateFilter{Kind: uc.LineKind, Partition: "PT_A"}, []string{"4711 in PT_A", "4712 in PT_A"}},
		"both":      {"two of one name", db.EstateFilter{Kind: uc.LineKind, Name: "4711"}, []string{"4711 in PT_A", "4711 in PT_B"}},
		"attribute": {"exactly", db.EstateFilter{Kind: uc.PhoneKind, Attributes: map[string]string{"model": "8851"}}, []string{"SEP001", "sep003"}},
		"two":       {"all of them", db.EstateFilter{Kind: uc.PhoneKind, Attributes: map[string]string{"model": "8851", "name": "x"}}, []string{"SEP001"}},
		"related":   {"by id", db.EstateFilter{Kind: uc.UserKind, Related: phone.UUID}, []string{"ann"}},
		"by name":   {"of the entry", db.EstateFilter{Kind: uc.UserKind, Related: "desk"}, []string{"ann"}},
		"ids":       {"of what is known", db.EstateFilter{Kind: uc.PhoneKind, UUIDs: []string{phone.UUID, id("none")}}, []string{"SEP001", "SEP001"}},
		"no ids":    {"none is none", db.EstateFilter{Kind: uc.PhoneKind, UUIDs: []string{}}, nil},
		"nothing":   {"no match", db.EstateFilter{Kind: uc.UserKind, Name: "eve"}, nil},
		"never":     {"a kind that was never read", db.EstateFilter{Kind: "region"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 0} {
				var got []string
				cursor := ""
				for {
					page, err := w.ListEstate(t.Context(), c.filter, cursor, limit)
					must(t, err)
					for _, o := range page.Objects {
						got = append(got, o.Label())
					}
					if cursor = page.Next; cursor == "" {
						break
					}
				}
				equal(t, fmt.Sprintf("%s, pages of %d", c.reason, limit), c.want, got)
			}
		})
	}
	_, err = w.ListEstate(t.Context(), db.EstateFilter{}, "", 0)
	wantKind(t, err, uc.Invalid)
	_, err = w.ListEstate(t.Context(), db.EstateFilter{Kind: uc.UserKind}, "nonsense", 0)
	wantKind(t, err, uc.Invalid)
}

func TestEstateTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Now().UTC().Truncate(time.Microsecond).Add(-time.Hour)
	read := func(sync string, at time.Time, rows ...db.EstateRow) uc.EstateObject {
		w.opens(sync, uc.UserKind)
		_, err := w.StagePage(t.Context(), db.PageIn{
			SyncID: sync, Kind: uc.UserKind, ReadAt: at, Rows: each(rows), End: func() db.PageEnd { return db.PageEnd{Last: true} },
		})
		must(t, err)
		_, err = w.ApplySync(t.Context(), sync, false)
		must(t, err)
		found, err := w.EstateObjects(t.Context(), "cucm-1", id("ann/"))
		must(t, err)
		if len(found) != 1 {
			t.Fatalf("%+v", found)
		}
		return found[0]
	}
	first := read("s1", at, thing("ann"))
	equal(t, "first seen", [2]time.Time{at, at}, [2]time.Time{first.FirstSeen, first.LastSeen})
	same := read("s2", at.Add(time.Minute), thing("ann"))
	equal(t, "seen again", []time.Time{at, at.Add(time.Minute), first.ChangedAt}, []time.Time{same.FirstSeen, same.LastSeen, same.ChangedAt})
	if n := w.count(`SELECT count(*) FROM estate e JOIN syncs s ON s.number = e.sync_number WHERE s.id = 's2'`); n != 0 {
		t.Error("an object that is the same was written")
	}
	changed := read("s3", at.Add(2*time.Minute), thing("ann", "v", "1"))
	if !changed.ChangedAt.After(same.ChangedAt) || changed.FirstSeen != at || changed.LastSeen != at.Add(2*time.Minute) {
		t.Errorf("%+v", changed)
	}
	ages, err := w.EstateAges(t.Context(), "", "")
	must(t, err)
	if !slices.ContainsFunc(ages, func(a uc.EstateAge) bool { return a.SyncID == "s3" && a.ReadAt.Equal(at.Add(2*time.Minute)) }) {
		t.Errorf("%+v", ages)
	}
}
