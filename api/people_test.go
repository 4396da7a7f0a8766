package api_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
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
