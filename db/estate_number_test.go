package db_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func (w world) standing(digits string) string {
	w.t.Helper()
	n := w.number(digits)
	return n.Standing()
}

// wantEvent checks what the history says last.
func (w world) wantEvent(digits string, from, to uc.NumberState, user, reason string) {
	w.t.Helper()
	events := w.number(digits).Events
	e := events[len(events)-1]
	if e.Actor != "sync" || e.From != from || e.To != to || e.UserID != user || e.Reason != reason {
		w.t.Errorf("the last event of %s is %+v", digits, e)
	}
}

func TestMarkForeignNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.newPool(uc.NumberPool{Name: "p", Retention: uc.Duration(time.Hour)}, "1000-1009", "+4930100")
	number := func(digits string) uc.DirectoryNumber {
		return uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_p", Digits: digits}
	}
	w.published("o0", "p", "ann") // 1000
	w.reserved("o1", "p", "bob")  // 1001
	w.published("o2", "p", "eve") // 1002, given back below
	must(t, w.Release(ctx, db.ReleaseRequest{Number: number("1002"), UserID: "eve", Actor: "ann"}))
	must(t, w.Hold(ctx, number("1003"), "zoe", time.Now().Add(time.Hour), "ann", ""))
	must(t, w.Block(ctx, number("1004"), "ann", "reception"))
	special := func(digits string, pairs ...string) db.EstateRow { return thingIn(digits, "PT_p", pairs...) }
	var all []db.EstateRow
	for _, digits := range []string{"1000", "1001", "1002", "1003", "1004", `\+4930100`} {
		all = append(all, special(digits))
	}
	all = append(all, special("1005", "patternType", "Hunt Pilot", "description", "Sales"),
		thingIn("1006", "PT_other"))
	w.synced("s1", content{uc.SpecialNumberKind: all})
	before := []string{w.standing("1000"), w.standing("1001"), w.standing("1004"), w.standing("1006"), w.standing("1007")}
	out, err := w.MarkForeignNumbers(ctx, "cucm-1", "s1")
	must(t, err)
	equal(t, "marked", db.ForeignOut{Marked: 4}, out)
	equal(t, "others", before, []string{w.standing("1000"), w.standing("1001"), w.standing("1004"), w.standing("1006"), w.standing("1007")})
	equal(t, "1005", "foreign (special number on the call processor: Hunt Pilot (Sales))", w.standing("1005"))
	equal(t, "+4930100", "foreign (special number on the call processor: no phone of ours)", w.standing("+4930100"))
	w.wantEvent("1002", uc.Cooling, uc.Foreign, "eve", "special number on the call processor: no phone of ours")
	w.wantEvent("1003", uc.Held, uc.Foreign, "zoe", "special number on the call processor: no phone of ours")
	var told []string
	for _, l := range w.lines("s1") {
		if l.What == uc.WhatForeign {
			told = append(told, string(l.Severity)+" "+l.Object+": "+l.Do)
		}
	}
	if len(told) != 4 || !strings.Contains(strings.Join(told, "\n"), "warning 1003 in PT_p: hold another number for zoe") {
		t.Errorf("%q", told)
	}
	out, err = w.MarkForeignNumbers(ctx, "cucm-1", "s1")
	must(t, err)
	equal(t, "again", db.ForeignOut{}, out)

	// Gone from the call processor: what a sync had marked is free, what an order had is not.
	must(t, w.MarkForeign(ctx, number("1001"), "o1", "in use"))
	w.synced("s2", content{uc.SpecialNumberKind: all[3:]}) // without 1000, 1001, 1002
	out, err = w.MarkForeignNumbers(ctx, "cucm-1", "s2")
	must(t, err)
	equal(t, "freed", db.ForeignOut{Freed: 1}, out)
	if n := w.number("1002"); n.State != uc.Cooling || n.Until == nil {
		t.Errorf("1002 has its retention left: %s", n.Standing())
	}
	equal(t, "1001", "foreign (in use)", w.standing("1001"))
	w.synced("s3", content{uc.SpecialNumberKind: all[:1]})
	out, err = w.MarkForeignNumbers(ctx, "cucm-1", "")
	must(t, err)
	equal(t, "freed of the others", db.ForeignOut{Freed: 3}, out)
	equal(t, "1005", "available", w.standing("1005"))
	w.wantEvent("1005", uc.Foreign, uc.Available, "", "special on the call processor no more")
	_, err = w.MarkForeignNumbers(ctx, "cucm-1", "s9")
	wantKind(t, err, uc.NotFound)
}

// TestForeignIsNotHandedOut: auto-assignment goes past it.
func TestForeignIsNotHandedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "p"}, "1000-1001")
	w.synced("s1", content{uc.SpecialNumberKind: {thingIn("1000", "PT_p", "patternType", "Intercom")}})
	_, err := w.MarkForeignNumbers(t.Context(), "cucm-1", "s1")
	must(t, err)
	if r := w.reserved("o1", "p", "ann"); r.Digits != "1001" {
		t.Errorf("got %s", r.Digits)
	}
	_, err = w.Reserve(t.Context(), db.ReserveRequest{OrderID: "o2", Pool: "p", UserID: "bob", Digits: "1000"})
	if uc.KindOf(err) == "" || !strings.Contains(err.Error(), "Intercom") {
		t.Errorf("an explicit choice: %v", err)
	}
}

func TestAdoptNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.newPool(uc.NumberPool{Name: "p", Retention: uc.Duration(time.Hour)}, "1000-1019")
	number := func(digits string) uc.DirectoryNumber {
		return uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_p", Digits: digits}
	}
	ann, bob := thing("Ann"), thing("bob")
	owned, plain, lobby := thing("SEP1", "ownerUuid", ann.UUID), thing("SEP2"), thing("SEPLOBBY", "ownerUuid", "")
	line := func(digits string) db.EstateRow { return thingIn(digits, "PT_p") }
	w.published("oa", "p", "ann")      // 1000
	w.published("ob", "p", "bob")      // 1001
	w.reserved("oc", "p", "eve")       // 1002
	w.published("od", "p", "bob-once") // 1003: cooling, of another
	must(t, w.Release(ctx, db.ReleaseRequest{Number: number("1003"), UserID: "bob-once", Actor: "x"}))
	must(t, w.Hold(ctx, number("1004"), "ANN", time.Now().Add(time.Hour), "x", ""))
	must(t, w.Block(ctx, number("1005"), "x", "reception"))
	must(t, w.MarkForeign(ctx, number("1002"), "oc", "in use"))
	primary, other := []string{"usage", "primary"}, []string{"usage", "ipcc"}
	lines := map[string]db.EstateRow{}
	for _, digits := range []string{
		"1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "1010", "1011", "1012", "9999",
	} {
		lines[digits] = line(digits)
	}
	c := content{
		uc.UserKind: {ann, bob}, uc.PhoneKind: {owned, plain, lobby},
		uc.RelUserExtension: {
			link(ann, lines["1000"], primary...), link(ann, lines["1001"], primary...), link(ann, lines["1002"], primary...),
			link(ann, lines["1003"], primary...), link(ann, lines["1004"], primary...), link(ann, lines["1005"], primary...),
			link(bob, lines["1006"], primary...), link(ann, lines["1010"], other...), link(ann, lines["9999"], primary...),
			link(ann, lines["1012"], primary...), link(bob, lines["1012"], primary...),
		},
		uc.RelUserDevice: {link(bob, plain), link(ann, plain), link(bob, owned)},
		uc.RelDeviceLine: {
			link(owned, lines["1006"], "index", "1"), link(owned, lines["1007"], "index", "2"),
			link(plain, lines["1008"], "index", "1"), link(lobby, lines["1009"], "index", "1"),
		},
	}
	for _, l := range lines {
		c[uc.LineKind] = append(c[uc.LineKind], l)
	}
	w.synced("s1", c)
	out, err := w.AdoptNumbers(ctx, "cucm-1", "s1")
	must(t, err)
	for digits, want := range map[string]string{
		"1000": "assigned to ann", // as the ledger had it
		"1002": "assigned to Ann", // an order had found it in use
		"1004": "assigned to Ann", // was held for her
		"1006": "assigned to bob", // the primary extension counts more than who owns the phone
		"1007": "assigned to Ann", // she owns the phone
		"1010": "assigned to Ann", // another extension
		"1011": "available",       // nobody uses it
	} {
		equal(t, digits, want, w.standing(digits))
	}
	w.wantEvent("1006", uc.Available, uc.Assigned, "bob", "adopted: in use by this person on the call processor")
	equal(t, "counts", [3]int{5, 1, 6}, [3]int{out.Adopted, out.Same, out.Conflicts})
	why := map[string]string{}
	for _, c := range out.List {
		why[c.Number.Digits] = c.Why
		if c.Do == "" || c.Standing != w.standing(c.Number.Digits) {
			t.Errorf("%+v", c)
		}
	}
	cooling := w.standing("1003")
	equal(t, "conflicts", map[string]string{
		"1001": "Ann uses it, and it is assigned to bob in the ledger",
		"1003": "Ann uses it, and it is " + cooling + " in the ledger",
		"1005": "Ann uses it, and it is blocked (reception) in the ledger",
		"1008": "Ann and bob use it on SEP2, and it is available in the ledger",
		"1009": "it is in use on SEPLOBBY by nobody that is known, and it is available in the ledger",
		"1012": "Ann and bob use it, and it is available in the ledger",
	}, why)
	var told int
	for _, l := range w.lines("s1") {
		if l.What == uc.WhatConflict && l.Kind == uc.LineKind && strings.HasSuffix(l.Object, " in PT_p") {
			told++
		}
	}
	if told != 6 {
		t.Errorf("%d conflicts are told in the report", told)
	}
	again, err := w.AdoptNumbers(ctx, "cucm-1", "")
	must(t, err)
	equal(t, "again", [3]int{0, 6, 6}, [3]int{again.Adopted, again.Same, again.Conflicts})
	if found, err := w.NumbersOf(ctx, "ANN"); err != nil || len(found) != 5 {
		t.Errorf("ann has %+v, %v", found, err)
	}
}
