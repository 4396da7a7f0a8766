package activities_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/uc"
)

// between makes a change on the call processor once so many answers were given.
type between struct {
	answers atomic.Int64 // left; negative = never
	change  func()
}

func (c *copier) between() *between {
	b := &between{}
	b.answers.Store(-1)
	c.CUCM.Observe(func(call cucm.Call) {
		read := strings.HasPrefix(call.Op, "list") || call.Op == "executeSQLQuery"
		if call.Phase == cucm.After && read && b.answers.Load() > 0 && b.answers.Add(-1) == 0 {
			b.change()
		}
	})
	return b
}

// syncWhile is sync with the change behind so many pages of the kind.
func (c *copier) syncWhile(t *testing.T, b *between, kind uc.EstateKind, pages int64, change func()) uc.Sync {
	t.Helper()
	on, kinds := c.opens(t, uc.SyncAll)
	from := result(t, c, c.estate.MarkChangePoint, on)
	for _, k := range kinds {
		if k == kind {
			b.change = change
			b.answers.Store(pages)
		}
		c.reads(t, on, k)
		if k == kind && b.answers.Swap(-1) != 0 {
			t.Fatalf("%s has fewer than %d pages", kind, pages)
		}
	}
	return c.finishes(t, on, from)
}

// called counts the objects of a kind in the copy that have the name.
func (c *copier) called(t *testing.T, kind uc.EstateKind, name string) int {
	t.Helper()
	page, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: kind, Name: name}, "", 500)
	must(t, err)
	return len(page.Objects)
}

// What moves between two pages, of a list or of what is read by ids, is there once, under
// the name that it has; nothing else is lost. What is removed here was read before: it is
// gone by what changed meanwhile, and not because a page lacked it.
func TestSyncMovesBetweenPages(t *testing.T) {
	t.Parallel()
	partitions := make([]cucm.Object, 60)
	for i := range partitions {
		partitions[i] = cucm.Object{Type: "routePartition", Name: fmt.Sprintf("PT_%02d", i)}
	}
	model := cucm.Model{Users: 30, Phones: 30, Lines: 30, Infrastructure: partitions}
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: model}})
	admin := newAdministrator(t, c, 1)
	remove := func(numbers ...int) {
		for _, n := range numbers {
			must(t, admin.send("removeRoutePartition", fmt.Sprintf("<name>PT_%02d</name>", n)))
		}
	}
	rename := func(n int, name string) {
		must(t, admin.send("updateRoutePartition", fmt.Sprintf("<name>PT_%02d</name><newName>%s</newName>", n, name)))
	}
	c.estate.PageRows = 8
	c.sync(t, uc.SyncAll)
	b := c.between()
	for _, tc := range []struct {
		reason  string
		kind    uc.EstateKind
		pages   int64 // read before
		change  func()
		there   []string // once
		nowhere []string
	}{
		{"renamed before and behind the page", "routePartition", 8, func() {
			rename(0, "PT_A")
			rename(59, "PT_B")
		}, []string{"PT_A", "PT_B"}, []string{"PT_00", "PT_59"}},
		{"the rest moves by less than the overlap", "routePartition", 8, func() {
			remove(1, 2)
		}, []string{"PT_20"}, []string{"PT_01", "PT_02"}},
		{"the rest moves by more than a page", "routePartition", 8, func() {
			remove(3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
		}, []string{"PT_20"}, []string{"PT_12"}},
		{"new ones come behind", "routePartition", 8, func() {
			for _, name := range []string{"PT_C", "PT_D"} {
				must(t, admin.send("addRoutePartition", "<routePartition><name>"+name+"</name></routePartition>"))
			}
		}, []string{"PT_C", "PT_D"}, nil},
		{"people, read and not", uc.UserKind, 2, func() {
			must(t, c.admin.RenameUser(t.Context(), simworld.UserID(0), "first"))
			must(t, c.admin.RenameUser(t.Context(), simworld.UserID(29), "last"))
		}, []string{"first", "last"}, []string{simworld.UserID(0), simworld.UserID(29)}},
		{"phones, read and not", uc.PhoneKind, 2, func() {
			must(t, c.admin.UpdatePhone(t.Context(), axl.Phone{Name: simworld.PhoneName(0), NewName: axl.Set("SEP00CC00000000")}))
			must(t, c.admin.UpdatePhone(t.Context(), axl.Phone{Name: simworld.PhoneName(29), NewName: axl.Set("SEP00CC00000029")}))
			must(t, c.admin.RemovePhone(t.Context(), simworld.PhoneName(1)))
		}, []string{"SEP00CC00000000", "SEP00CC00000029"}, []string{simworld.PhoneName(0), simworld.PhoneName(1), simworld.PhoneName(29)}},
	} {
		s := c.syncWhile(t, b, tc.kind, tc.pages, tc.change)
		if k := s.Kinds[kindAt(s, tc.kind)]; s.Detail != "Completed." || k.Gone > 0 {
			t.Errorf("%s: %s %d were left out between two pages", tc.reason, s.Detail, k.Gone)
		}
		c.hasMoved(t, tc.reason, tc.kind, tc.there, tc.nowhere)
	}
}

// hasMoved fails unless the copy is what stands in the tables of the call processor, with
// what is there once and what is nowhere.
func (c *copier) hasMoved(t *testing.T, reason string, kind uc.EstateKind, there, nowhere []string) {
	t.Helper()
	_, differ, err := c.EstateDiffers(t.Context(), c.state, 5)
	must(t, err)
	if len(differ) > 0 {
		t.Errorf("%s:\n%s", reason, strings.Join(differ, "\n"))
	}
	for i, name := range append(there, nowhere...) {
		want := 1
		if i >= len(there) {
			want = 0
		}
		if n := c.called(t, kind, name); n != want {
			t.Errorf("%s: %d are called %s, want %d", reason, n, name, want)
		}
	}
}

// Objects of one name are told apart by their partitions, in a list and by ids.
func TestSyncOneNameTwice(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
	admin := newAdministrator(t, c, 1)
	for _, partition := range []string{"PT_Berlin", "PT_Lisbon", ""} {
		_, err := c.admin.AddLine(t.Context(), axl.Line{Pattern: "8100", Partition: partition})
		must(t, err)
		must(t, admin.send("addTransPattern", fmt.Sprintf(
			"<transPattern><pattern>8200</pattern><usage>Translation</usage><routePartitionName>%s</routePartitionName></transPattern>", partition)))
	}
	c.sync(t, uc.SyncAll)
	for kind, name := range map[uc.EstateKind]string{uc.LineKind: "8100", "transPattern": "8200"} {
		page, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: kind, Name: name}, "", 10)
		must(t, err)
		in := map[string]int{}
		for _, o := range page.Objects {
			in[o.Partition]++
		}
		if diff := cmp.Diff(map[string]int{"": 1, "PT_Berlin": 1, "PT_Lisbon": 1}, in); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	c.equals(t, "with one name in three partitions")
}
