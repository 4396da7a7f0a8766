package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

func pinEnv(t *testing.T, w *world.World, id, user string, f *trouble) *env {
	t.Helper()
	return newEnvOf(t, w, db.NewOrder{ID: id, Kind: uc.PINOrder, UserID: user, ServiceArea: world.Berlin}, f)
}

// joinedWorld is a world in which the people have joined Berlin.
func joinedWorld(t *testing.T, users ...string) *world.World {
	t.Helper()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
	for _, user := range users {
		checkDone(t, w, newEnv(t, w, w.Person(t, user, world.Berlin), &trouble{}).run(t))
	}
	return w
}

// checkPIN fails unless the PIN that the person was told last is the one that counts.
func checkPIN(t *testing.T, w *world.World, user string) {
	t.Helper()
	clients, err := w.Endpoints.Clients(nil)
	must(t, err)
	defer func() {
		clients.CUCM.Close()
		must(t, clients.Directory.Close())
	}()
	m, found := w.SMS.Message(user)
	if !found {
		t.Fatalf("user %s was told no PIN", user)
	}
	if ok, err := clients.CUCM.AuthenticateUser(t.Context(), user, m.PIN); err != nil || !ok {
		t.Errorf("the PIN that user %s was told is not the one that counts (%v)", user, err)
	}
}

func TestPINReset(t *testing.T) {
	t.Parallel()
	w := joinedWorld(t, "ann")
	for i := range 2 {
		o := pinEnv(t, w, fmt.Sprintf("pin-%d", i), "ANN", &trouble{}).run(t)
		if o.State != uc.Done || !strings.Contains(o.Detail, "new PIN") {
			t.Fatalf("the order is %s (%s: %s), want done", o.State, o.FailureKind, o.Detail)
		}
		checkPIN(t, w, "ann")
	}
	if n := len(w.SMS.Deliveries()); n != 2 {
		t.Errorf("%d PINs were delivered, want one for each order", n)
	}
}

// Whatever fails, the order ends with a valid PIN in the person's hands, or says that
// it does not.
func TestPINResetSurvivesEveryFailure(t *testing.T) {
	t.Parallel()
	w := joinedWorld(t, "ann")
	n := 0
	for _, step := range []string{"ReadPerson", "ResetPIN"} {
		for _, kind := range []uc.Kind{
			uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal,
		} {
			for _, after := range []bool{false, true} {
				n++
				f := &trouble{step: step, kind: kind, times: times(kind), after: after}
				e := pinEnv(t, w, fmt.Sprintf("pin-%d", n), "ann", f)
				e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, 10*time.Minute)
				o := e.run(t)
				if kind.Disposition() == uc.Fail && !after {
					if o.State != uc.Failed || o.FailureKind != kind {
						t.Errorf("%s at %s: the order is %s (%s), want failed", kind, step, o.State, o.Detail)
					}
					continue
				}
				if o.State != uc.Done {
					t.Errorf("%s at %s: the order is %s (%s), want done", kind, step, o.State, o.Detail)
				}
				checkPIN(t, w, "ann")
			}
		}
	}
}

func TestPINResetIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason, user string
		before       func(*testing.T, *world.World)
		channel      bool
		kind         uc.Kind
		detail       string
	}{
		"a stranger": {"no order knows the person", "bob", nil, true, uc.Conflict, "joins first"},
		"gone":       {"the person has left", "ann", left, true, uc.Conflict, "has left"},
		"no number":  {"nothing was made", "eve", func(t *testing.T, w *world.World) { numberless(t, w, "eve") }, true, uc.Conflict, "no PIN to reset"},
		"no channel": {"nobody could tell the person", "ann", nil, false, uc.Invalid, "pinDelivery"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := joinedWorld(t, "ann")
			if tt.before != nil {
				tt.before(t, w)
			}
			if !tt.channel {
				w.Endpoints.SMS = ""
			}
			before := snapshot(t, w)
			o := pinEnv(t, w, "pin-1", tt.user, &trouble{}).run(t)
			if o.State != uc.Failed || o.FailureKind != tt.kind || !strings.Contains(o.Detail, tt.detail) {
				t.Errorf("%s: the order is %s (%s: %s), want failed with %q", tt.reason, o.State, o.FailureKind, o.Detail, tt.detail)
			}
			if diff := before.Diff(snapshot(t, w)); len(diff) > 0 || len(w.SMS.Deliveries()) > 0 {
				t.Errorf("the call processor differs, or a PIN was told: %s", strings.Join(diff, "\n"))
			}
		})
	}
}
