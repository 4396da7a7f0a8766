package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// phoneStory is one way to change a person's phones. The i-th person has desk phone
// deskOf(i); another one is anotherOf(i).
type phoneStory struct {
	reason  string
	prepare func(*testing.T, *world.World, int)
	change  func(i int) uc.PhoneChange
	steps   []string // that can fail, in their order
	phones  func(i int) []string
	says    string
}

func deskOf(i int) string    { return fmt.Sprintf("SEP0000000000%02X", i) }
func anotherOf(i int) string { return fmt.Sprintf("SEPFFFFFFFFFF%02X", i) }
func softOf(i int) string    { return strings.ToUpper("CSF" + userOf(i)) }
func userOf(i int) string    { return fmt.Sprintf("ann%02d", i) }

func phoneStories() map[string]phoneStory {
	change := func(action uc.PhoneAction, phone func(int) string, next func(int) string) func(int) uc.PhoneChange {
		return func(i int) uc.PhoneChange {
			c := uc.PhoneChange{UserID: userOf(i), Action: action, Phone: phone(i)}
			if next != nil {
				c.New = next(i)
			}
			return c
		}
	}
	csf := func(int) string { return "csf" }
	has := func(names ...func(int) string) func(int) []string {
		return func(i int) (out []string) {
			for _, name := range names {
				out = append(out, name(i))
			}
			return out
		}
	}
	another := func(t *testing.T, w *world.World, i int) {
		t.Helper()
		must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{Name: anotherOf(i), Description: "spare"}))
	}
	return map[string]phoneStory{
		"assign desk": {
			"a second desk phone", another, change(uc.PhoneAssign, anotherOf, nil),
			[]string{"ReadPerson", "ReadPlacement", "EnsurePhone", "SetUserPhones", "SavePerson"},
			has(softOf, deskOf, anotherOf), "is assigned",
		},
		"remove desk": {
			"it stays where it stands", nil, change(uc.PhoneRemove, deskOf, nil),
			[]string{"ReadPerson", "SetUserPhones", "ReleasePhone", "SavePerson"},
			has(softOf), "stays on the call processor",
		},
		"remove soft": {
			"it is gone", nil, change(uc.PhoneRemove, csf, nil),
			[]string{"ReadPerson", "SetUserPhones", "DeletePhone", "SavePerson"},
			has(deskOf), "is removed",
		},
		"swap by name": {
			"the new phone is not there", nil, change(uc.PhoneSwap, deskOf, anotherOf),
			[]string{"ReadPerson", "ReadSwap", "LogOut", "ReplacePhone", "SetUserPhones", "SavePerson"},
			has(softOf, anotherOf), "right for another Cisco 8845",
		},
		"swap by copy": {
			"the new phone is there", another, change(uc.PhoneSwap, deskOf, anotherOf),
			[]string{"ReadPerson", "ReadSwap", "LogOut", "ReplacePhone", "SetUserPhones", "ReleasePhone", "SavePerson"},
			has(softOf, anotherOf), "nobody's now",
		},
	}
}

// phoneWorld has the number of people with a desk phone each, logged in to it.
func phoneWorld(t *testing.T, s phoneStory, people int) *world.World {
	t.Helper()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
	clients, err := w.Endpoints.Clients(nil)
	must(t, err)
	defer func() {
		clients.CUCM.Close()
		must(t, clients.Directory.Close())
	}()
	for i := range people {
		must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{Name: deskOf(i), Description: "desk", ExtensionMobility: true}))
		j := w.Person(t, userOf(i), world.Berlin)
		j.DeskPhone = deskOf(i)
		checkDone(t, w, newEnv(t, w, j, &trouble{}).run(t))
		must(t, clients.CUCM.DeviceLogin(t.Context(), deskOf(i), userOf(i)+"-em", userOf(i)))
		if s.prepare != nil {
			s.prepare(t, w, i)
		}
	}
	return w
}

func phoneEnv(t *testing.T, w *world.World, id string, c uc.PhoneChange, f *trouble) *env {
	t.Helper()
	return newEnvOf(t, w, db.NewOrder{ID: id, Kind: uc.PhoneOrder, UserID: c.UserID, PhoneChange: &c, ServiceArea: world.Berlin}, f)
}

func personNow(t *testing.T, w *world.World, userID string) uc.Person {
	t.Helper()
	p, err := w.DB.GetPerson(t.Context(), userID)
	must(t, err)
	p.UpdatedAt = time.Time{}
	return p
}

func phonesOf(p uc.Person) []string {
	names := []string{}
	for _, phone := range p.Services.Phones {
		names = append(names, phone.Name)
	}
	return names
}

func checkPhones(t *testing.T, w *world.World, s phoneStory, i int, o uc.Order) {
	t.Helper()
	p := personNow(t, w, userOf(i))
	if o.State != uc.Done || !strings.Contains(o.Detail, s.says) {
		t.Fatalf("%s: the order is %s (%s: %s), want done saying %q", s.reason, o.State, o.FailureKind, o.Detail, s.says)
	}
	if diff := cmp.Diff(s.phones(i), phonesOf(p)); diff != "" || p.OrderID != o.ID {
		t.Errorf("%s: the person's phones by order %s (-want +got):\n%s", s.reason, p.OrderID, diff)
	}
	if j := p.Joiner.DeskPhone; j != "" && !slices.Contains(phonesOf(p), j) {
		t.Errorf("%s: the person joined with %s, which is not the person's any more", s.reason, j)
	}
}

func TestPhoneChanges(t *testing.T) {
	t.Parallel()
	for name, s := range phoneStories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := phoneWorld(t, s, 1)
			f := &trouble{}
			checkPhones(t, w, s, 0, phoneEnv(t, w, "order-2", s.change(0), f).run(t))
			var ran []string
			for _, step := range s.steps {
				if f.seen[step] {
					ran = append(ran, step)
				}
			}
			if diff := cmp.Diff(s.steps, ran); diff != "" {
				t.Errorf("the steps that ran differ from the list that the other tests go through (-want +got):\n%s", diff)
			}
		})
	}
}

// The same once more is no harm: what is there already is said, and what is not the
// person's any more is refused.
func TestPhoneChangesOnceMore(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{
		"assign desk": false, "remove desk": true, "remove soft": true, "swap by name": false, "swap by copy": false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := phoneStories()[name]
			w := phoneWorld(t, s, 1)
			checkPhones(t, w, s, 0, phoneEnv(t, w, "order-2", s.change(0), &trouble{}).run(t))
			before := snapshot(t, w)
			o := phoneEnv(t, w, "order-3", s.change(0), &trouble{}).run(t)
			if refused && (o.State != uc.Failed || o.FailureKind != uc.NotFound) || !refused && o.State != uc.Done {
				t.Errorf("once more: the order is %s (%s: %s)", o.State, o.FailureKind, o.Detail)
			}
			if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
				t.Errorf("once more changed the call processor:\n%s", strings.Join(diff, "\n"))
			}
		})
	}
}

// Whoever joins once more keeps the phones that were assigned meanwhile.
func TestJoiningAgainKeepsAssignedPhones(t *testing.T) {
	t.Parallel()
	s := phoneStories()["assign desk"]
	w := phoneWorld(t, s, 1)
	checkPhones(t, w, s, 0, phoneEnv(t, w, "order-2", s.change(0), &trouble{}).run(t))
	j := personNow(t, w, userOf(0)).Joiner
	j.User.Department = "Sales"
	checkDone(t, w, newEnvAs(t, w, j, &trouble{}, "order-3").run(t))
	if diff := cmp.Diff(s.phones(0), phonesOf(personNow(t, w, userOf(0)))); diff != "" {
		t.Errorf("after joining again the person's phones differ (-want +got):\n%s", diff)
	}
}

// A soft phone that was removed is made again from the template.
func TestSoftPhoneComesBack(t *testing.T) {
	t.Parallel()
	s := phoneStories()["remove soft"]
	w := phoneWorld(t, s, 1)
	before := snapshot(t, w)
	checkPhones(t, w, s, 0, phoneEnv(t, w, "order-2", s.change(0), &trouble{}).run(t))
	again := uc.PhoneChange{UserID: userOf(0), Action: uc.PhoneAssign, Phone: "CSF"}
	if o := phoneEnv(t, w, "order-3", again, &trouble{}).run(t); o.State != uc.Done {
		t.Fatalf("the order is %s (%s)", o.State, o.Detail)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
}

func TestPhoneChangesAreRefused(t *testing.T) {
	t.Parallel()
	change := func(action uc.PhoneAction, user, phone, next string) uc.PhoneChange {
		return uc.PhoneChange{UserID: user, Action: action, Phone: phone, New: next}
	}
	tests := map[string]struct {
		reason string
		change uc.PhoneChange
		before func(*testing.T, *world.World)
		kind   uc.Kind
		detail string
	}{
		"a stranger":     {"no order knows the person", change(uc.PhoneAssign, "bob", "csf", ""), nil, uc.Conflict, "joins first"},
		"no number":      {"the phone would be silent", change(uc.PhoneAssign, "eve", "csf", ""), func(t *testing.T, w *world.World) { numberless(t, w, "eve") }, uc.Conflict, "dialtone number request eve"},
		"gone":           {"the person has left", change(uc.PhoneRemove, userOf(0), "csf", ""), leftWith(userOf(0)), uc.Conflict, "has left"},
		"no such phone":  {"a typing error", change(uc.PhoneAssign, userOf(0), "bot", ""), nil, uc.NotFound, softOf(0)},
		"not there":      {"a desk phone is inserted first", change(uc.PhoneAssign, userOf(0), anotherOf(0), ""), nil, uc.NotFound, "insert it there first"},
		"not the own":    {"only own phones", change(uc.PhoneRemove, userOf(0), anotherOf(0), ""), nil, uc.NotFound, deskOf(0)},
		"swap not own":   {"only own phones", change(uc.PhoneSwap, userOf(0), anotherOf(0), anotherOf(1)), nil, uc.NotFound, deskOf(0)},
		"swap a soft":    {"it stands nowhere", change(uc.PhoneSwap, userOf(0), "csf", anotherOf(1)), nil, uc.Invalid, "soft phone"},
		"a colleague's":  {"it is somebody's desk", change(uc.PhoneAssign, userOf(0), deskOf(1), ""), nil, uc.Conflict, "belongs to user " + userOf(1)},
		"swap colleague": {"it is somebody's desk", change(uc.PhoneSwap, userOf(0), deskOf(0), deskOf(1)), nil, uc.Conflict, "belongs to user " + userOf(1)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := phoneWorld(t, phoneStory{}, 2)
			if tt.before != nil {
				tt.before(t, w)
			}
			before := snapshot(t, w)
			o := phoneEnv(t, w, "order-2", tt.change, &trouble{}).run(t)
			if o.State != uc.Failed || o.FailureKind != tt.kind || !strings.Contains(o.Detail, tt.detail) {
				t.Errorf("%s: the order is %s (%s: %s), want failed with %q", tt.reason, o.State, o.FailureKind, o.Detail, tt.detail)
			}
			if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
				t.Errorf("%s: the call processor differs:\n%s", tt.reason, strings.Join(diff, "\n"))
			}
		})
	}
}

func leftWith(userID string) func(*testing.T, *world.World) {
	return func(t *testing.T, w *world.World) {
		t.Helper()
		must(t, w.DB.SetPersonState(t.Context(), userID, uc.Left))
	}
}
