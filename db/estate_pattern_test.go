package db_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// TestMarkForeignPatterns: what a special number with wildcards covers is foreign, in
// its partition, and by the narrowest pattern's name; what only sends calls on is not.
func TestMarkForeignPatterns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.newPool(uc.NumberPool{Name: "p"}, "4900-4999", "+493012300-+493012399")
	w.newPool(uc.NumberPool{Name: "q"}, "4900-4999")
	w.published("o1", "p", "ann") // 4900
	in := func(name string, pairs ...string) db.EstateRow { return thingIn(name, "PT_p", pairs...) }
	pilot := in("491X", "patternType", "Hunt Pilot", "description", "Sales")
	wide := in("49[12]X", "patternType", "CallPark")
	plus := in(`\+4930123[0-2]!`, "patternType", "Device Intercom")
	rest := []db.EstateRow{
		in("4[^0-8]!", "patternType", "Route"), in("49XX", "patternType", "Translation"), in("4920", "patternType", "Conference"),
		in("4%$|.*", "patternType", "Hunt Pilot"), in("!", "patternType", "Hunt Pilot", "description", "of another partition"),
	}
	rest[len(rest)-1].Partition = "PT_r"
	w.synced("s1", content{uc.SpecialNumberKind: append(rest, pilot, wide, plus)})
	out, err := w.MarkForeignNumbers(ctx, "cucm-1", "s1")
	must(t, err)
	equal(t, "marked", db.ForeignOut{Marked: 20 + 30}, out)
	of := func(pool, digits string) string {
		n, err := w.FindNumber(ctx, uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_" + pool, Digits: digits})
		must(t, err)
		return n.Standing()
	}
	standings := func() map[string]string {
		got := map[string]string{}
		for _, digits := range []string{"4900", "4909", "4910", "4919", "4920", "4921", "4930", "+493012305", "+493012330"} {
			got[digits] = of("p", digits)
		}
		return got
	}
	const why = "foreign (special number on the call processor: "
	want := map[string]string{
		"4900": "assigned to ann", "4909": "available", "4910": why + "Hunt Pilot 491X (Sales))",
		"4919": why + "Hunt Pilot 491X (Sales))", "4920": why + "Conference)", "4921": why + "CallPark 49[12]X)",
		"4930": "available", "+493012305": why + "Device Intercom " + plus.Name + ")", "+493012330": "available",
	}
	equal(t, "standing", want, standings())
	equal(t, "of another partition", "available", of("q", "4910"))
	var odd []string
	for _, l := range w.lines("s1") {
		if l.What == uc.WhatPattern {
			odd = append(odd, l.Object)
		}
	}
	equal(t, "not understood", []string{"4%$|.* in PT_p"}, odd)
	_, err = w.Reserve(ctx, db.ReserveRequest{OrderID: "o2", Pool: "p", UserID: "bob", Digits: "4915"})
	if !errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "Hunt Pilot 491X (Sales)") {
		t.Errorf("an explicit choice: %v", err)
	}
	// The pilot is gone: the wider pattern still covers them.
	w.synced("s2", content{uc.SpecialNumberKind: append(rest, wide)})
	out, err = w.MarkForeignNumbers(ctx, "cucm-1", "s2")
	must(t, err)
	equal(t, "freed", db.ForeignOut{Freed: 30}, out)
	want["4910"], want["4919"], want["+493012305"] = why+"CallPark 49[12]X)", why+"CallPark 49[12]X)", "available"
	equal(t, "standing after it", want, standings())
	w.synced("s3", content{uc.SpecialNumberKind: rest})
	out, err = w.MarkForeignNumbers(ctx, "cucm-1", "s3")
	must(t, err)
	equal(t, "freed at last", db.ForeignOut{Freed: 19}, out)
	equal(t, "4910", "available", of("p", "4910"))
}

// TestForeignReportIsShort: a pattern that covers a pool is told in 500 lines and one.
func TestForeignReportIsShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.newPool(uc.NumberPool{Name: "p"}, "1000-1599")
	pilot := thingIn("1XXX", "PT_p", "patternType", "Hunt Pilot")
	told := func(sync, what string) (n int, last string) {
		for _, l := range w.lines(sync) {
			if l.What == what {
				n++
			}
			last = l.What
		}
		return n, last
	}
	w.synced("s1", content{uc.SpecialNumberKind: {pilot, thing("9999")}})
	_, err := w.MarkForeignNumbers(ctx, "cucm-1", "s1")
	must(t, err)
	if n, last := told("s1", uc.WhatForeign); n != 500 || last != "100 more numbers are foreign" {
		t.Errorf("%d lines, the last one %q", n, last)
	}
	w.synced("s2", content{uc.SpecialNumberKind: {thing("9999")}})
	out, err := w.MarkForeignNumbers(ctx, "cucm-1", "s2")
	must(t, err)
	if n, last := told("s2", uc.WhatFreed); n != 500 || last != "100 more numbers are foreign no more" || out.Freed != 600 {
		t.Errorf("%d lines, the last one %q: %+v", n, last, out)
	}
	// Everybody's lines without anybody: as many conflicts.
	c := content{uc.PhoneKind: {thing("SEPLOBBY")}}
	for n := 1000; n < 1600; n++ {
		line := thingIn(strconv.Itoa(n), "PT_p")
		c[uc.LineKind] = append(c[uc.LineKind], line)
		c[uc.RelDeviceLine] = append(c[uc.RelDeviceLine], link(c[uc.PhoneKind][0], line))
	}
	w.synced("s3", c)
	adopted, err := w.AdoptNumbers(ctx, "cucm-1", "s3")
	must(t, err)
	if n, last := told("s3", uc.WhatConflict); n != 500 || last != "100 more numbers are in conflict" || adopted.Conflicts != 600 {
		t.Errorf("%d lines, the last one %q: %d", n, last, adopted.Conflicts)
	}
}
