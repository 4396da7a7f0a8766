package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestCreateMover(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "4711")
	const body = `{"userId": "ann", "serviceArea": "lisbon", "number": "new", "department": " R&D ", "attributes": {"costCenter": "7"}, "batch": 2}`
	o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/movers", body))
	got := [...]string{string(o.State), string(o.Kind), o.ServiceArea, o.CallProcessor, o.WorkflowID}
	if diff := cmp.Diff([...]string{"running", "mover", "lisbon", "cucm-2", "mover/ann"}, got); diff != "" || replayed {
		t.Error(replayed, diff)
	}
	department := "R&D"
	want := &uc.Mover{
		UserID: "ann", ServiceArea: "lisbon", Number: uc.NumberNew, Department: &department,
		Attributes: map[string]string{"costCenter": "7"}, Batch: 2,
	}
	if diff := cmp.Diff(want, o.Mover); diff != "" {
		t.Error(diff)
	}
	again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/movers", strings.Replace(body, `"batch": 2`, `"batch": 9`, 1)))
	if again.ID != o.ID || !replayed {
		t.Errorf("the same mover in another batch: order %s replayed %t", again.ID, replayed)
	}
	// What the person is now does not count while an order changes it.
	if p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/movers", `{"userId": "ann", "serviceArea": "berlin"}`), 409); p.Order != o.ID {
		t.Errorf("another mover while one runs: %+v", p)
	}
}

func TestMovedAlready(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, body string
		last         uc.Mover // of the order that wrote the person last
		same         bool
	}{
		"nothing":         {"asks for nothing", `{"userId": "ann"}`, uc.Mover{}, true},
		"same area":       {"where the person is", `{"userId": "Ann", "serviceArea": "berlin", "number": "keep"}`, uc.Mover{}, true},
		"same name":       {"with blanks around", `{"userId": "ann", "lastName": " x "}`, uc.Mover{}, true},
		"absent is empty": {"an attribute that is not there is taken away", `{"userId": "ann", "attributes": {"a": ""}}`, uc.Mover{}, true},
		"new number":      {"is another one", `{"userId": "ann", "number": "new"}`, uc.Mover{}, false},
		"new number twice": {
			"given once", `{"userId": "ann", "number": "new"}`,
			uc.Mover{UserID: "ann", Number: uc.NumberNew, Batch: 4},
			true,
		},
		"other name":     {"changes", `{"userId": "ann", "lastName": "y"}`, uc.Mover{}, false},
		"same attribute": {"changes", `{"userId": "ann", "attributes": {"a": "b"}}`, uc.Mover{}, false},
		"class":          {"changes", `{"userId": "ann", "classOfService": "mobile"}`, uc.Mover{}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			p := settle(t, w, "ann", "berlin", "4711")
			if c.last.UserID != "" {
				o, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/movers", `{"userId": "ann", "number": "new", "batch": 4}`))
				put(t, w, o.ID, uc.Done, "", "")
				p.OrderID = o.ID
				save(t, w, p)
			}
			o, replayed := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/movers", c.body))
			if replayed != c.same || c.same != (o.ID == p.OrderID) || c.same != strings.Contains(o.Detail, "nothing to do") {
				t.Errorf("%s: replayed %t order %s says %q", c.reason, replayed, o.ID, o.Detail)
			}
			if got := apitest.Decode[uc.Order](t, w.Call(uc.RoleAdmin, "GET", "/v1/orders/"+o.ID, "")); got.Detail != "" {
				t.Errorf("%s: the order itself says %q", c.reason, got.Detail)
			}
		})
	}
}

func TestCreateMoverRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "")
	settle(t, w, "bob", "berlin", "")
	join(t, w, uc.RoleAdmin, "cleo", "berlin")
	for user, state := range map[string]uc.PersonState{"leaves": uc.Leaving, "left": uc.Left} {
		p := settle(t, w, user, "berlin", "")
		p.State = state
		save(t, w, p)
	}
	cases := map[string]struct {
		reason, body   string
		status         int
		location, says string
	}{
		"nobody":        {"no order knows the person", `{"userId": "dan", "serviceArea": "lisbon"}`, 404, "", "dan"},
		"leaving":       {"names the order", `{"userId": "leaves", "serviceArea": "lisbon"}`, 409, "", "dialtone leave leaves --cancel"},
		"left":          {"join first", `{"userId": "left", "serviceArea": "lisbon"}`, 409, "", "has left: let"},
		"unknown area":  {"names what exists", `{"userId": "ann", "serviceArea": "paris"}`, 404, "body.serviceArea", "berlin"},
		"taken":         {"another person's", `{"userId": "ann", "newUserId": "BOB"}`, 409, "body.newUserId", "another person's"},
		"joining":       {"about to be another person's", `{"userId": "ann", "newUserId": "cleo"}`, 409, "body.newUserId", "another person's"},
		"bad user id":   {"named", `{"userId": "ann", "newUserId": "a b"}`, 422, "body.newUserId", "letters"},
		"no last name":  {"a person has one", `{"userId": "ann", "lastName": " "}`, 422, "body.lastName", "requires one"},
		"bad mail":      {"named", `{"userId": "ann", "mail": "x"}`, 422, "body.mail", "address"},
		"bad class":     {"named", `{"userId": "ann", "classOfService": "galactic"}`, 422, "body.classOfService", "mobile"},
		"bad choice":    {"named", `{"userId": "ann", "number": "perhaps"}`, 422, "body.number", "keep"},
		"bad attribute": {"no zero character", `{"userId": "ann", "attributes": {"a": "\u0000"}}`, 400, "body", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, c.reason, apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/movers", c.body), c.status), c.location, c.says)
		})
	}
	accepted(t, w.Call(uc.RoleHR, "POST", "/v1/movers", `{"userId": "ann", "newUserId": "left"}`)) // whose person has left
	accepted(t, w.Call(uc.RoleHR, "POST", "/v1/movers", `{"userId": "bob", "newUserId": "Bob"}`))  // the spelling
	accepted(t, w.Call(uc.RoleHR, "POST", "/v1/movers", `{"userId": "cleo", "serviceArea": "lisbon"}`))
}
