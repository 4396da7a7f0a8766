package db_test

import (
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestEstateCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.synced("s1", content{uc.PhoneKind: {thing("SEP1"), thing("SEP2")}, uc.UserKind: {thing("ann")}, "region": nil})
	_, err := w.ApplyObjects(t.Context(), db.ObjectsIn{CallProcessor: "cucm-2", Rows: of(uc.PhoneKind, thing("SEP1"))})
	must(t, err)
	one := []db.EstateCount{{"cucm-1", uc.PhoneKind, 2}, {"cucm-1", uc.UserKind, 1}}
	got, err := w.EstateCounts(t.Context(), "")
	must(t, err)
	equal(t, "all", append(one, db.EstateCount{CallProcessor: "cucm-2", Kind: uc.PhoneKind, Objects: 1}), got)
	got, err = w.EstateCounts(t.Context(), "cucm-1")
	must(t, err)
	equal(t, "of one", one, got)
}
