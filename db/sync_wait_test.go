package db_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// A kind says what it waits for until its next page is staged, or it ends.
func TestWaitSyncKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.opens("s1", uc.UserKind, uc.PhoneKind)
	wait := func(kind uc.EstateKind) db.KindWait {
		return db.KindWait{SyncID: "s1", Kind: kind, Why: "asked to slow down", Until: time.Now().Add(time.Minute)}
	}
	waits := func(when string, kind uc.EstateKind, want string) {
		t.Helper()
		if k := w.kind("s1", kind); k.Wait != want || (k.WaitUntil != nil) != (want != "") {
			t.Errorf("%s %s waits for %q until %v", when, kind, k.Wait, k.WaitUntil)
		}
	}
	must(t, w.WaitSyncKind(ctx, wait(uc.UserKind)))
	waits("at first", uc.UserKind, "asked to slow down")
	waits("at first", uc.PhoneKind, "")
	w.stages("s1", uc.UserKind, "", "next", thing("ann"))
	waits("with a page", uc.UserKind, "")
	must(t, w.WaitSyncKind(ctx, wait(uc.UserKind)))
	must(t, w.WaitSyncKind(ctx, wait(uc.PhoneKind)))
	w.stages("s1", uc.UserKind, "next", "")
	must(t, w.EndSyncKind(ctx, db.KindEnd{SyncID: "s1", Kind: uc.PhoneKind, State: uc.KindFailed, Line: uc.SyncLine{
		Severity: uc.SeverityError, Class: uc.NetworkLine, What: "could not be read",
	}}))
	must(t, w.WaitSyncKind(ctx, wait(uc.PhoneKind)))
	waits("at its end", uc.UserKind, "")
	waits("given up", uc.PhoneKind, "")
	w.opens("s2", uc.UserKind)
	interrupted := wait(uc.UserKind)
	interrupted.SyncID = "s2"
	must(t, w.WaitSyncKind(ctx, interrupted))
	must(t, w.EndSync(ctx, "s2", uc.SyncCancelled, "Cancelled: the copy is as it was."))
	if k := w.kind("s2", uc.UserKind); k.Wait != "" || k.WaitUntil != nil || k.State != uc.KindPending {
		t.Errorf("in a sync that was cancelled a kind is %s and waits for %q until %v", k.State, k.Wait, k.WaitUntil)
	}
	wantKind(t, w.WaitSyncKind(ctx, wait(uc.LineKind)), uc.NotFound)
	wantKind(t, w.WaitSyncKind(ctx, db.KindWait{SyncID: "s1", Kind: uc.UserKind}), uc.Invalid)
}
