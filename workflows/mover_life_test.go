package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// A person whom the directory renames is renamed by the sync, and everything follows.
func TestMoverFollowsARenameInTheDirectory(t *testing.T) {
	t.Parallel()
	agreement := cucm.LDAPAgreement{
		SyncDuration: 100 * time.Millisecond,
		Users:        []cucm.LDAPUser{{UserID: "ann", FirstName: "Ann", LastName: "Smith-ann"}},
	}
	w := moverWorld(t, world.Options{CUCM: cucm.Options{LDAP: map[string]cucm.LDAPAgreement{"AD Corp": agreement}}})
	must(t, w.CUCM.SyncLDAP(t.Context(), "AD Corp"))
	joins(t, w, w.Person(t, "ann", world.Lisbon), "join")
	must(t, w.Directory.Set("ann", map[string]string{"sAMAccountName": "anna"}))
	mover := uc.Mover{UserID: "ann", NewUserID: "anna", LastName: text("Jones")}
	before := stateOf(t, w, "ann")
	// Not yet in the agreement: the order fails, and nothing has changed.
	failed := moverEnv(t, w, "early", mover, &trouble{step: "EnsureUser", slow: 250 * time.Millisecond}).run(t)
	if failed.State != uc.Failed || failed.FailureKind != uc.NotFound || !strings.Contains(failed.Detail, "anna") {
		t.Fatalf("before the rename the order is %s (%s: %s), want not_found", failed.State, failed.FailureKind, failed.Detail)
	}
	before.unmoved(t, w, "after a rename that the directory does not know")
	must(t, w.CUCM.RenameLDAPUser(t.Context(), "AD Corp", "ann", "anna"))
	must(t, w.CUCM.SyncLDAP(t.Context(), "AD Corp"))
	o := moved(t, w, mover)
	user, err := callProcessor(t, w).GetUser(t.Context(), "anna")
	must(t, err)
	if *user.LastName != "Smith-ann" || *user.PhoneProfiles == nil || (*user.PhoneProfiles)[0] != "anna-em" || user.PrimaryExtension.Pattern != o.Number {
		t.Errorf("the user is %+v, want renamed, with the names of the directory", user)
	}
	if p := personOf(t, w, "anna"); p.Services.Line.Display != "Ann Jones" {
		t.Errorf("the line shows %q", p.Services.Line.Display)
	}
}

// Joiner, mover, leaver: nothing of the person is left, renamed things included.
func TestLeaverAfterMoverLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, mover := range map[string]uc.Mover{
		"renamed": {NewUserID: "xann"}, "mixed": mixedMove("ann"), "site": {ServiceArea: mitte, Number: uc.NumberNew},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := mixedWorld(t, world.Options{})
			empty := snapshot(t, w)
			berliner(t, w, "ann")
			mover.UserID = "ann"
			if mover.NewUserID != "" {
				must(t, w.Directory.Set("ann", map[string]string{"sAMAccountName": mover.NewUserID}))
			}
			moved(t, w, mover)
			user := mover.Apply(uc.Joiner{User: uc.User{ID: "ann"}}).User.ID
			o := leaveEnvAs(t, w, uc.Leaver{UserID: user}, &trouble{}, "leave").leave(t)
			if o.State != uc.Done || o.Detail != "" {
				t.Errorf("the leaver's order is %s (%s)", o.State, o.Detail)
			}
			if diff := empty.Diff(snapshot(t, w)); len(diff) > 0 {
				t.Errorf("after joiner, mover and leaver the call processor differs:\n%s", strings.Join(diff, "\n"))
			}
		})
	}
}

// There and back again is where one was, with the old number.
func TestMoverBack(t *testing.T) {
	t.Parallel()
	w := mixedWorld(t, world.Options{Far: true})
	berliner(t, w, "ann")
	before := stateOf(t, w, "ann")
	for i, area := range []string{porto, world.Berlin, azores, mitte, world.Berlin} {
		o := moverEnv(t, w, "move-"+string(rune('a'+i)), uc.Mover{UserID: "ann", ServiceArea: area}, &trouble{}).run(t)
		if o.State != uc.Done || o.Detail != "" {
			t.Fatalf("to %s: the order is %s (%s: %s)", area, o.State, o.FailureKind, o.Detail)
		}
	}
	now := stateOf(t, w, "ann")
	if now.Person.Number().Digits != "4700" {
		t.Errorf("the number is %s, want 4700 again", now.Person.Number())
	}
	if diff := append(before.CUCM.Diff(now.CUCM), before.Far.Diff(now.Far)...); len(diff) > 0 {
		t.Errorf("after all the moves the call processors differ:\n%s", strings.Join(diff, "\n"))
	}
}

// A colleague's phone with the person's old line works on; a kept one is shared on.
func TestMoverWithASharedLine(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"kept": true, "another": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := moverWorld(t, world.Options{})
			berliner(t, w, "ann")
			must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{
				Name:  "SEP001122334455",
				Lines: []cucm.Line{{Pattern: "4700", Partition: "PT_Berlin"}},
			}))
			mover := uc.Mover{UserID: "ann", ServiceArea: mitte}
			if !keeps {
				mover.Number = uc.NumberNew
			}
			o := moved(t, w, mover)
			if keeps != (o.Detail == "") || !keeps && !strings.Contains(o.Detail, "SEP001122334455") {
				t.Errorf("the order says %q", o.Detail)
			}
			line, err := callProcessor(t, w).GetLine(t.Context(), "4700", "PT_Berlin")
			must(t, err)
			want := 1
			if keeps {
				want = 4
			}
			if len(line.AssociatedDevices) != want {
				t.Errorf("line 4700 is on %v, want %d devices", line.AssociatedDevices, want)
			}
		})
	}
}

// The person's own wish where calls go is not a move's to change.
func TestMoverKeepsForwardAll(t *testing.T) {
	t.Parallel()
	w := moverWorld(t, world.Options{})
	berliner(t, w, "ann")
	client := callProcessor(t, w)
	wish := axl.Forward{Destination: "01701234567", CSS: "CSS_Berlin_Mobile"}
	must(t, client.UpdateLine(t.Context(), axl.Line{Pattern: "4700", Partition: "PT_Berlin", ForwardAll: &wish}))
	moved(t, w, uc.Mover{UserID: "ann", ServiceArea: mitte})
	line, err := client.GetLine(t.Context(), "4700", "PT_Berlin")
	if err != nil || *line.ForwardAll != wish {
		t.Errorf("all calls are forwarded to %+v, %v: want %+v", line.ForwardAll, err, wish)
	}
}

// What cannot be is refused before anything is written.
func TestMoverIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		mover  uc.Mover
		before func(*testing.T, *world.World)
		detail string
	}{
		"keep elsewhere": {"a number stands in one partition", uc.Mover{ServiceArea: porto, Number: uc.NumberKeep}, nil, "cannot be kept"},
		"a stranger":     {"nobody knows him", uc.Mover{UserID: "bob"}, nil, "joins first"},
		"gone":           {"the person has left", uc.Mover{Title: text("Boss")}, left, "has left"},
		"taken user id": {"by a colleague", uc.Mover{NewUserID: "Cid"}, func(t *testing.T, w *world.World) {
			t.Helper()
			berliner(t, w, "cid")
		}, "another person's"},
		"taken on the call processor": {"by somebody whom we do not know", uc.Mover{NewUserID: "dan"}, func(t *testing.T, w *world.World) {
			t.Helper()
			_, err := callProcessor(t, w).AddUser(t.Context(), axl.User{UserID: "dan", LastName: axl.Set("Dan")})
			must(t, err)
		}, "is there already"},
		"taken phone": {"the name is another phone's", uc.Mover{NewUserID: "dan"}, func(t *testing.T, w *world.World) {
			t.Helper()
			must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{Name: "CSFDAN", Product: "Cisco Unified Client Services Framework"}))
		}, "CSFDAN"},
		"nowhere": {"the device pool is missing", uc.Mover{ServiceArea: world.Broken}, nil, "DP_Nowhere"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := moverWorld(t, world.Options{})
			berliner(t, w, "ann")
			if tt.before != nil {
				tt.before(t, w)
			}
			if tt.mover.UserID == "" {
				tt.mover.UserID = "ann"
			}
			before := stateOf(t, w, "ann")
			o := moverEnv(t, w, "move", tt.mover, &trouble{}).run(t)
			if o.State != uc.Failed || !strings.Contains(o.Detail, tt.detail) || strings.Contains(o.Detail, "left behind") {
				t.Errorf("the order is %s (%s: %s), want failed with %q: %s", o.State, o.FailureKind, o.Detail, tt.detail, tt.reason)
			}
			before.unmoved(t, w, "after a refused move")
		})
	}
}

// A burst of moves is held before anything is written, and goes on when it is approved.
func TestMoversAreHeld(t *testing.T) {
	t.Parallel()
	w := moverWorld(t, world.Options{})
	corp := world.Catalog().Domains[0]
	_, err := w.DB.ApplyCatalog(t.Context(), uc.Catalog{Domains: []uc.Domain{corp}}, false)
	must(t, err)
	berliner(t, w, "ann")
	before := stateOf(t, w, "ann")
	e := moverEnv(t, w, "move", uc.Mover{UserID: "ann", ServiceArea: mitte, Batch: 200}, &trouble{})
	e.RegisterDelayedCallback(func() {
		o := e.get(t)
		if o.State != uc.Waiting || o.WaitingStep != "PassGuard" || !strings.Contains(o.Detail, "200 people") {
			t.Errorf("the order is %s at %s (%s), want it held", o.State, o.WaitingStep, o.Detail)
		}
		before.unmoved(t, w, "while the move is held")
		holds, err := w.DB.ListGuardHolds(t.Context(), true)
		if err != nil || len(holds) != 1 {
			t.Errorf("%d holds, %v", len(holds), err)
			return
		}
		_, err = w.DB.ApproveGuard(t.Context(), holds[0].ID, "test", "the office moves")
		must(t, err)
		e.SignalWorkflow("resume", nil)
	}, 10*time.Second)
	if o := e.run(t); o.State != uc.Done {
		t.Errorf("the order is %s (%s)", o.State, o.Detail)
	}
	// What is no change of place is not counted.
	title := moverEnv(t, w, "title", uc.Mover{UserID: "ann", Title: text("Boss"), Batch: 200}, &trouble{}).run(t)
	if title.State != uc.Done {
		t.Errorf("a new title is %s (%s)", title.State, title.Detail)
	}
}

// A person without a number gets one where the rules give one, and only changes
// elsewhere.
func TestMoverOfAPersonWithoutANumber(t *testing.T) {
	t.Parallel()
	w := moverWorld(t, world.Options{})
	numberless(t, w, "ann")
	before := snapshot(t, w)
	o := moverEnv(t, w, "rename", uc.Mover{UserID: "ann", NewUserID: "anna", Title: text("Boss")}, &trouble{}).run(t)
	if p := personOf(t, w, "anna"); o.State != uc.Done || o.Outcome != uc.NumberUnmade || p.Joiner.User.Title != "Boss" || p.Services != nil {
		t.Errorf("the order is %s/%s (%s) and the person %+v", o.State, o.Outcome, o.Detail, p)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
	must(t, w.Directory.Set("ann", map[string]string{"sAMAccountName": "anne"}))
	o = moverEnv(t, w, "move", uc.Mover{UserID: "anna", NewUserID: "anne", ServiceArea: porto}, &trouble{}).run(t)
	checkDone(t, w, o)
	if o.UserID != "anne" || o.Number != "4800" {
		t.Errorf("%s has %s, want anne with 4800", o.UserID, o.Number)
	}
}

// A desk phone goes along on the same call processor, and is nobody's when the person
// moves to another one.
func TestMoverWithADeskPhone(t *testing.T) {
	t.Parallel()
	const desk = "SEP001122334455"
	given := func(w *world.World) uc.Joiner {
		must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{Name: desk}))
		j := w.Person(t, "ann", world.Berlin)
		j.DeskPhone = desk
		return j
	}
	w, want := moverWorld(t, world.Options{Far: true}), moverWorld(t, world.Options{})
	j := given(w)
	alone := snapshot(t, w)
	joins(t, w, j, "join")
	moved(t, w, uc.Mover{UserID: "ann", ServiceArea: mitte, Number: uc.NumberNew})
	reference := given(want)
	reference.ServiceArea = mitte
	must(t, want.DB.Block(t.Context(), uc.DirectoryNumber{CallProcessor: world.CUCM, Partition: "PT_Berlin", Digits: "4700"}, "test", "taken"))
	joins(t, want, reference, "reference")
	if diff := snapshot(t, want).Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the call processor differs from one where the person joined so (- joined + moved):\n%s", strings.Join(diff, "\n"))
	}
	o := moverEnv(t, w, "far", uc.Mover{UserID: "ann", ServiceArea: azores}, &trouble{}).run(t)
	if o.State != uc.Done {
		t.Fatalf("the order is %s (%s)", o.State, o.Detail)
	}
	if diff := alone.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the old call processor holds something of the person:\n%s", strings.Join(diff, "\n"))
	}
	if p := personOf(t, w, "ann"); p.Joiner.DeskPhone != "" {
		t.Errorf("the person still has desk phone %s", p.Joiner.DeskPhone)
	}
}
