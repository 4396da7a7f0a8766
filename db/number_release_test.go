package db_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason    string
		retention time.Duration
		before    func(w world) // on the pool berlin with 4711
		want      uc.NumberState
		user      string
	}{
		"reserved": {
			reason: "it was never published", want: uc.Available,
			before: func(w world) { w.reserved("order", "berlin", "ann") },
		},
		"published": {
			reason: "people may have seen it", retention: time.Hour, want: uc.Cooling, user: "ann",
			before: func(w world) { w.published("order", "berlin", "ann") },
		},
		"published, no retention": {
			reason: "the pool has no retention", want: uc.Available,
			before: func(w world) { w.published("order", "berlin", "ann") },
		},
		"was cooling": {
			reason: "it cools on, until the old date", retention: time.Hour, want: uc.Cooling, user: "ann",
			before: func(w world) { w.left("4711", "ann"); w.reserved("order", "berlin", "ann") },
		},
		"was held": {
			reason: "it is held on", want: uc.Held, user: "Ann",
			before: func(w world) {
				must(w.t, w.Hold(w.t.Context(), w.number("4711").Directory(), "Ann", time.Now().Add(time.Hour), "bob", "returns"))
				w.reserved("order", "berlin", "ann")
			},
		},
		"theirs": {
			reason: "the person had it before the order", want: uc.Assigned, user: "ann",
			before: func(w world) { w.published("earlier", "berlin", "ann"); w.published("order", "berlin", "ann") },
		},
		"none": {reason: "the order has none", want: uc.Available, before: func(world) {}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(c.retention)}, "4711")
			c.before(w)
			before := w.number("4711")
			for range 2 {
				must(t, w.ReleaseReservation(t.Context(), "order", "undo"))
			}
			n := w.number("4711")
			if n.State != c.want || n.UserID != c.user {
				t.Errorf("%s: %s of %q, want %s of %q", c.reason, n.State, n.UserID, c.want, c.user)
			}
			if (n.State == uc.Cooling || n.State == uc.Held) == (n.Until == nil) {
				t.Errorf("%s: %s until %v", c.reason, n.State, n.Until)
			}
			if changed := len(n.Events) - len(before.Events); changed > 1 {
				t.Errorf("%s: undone twice wrote %d events", c.reason, changed)
			}
		})
	}
}

func TestUndoKeepsTheOldDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "4711")
	w.left("4711", "ann")
	before := w.number("4711")
	w.reserved("order", "berlin", "ann")
	must(t, w.ReleaseReservation(t.Context(), "order", "undo"))
	equal(t, "the number after the undo", before.Number, w.number("4711").Number,
		cmpopts.IgnoreFields(uc.Number{}, "ChangedAt"))
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+49301XXXX"}, "4711-4712")
	w.reserved("order", "berlin", "ann")
	want := uc.Number{
		CallProcessor: "cucm-1", Partition: "PT_berlin", Digits: "4711", E164: "+493014711", Pool: "berlin",
		State: uc.Assigned, UserID: "ann", OrderID: "order",
	}
	ignore := cmpopts.IgnoreFields(uc.Number{}, "ID", "ChangedAt")
	for range 2 {
		n, err := w.Publish(t.Context(), "order")
		must(t, err)
		equal(t, "published number", want, n, ignore)
	}
	w.reserved("later", "berlin", "ann")
	n, err := w.Publish(t.Context(), "later")
	must(t, err)
	equal(t, "number that the person had", want, n, ignore)
	if got := len(w.number("4711").Events); got != 3 {
		t.Errorf("%d events, want made, reserved, assigned", got)
	}

	_, err = w.Publish(t.Context(), "nobody")
	wantKind(t, err, uc.NotFound)
	must(t, w.Release(t.Context(), db.ReleaseRequest{Number: n.Directory(), UserID: "ann", Actor: "x"}))
	w.published("other", "berlin", "bea")
	_, err = w.Publish(t.Context(), "later")
	wantKind(t, err, uc.NotFound) // it is somebody else's by now
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(48 * time.Hour)}, "4711-4713")
	n := w.published("order", "berlin", "Ann")
	request := db.ReleaseRequest{Number: n.Directory(), UserID: "ANN", Actor: "bob", Reason: "left"}
	start := time.Now()
	for range 2 {
		must(t, w.Release(t.Context(), request))
	}
	got := w.number("4711")
	if got.State != uc.Cooling || got.Until == nil || got.Until.Sub(start).Round(time.Minute) != 48*time.Hour {
		t.Errorf("%s until %v", got.State, got.Until)
	}
	last := got.Events[len(got.Events)-1]
	equal(t, "event", uc.NumberEvent{
		Actor: "bob", OrderID: "order", UserID: "Ann", From: uc.Assigned, To: uc.Cooling, Reason: "left",
	}, last, cmpopts.IgnoreFields(uc.NumberEvent{}, "At"))

	w.expire()
	w.published("next", "berlin", "bea")
	must(t, w.Release(t.Context(), request))
	if got := w.number("4711"); got.State != uc.Assigned || got.UserID != "bea" {
		t.Errorf("a release that came again took the number from its next holder: %s of %s", got.State, got.UserID)
	}
	reserved := w.reserved("third", "berlin", "eve")
	request.Number, request.UserID = reserved.Directory(), "eve"
	wantKind(t, w.Release(t.Context(), request), uc.Conflict)
	request.Number.Partition = "nowhere"
	wantKind(t, w.Release(t.Context(), request), uc.NotFound)
}
