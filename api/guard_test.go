package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// hold lets orders ask the guard until so many are held.
func hold(t *testing.T, w *apitest.World, held int) (id int64, users []string) {
	t.Helper()
	for i := range 5 + held {
		user := fmt.Sprintf("p%d", i)
		a, err := w.DB.PassGuard(t.Context(), db.GuardRequest{
			OrderID: join(t, w, uc.RoleAdmin, user, "berlin"), Kind: uc.GuardLeaver, Domain: "corp", People: 20,
		})
		if err != nil {
			t.Fatal(err)
		}
		if !a.Passed {
			id, users = a.HoldID, append(users, user)
		}
	}
	return id, users
}

func TestGuardDecisions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, what, other, tells string
		state                      uc.GuardState
	}{
		"approve": {"the orders go on", "approve", "reject", "resume", uc.GuardApproved},
		"reject":  {"the orders are cancelled", "reject", "approve", "cancel", uc.GuardRejected},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			id, users := hold(t, w, 3)
			path := fmt.Sprintf("/v1/guard/holds/%d/", id)
			holds := apitest.Decode[api.GuardHoldList](t, w.Call(uc.RoleAdmin, "GET", "/v1/guard/holds", "")).Items
			if len(holds) != 1 || holds[0].Waiting != 3 || !strings.HasPrefix(holds[0].Detail, "8 people of domain corp would leave") {
				t.Errorf("open holds %+v", holds)
			}
			apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", path+c.what, `{"reason": " "}`), 422)
			w.Temporal.Fail(errors.New("away"))
			p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", path+c.what, `{"reason": "x"}`), 503)
			if !strings.Contains(p.Detail, "3 of its orders were not told") {
				t.Errorf("while Temporal is away: %s", p.Detail)
			}
			w.Temporal.Fail(nil)
			a := w.Call(uc.RoleAdmin, "POST", path+c.what, `{"reason": "again"}`)
			h := apitest.Decode[uc.GuardHold](t, a)
			got := []any{a.Status, h.State, h.DecidedBy, h.Reason, h.Orders}
			if diff := cmp.Diff([]any{http.StatusOK, c.state, "admin", "x", 3}, got); diff != "" {
				t.Errorf("%s: %s", c.reason, diff)
			}
			var want []string
			for _, u := range users {
				want = append(want, c.tells+" joiner/"+u)
			}
			told := w.Temporal.Told()
			slices.Sort(told)
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("%s: %s", c.reason, diff)
			}
			apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", path+c.other, `{"reason": "x"}`), 409)
			if open := apitest.Decode[api.GuardHoldList](t, w.Call(uc.RoleAdmin, "GET", "/v1/guard/holds", "")).Items; len(open) != 0 {
				t.Errorf("still open: %+v", open)
			}
			if all := apitest.Decode[api.GuardHoldList](t, w.Call(uc.RoleAdmin, "GET", "/v1/guard/holds?all=true", "")).Items; len(all) != 1 {
				t.Errorf("all: %+v", all)
			}
		})
	}
	w := apitest.New(t)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/guard/holds/99/approve", `{"reason": "x"}`), 404)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/guard/holds/x/approve", `{"reason": "x"}`), 422)
}

// Orders that ended before the decision are not told anything.
func TestGuardOrdersThatEnded(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id, users := hold(t, w, 2)
	orders, err := w.DB.OrdersOf(t.Context(), users[0])
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, orders[0].ID, uc.Cancelled, "", "")
	w.Call(uc.RoleAdmin, "POST", fmt.Sprintf("/v1/guard/holds/%d/approve", id), `{"reason": "x"}`)
	if diff := cmp.Diff([]string{"resume joiner/" + users[1]}, w.Temporal.Told()); diff != "" {
		t.Error(diff)
	}
}
