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
