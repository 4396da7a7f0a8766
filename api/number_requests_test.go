package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestCreateNumberRequest(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "desk", "")
	o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/number-requests", `{"userId": "ann", "number": "4711"}`))
	got := [...]string{string(o.State), string(o.Kind), o.ServiceArea, o.CallProcessor, o.WorkflowID, o.NumberRequest.Number}
	if diff := cmp.Diff([...]string{"running", "number_request", "desk", "cucm-1", "number_request/ann", "4711"}, got); diff != "" || replayed {
		t.Error(replayed, diff)
	}
	if again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/number-requests", `{"userId": "ann", "number": " 4711"}`)); again.ID != o.ID || !replayed {
		t.Errorf("the same request: order %s replayed %t", again.ID, replayed)
	}
}

func TestHasNumberAlready(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := settle(t, w, "ann", "berlin", "4711")
	for _, body := range []string{`{"userId": "ann"}`, `{"userId": "ANN", "number": "4711"}`, `{"userId": "ann", "number": "+49301234711", "pool": "berlin"}`} {
		o, replayed := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/number-requests", body))
		if o.ID != p.OrderID || !replayed || !strings.Contains(o.Detail, "has the number 4711") {
			t.Errorf("%s: order %s replayed %t says %q", body, o.ID, replayed, o.Detail)
		}
	}
	apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/number-requests", `{"userId": "ann"}`), 409)
}

func TestCreateNumberRequestRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "")
	settle(t, w, "bob", "berlin", "4711")
	cases := map[string]struct {
		reason, body   string
		status         int
		location, says string
	}{
		"nobody":       {"no order knows the person", `{"userId": "dan"}`, 404, "body.userId", "let the person join first"},
		"other number": {"has one", `{"userId": "bob", "number": "4712"}`, 409, "body.number", "4711"},
		"unknown pool": {"named", `{"userId": "ann", "pool": "paris"}`, 404, "body.pool", "paris"},
		"far pool":     {"of another call processor", `{"userId": "ann", "pool": "lisbon"}`, 409, "body.pool", "cucm-2"},
		"no digits":    {"named", `{"userId": "ann", "number": "47 11"}`, 422, "body.number", "digits"},
	}
	if a := w.Call(uc.RoleAdmin, "POST", "/v1/pools/berlin/numbers", `{"numbers": ["4800-4801"]}`); a.Status != 200 {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	if a := w.Call(uc.RoleAdmin, "POST", "/v1/numbers/4800/block", `{"reason": "reception"}`); a.Status != 200 {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	for digits, says := range map[string]string{"4800": "is blocked (reception): ask for another one", "4999": "it is in no pool"} {
		a := w.Call(uc.RoleHR, "POST", "/v1/number-requests?dryRun=true", `{"userId": "ann", "number": "`+digits+`"}`)
		if p := apitest.Decode[api.Problem](t, a); a.Status < 400 || p.Errors[0].Location != "body.number" || !strings.Contains(p.Detail, says) {
			t.Errorf("a dry run for %s answered %d: %s", digits, a.Status, a.Body)
		}
	}
	accepted(t, w.Call(uc.RoleHR, "POST", "/v1/number-requests?dryRun=true", `{"userId": "ann", "number": "4801"}`))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, c.reason, apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/number-requests", c.body), c.status), c.location, c.says)
		})
	}
}
