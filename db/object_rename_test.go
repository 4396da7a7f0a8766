package db_test

import (
	"encoding/json"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestRenameObject(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.opened("first", "ann")
	must(t, w.SetOrder(ctx, "first", uc.OrderChange{State: ptr(uc.Done)}))
	w.opened("second", "Ann")
	w.opened("other", "bea")
	before := json.RawMessage(`{"name": "CSFANNA"}`)
	intend := func(order, objectType, key string, b json.RawMessage) {
		t.Helper()
		_, _, err := w.Intend(ctx, db.ObjectRef{OrderID: order, System: "cucm-1", Type: objectType, Key: key}, b)
		must(t, err)
	}
	intend("first", "phone", "CSFANN", nil)
	intend("first", "device_profile", "CSFANN", nil) // the same name of another type
	intend("second", "phone", "CSFANN", nil)
	intend("second", "phone", "CSFANNA", before)
	intend("other", "phone", "CSFANN", nil)
	for range 2 {
		must(t, w.RenameObject(ctx, db.ObjectRef{OrderID: "second", System: "cucm-1", Type: "phone", Key: "csfann"}, "CSFANNA"))
	}
	keys := func(order string) []string {
		t.Helper()
		all, err := w.ListObjects(ctx, order)
		must(t, err)
		var out []string
		for _, o := range all {
			out = append(out, o.Type+" "+o.Key)
		}
		return out
	}
	equal(t, "of an earlier order", []string{"phone CSFANNA", "device_profile CSFANN"}, keys("first"))
	equal(t, "of the order itself, which knows both", []string{"phone CSFANN", "phone CSFANNA"}, keys("second"))
	equal(t, "of another person", []string{"phone CSFANN"}, keys("other"))
	o, found, err := w.ObjectOf(ctx, db.ObjectRef{OrderID: "second", System: "cucm-1", Type: "phone", Key: "CSFANNA"})
	if err != nil || !found || string(o.Before) != string(before) {
		t.Errorf("the record of the new name is %s (%v, %v), want it as it was", o.Before, found, err)
	}
}
