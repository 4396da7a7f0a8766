package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	bob := settle(t, w, "Bob", "lisbon", "4711")
	settle(t, w, "ann", "berlin", "")
	left := settle(t, w, "cleo", "berlin", "")
	left.State, left.Joiner.User.EmployeeID = uc.Left, "E7"
	save(t, w, left)
	names := func(query string) (out []string) {
		for page := (api.PersonList{Next: "begin"}); page.Next != ""; {
			cursor := strings.TrimPrefix(page.Next, "begin")
			page = apitest.Decode[api.PersonList](t, w.Call(uc.RoleViewer, "GET", "/v1/people?limit=2&cursor="+cursor+query, ""))
			for _, p := range page.Items {
				out = append(out, p.UserID)
			}
		}
		return out
	}
	for query, want := range map[string]string{
		"": "ann Bob cleo", "&serviceArea=berlin": "ann cleo", "&state=left": "cleo", "&employeeId=E7": "cleo",
		"&domain=corp&state=active": "ann Bob", "&domain=none": "",
	} {
		if got := strings.Join(names(query), " "); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/people?cursor=x", ""), 422)
	apitest.Problem(t, w.Call(uc.RoleHR, "GET", "/v1/people", ""), 403)
	one := apitest.Decode[api.Person](t, w.Call(uc.RoleViewer, "GET", "/v1/people/BOB", ""))
	if one.UserID != "Bob" || one.State != uc.Active || one.Domain != "corp" || one.ServiceArea != "lisbon" ||
		one.Has == nil || one.Has.Number != bob.Number() || one.Joiner == nil || one.User.LastName != "x" {
		t.Errorf("one person: %+v", one)
	}
}

// What a person has on systems is what orders made since the person left last, each
// once, without the notes that orders keep for themselves.
func TestServicesOfAPerson(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	const joiner = `{"user": {"userId": "ann", "lastName": "x"}, "serviceArea": "berlin"}`
	there := json.RawMessage(`{}`)
	type object struct {
		kind   string
		before json.RawMessage
	}
	order := func(path, body string, state uc.OrderState, objects ...object) string {
		t.Helper()
		o, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/"+path, body))
		for _, x := range objects {
			ref := db.ObjectRef{OrderID: o.ID, System: "cucm-1", Type: x.kind, Key: "ann"}
			if _, _, err := w.DB.Intend(t.Context(), ref, x.before); err != nil {
				t.Fatal(err)
			}
		}
		put(t, w, o.ID, state, "", "")
		return o.ID
	}
	has := func(want ...api.Service) {
		t.Helper()
		got := apitest.Decode[api.Person](t, w.Call(uc.RoleViewer, "GET", "/v1/people/ann", "")).Services
		if diff := cmp.Diff(append([]api.Service{}, want...), got); diff != "" {
			t.Error(diff)
		}
	}
	first := order("joiners", joiner, uc.Done, object{"user", there}, object{"line", nil})
	order("joiners", joiner, uc.Failed, object{"phone", nil})
	service := func(kind, order string, adopted bool) api.Service {
		return api.Service{System: "cucm-1", Type: kind, Key: "ann", OrderID: order, Adopted: adopted}
	}
	has(service("user", first, true), service("line", first, false))
	second := order("joiners", joiner, uc.Done, object{"line", there}, object{"user_move", there}, object{"device_profile", nil})
	has(service("line", second, false), service("device_profile", second, false), service("user", first, true))
	order("leavers", `{"userId": "ann", "serviceArea": "berlin"}`, uc.Done, object{"person", there})
	has()
	third := order("joiners", joiner, uc.Running, object{"line", nil})
	has(service("line", third, false))
}

// A phone that the person gave away is none of the person's services any more; one that
// an open order makes is one already.
func TestPhonesOfAPerson(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := settle(t, w, "ann", "berlin", "4711")
	p.Services.Phones = []uc.Phone{{Name: "CSFANN"}}
	save(t, w, p)
	phone := func(order, name string) {
		t.Helper()
		ref := db.ObjectRef{OrderID: order, System: "cucm-1", Type: uc.PlannedPhone, Key: name}
		if _, _, err := w.DB.Intend(t.Context(), ref, nil); err != nil {
			t.Fatal(err)
		}
	}
	phone(p.OrderID, "CSFANN")
	phone(p.OrderID, "SEP001122334455")
	open, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/movers", `{"userId": "ann", "title": "Dr"}`))
	phone(open.ID, "TCTANN")
	var got []string
	for _, s := range apitest.Decode[api.Person](t, w.Call(uc.RoleViewer, "GET", "/v1/people/ann", "")).Services {
		got = append(got, s.Key)
	}
	if diff := cmp.Diff([]string{"TCTANN", "CSFANN"}, got); diff != "" {
		t.Error(diff)
	}
}
