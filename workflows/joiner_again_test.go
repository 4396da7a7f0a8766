package workflows_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// Who joins again keeps what the joiner does not say. With another employee id it is
// somebody else: nothing of the first one is known on.
func TestJoinerSaysLess(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	none := false
	j := w.Person(t, "ann", world.Berlin)
	j.User.Department, j.User.Title, j.ClassOfService = "Sales", "Clerk", uc.Mobile
	j.NumberWanted, j.Voicemail, j.DeskPhone = true, &none, "001122334455"
	j.Attributes = map[string]string{"costCenter": "42", "floor": "3"}
	addDesk(t, w)
	known := func() uc.Person {
		p, err := w.DB.GetPerson(t.Context(), "ann")
		must(t, err)
		return p
	}
	checkDone(t, w, newEnv(t, w, j, &trouble{}).run(t))
	was, before := known(), snapshot(t, w)

	less := uc.Joiner{
		User:        uc.User{ID: "ann", LastName: j.User.LastName, Title: "Head"},
		ServiceArea: world.Berlin, Attributes: map[string]string{"floor": "4", "team": "north"},
	}
	checkDone(t, w, newEnvAs(t, w, less, &trouble{}, "order-less").run(t))
	want := was
	want.Joiner.User.Title, want.Joiner.Attributes = "Head", map[string]string{"costCenter": "42", "floor": "4", "team": "north"}
	want.Services.User.User = want.Joiner.User
	is := known()
	want.OrderID, want.UpdatedAt = is.OrderID, is.UpdatedAt
	if diff := cmp.Diff(want, is); diff != "" {
		t.Errorf("of the person other things are known (-want +got):\n%s", diff)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the call processor differs:\n%s", strings.Join(diff, "\n"))
	}

	other := less
	other.User.EmployeeID = "E-other"
	o := newEnvAs(t, w, other, &trouble{}, "order-other").run(t)
	if o.State != uc.Failed || !strings.Contains(o.Detail, "the entry of user id ann is of employee E-ann") {
		t.Errorf("somebody else with the user id: the order is %s (%s)", o.State, o.Detail)
	}
	if p := known(); p.Joiner.User.EmployeeID != "E-ann" {
		t.Errorf("somebody else with the user id is known as %+v", p.Joiner.User)
	}
}

// A number that was asked for from another pool stays the person's only one.
func TestJoinerAgainKeepsTheNumberOfAnotherPool(t *testing.T) {
	t.Parallel()
	w := requestWorld(t)
	numberless(t, w, "ann")
	first := requestEnv(t, w, "order-2", uc.NumberRequest{UserID: "ann", Pool: world.LisbonPool}, &trouble{}).run(t)
	checkDone(t, w, first)
	p, err := w.DB.GetPerson(t.Context(), "ann")
	must(t, err)
	before := snapshot(t, w)
	again := newEnvAs(t, w, p.Joiner, &trouble{}, "order-again").run(t)
	checkDone(t, w, again)
	if again.Number != first.Number || again.E164 != first.E164 {
		t.Errorf("joined again the person has %s (%s), want %s (%s)", again.Number, again.E164, first.Number, first.E164)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the call processor differs:\n%s", strings.Join(diff, "\n"))
	}
}
