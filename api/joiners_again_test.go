package api_test

import (
	"fmt"
	"testing"

	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

// Who joins again and says less than is known, or the same with a start that has passed,
// has what is asked for; who says something else gets an order.
func TestJoinSaysLess(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := settle(t, w, "ann", "berlin", "4711")
	yes, known := true, &p.Joiner
	known.User.Department, known.User.Title, known.User.EmployeeID = "Sales", "Clerk", "E-ann"
	known.ClassOfService, known.NumberWanted, known.Voicemail = uc.Mobile, true, &yes
	known.Attributes = map[string]string{"floor": "3", "team": "north"}
	save(t, w, p)
	user := fmt.Sprintf(`{"user": {"userId": "ann", "lastName": %q%%s}, "serviceArea": %q%%s}`, known.User.LastName, known.ServiceArea)
	cases := map[string]struct {
		user, more string
		same       bool
	}{
		"nothing":         {"", "", true},
		"started":         {"", `, "startAt": "2020-01-01T00:00:00Z"`, true},
		"a part":          {`, "title": "Clerk"`, `, "attributes": {"floor": "3"}`, true},
		"another title":   {`, "title": "Head"`, "", false},
		"another floor":   {"", `, "attributes": {"floor": "4"}`, false},
		"no voicemail":    {"", `, "voicemail": false`, false},
		"somebody else":   {`, "employeeId": "E-other"`, "", false},
		"a start to come": {"", `, "startAt": "2099-01-01T00:00:00Z"`, false},
	}
	for name, c := range cases {
		a := w.Call(uc.RoleAdmin, "POST", "/v1/joiners?dryRun=true", fmt.Sprintf(user, c.user, c.more))
		if o, replayed := accepted(t, a); replayed != c.same || (o.ID == p.OrderID) != c.same {
			t.Errorf("%s: order %q replayed %t: %s", name, o.ID, replayed, a.Body)
		}
	}
}
