package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

const (
	desk  = "SEP001122334455"
	spare = "SEPAABBCCDDEEFF"
)

// equipped is a person with a number, a desk phone and a soft phone.
func equipped(t *testing.T, w *apitest.World, user string) uc.Person {
	t.Helper()
	p := settle(t, w, user, "berlin", "4711")
	p.Services.Phones = []uc.Phone{{Name: "CSFANN"}, {Name: desk, Desk: true}}
	save(t, w, p)
	return p
}

func TestCreatePhoneChange(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	equipped(t, w, "ann")
	body := fmt.Sprintf(`{"userId": " ann", "action": "swap", "phone": "00:11:22:33:44:55", "new": %q}`, spare)
	o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/phone-changes", body))
	got := [...]string{string(o.State), string(o.Kind), o.UserID, o.ServiceArea, o.CallProcessor, o.WorkflowID, o.PhoneChange.New}
	if diff := cmp.Diff([...]string{"running", "phone", "ann", "berlin", "cucm-1", "phone/ann", spare}, got); diff != "" || replayed {
		t.Error(replayed, diff)
	}
	if again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/phone-changes", body)); again.ID != o.ID || !replayed {
		t.Errorf("the same change: order %s replayed %t", again.ID, replayed)
	}
	other := `{"userId": "ann", "action": "remove", "phone": "csf"}`
	if p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/phone-changes", other), 409); p.Order != o.ID {
		t.Errorf("another change while one runs: %+v", p)
	}
}

func TestCreatePhoneChangeRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	equipped(t, w, "ann")
	settle(t, w, "bob", "berlin", "")
	gone := equipped(t, w, "eve")
	gone.State = uc.Left
	save(t, w, gone)
	change := func(user, action, phone, next string) string {
		return fmt.Sprintf(`{"userId": %q, "action": %q, "phone": %q, "new": %q}`, user, action, phone, next)
	}
	cases := map[string]struct {
		reason, body   string
		status         int
		location, says string
	}{
		"nobody":       {"no order knows the person", change("dan", "assign", desk, ""), 404, "", "dan"},
		"gone":         {"has left", change("eve", "assign", desk, ""), 409, "", "has left"},
		"no number":    {"how to get one", change("bob", "assign", desk, ""), 409, "body.userId", "dialtone number request bob"},
		"no action":    {"what can be done", change("ann", "paint", desk, ""), 422, "body.action", "swap"},
		"no phone":     {"which", change("ann", "remove", " ", ""), 422, "body.phone", "MAC"},
		"no new phone": {"which", change("ann", "swap", desk, ""), 422, "body.new", "MAC"},
		"not own":      {"names the own ones", change("ann", "remove", spare, ""), 404, "body.phone", desk},
		"swap not own": {"names the own ones", change("ann", "swap", "SEP000000000001", spare), 404, "body.phone", desk},
		"swap a soft":  {"nothing to swap", change("ann", "swap", "csf", spare), 422, "body.phone", "soft phone"},
		"no template":  {"the template has no soft phones", change("ann", "assign", "tct", ""), 404, "body.phone", "office"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, c.reason, apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/phone-changes", c.body), c.status), c.location, c.says)
		})
	}
}

// A phone that was assigned since is no reason to join again.
func TestJoinedAlreadyWithAnotherPhone(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := equipped(t, w, "ann")
	p.Joiner.DeskPhone = desk
	save(t, w, p)
	for phone, again := range map[string]bool{"": false, "00:11:22:33:44:55": false, spare: true} {
		body := fmt.Sprintf(`{"user": {"userId": "ann", "lastName": "x"}, "serviceArea": "berlin", "deskPhone": %q}`, phone)
		if o, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/joiners?dryRun=true", body)); (o.ID == "") != again {
			t.Errorf("with desk phone %q: order %q, want a new one: %t", phone, o.ID, again)
		}
	}
}

// A change of somebody whose joiner still runs comes after it.
func TestPhoneChangeAfterAJoiner(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	join(t, w, uc.RoleAdmin, "ann", "lisbon")
	o, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/phone-changes", fmt.Sprintf(`{"userId": "ann", "action": "assign", "phone": %q}`, desk)))
	if o.ServiceArea != "lisbon" || o.CallProcessor != "cucm-2" {
		t.Errorf("the order is of %s on %s", o.ServiceArea, o.CallProcessor)
	}
}

func TestCreatePINReset(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	equipped(t, w, "ann")
	o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/pin-resets", `{"userId": "ann"}`))
	got := [...]string{string(o.State), string(o.Kind), o.UserID, o.ServiceArea, o.CallProcessor, o.WorkflowID}
	if diff := cmp.Diff([...]string{"running", "pin_reset", "ann", "berlin", "cucm-1", "pin_reset/ann"}, got); diff != "" || replayed {
		t.Error(replayed, diff)
	}
	if again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/pin-resets", `{"userId": " ann"}`)); again.ID != o.ID || !replayed {
		t.Errorf("asked twice in haste: order %s replayed %t", again.ID, replayed)
	}
	done := uc.Done
	if err := w.DB.SetOrder(t.Context(), o.ID, uc.OrderChange{State: &done}); err != nil {
		t.Fatal(err)
	}
	if later, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/pin-resets", `{"userId": "ann"}`)); later.ID == o.ID || replayed {
		t.Error("a PIN that is forgotten again is not reset again")
	}
	settle(t, w, "bob", "berlin", "")
	for body, status := range map[string]int{
		`{"userId": "dan"}`: 404, `{"userId": "bob"}`: 409, `{"userId": ""}`: 422, `{"userId": "ann", "pin": "83920174"}`: 422,
	} {
		apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/pin-resets", body), status)
	}
}

func TestPINResetWithoutAChannel(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.NoPINDelivery = true })
	equipped(t, w, "ann")
	p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/pin-resets", `{"userId": "ann"}`), 422)
	if !strings.Contains(p.Detail, "pinDelivery") || len(w.Temporal.Started()) > 1 {
		t.Errorf("refused with %q after %v", p.Detail, w.Temporal.Started())
	}
}
