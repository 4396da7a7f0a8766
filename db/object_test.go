package db_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestObjects(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.opened("o", "ann")
	made := db.ObjectRef{OrderID: "o", System: "cucm-1", Type: "phone", Key: "CSFANN"}
	changed := db.ObjectRef{OrderID: "o", System: "cucm-1", Type: "user", Key: "ann"}
	before := json.RawMessage(`{"z": 1,  "a": [true]}`)

	for i, b := range []json.RawMessage{nil, []byte("null"), before} {
		first, prior, err := w.Intend(ctx, made, b)
		must(t, err)
		if first != (i == 0) || prior != nil {
			t.Errorf("call %d: first %v, prior %s", i, first, prior)
		}
	}
	for i, b := range []json.RawMessage{before, nil, []byte(`{}`)} {
		first, prior, err := w.Intend(ctx, changed, b)
		must(t, err)
		if first != (i == 0) || string(prior) != string(before) {
			t.Errorf("call %d: first %v, prior %s", i, first, prior)
		}
	}
	object, found, err := w.ObjectOf(ctx, changed)
	must(t, err)
	equal(t, "object", db.Object{ObjectRef: changed, Before: before}, object, cmpopts.IgnoreFields(db.Object{}, "At"))
	if !found || object.At.IsZero() {
		t.Errorf("found %v at %v", found, object.At)
	}
	all, err := w.ListObjects(ctx, "o")
	must(t, err)
	equal(t, "objects, oldest first", []db.Object{{ObjectRef: made}, {ObjectRef: changed, Before: before}}, all,
		cmpopts.IgnoreFields(db.Object{}, "At"))
	for range 2 {
		must(t, w.Forget(ctx, made))
	}
	if _, found, err = w.ObjectOf(ctx, made); err != nil || found {
		t.Errorf("forgotten: found %v, %v", found, err)
	}
	first, _, err := w.Intend(ctx, made, before)
	if err != nil || !first {
		t.Errorf("after it was forgotten: first %v, %v", first, err)
	}
	_, _, err = w.Intend(ctx, db.ObjectRef{OrderID: "x", System: "s", Type: "t", Key: "k"}, nil)
	wantKind(t, err, uc.NotFound)
}

func TestIntendAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opened("o", "ann")
	ref := db.ObjectRef{OrderID: "o", System: "cucm-1", Type: "line", Key: "4711"}
	var firsts atomic.Int32
	var priors sync.Map
	var done sync.WaitGroup
	for i := range 20 {
		done.Go(func() {
			first, prior, err := w.Intend(t.Context(), ref, json.RawMessage(fmt.Sprint(i)))
			if err != nil {
				t.Error(err)
			}
			if first {
				firsts.Add(1)
			}
			priors.Store(string(prior), true)
		})
	}
	done.Wait()
	n := 0
	priors.Range(func(any, any) bool { n++; return true })
	if firsts.Load() != 1 || n != 1 {
		t.Errorf("%d were first, %d different records", firsts.Load(), n)
	}
}

// What stood there before a person is told by what the person's done orders recorded,
// and after a leave and a return by the orders since.
func TestObjectsOfAPerson(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	record := func(order, key string, before json.RawMessage) db.ObjectRef {
		ref := db.ObjectRef{OrderID: order, System: "cucm-1", Type: "phone", Key: key}
		_, _, err := w.Intend(ctx, ref, before)
		must(t, err)
		return ref
	}
	end := func(order string, state uc.OrderState) {
		must(t, w.SetOrder(ctx, order, uc.OrderChange{State: &state}))
	}
	want := func(when string, objects ...db.Object) {
		t.Helper()
		got, err := w.ObjectsOf(ctx, "ANN", "cucm-1")
		must(t, err)
		equal(t, when, objects, got, cmpopts.IgnoreFields(db.Object{}, "At"), cmpopts.EquateEmpty())
	}
	w.opened("undone", "ann")
	record("undone", "CSFANN", nil)
	end("undone", uc.Failed)
	w.opened("joiner", "Ann")
	first := record("joiner", "CSFANN", json.RawMessage(`{"a": 1}`))
	_, _, err := w.Intend(ctx, db.ObjectRef{OrderID: "joiner", System: "cucm-2", Type: "phone", Key: "CSFANN"}, nil)
	must(t, err)
	w.opened("other", "bob")
	record("other", "CSFANN", nil)
	end("other", uc.Done)
	want("while the order goes on")
	end("joiner", uc.Done)
	want("of the done order on the one system", db.Object{ObjectRef: first, Before: json.RawMessage(`{"a": 1}`)})
	leaver := newOrder("leaver", "ann")
	leaver.Kind = uc.LeaverOrder
	_, _, err = w.OpenOrder(ctx, leaver)
	must(t, err)
	record("leaver", "CSFANN", json.RawMessage(`{"b": 2}`))
	end("leaver", uc.Done)
	want("after the leave")
	w.opened("back", "ann")
	again := record("back", "CSFANN", nil)
	end("back", uc.Done)
	want("after the return", db.Object{ObjectRef: again})
}
