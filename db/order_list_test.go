package db_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestListOrders(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for i := range 25 {
		n := newOrder(fmt.Sprintf("o%02d", i), fmt.Sprintf("User%d", i))
		n.ServiceArea, n.CreatedBy = []string{"berlin", "bonn"}[i%2], []string{"hr", "admin"}[i%2]
		if _, _, err := w.OpenOrder(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	// Many at the same moment: the id decides.
	w.exec(`UPDATE orders SET created_at = date_trunc('hour', created_at) WHERE id < 'o12'`)
	must(t, w.SetOrder(ctx, "o03", uc.OrderChange{State: ptr(uc.Waiting), FailureKind: ptr(uc.Exhausted)}))
	must(t, w.SetOrder(ctx, "o04", uc.OrderChange{State: ptr(uc.Waiting), FailureKind: ptr(uc.Denied)}))
	must(t, w.SetOrder(ctx, "o05", uc.OrderChange{State: ptr(uc.Failed), FailureKind: ptr(uc.Denied)}))
	all := func(f db.OrderFilter, limit int) (ids []string) {
		t.Helper()
		for cursor := ""; ; {
			page, next, err := w.ListOrders(ctx, f, cursor, limit)
			must(t, err)
			for _, o := range page {
				ids = append(ids, o.ID)
			}
			if cursor = next; cursor == "" {
				return ids
			}
			if len(page) != limit {
				t.Fatalf("a page of %d before the last", len(page))
			}
			w.exec(`UPDATE orders SET updated_at = now()`)
		}
	}
	newest := all(db.OrderFilter{}, 4)
	if len(newest) != 25 || newest[0] != "o24" || !slices.Equal(newest, slices.Compact(slices.Clone(newest))) {
		t.Errorf("all orders, newest first: %v", newest)
	}
	equal(t, "without a limit", newest, all(db.OrderFilter{}, 0))
	equal(t, "waiting", []string{"o04", "o03"}, all(db.OrderFilter{State: uc.Waiting}, 1))
	equal(t, "waiting for rights", []string{"o04"}, all(db.OrderFilter{WaitingKind: uc.Denied}, 5))
	equal(t, "of a person", []string{"o07"}, all(db.OrderFilter{UserID: "uSER7"}, 5))
	if got := all(db.OrderFilter{ServiceArea: "bonn", CreatedBy: "admin", Kind: uc.JoinerOrder, State: uc.Running}, 3); len(got) != 10 {
		t.Errorf("running in bonn by admin: %v", got)
	}
	if got := all(db.OrderFilter{Kind: "leaver"}, 3); got != nil {
		t.Errorf("leavers: %v", got)
	}
	for _, cursor := range []string{"x", "eB94", "\x00"} {
		_, _, err := w.ListOrders(ctx, db.OrderFilter{}, cursor, 5)
		wantKind(t, err, uc.Invalid)
	}
	of, err := w.OrdersOf(ctx, "USER7")
	must(t, err)
	if len(of) != 1 || of[0].ID != "o07" {
		t.Errorf("orders of user7: %+v", of)
	}
	counts, err := w.CountOrders(ctx)
	must(t, err)
	equal(t, "counts", map[uc.OrderState]int{
		uc.Scheduled: 0, uc.Running: 22, uc.Waiting: 2, uc.Done: 0, uc.Failed: 1, uc.Cancelled: 0,
	}, counts)
}

func TestWaitingForNumber(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	_, err := w.ApplyCatalog(ctx, sampleCatalog(), false)
	must(t, err)
	for i, kind := range []uc.Kind{uc.Exhausted, uc.Denied, uc.Exhausted, uc.Exhausted} {
		id := fmt.Sprintf("o%d", i)
		n := newOrder(id, "user-"+id)
		if i == 3 {
			n.ServiceArea = "bonn"
		}
		_, _, err := w.OpenOrder(ctx, n)
		must(t, err)
		must(t, w.SetOrder(ctx, id, uc.OrderChange{State: ptr(uc.Waiting), FailureKind: &kind}))
	}
	for limit, want := range map[int][]string{0: {"o0", "o2"}, 1: {"o0"}} {
		orders, err := w.WaitingForNumber(ctx, "berlin", limit)
		must(t, err)
		var got []string
		for _, o := range orders {
			got = append(got, o.ID)
		}
		equal(t, "waiting", want, got)
	}
}
