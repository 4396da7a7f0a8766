package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

func text(s string) *string { return &s }

func class(c uc.ClassOfService) *uc.ClassOfService { return &c }

// Who moves ends exactly as somebody who joined there.
func TestMoverEndsAsAJoinerWould(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		mover  uc.Mover
		number string
		mails  int // beside the joiner's
	}{
		"title":           {"a field of the user", uc.Mover{Title: text("Head")}, "4700", 0},
		"no title":        {"cleared", uc.Mover{Title: text("")}, "4700", 0},
		"marries":         {"every text follows", uc.Mover{LastName: text("Jones"), Mail: text("jones@example.com"), Department: text("Sales")}, "4700", 0},
		"class":           {"the line's calling search space", uc.Mover{ClassOfService: class(uc.International)}, "4700", 0},
		"no voicemail":    {"no profile and no forward", uc.Mover{Voicemail: new(bool)}, "4700", 0},
		"renamed":         {"user, profile and phone", uc.Mover{NewUserID: "anna"}, "4700", 0},
		"renamed in case": {"the call processor takes it for the same", uc.Mover{NewUserID: "Ann"}, "4700", 0},
		"another site":    {"another template, the same number", uc.Mover{ServiceArea: mitte}, "4700", 0},
		"new number":      {"the next of the pool", uc.Mover{Number: uc.NumberNew}, "4701", 1},
		"site and number": {"both", uc.Mover{ServiceArea: mitte, Number: uc.NumberNew}, "4701", 1},
		"partition":       {"another number, another profile, no soft phone", uc.Mover{ServiceArea: porto}, "4800", 1},
		"everything": {
			"at once", uc.Mover{ServiceArea: porto, NewUserID: "anna", LastName: text("Jones"), ClassOfService: class(uc.Local)}, "4800", 1,
		},
		"renamed elsewhere": {"names of a new template for a new user id", uc.Mover{ServiceArea: mitte, NewUserID: "anna"}, "4700", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, want := moverWorld(t, world.Options{}), moverWorld(t, world.Options{})
			p := berliner(t, w, "ann")
			tt.mover.UserID = "ann"
			if tt.mover.NewUserID != "" { // where people are renamed first
				must(t, w.Directory.Set("ann", map[string]string{"sAMAccountName": tt.mover.NewUserID}))
			}
			o := moved(t, w, tt.mover)
			if o.Number != tt.number {
				t.Errorf("the number is %s, want %s: %s", o.Number, tt.number, tt.reason)
			}
			// The reference has a colleague who has the old number, where that is another one.
			j := tt.mover.Apply(p.Joiner)
			reference(t, want, j, tt.number)
			if diff := snapshot(t, want).Diff(snapshot(t, w)); len(diff) > 0 {
				t.Errorf("the call processor differs from one where the person joined so (- joined + moved):\n%s", strings.Join(diff, "\n"))
			}
			if mails := len(w.Mail.Find("ann@example.com")) + len(w.Mail.Find("jones@example.com")); mails != 1+tt.mails {
				t.Errorf("%d mails were sent, want %d", mails, 1+tt.mails)
			}
			checkMoved(t, w, o, j)
		})
	}
}

// reference makes the person join with the number.
func reference(t *testing.T, want *world.World, j uc.Joiner, number string) {
	t.Helper()
	want.Person(t, j.User.ID, world.Berlin)
	must(t, want.Directory.Set(j.User.ID, map[string]string{"employeeID": j.User.EmployeeID}))
	for digits := "4700"; digits < number && strings.HasPrefix(number, "47"); digits = "4701" {
		must(t, want.DB.Block(t.Context(), uc.DirectoryNumber{CallProcessor: world.CUCM, Partition: "PT_Berlin", Digits: digits}, "test", "taken"))
	}
	o := newEnvAs(t, want, j, &trouble{}, "reference").run(t)
	if o.State != uc.Done || o.Number != number {
		t.Fatalf("the reference is %s with %s (%s), want done with %s", o.State, o.Number, o.Detail, number)
	}
}

// checkMoved looks at our books and at HR.
func checkMoved(t *testing.T, w *world.World, o uc.Order, j uc.Joiner) {
	t.Helper()
	p := personOf(t, w, j.User.ID)
	j.User.DirectoryID = p.Joiner.User.DirectoryID
	if diff := cmp.Diff(j, p.Joiner); diff != "" {
		t.Errorf("the person is not as the order wants it (-want +got):\n%s", diff)
	}
	if p.UserID != j.User.ID || p.State != uc.Active || p.OrderID != o.ID || p.Number().Digits != o.Number || p.Joiner.User.DirectoryID == "" {
		t.Errorf("the person is %+v", p)
	}
	if o.UserID != j.User.ID {
		t.Errorf("the order is of %s, want %s", o.UserID, j.User.ID)
	}
	orders, err := w.DB.OrdersOf(t.Context(), j.User.ID)
	if err != nil || len(orders) != 2 {
		t.Errorf("%d orders are found under the user id of now (%v), want the joiner's too", len(orders), err)
	}
	if entry, _ := w.Directory.Person(j.User.ID); entry.TelephoneNumber != o.E164 || entry.IPPhone != o.Number {
		t.Errorf("the directory has %q and %q, want %q and %q", entry.TelephoneNumber, entry.IPPhone, o.E164, o.Number)
	}
	record := w.HR.Records()[strings.ToLower(j.User.ID)]
	if o.Number != "4700" && record.Number != o.Number {
		t.Errorf("HR has %+v, want number %s", record, o.Number)
	}
	numbers, err := w.DB.NumbersOf(t.Context(), j.User.ID)
	must(t, err)
	has := map[string]uc.NumberState{}
	for _, n := range numbers {
		has[n.Digits] = n.State
	}
	want := map[string]uc.NumberState{"4700": uc.Cooling}
	want[o.Number] = uc.Assigned
	if diff := cmp.Diff(want, has); diff != "" {
		t.Errorf("the ledger has other numbers of the person (-want +got):\n%s", diff)
	}
}

// The same move again changes nothing, and says so.
func TestMoverOfNothing(t *testing.T) {
	t.Parallel()
	w := moverWorld(t, world.Options{})
	berliner(t, w, "ann")
	moved(t, w, uc.Mover{UserID: "ann", ServiceArea: mitte, NewUserID: "anna"})
	before := stateOf(t, w, "anna")
	o := moverEnv(t, w, "again", uc.Mover{UserID: "anna", ServiceArea: mitte, Number: uc.NumberKeep}, &trouble{}).run(t)
	if o.Detail != "nothing to change" {
		t.Errorf("the order says %q", o.Detail)
	}
	before.unmoved(t, w, "after a move of nothing")
}

// nearSteps are all effects of a move to another partition with a rename, in their
// order; committed is the first after which the move only goes forward.
var nearSteps = []string{
	"ReadPerson", "ReadPlacement", "PassGuard", "CheckUserID", "FindPerson", "ReserveNumber", "CheckNumber", "RenameUser",
	"EnsureUser", "RenameDeviceProfile", "RenamePhone", "MarkUser", "EnsureLine", "MoveDeviceProfile", "MovePhone",
	"EnsurePhone", "MoveUser", "EnsurePrimaryExtension", "Verify", "RenamePerson", "PublishNumber", "SendInstructions",
	"WriteDirectory", "RevokeHR", "WriteHR", "ClearUser", "RetirePhone", "RetireLine", "ReleaseNumber", "SavePerson",
}

const committed = "RenamePerson"

// mixed is a place with one soft phone of the old kind less and one of another more.
const mixed = "Mixed"

func mixedWorld(t *testing.T, o world.Options) *world.World {
	t.Helper()
	w := moverWorld(t, o)
	from, err := w.DB.GetPlacement(t.Context(), world.Berlin)
	must(t, err)
	to, err := w.DB.GetPlacement(t.Context(), porto)
	must(t, err)
	rich, err := w.DB.GetPlacement(t.Context(), mitte)
	must(t, err)
	android := uc.PhoneTemplate{
		Name: "BOT{USER}", Product: "Cisco Dual Mode for Android", Protocol: "SIP", ButtonTemplate: "Standard Dual Mode for Android",
		SecurityProfile: "Cisco Dual Mode for Android - Standard SIP Non-Secure Profile", SIPProfile: "Standard SIP Profile For Mobile Device",
	}
	from.Template.SoftPhones = append(from.Template.SoftPhones, android)
	template := rich.Template
	template.Name, to.Area.Name, to.Area.Template = "mixed", mixed, "mixed"
	_, err = w.DB.ApplyCatalog(t.Context(), uc.Catalog{
		Templates: []uc.Template{from.Template, template}, ServiceAreas: []uc.ServiceArea{to.Area},
	}, false)
	must(t, err)
	return w
}

func mixedMove(userID string) uc.Mover {
	return uc.Mover{UserID: userID, ServiceArea: mixed, NewUserID: "x" + userID, LastName: text("Jones"), Title: text("")}
}

func TestMoverStepsAreAll(t *testing.T) {
	t.Parallel()
	w := mixedWorld(t, world.Options{})
	berliner(t, w, "ann")
	f := &trouble{}
	o := moverEnv(t, w, "move", mixedMove("ann"), f).run(t)
	if o.State != uc.Done {
		t.Fatalf("the order is %s (%s: %s)", o.State, o.FailureKind, o.Detail)
	}
	for _, step := range nearSteps {
		if !f.seen[step] {
			t.Errorf("%s did not run", step)
		}
		delete(f.seen, step)
	}
	for _, step := range []string{"TakeTurn", "SetOrder", "EndOrder"} {
		delete(f.seen, step)
	}
	if len(f.seen) > 0 {
		t.Errorf("steps ran that are not in the list: %v", f.seen)
	}
}

// Every step, every kind of failure: until the new place is read back the move ends
// with everything as it was, or waits; from then on it waits and goes on.
func TestMoverSurvivesEveryFailureOfEveryStep(t *testing.T) {
	t.Parallel()
	for _, kind := range []uc.Kind{
		uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := mixedWorld(t, world.Options{})
			for i, step := range nearSteps {
				user := "a" + string(rune('a'+i%26)) + string(rune('a'+i/26))
				berliner(t, w, user)
				before := stateOf(t, w, user)
				e := moverEnv(t, w, "move-"+user, mixedMove(user), &trouble{step: step, kind: kind, times: times(kind)})
				waited := false
				e.RegisterDelayedCallback(func() {
					o := e.get(t)
					waited = o.State == uc.Waiting && o.FailureKind == kind
					e.SignalWorkflow("resume", nil)
				}, 30*time.Second)
				o := e.run(t)
				forward := slices.Index(nearSteps, step) >= slices.Index(nearSteps, committed)
				if kind.Disposition() == uc.Fail && !forward {
					if o.State != uc.Failed || o.FailureKind != kind || !strings.Contains(o.Detail, "made to fail") || strings.Contains(o.Detail, "left behind") {
						t.Errorf("%s at %s: the order is %s (%s: %s), want failed", kind, step, o.State, o.FailureKind, o.Detail)
					}
					before.unmoved(t, w, "after a failed "+step)
					continue
				}
				if o.State != uc.Done || o.Detail != "" {
					t.Errorf("%s at %s: the order is %s (%s: %s), want done", kind, step, o.State, o.FailureKind, o.Detail)
				}
				if !waited && (kind.Disposition() == uc.Park && kind != uc.Internal || forward && kind.Disposition() == uc.Fail) {
					t.Errorf("%s at %s: the order did not wait", kind, step)
				}
			}
		})
	}
}
