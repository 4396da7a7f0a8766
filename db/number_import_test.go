package db_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestImportNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", CallProcessor: "cucm-1", Partition: "PT", E164Mask: "+4930123XXXX"})
	w.newPool(uc.NumberPool{Name: "bonn", CallProcessor: "cucm-1", Partition: "PT"}, "4800-4801")
	texts := []string{"4700-4709", "4705-4714", "4711", "abc", "0711", "+49301234800-+49301234801", "4799-4801", "4900-4899", ""}
	want := db.ImportReport{
		Rows: []db.ImportRow{
			{Line: 0, Text: texts[0], Added: 10},
			{Line: 1, Text: texts[1], Added: 5, Existing: 5},
			{Line: 2, Text: texts[2], Existing: 1},
			{Line: 3, Text: texts[3], Problem: `number "abc": write digits like 4711, a range like 4700-4999, or +E.164`},
			{Line: 4, Text: texts[4], Added: 1},
			{Line: 5, Text: texts[5], Added: 2},
			{Line: 6, Text: texts[6], Added: 1, Problem: `2 of 3 belong to pool "bonn": a number is in one pool only`},
			{Line: 7, Text: texts[7], Problem: `number "4900-4899": write the lower end of the range first`},
			{Line: 8, Text: texts[8], Problem: `number "": write digits like 4711, a range like 4700-4999, or +E.164`},
		},
		Added: 19, Existing: 6, Rejected: 4,
	}
	equal(t, "first report", want, w.imported("berlin", texts...))

	again := w.imported("berlin", texts...)
	if again.Added != 0 || again.Existing != 25 || again.Rejected != 4 {
		t.Errorf("the second import added %d, found %d, rejected %d", again.Added, again.Existing, again.Rejected)
	}
	for digits, e164 := range map[string]string{"4700": "+49301234700", "+49301234800": "+49301234800", "0711": "+49301230711"} {
		n := w.number(digits)
		if n.Digits != digits && n.E164 != e164 || n.E164 != e164 || n.State != uc.Available {
			t.Errorf("%s: %+v", digits, n.Number)
		}
		if len(n.Events) != 1 || n.Events[0].Actor != "ann" || n.Events[0].From != "" || n.Events[0].To != uc.Available {
			t.Errorf("%s: events %+v", digits, n.Events)
		}
	}
	_, err := w.ImportNumbers(t.Context(), "paris", slices.All(texts), "ann")
	wantKind(t, err, uc.NotFound)
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"})
	_, err := w.ImportNumbers(t.Context(), "berlin", slices.All([]string{"4700-4799"}), "")
	wantKind(t, err, uc.Invalid) // an event needs an actor
	numbers, _, err := w.ListNumbers(t.Context(), db.NumberFilter{}, "", 5)
	must(t, err)
	if len(numbers) != 0 {
		t.Errorf("%d numbers stay of an import that failed", len(numbers))
	}
}

// TestImportMemory does not run beside others: it measures the memory of the process.
func TestImportMemory(t *testing.T) {
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	rows := func(yield func(int, string) bool) {
		for i := range 10 {
			runtime.ReadMemStats(&after)
			peak = max(peak, after.HeapAlloc)
			if !yield(i+1, fmt.Sprintf("%d0000-%d9999", 40+i, 40+i)) {
				return
			}
		}
	}
	report, err := w.ImportNumbers(t.Context(), "berlin", rows, "ann")
	must(t, err)
	if report.Added != 100_000 {
		t.Errorf("added %d", report.Added)
	}
	if grew := int64(peak) - int64(before.HeapAlloc); grew > 32<<20 {
		t.Errorf("the heap grew by %d MB for 100,000 numbers", grew>>20)
	}
}
