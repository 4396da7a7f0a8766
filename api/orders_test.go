package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

// join orders a joiner and returns the order's id.
func join(t *testing.T, w *apitest.World, role uc.Role, user, area string) string {
	t.Helper()
	a := w.Call(role, "POST", "/v1/joiners", fmt.Sprintf(`{"user": {"userId": %q, "lastName": "x"}, "serviceArea": %q}`, user, area))
	if a.Status != http.StatusAccepted {
		t.Fatalf("joining %s answered %d: %s", user, a.Status, a.Body)
	}
	return apitest.Decode[uc.Order](t, a).ID
}

// put brings an order into a state, as its story would.
func put(t *testing.T, w *apitest.World, id string, state uc.OrderState, kind uc.Kind, detail string) {
	t.Helper()
	step := "ReserveNumber"
	err := w.DB.SetOrder(t.Context(), id, uc.OrderChange{State: &state, FailureKind: &kind, Detail: &detail, WaitingStep: &step})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOrderActions(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	states := []uc.OrderState{uc.Scheduled, uc.Running, uc.Waiting, uc.Done, uc.Failed, uc.Cancelled}
	allowed := map[string][]uc.OrderState{
		"resume":     {uc.Waiting},
		"cancel":     {uc.Scheduled, uc.Running, uc.Waiting},
		"reschedule": {uc.Scheduled},
	}
	for action, fits := range allowed {
		for _, state := range states {
			user := action + "." + string(state)
			id := join(t, w, uc.RoleAdmin, user, "berlin")
			put(t, w, id, state, "", "")
			body := ""
			if action == "reschedule" {
				body = `{"startAt": "2040-01-04T00:00:00Z"}`
			}
			before := len(w.Temporal.Told())
			a := w.Call(uc.RoleAdmin, "POST", "/v1/orders/"+id+"/"+action, body)
			want, told := http.StatusConflict, 0
			for _, s := range fits {
				if s == state {
					want, told = http.StatusAccepted, 1
				}
			}
			if a.Status != want || len(w.Temporal.Told())-before != told {
				t.Errorf("%s of a %s order answered %d, want %d; stories told %d, want %d\n%s",
					action, state, a.Status, want, len(w.Temporal.Told())-before, told, a.Body)
			}
			if want == http.StatusConflict {
				if p := apitest.Problem(t, a, want); p.Order != id || !strings.Contains(p.Detail, string(state)) {
					t.Errorf("%s of a %s order: %+v", action, state, p)
				}
			}
		}
	}
}

func TestRescheduleShowsWhenItBegins(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	a := w.Call(uc.RoleHR, "POST", "/v1/joiners", `{"user": {"userId": "ann", "lastName": "x"}, "serviceArea": "berlin", "startAt": "2090-01-01T00:00:00Z"}`)
	id := apitest.Decode[uc.Order](t, a).ID
	o := apitest.Decode[uc.Order](t, w.Call(uc.RoleHR, "POST", "/v1/orders/"+id+"/reschedule", `{"startAt": "2091-01-04T00:00:00Z"}`))
	if o.StartAt == nil || o.StartAt.UTC().Format(time.RFC3339) != "2091-01-01T00:00:00Z" {
		t.Errorf("it begins %v, want the lead time of three days before the new date", o.StartAt)
	}
	apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/orders/"+id+"/reschedule", `{}`), 422)
}

func TestActionWithoutStory(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		fail   error
		state  uc.OrderState // what the order is when the story is asked
		status int
	}{
		"not begun":   {"the worker starts it soon", serviceerror.NewNotFound("no workflow"), uc.Waiting, 503},
		"just ended":  {"it ended between reading and telling", serviceerror.NewNotFound("no workflow"), uc.Done, 409},
		"unavailable": {"Temporal is away", errors.New("connection refused"), uc.Waiting, 503},
		"denied":      {"Temporal refuses us: nothing the caller can do", serviceerror.NewPermissionDenied("secret words", ""), uc.Waiting, 502},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			id := join(t, w, uc.RoleAdmin, "ann", "berlin")
			put(t, w, id, c.state, uc.Denied, "the account is locked")
			w.Temporal.Fail(c.fail)
			a := w.Call(uc.RoleAdmin, "POST", "/v1/orders/"+id+"/cancel", "")
			p := apitest.Problem(t, a, c.status)
			if p.Order != id {
				t.Errorf("%s: %+v names no order", c.reason, p)
			}
			if strings.Contains(string(a.Body), "secret words") || strings.Contains(string(a.Body), "refused") {
				t.Errorf("%s: the answer repeats what Temporal said: %s", c.reason, a.Body)
			}
			if c.status == 503 && a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: no Retry-After", c.reason)
			}
		})
	}
}

func TestOrderDetails(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := join(t, w, uc.RoleHR, "ann", "berlin")
	ref := uc.StepRef{OrderID: id}
	for attempt := 1; attempt <= 2; attempt++ {
		if err := w.DB.BeginStep(t.Context(), ref, "ReserveNumber", attempt); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DB.EndStep(t.Context(), ref, "ReserveNumber", 2, uc.StepFailed, uc.Exhausted, "pool berlin has no eligible number"); err != nil {
		t.Fatal(err)
	}
	put(t, w, id, uc.Waiting, uc.Exhausted, "pool berlin has no eligible number")
	o := apitest.Decode[uc.Order](t, w.Call(uc.RoleViewer, "GET", "/v1/orders/"+id, ""))
	if len(o.Steps) != 1 {
		t.Fatalf("steps %+v, want one", o.Steps)
	}
	got := []any{o.State, o.FailureKind, o.WaitingStep, o.Detail, o.Steps[0].Name, o.Steps[0].Attempts, o.Steps[0].Kind}
	want := []any{
		uc.Waiting, uc.Exhausted, "ReserveNumber", "pool berlin has no eligible number", "ReserveNumber", 2, uc.Exhausted,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p := apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/orders/none", ""), 404)
	if !strings.Contains(p.Detail, `"none"`) {
		t.Errorf("detail %q does not name the order", p.Detail)
	}
}

func TestListOrders(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for i := range 5 {
		join(t, w, uc.RoleHR, fmt.Sprintf("hr%d", i), "berlin")
	}
	waits := join(t, w, uc.RoleAdmin, "boss", "lisbon")
	put(t, w, waits, uc.Waiting, uc.Exhausted, "none left")
	users := func(role uc.Role, query string) (out []string, next string) {
		t.Helper()
		list := apitest.Decode[api.OrderList](t, w.Call(role, "GET", "/v1/orders?"+query, ""))
		for _, o := range list.Items {
			out = append(out, o.UserID)
		}
		return out, list.Next
	}
	cases := map[string]struct {
		role  uc.Role
		query string
		want  []string
	}{
		"all, newest first":    {uc.RoleAdmin, "", []string{"boss", "hr4", "hr3", "hr2", "hr1", "hr0"}},
		"HR sees its own":      {uc.RoleHR, "", []string{"hr4", "hr3", "hr2", "hr1", "hr0"}},
		"HR asks for another":  {uc.RoleHR, "user=boss", nil},
		"by state":             {uc.RoleViewer, "state=waiting", []string{"boss"}},
		"by waiting kind":      {uc.RoleViewer, "waitingKind=exhausted", []string{"boss"}},
		"by user in any case":  {uc.RoleViewer, "user=HR3", []string{"hr3"}},
		"by service area":      {uc.RoleViewer, "serviceArea=lisbon", []string{"boss"}},
		"by kind and area":     {uc.RoleViewer, "kind=joiner&serviceArea=lisbon", []string{"boss"}},
		"nothing fits":         {uc.RoleViewer, "state=failed", nil},
		"a page of two":        {uc.RoleViewer, "limit=2", []string{"boss", "hr4"}},
		"a name with wildcard": {uc.RoleViewer, "user=%25", nil},
	}
	for name, c := range cases {
		if got, _ := users(c.role, c.query); !cmp.Equal(c.want, got) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	var all []string
	for next := ""; ; {
		part, n := users(uc.RoleAdmin, "limit=4&cursor="+next)
		all = append(all, part...)
		if next = n; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"boss", "hr4", "hr3", "hr2", "hr1", "hr0"}, all); diff != "" {
		t.Error("in pages", diff)
	}
	for _, bad := range []string{"limit=0", "limit=501", "limit=x", "state=sleeping", "cursor=%21", "cursor=AAAA", "colour=red", "user=%00", "user=%ff"} {
		if a := w.Call(uc.RoleAdmin, "GET", "/v1/orders?"+bad, ""); a.Status != 422 && a.Status != 400 {
			t.Errorf("%s answered %d: %s", bad, a.Status, a.Body)
		}
	}
}
