package db_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestSavePool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := uc.NumberPool{Name: "berlin", CallProcessor: "cucm-1", Partition: "PT", Retention: uc.Duration(72 * time.Hour)}
	must(t, w.SavePool(t.Context(), pool))
	pool.Partition = "PT_Berlin" // it has no numbers yet
	must(t, w.SavePool(t.Context(), pool))
	got, err := w.GetPool(t.Context(), "berlin")
	must(t, err)
	pool.Policy = uc.Lowest
	equal(t, "pool", pool, got)
	_, err = w.GetPool(t.Context(), "bonn")
	wantKind(t, err, uc.NotFound)

	w.imported("berlin", "4711", "+4930124712", "9")
	moved := pool
	moved.Partition = "PT_Elsewhere"
	wantKind(t, w.SavePool(t.Context(), moved), uc.Conflict)
	wantKind(t, w.SavePool(t.Context(), uc.NumberPool{Name: "x"}), uc.Invalid)

	pool.E164Mask = "+4930123XXXX"
	must(t, w.SavePool(t.Context(), pool))
	for digits, want := range map[string]string{"4711": "+49301234711", "+4930124712": "+4930124712", "9": ""} {
		if n := w.number(digits); n.E164 != want || n.E164 != pool.E164(digits) {
			t.Errorf("%s has E.164 form %q, want %q", digits, n.E164, want)
		}
	}
}

func TestPoolPolicyChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := uc.NumberPool{Name: "berlin", CallProcessor: "cucm-1", Partition: "PT"}
	w.newPool(pool, "10-12")
	w.left("10", "ann")
	pool.Policy = uc.LongestIdle
	must(t, w.SavePool(t.Context(), pool))
	if r := w.reserved("o1", "berlin", "bea"); r.Digits != "11" {
		t.Errorf("longest idle gave %s, want 11", r.Digits)
	}
	pool.Policy = uc.Lowest
	must(t, w.SavePool(t.Context(), pool))
	if r := w.reserved("o2", "berlin", "eve"); r.Digits != "10" {
		t.Errorf("lowest gave %s, want 10", r.Digits)
	}
}

func TestListPools(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "bonn"})
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "10-19")
	w.left("10", "ann")
	w.left("11", "bea")
	w.reserved("o", "berlin", "eve")
	w.exec(`UPDATE numbers SET until = now() - interval '1 minute' WHERE digits = '10'`)
	got, err := w.ListPools(t.Context())
	must(t, err)
	none := map[uc.NumberState]int{
		uc.Available: 0, uc.Reserved: 0, uc.Assigned: 0, uc.Cooling: 0, uc.Held: 0, uc.Blocked: 0, uc.Foreign: 0,
	}
	// The reservation thawed nothing: 12 was free and 10 passed its date after it.
	some := map[uc.NumberState]int{
		uc.Available: 7, uc.Reserved: 1, uc.Assigned: 0, uc.Cooling: 2, uc.Held: 0, uc.Blocked: 0, uc.Foreign: 0,
	}
	equal(t, "pools", []db.PoolCounts{
		{
			NumberPool: uc.NumberPool{
				Name: "berlin", CallProcessor: "cucm-1", Partition: "PT_berlin", Policy: uc.Lowest, Retention: uc.Duration(time.Hour),
			},
			Counts: some, Eligible: 8,
		},
		{
			NumberPool: uc.NumberPool{Name: "bonn", CallProcessor: "cucm-1", Partition: "PT_bonn", Policy: uc.Lowest},
			Counts:     none,
		},
	}, got)
}
