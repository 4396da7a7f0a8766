package db_test

import (
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason   string
		had      int
		kept     int
		guard    uc.ShrinkGuard
		sentence string // "" = it passes
	}{
		"few":     {"fifty may always go", 60, 10, uc.ShrinkGuard{}, ""},
		"many":    {"more than fifty and 5 %", 60, 9, uc.ShrinkGuard{}, "51 of 60 objects of kind IP Phone would be gone and the guard allows 50"},
		"percent": {"5 % of many", 1200, 1140, uc.ShrinkGuard{}, ""},
		"more":    {"more than 5 % of many", 1200, 1139, uc.ShrinkGuard{}, "61 of 1200 objects of kind IP Phone would be gone and the guard allows 60"},
		"strict":  {"a setting of the sync", 60, 57, uc.ShrinkGuard{Percent: 1, Least: 2}, "3 of 60 objects of kind IP Phone would be gone and the guard allows 2"},
		"empty":   {"an empty answer is more often a mistake", 2, 0, uc.ShrinkGuard{}, "all 2 objects of kind IP Phone would be gone"},
		"the one": {"the only one may go", 1, 0, uc.ShrinkGuard{}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.synced("s1", content{uc.PhoneKind: many("SEP", c.had), uc.UserKind: {thing("ann")}})
			before := w.estate(uc.PhoneKind)
			_, _, err := w.OpenSync(t.Context(), db.NewSync{
				ID: "s2", CallProcessor: "cucm-1", Scope: uc.SyncAll, Kinds: []uc.EstateKind{uc.UserKind, uc.PhoneKind}, Shrink: c.guard,
			})
			must(t, err)
			w.stages("s2", uc.UserKind, "", "", thing("ann", "mail", "new"))
			w.stages("s2", uc.PhoneKind, "", "", many("SEP", c.kept)...)
			out, err := w.ApplySync(t.Context(), "s2", false)
			must(t, err)
			if c.sentence == "" {
				if out.Held || len(w.estate(uc.PhoneKind)) != c.kept {
					t.Errorf("%s: %+v", c.reason, out)
				}
				return
			}
			if !out.Held || out.Detail != c.sentence {
				t.Fatalf("%s: %+v", c.reason, out)
			}
			w.heldAndApproved(before, c.had-c.kept)
		})
	}
}

// heldAndApproved checks that the held sync s2 changed nothing, and approves it.
func (w world) heldAndApproved(before map[string]string, gone int) {
	w.t.Helper()
	ctx := w.t.Context()
	equal(w.t, "phones while it is held", before, w.estate(uc.PhoneKind))
	equal(w.t, "users while it is held", map[string]string{"ann": "{}"}, w.estate(uc.UserKind))
	s, err := w.GetSync(ctx, "s2")
	must(w.t, err)
	if s.State != uc.SyncWaiting || s.Detail == "" || s.AppliedAt != nil || s.Kinds[1].Gone != gone {
		w.t.Errorf("%+v", s)
	}
	again, err := w.ApplySync(ctx, "s2", false)
	must(w.t, err)
	if !again.Held || len(w.lines("s2")) != 1+min(gone, 500) {
		w.t.Errorf("held again: %+v, %d lines", again, len(w.lines("s2")))
	}
	wantKind(w.t, w.EndSync(ctx, "s2", uc.SyncDone, ""), uc.Conflict)
	out, err := w.ApplySync(ctx, "s2", true)
	must(w.t, err)
	if out.Held || len(w.estate(uc.PhoneKind)) != len(before)-gone {
		w.t.Errorf("approved: %+v", out)
	}
	equal(w.t, "users", map[string]string{"ann": `{"mail": "new"}`}, w.estate(uc.UserKind))
	must(w.t, w.EndSync(ctx, "s2", uc.SyncDone, "Completed."))
}

func TestCancelledIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens("s1", uc.UserKind)
	w.stages("s1", uc.UserKind, "", "", thing("ann"))
	must(t, w.EndSync(t.Context(), "s1", uc.SyncCancelled, "by ann"))
	_, err := w.ApplySync(t.Context(), "s1", true)
	wantKind(t, err, uc.Conflict)
	_, err = w.ApplySync(t.Context(), "s9", true)
	wantKind(t, err, uc.NotFound)
	equal(t, "users", map[string]string{}, w.estate(uc.UserKind))
}
