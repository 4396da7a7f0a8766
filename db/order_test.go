package db_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestOpenOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	start := time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)
	n := newOrder("o1", "Ann")
	n.Key, n.Fingerprint, n.StartAt, n.State = "key", "print", &start, uc.Scheduled
	n.Joiner.Attributes = map[string]string{"costCenter": "42"}
	order, created, err := w.OpenOrder(t.Context(), n)
	must(t, err)
	want := uc.Order{
		ID: "o1", Kind: uc.JoinerOrder, State: uc.Scheduled, UserID: "Ann", ServiceArea: "berlin", CallProcessor: "cucm-1",
		StartAt: &start, CreatedBy: "hr", Joiner: n.Joiner,
	}
	times := cmpopts.IgnoreFields(uc.Order{}, "CreatedAt", "UpdatedAt")
	equal(t, "order", want, order, times)
	if !created || order.CreatedAt.IsZero() || order.CreatedAt.Location() != time.UTC {
		t.Errorf("created %v at %v", created, order.CreatedAt)
	}
	got, err := w.GetOrder(t.Context(), "o1")
	must(t, err)
	equal(t, "order read again", order, got, cmpopts.EquateEmpty())
	_, err = w.GetOrder(t.Context(), "o2")
	wantKind(t, err, uc.NotFound)

	dry := newOrder("dry", "bob")
	dry.DryRun = true
	for range 2 {
		order, created, err = w.OpenOrder(t.Context(), dry)
		must(t, err)
		equal(t, "a dry run would make it", true, created && order.UserID == "bob")
	}
	_, err = w.GetOrder(t.Context(), "dry")
	wantKind(t, err, uc.NotFound)

	change := func(f func(*db.NewOrder)) db.NewOrder {
		c := n
		f(&c)
		return c
	}
	cases := map[string]struct {
		reason string
		n      db.NewOrder
		kind   uc.Kind
		id     string
	}{
		"same key and body": {"the request came twice", change(func(n *db.NewOrder) { n.ID = "o2" }), "", "o1"},
		"same id":           {"the insert's answer was lost", n, "", "o1"},
		"other body":        {"the key was used", change(func(n *db.NewOrder) { n.ID, n.Fingerprint = "o3", "other" }), uc.Invalid, ""},
		"other key":         {"the person's order is open", change(func(n *db.NewOrder) { n.ID, n.Key = "o4", "key2" }), uc.Conflict, ""},
		"dry run":           {"says the same and writes nothing", change(func(n *db.NewOrder) { n.ID, n.DryRun = "o7", true }), "", "o1"},
		"other sender":      {"keys are apart for each sender", change(func(n *db.NewOrder) { n.ID, n.CreatedBy = "o5", "hr2" }), uc.Conflict, ""},
		"no key, other case": {"a user id has no case", func() db.NewOrder {
			return newOrder("o6", "aNN")
		}(), uc.Conflict, ""},
	}
	for name, c := range cases {
		got, created, err := w.OpenOrder(t.Context(), c.n)
		wantKind(t, err, c.kind)
		if created || got.ID != c.id {
			t.Errorf("%s (%s): created %v, id %q, want %q", name, c.reason, created, got.ID, c.id)
		}
	}
	must(t, w.SetOrder(t.Context(), "o1", uc.OrderChange{State: ptr(uc.Done)}))
	w.opened("o7", "ANN") // the first has ended
	got, created, err = w.OpenOrder(t.Context(), n)
	if err != nil || created || got.ID != "o1" || got.State != uc.Done {
		t.Errorf("the key came again after the end: %v, %v, %v", got, created, err)
	}
}

// Who is refused is told what to do with the order that stands in the way.
func TestOpenOrderNamesTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := map[string]struct {
		kind  uc.OrderKind
		state uc.OrderState
		stage string
		says  []string
	}{
		"leaver-ahead": {uc.LeaverOrder, uc.Scheduled, "", []string{"dialtone order reschedule leaver-ahead --leave-at DATE", "dialtone leave leaver-ahead --cancel"}},
		"leaver-waits": {uc.LeaverOrder, uc.Waiting, uc.AtLeave.String(), []string{"dialtone order watch leaver-waits", "dialtone leave leaver-waits --cancel"}},
		"leaver-gone":  {uc.LeaverOrder, uc.Running, uc.AtRemoval.String(), []string{"goes on to its end", "dialtone order watch leaver-gone"}},
		"joiner-ahead": {uc.JoinerOrder, uc.Scheduled, "", []string{"dialtone order reschedule joiner-ahead --start-at DATE", "dialtone order cancel joiner-ahead"}},
		"mover-runs":   {uc.MoverOrder, uc.Running, "", []string{"dialtone order watch mover-runs", "dialtone order cancel mover-runs"}},
	}
	for name, c := range cases {
		start := time.Date(2090, 1, 7, 8, 0, 0, 0, time.UTC)
		n := newOrder(name, name)
		n.Kind, n.State, n.StartAt, n.Fingerprint = c.kind, c.state, &start, "one"
		_, _, err := w.OpenOrder(t.Context(), n)
		must(t, err)
		must(t, w.SetOrder(t.Context(), name, uc.OrderChange{State: &c.state, Stage: &c.stage}))
		n.ID, n.Fingerprint = name+"-again", "another"
		_, _, err = w.OpenOrder(t.Context(), n)
		wantKind(t, err, uc.Conflict)
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %q, want %q", name, err, says)
			}
		}
	}
}

func TestOpenOrderAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var created, same, refused atomic.Int32
	var done sync.WaitGroup
	for i := range 40 {
		done.Go(func() {
			n := newOrder(fmt.Sprintf("o%d", i), []string{"ann", "Ann", "ANN"}[i%3])
			if i%2 == 0 {
				n.Key, n.Fingerprint = "key", "print"
			}
			_, made, err := w.OpenOrder(t.Context(), n)
			switch {
			case errors.Is(err, uc.Conflict):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			case made:
				created.Add(1)
			default:
				same.Add(1)
			}
		})
	}
	done.Wait()
	if created.Load() != 1 || same.Load()+refused.Load() != 39 {
		t.Errorf("created %d, the same %d, refused %d", created.Load(), same.Load(), refused.Load())
	}
}

func TestSetOrder(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	w.opened("o", "ann")
	get := func() uc.Order {
		t.Helper()
		o, err := w.GetOrder(ctx, "o")
		must(t, err)
		return o
	}
	first := get()
	later := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	must(t, w.SetOrder(ctx, "o", uc.OrderChange{
		Number: ptr("4711"), E164: ptr("+49301234711"), DeviceProfile: ptr("ann-em"), StartAt: &later,
	}))
	must(t, w.SetOrder(ctx, "o", uc.OrderChange{
		State: ptr(uc.Waiting), FailureKind: ptr(uc.Denied), Detail: ptr("password expired"), WaitingStep: ptr("EnsureUser"),
	}))
	waiting := get()
	if waiting.State != uc.Waiting || waiting.FailureKind != uc.Denied || waiting.Detail != "password expired" ||
		waiting.WaitingStep != "EnsureUser" || waiting.Number != "4711" || !waiting.StartAt.Equal(later) ||
		!waiting.UpdatedAt.After(first.UpdatedAt) || waiting.EndedAt != nil {
		t.Errorf("waiting: %+v", waiting)
	}
	must(t, w.SetOrder(ctx, "o", uc.OrderChange{Detail: ptr("account locked")}))
	if o := get(); o.FailureKind != uc.Denied || o.Detail != "account locked" {
		t.Errorf("still waiting: %+v", o)
	}
	must(t, w.SetOrder(ctx, "o", uc.OrderChange{State: ptr(uc.Running)}))
	if o := get(); o.FailureKind != "" || o.Detail != "" || o.WaitingStep != "" {
		t.Errorf("running again with %+v", o)
	}
	must(t, w.SetOrder(ctx, "o", uc.OrderChange{State: ptr(uc.Done), Outcome: ptr(uc.NumberGiven), Detail: ptr("by rule 1")}))
	done := get()
	if done.State != uc.Done || done.Outcome != uc.NumberGiven || done.EndedAt == nil || done.Detail != "by rule 1" {
		t.Errorf("done: %+v", done)
	}
	for _, c := range []uc.OrderChange{
		{State: ptr(uc.Running)}, {State: ptr(uc.Failed), FailureKind: ptr(uc.Internal)}, {Number: ptr("1")}, {State: ptr(uc.Done)},
	} {
		must(t, w.SetOrder(ctx, "o", c))
		equal(t, "an order that ended", done, get())
	}
	wantKind(t, w.SetOrder(ctx, "x", uc.OrderChange{}), uc.NotFound)
	wantKind(t, w.SetOrder(ctx, "x", uc.OrderChange{State: ptr(uc.Done)}), uc.NotFound)
}

func TestUnstartedOrders(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for _, id := range []string{"a", "b", "c", "d"} {
		w.opened(id, "user-"+id)
	}
	w.exec(`UPDATE orders SET created_at = now() - interval '1 minute' WHERE id IN ('a', 'b', 'c')`)
	for range 2 {
		must(t, w.MarkStarted(ctx, "a"))
	}
	must(t, w.SetOrder(ctx, "b", uc.OrderChange{State: ptr(uc.Cancelled)}))
	wantKind(t, w.MarkStarted(ctx, "x"), uc.NotFound)
	ids := func(orders []uc.Order, err error) (out []string) {
		t.Helper()
		must(t, err)
		for _, o := range orders {
			out = append(out, o.ID)
		}
		return out
	}
	equal(t, "unstarted for long", []string{"c"}, ids(w.UnstartedOrders(ctx, 30*time.Second, 10)))
	equal(t, "unstarted", []string{"c", "d"}, ids(w.UnstartedOrders(ctx, 0, 10)))
	equal(t, "unstarted, one", []string{"c"}, ids(w.UnstartedOrders(ctx, 0, 1)))
}
