package activities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

func (r *rig) pinReset() activities.PINResetIn {
	return activities.PINResetIn{On: r.on(), User: r.joiner.User, Digits: r.services.User.PINDigits, Number: r.services.Number.Digits}
}

// withUser makes the person's user, whose PIN can be set.
func (r *rig) withUser(t *testing.T) {
	t.Helper()
	must(t, r.execute(r.cucm.EnsureUser, r.user()))
}

// valid reports whether the PIN that was delivered last is the user's, and must be
// changed.
func (r *rig) valid(t *testing.T) bool {
	t.Helper()
	m, found := r.SMS.Message("ann")
	if !found {
		return false
	}
	ok, err := r.axl.AuthenticateUser(t.Context(), "ann", m.PIN)
	must(t, err)
	return ok && r.mustChange(t)
}

func (r *rig) mustChange(t *testing.T) bool {
	t.Helper()
	for _, o := range r.snapshot(t).Objects {
		if o.Table == "credential" && strings.Contains(o.Key, "ann") && o.Fields["usermustchange"] == "t" {
			return true
		}
	}
	return false
}

func TestPINReset(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.withUser(t)
	for range 3 {
		must(t, r.execute(r.cucm.ResetPIN, r.pinReset()))
		if !r.valid(t) {
			t.Fatal("the PIN that was delivered is not the user's, or need not be changed")
		}
	}
	all := r.SMS.Deliveries()
	if len(all) != 3 || all[0].PIN == all[1].PIN || all[0].OrderID != r.order || all[0].EmployeeID != r.joiner.User.EmployeeID {
		t.Errorf("%d deliveries, want 3 with a PIN each: %+v", len(all), all[0].OrderID)
	}
}

// Whatever is lost on the way, the PIN that was delivered last is the one that is
// valid, and no PIN is in an error.
func TestPINResetAfterFailures(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		cucm   *fault.Rule
		sms    *fault.Rule
		kind   uc.Kind
		set    bool // the PIN was changed all the same
	}{
		"the answer of the call processor is lost": {
			"it is set again, with another PIN",
			&fault.Rule{Op: "updateUser", Kind: fault.AfterCommit, Times: 1}, nil, uc.Unavailable, true,
		},
		"the answer of the receiver is lost": {
			"the receiver may have told the first PIN already: the second is told too",
			nil, &fault.Rule{Kind: fault.AfterCommit, Times: 1}, uc.Unavailable, true,
		},
		"the receiver is overloaded": {"another PIN later", nil, &fault.Rule{Kind: fault.Status, Status: 503, Times: 1}, uc.Unavailable, true},
		"the receiver slows down":    {"another PIN later", nil, &fault.Rule{Kind: fault.Status, Status: 429, Times: 1}, uc.Throttled, true},
		"the receiver refuses us":    {"the order waits", nil, &fault.Rule{Kind: fault.Status, Status: 401, Times: 1}, uc.Denied, true},
		"the receiver knows no such path": {
			"the order waits and does not fail: the PIN is set and nobody knows it",
			nil, &fault.Rule{Kind: fault.Status, Status: 404, Times: 1}, uc.Denied, true,
		},
		"the call processor refuses the PIN": {
			"nothing was changed", &fault.Rule{Op: "updateUser", Kind: fault.Fault, Code: 5003, Text: "The PIN is trivial", Times: 1}, nil, "", false,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pins := make(chan string, 10)
			r := newRig(t, world.Options{PINs: func(pin string) { pins <- pin }}, world.Berlin, nil)
			r.withUser(t)
			if tc.cucm != nil {
				r.CUCM.Faults().Add(*tc.cucm)
			}
			if tc.sms != nil {
				tc.sms.Op = "events"
				r.SMS.Faults().Add(*tc.sms)
			}
			err := r.execute(r.cucm.ResetPIN, r.pinReset())
			if err == nil {
				t.Fatalf("%s: no failure was told", tc.reason)
			}
			if tc.kind != "" {
				wantKind(t, err, tc.kind)
			}
			if pin := <-pins; strings.Contains(fmt.Sprintf("%+v", err), pin) {
				t.Error("the PIN is in the error")
			}
			if r.mustChange(t) != tc.set {
				t.Errorf("the PIN was set: %v, want %v", !tc.set, tc.set)
			}
			must(t, r.execute(r.cucm.ResetPIN, r.pinReset()))
			if !r.valid(t) {
				t.Errorf("after the second try the PIN that was delivered last is not the user's: %s", tc.reason)
			}
		})
	}
}

// A receiver that cannot be reached is found out before the PIN is changed.
func TestPINResetLooksFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.withUser(t)
	before := r.snapshot(t)
	with := r.cucm.PINs
	r.cucm.PINs = nil
	wantKind(t, r.execute(r.cucm.ResetPIN, r.pinReset()), uc.Invalid, "pinDelivery", "not changed")
	r.unchanged(t, before, "without a channel")
	r.cucm.PINs = with
	in := r.pinReset()
	in.User.ID = "nobody"
	wantKind(t, r.execute(r.cucm.ResetPIN, in), uc.NotFound)
	away := r.Endpoints
	away.SMS = "https://127.0.0.1:1/events"
	clients, err := away.Clients(nil)
	must(t, err)
	t.Cleanup(func() {
		clients.CUCM.Close()
		must(t, clients.Directory.Close())
	})
	r.cucm.PINs = clients.PINs
	wantKind(t, r.execute(r.cucm.ResetPIN, r.pinReset()), uc.Unavailable, "no answer")
	r.unchanged(t, before, "with a receiver that is away")
	if n := len(r.SMS.Deliveries()); n != 0 {
		t.Errorf("%d PINs were delivered, want none", n)
	}
}
