package activities_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

const agreement = "AD Corp"

// ldapRig is a rig whose people come from an LDAP agreement.
func ldapRig(t *testing.T, lasts time.Duration, people ...string) *rig {
	t.Helper()
	a := cucm.LDAPAgreement{SyncDuration: lasts}
	for _, id := range people {
		a.Users = append(a.Users, cucm.LDAPUser{
			UserID: id, FirstName: "Ann", LastName: "Directory", Department: "Sales",
			DisplayName: "Directory, Ann",
		})
	}
	return newRig(t, world.Options{CUCM: cucm.Options{LDAP: map[string]cucm.LDAPAgreement{agreement: a}}}, world.Lisbon, nil)
}

// until repeats the effect as Temporal does, only faster, until it ends.
func until(t *testing.T, e effect) error {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := e.run()
		if err == nil || !retried(err) {
			return err
		}
		select {
		case <-t.Context().Done():
			t.Fatal(err)
		case <-tick.C:
		}
	}
}

func (r *rig) ensure(id string) effect {
	return gives(r, "EnsureUser", "addUser", r.cucm.EnsureUser, func() activities.UserIn {
		in := r.user()
		in.User.User.ID = id
		return in
	})
}

// Several people of one agreement wait for one sync, in whatever case their user
// ids are written; nobody of them is made by hand.
func TestOneLDAPSyncForAllWhoWait(t *testing.T) {
	t.Parallel()
	people := []string{"p1", "p2", "p3", "p4", "p5"}
	r := ldapRig(t, 200*time.Millisecond, people...)
	var waiting sync.WaitGroup
	for i, id := range people {
		if i%2 == 0 {
			id = fmt.Sprintf("P%d", i+1)
		}
		waiting.Go(func() {
			if err := until(t, r.ensure(id)); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	waiting.Wait()
	calls := r.CUCM.Stats().Calls
	if calls["doLdapSync"] != 1 || calls["addUser"] != 0 {
		t.Errorf("%d syncs were started and %d users made, want 1 and 0", calls["doLdapSync"], calls["addUser"])
	}
}

// What the directory owns of an adopted user is never sent, and undo leaves the user
// as the sync brought it.
func TestLDAPUserIsAdopted(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 0, "ann")
	must(t, until(t, r.forward()[0]))
	before := r.snapshot(t)
	all(t, r.forward()) // a field of the directory would be refused
	user, err := r.axl.GetUser(t.Context(), "ann")
	must(t, err)
	if *user.LastName != "Directory" || *user.DisplayName != "Directory, Ann" || user.LDAPDirectory != agreement {
		t.Errorf("the user is %s, %s of %q", *user.LastName, *user.DisplayName, user.LDAPDirectory)
	}
	all(t, r.backward())
	r.unchanged(t, before, "after undo")
}

// A person whom no sync brings is not found, after a sync and not before.
func TestPersonWhoIsNotInTheDirectory(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 200*time.Millisecond, "ann")
	wantKind(t, until(t, r.ensure("nobody")), uc.NotFound, "nobody", agreement, "add the person to the directory")
	if n := r.CUCM.Stats().Calls["doLdapSync"]; n != 1 {
		t.Errorf("%d syncs were started, want 1", n)
	}
	// Somebody who came later is not judged by a sync that began before.
	must(t, r.CUCM.AddLDAPUser(t.Context(), agreement, cucm.LDAPUser{UserID: "late", LastName: "Late"}))
	wantKind(t, r.ensure("late").run(), uc.Unavailable, "waiting for the LDAP sync")
}

// A sync that could not be started, or failed, says nothing about who is in the
// directory.
func TestSyncThatDidNotHappen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		rule   fault.Rule
		kind   uc.Kind
	}{
		"throttled":   {"the call processor is busy", fault.Rule{Kind: fault.Status, Status: 503}, uc.Throttled},
		"lost":        {"the connection broke before", fault.Rule{Kind: fault.Drop}, uc.Unavailable},
		"answer lost": {"the connection broke after", fault.Rule{Kind: fault.AfterCommit}, uc.Unavailable},
		"refused":     {"our account may not", fault.Rule{Kind: fault.Status, Status: 403}, uc.Denied},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ldapRig(t, 0, "ann")
			tt.rule.Op, tt.rule.Times = "doLdapSync", 1
			r.CUCM.Faults().Add(tt.rule)
			wantKind(t, r.ensure("nobody").run(), tt.kind)
			for range 3 {
				wantKind(t, r.ensure("nobody").run(), uc.Unavailable, "waiting")
			}
		})
	}
}

// One who claimed the sync and died before it started holds nobody up for long, and
// makes nobody "not found".
func TestClaimerOfTheSyncDies(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 0, "ann")
	claimed, _, _, err := r.DB.ClaimLDAPSync(t.Context(), world.CUCM, agreement, 0)
	if err != nil || !claimed {
		t.Fatalf("claiming the sync: %v, %v", claimed, err)
	}
	wantKind(t, r.ensure("ann").run(), uc.Unavailable, "waiting")
	if n := r.CUCM.Stats().Calls["doLdapSync"]; n != 0 {
		t.Errorf("%d syncs were started within the gap, want 0", n)
	}
}

// A user who vanished from the directory is deleted by the call processor within a
// day: it is not adopted before a sync has brought it back.
func TestInactiveLDAPUser(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 0, "ann")
	ctx := t.Context()
	must(t, r.CUCM.SyncLDAP(ctx, agreement))
	must(t, r.CUCM.RemoveLDAPUser(ctx, agreement, "ann"))
	must(t, r.CUCM.SyncLDAP(ctx, agreement))
	user, err := r.axl.GetUser(ctx, "ann")
	must(t, err)
	if user.Status != "2" {
		t.Fatalf("the status of the user is %q, want 2", user.Status)
	}
	wantKind(t, until(t, r.ensure("ann")), uc.NotFound, "add the person to the directory")
	_, err = r.axl.GetUser(ctx, "ann")
	must(t, err)
}

// An agreement that does not exist is named.
func TestUnknownAgreement(t *testing.T) {
	t.Parallel()
	r := ldapRig(t, 0)
	r.services.User.LDAPAgreement = "Nowhere"
	wantKind(t, r.ensure("ann").run(), uc.NotFound, "Nowhere")
}
