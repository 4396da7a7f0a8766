package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// leaveEnv is an environment with the order of a leaver.
func leaveEnv(t *testing.T, w *world.World, l uc.Leaver, f *trouble) *env {
	t.Helper()
	return leaveEnvAs(t, w, l, f, "leave-"+l.UserID)
}

func leaveEnvAs(t *testing.T, w *world.World, l uc.Leaver, f *trouble, orderID string) *env {
	t.Helper()
	e := bareEnv(t, w, f)
	var err error
	e.order, _, err = w.DB.OpenOrder(t.Context(), db.NewOrder{
		ID: orderID, Kind: uc.LeaverOrder, UserID: l.UserID, Leaver: &l, ServiceArea: l.ServiceArea,
		CallProcessor: world.CUCM, CreatedBy: "test", State: uc.Running,
	})
	must(t, err)
	return e
}

// leave tells the story to its end and returns the order.
func (e *env) leave(t *testing.T) uc.Order {
	t.Helper()
	e.ExecuteWorkflow(workflows.Leaver, workflows.LeaverInput{OrderID: e.order.ID, Leaver: *e.order.Leaver})
	if !e.IsWorkflowCompleted() {
		t.Fatal("the story did not end")
	}
	return e.get(t)
}

// policy changes the leaver policy of a service area.
func policy(t *testing.T, w *world.World, area string, p uc.LeaverPolicy) {
	t.Helper()
	place, err := w.DB.GetPlacement(t.Context(), area)
	must(t, err)
	place.Area.Leaver = p
	_, err = w.DB.ApplyCatalog(t.Context(), uc.Catalog{ServiceAreas: []uc.ServiceArea{place.Area}}, false)
	must(t, err)
}

// joined is a person with a number, and the state of everything before.
func joined(t *testing.T, w *world.World, user, area string, change func(*uc.Joiner)) (uc.Joiner, cucm.Snapshot) {
	t.Helper()
	j := w.Person(t, user, area)
	if change != nil {
		change(&j)
	}
	before := snapshot(t, w)
	checkDone(t, w, newEnv(t, w, j, &trouble{}).run(t))
	return j, before
}

// checkGone fails unless nothing of the person is anywhere, but for the cooling number.
func checkGone(t *testing.T, w *world.World, o uc.Order, before cucm.Snapshot) {
	t.Helper()
	if o.State != uc.Done {
		t.Fatalf("the leaver's order is %s (%s: %s), want done", o.State, o.FailureKind, o.Detail)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("after joiner and leaver the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
	checkReleased(t, w, o.UserID)
}

// checkReleased fails unless number, directory, HR and the person say that the person
// has left.
func checkReleased(t *testing.T, w *world.World, userID string) {
	t.Helper()
	numbers, err := w.DB.NumbersOf(t.Context(), userID)
	must(t, err)
	for _, n := range numbers {
		if n.State != uc.Cooling {
			t.Errorf("number %s of %s is %s, want cooling", n.Digits, userID, n.State)
		}
	}
	if p, _ := w.Directory.Person(userID); p.TelephoneNumber != "" || p.IPPhone != "" {
		t.Errorf("the directory still has %q and %q", p.TelephoneNumber, p.IPPhone)
	}
	if p, err := w.DB.GetPerson(t.Context(), userID); err != nil || p.State != uc.Left || p.Services != nil {
		t.Errorf("the person is %s with %v, %v: want left with nothing", p.State, p.Services, err)
	}
}

// Joiner then leaver leaves the call processor exactly as before, whatever was there
// and whatever an administrator added.
func TestLeaverAfterJoinerLeavesNothing(t *testing.T) {
	t.Parallel()
	ldap := cucm.Options{LDAP: map[string]cucm.LDAPAgreement{"AD Corp": {Users: []cucm.LDAPUser{
		{UserID: "ann", FirstName: "Ann", LastName: "Smith-ann"},
	}}}}
	tests := map[string]struct {
		reason  string
		options cucm.Options
		area    string
		policy  uc.LeaverPolicy
		desk    string
		prepare func(*testing.T, *world.World)
		between func(*testing.T, *world.World)
	}{
		"local user":  {"everything was made", cucm.Options{}, world.Berlin, uc.LeaverPolicy{}, "", nil, nil},
		"E.164":       {"a number with a plus", cucm.Options{}, world.E164Area, uc.LeaverPolicy{}, "", nil, nil},
		"in stages":   {"later, but all the same", cucm.Options{}, world.Berlin, uc.LeaverPolicy{After: uc.Duration(wait), Directory: uc.AtLeave, HR: uc.AtLeave}, "", nil, nil},
		"desk phone":  {"it belongs to the company", cucm.Options{}, world.Berlin, uc.LeaverPolicy{}, "SEP001122334455", addDesk, nil},
		"with mobile": {"an administrator added it", cucm.Options{}, world.Berlin, uc.LeaverPolicy{}, "", nil, func(t *testing.T, w *world.World) { reach(t, w, "ann") }},
		"LDAP user": {"the user is the directory's", ldap, world.Lisbon, uc.LeaverPolicy{}, "", func(t *testing.T, w *world.World) {
			syncLDAP(t, w)
		}, nil},
		"LDAP user and desk phone": {"both stay as they were", ldap, world.Lisbon, uc.LeaverPolicy{}, "SEP001122334455", func(t *testing.T, w *world.World) {
			syncLDAP(t, w)
			addDesk(t, w)
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world.New(t, world.Options{CUCM: tt.options})
			w.Apply(t, map[string]string{
				world.BerlinPool: "4700-4709", world.LisbonPool: "4700-4709", world.E164Pool: "+49301234700-+49301234709",
			})
			policy(t, w, tt.area, tt.policy)
			if tt.prepare != nil {
				tt.prepare(t, w)
			}
			_, before := joined(t, w, "ann", tt.area, func(j *uc.Joiner) { j.DeskPhone = tt.desk })
			if tt.between != nil {
				tt.between(t, w)
			}
			o := leaveEnv(t, w, uc.Leaver{UserID: "Ann"}, &trouble{}).leave(t)
			if o.State != uc.Done || o.Detail != "" {
				t.Fatalf("the leaver's order is %s (%s: %s), want done: %s", o.State, o.FailureKind, o.Detail, tt.reason)
			}
			after := snapshot(t, w)
			if diff := slices.DeleteFunc(before.Diff(after), isPIN); len(diff) > 0 {
				t.Errorf("%s: after joiner and leaver the call processor differs:\n%s", tt.reason, strings.Join(diff, "\n"))
			}
			checkReleased(t, w, "ann")
		})
	}
}

// isPIN reports whether a line of a difference is the PIN of a user who stays: nobody
// knows the one from before.
func isPIN(line string) bool { return strings.Contains(line, "credential ") }

func addDesk(t *testing.T, w *world.World) {
	t.Helper()
	must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{
		Name: "SEP001122334455", Description: "Reception", Lines: []cucm.Line{{Pattern: "4999", Partition: "PT_Berlin"}},
	}))
}

// syncLDAP brings ann from the directory.
func syncLDAP(t *testing.T, w *world.World) {
	t.Helper()
	c := callProcessor(t, w)
	must(t, c.StartLDAPSync(t.Context(), "AD Corp"))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.GetUser(t.Context(), "ann"); err == nil {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the sync did not bring the user")
		case <-tick.C:
		}
	}
}

// A colleague who shares the line keeps a working phone, and the order says so.
func TestLeaverSparesTheColleague(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	policy(t, w, world.Berlin, uc.LeaverPolicy{After: uc.Duration(wait), Forward: "voicemail"})
	joined(t, w, "ann", world.Berlin, nil)
	ctx := t.Context()
	c := callProcessor(t, w)
	line := cucm.Line{Pattern: "4700", Partition: "PT_Berlin"}
	must(t, w.CUCM.AddUser(ctx, cucm.User{UserID: "bob", LastName: "Bob"}))
	must(t, w.CUCM.AddPhone(ctx, cucm.Phone{Name: "SEP0000000000BB", Owner: "bob", Lines: []cucm.Line{line}}))
	phone, err := c.GetPhone(ctx, "SEP0000000000BB")
	must(t, err)
	shared, err := c.GetLine(ctx, "4700", "PT_Berlin")
	must(t, err)

	o := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{}).leave(t)
	at := slices.IndexFunc(o.Plan.Objects, func(o uc.PlannedObject) bool { return o.Type == uc.PlannedLine })
	want := []string{"SEP0000000000BB of bob"}
	if got := o.Plan.Objects[at]; got.Action != uc.PlanKeep || !slices.Equal(got.Affects, want) {
		t.Errorf("the plan says of the line %+v, want that it is kept for %v", got, want)
	}
	if want := "kept: line 4700 is used by SEP0000000000BB of bob"; o.Detail != want {
		t.Errorf("the order says %q, want %q", o.Detail, want)
	}
	after, err := c.GetPhone(ctx, "SEP0000000000BB")
	must(t, err)
	if diff := cmp.Diff(phone, after); diff != "" {
		t.Errorf("the colleague's phone differs (-before +after):\n%s", diff)
	}
	still, err := c.GetLine(ctx, "4700", "PT_Berlin")
	must(t, err)
	still.AssociatedDevices, shared.AssociatedDevices = nil, nil
	if diff := cmp.Diff(shared, still); diff != "" {
		t.Errorf("the shared line differs (-before +after):\n%s", diff)
	}
	checkReleased(t, w, "ann")
}

// A line that a colleague has come to share after the plan was made is kept, too.
func TestLeaverLooksAgainJustBefore(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	policy(t, w, world.Berlin, uc.LeaverPolicy{After: uc.Duration(wait)})
	joined(t, w, "ann", world.Berlin, nil)
	e := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{})
	e.RegisterDelayedCallback(func() {
		must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{
			Name: "SEP0000000000BB", Lines: []cucm.Line{{Pattern: "4700", Partition: "PT_Berlin"}},
		}))
	}, wait/2)
	o := e.leave(t)
	if want := "kept: line 4700 is used by SEP0000000000BB"; o.State != uc.Done || o.Detail != want {
		t.Errorf("the order is %s: %q, want done: %q", o.State, o.Detail, want)
	}
	line, err := callProcessor(t, w).GetLine(t.Context(), "4700", "PT_Berlin")
	if err != nil || len(line.AssociatedDevices) != 1 {
		t.Errorf("the line is on %v, %v", line.AssociatedDevices, err)
	}
	checkReleased(t, w, "ann")
}
