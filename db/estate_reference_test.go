package db_test

import (
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestRenameReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := id("pool")
	phone := func(poolName string) db.EstateRow {
		return thing("SEP1", "devicePoolName", poolName, "devicePoolName_uuid", pool)
	}
	other := thing("SEP2", "devicePoolName", "DP", "devicePoolName_uuid", id("other"))
	w.synced("s1", content{uc.PhoneKind: {phone("DP"), other}})
	for i, want := range []int{1, 0} {
		n, err := w.RenameReferences(t.Context(), "cucm-1", map[string]string{pool: "DP_new"})
		must(t, err)
		equal(t, []string{"renamed", "again"}[i], want, n)
	}
	named := func(name string) map[string]string {
		return map[string]string{"SEP1": w.stored(phone(name)), "SEP2": w.stored(other)}
	}
	equal(t, "phones", named("DP_new"), w.estate(uc.PhoneKind))
	// It was renamed back before the next sync: what the sync read counts.
	out := w.synced("s2", content{uc.PhoneKind: {phone("DP"), other}})
	wantCounts(t, out.Kinds[0], 0, 1, 0)
	equal(t, "phones", named("DP"), w.estate(uc.PhoneKind))
	if n, err := w.RenameReferences(t.Context(), "cucm-1", nil); n != 0 || err != nil {
		t.Errorf("nothing to rename: %d, %v", n, err)
	}
}

// stored is the attributes of the row as PostgreSQL writes them.
func (w world) stored(r db.EstateRow) (text string) {
	w.t.Helper()
	must(w.t, w.sql.QueryRow(w.t.Context(), `SELECT $1::jsonb::text`, []byte(r.Attributes)).Scan(&text))
	return text
}

func TestEstateOwned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := thing("ann")
	w.synced("s1", content{
		uc.UserKind: {ann}, uc.PhoneKind: {thing("SEP1", uc.OwnerAttribute, ann.UUID), thing("SEP2", uc.OwnerAttribute, id("bob")), thing("SEP3")},
	})
	found, err := w.EstateOwned(t.Context(), "cucm-1", ann.UUID, id("eve"))
	must(t, err)
	if len(found) != 1 || found[0].Name != "SEP1" {
		t.Errorf("%+v", found)
	}
}

// TestDigests: what stands in the estate is seen as the same by its digest, and what has
// none is compared by its values and gets one.
func TestDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := thing("DP")
	phone := thing("SEP1", "devicePoolName", "old", "devicePoolName_uuid", pool.UUID)
	w.synced("s1", content{uc.PhoneKind: {phone, thing("SEP2")}})
	none := func() int { return w.count(`SELECT count(*) FROM estate WHERE digest IS NULL`) }
	if n := none(); n != 0 {
		t.Errorf("%d objects without a digest after a sync", n)
	}
	_, err := w.RenameReferences(t.Context(), "cucm-1", map[string]string{pool.UUID: "new"})
	must(t, err)
	if n := none(); n != 1 {
		t.Errorf("%d objects without a digest after another name", n)
	}
	renamed := thing("SEP1", "devicePoolName", "new", "devicePoolName_uuid", pool.UUID)
	for _, k := range w.synced("s2", content{uc.PhoneKind: {renamed, thing("SEP2")}}).Kinds {
		wantCounts(t, k, 0, 0, 0)
	}
	if n := none(); n != 0 {
		t.Errorf("%d objects without a digest after the next sync", n)
	}
}
