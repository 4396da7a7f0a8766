package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// person makes somebody who joined.
func (c *cli) person(user, area string) {
	c.t.Helper()
	id := c.order(user, area)
	c.set(id, uc.Done, "", "")
	if err := c.DB.SavePerson(c.t.Context(), uc.Person{
		UserID: user, Domain: "corp", State: uc.Active, OrderID: id,
		Joiner: uc.Joiner{User: uc.User{ID: user, FirstName: "Ann", LastName: "Lee"}, ServiceArea: area},
	}); err != nil {
		c.t.Fatal(err)
	}
}

// asked is the last order of a person.
func (c *cli) asked(user string) uc.Order {
	c.t.Helper()
	orders, err := c.DB.OrdersOf(c.t.Context(), user)
	if err != nil || len(orders) == 0 {
		c.t.Fatalf("orders of %s: %v %v", user, orders, err)
	}
	return orders[0]
}

func TestMoveOne(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	golden(t, "move-one", c.ok("move", "ann", "--service-area", "lisbon", "--new-number"))
	o := c.asked("ann")
	if diff := cmp.Diff(&uc.Mover{UserID: "ann", ServiceArea: "lisbon", Number: uc.NumberNew}, o.Mover); diff != "" {
		t.Error(diff)
	}
	golden(t, "move-get", c.ok("order", "get", o.ID))
	cases := map[string]struct {
		args []string
		code int
		says string
	}{
		"nobody":       {[]string{"bob", "--service-area", "lisbon"}, exitNotFound, `userId: no order has made anything for a person "bob": check the user id`},
		"nowhere":      {[]string{"ann"}, exitUsage, "say where to"},
		"keep nowhere": {[]string{"ann", "--keep-number"}, exitUsage, "say where to"},
		"unknown area": {[]string{"ann", "--service-area", "paris"}, exitNotFound, "there are berlin"},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"move"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d; says %q, want %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

// The same wish for a new number is one number; --again is another wish.
func TestMoveAgain(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.ok("move", "ann", "--new-number")
	first := c.asked("ann")
	c.set(first.ID, uc.Done, "", "")
	p, err := c.DB.GetPerson(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	p.OrderID = first.ID
	if err := c.DB.SavePerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if out := c.ok("move", "ann", "--new-number"); orderID.FindString(out) != first.ID || !strings.Contains(out, "nothing to do") {
		t.Errorf("the same again: %s", out)
	}
	if out := c.ok("move", "ann", "--new-number", "--again"); orderID.FindString(out) == first.ID {
		t.Errorf("another number: %s", out)
	}
}

func TestChangeOne(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.ok("change", "ann", "--set", "lastName=Ray", "--set", "title=", "--set", "userId=ann.ray",
		"--set", "classOfService=Mobile", "--set", "attributes.costCenter=7=7", "--set", "department=R, D")
	name, none, department, class := "Ray", "", "R, D", uc.Mobile
	want := &uc.Mover{
		UserID: "ann", NewUserID: "ann.ray", LastName: &name, Title: &none, Department: &department,
		ClassOfService: &class, Attributes: map[string]string{"costCenter": "7=7"},
	}
	o := c.asked("ann")
	if diff := cmp.Diff(want, o.Mover); diff != "" {
		t.Error(diff)
	}
	golden(t, "change-get", c.ok("order", "get", o.ID))
	const keys = "use firstName, lastName, mail, department, title, classOfService, voicemail, userId, attributes.NAME"
	cases := map[string]struct {
		args []string
		says string
	}{
		"unknown key": {[]string{"--set", "colour=red"}, "--set colour: there is no such key; " + keys},
		"a site":      {[]string{"--set", "serviceArea=lisbon"}, keys},
		"of the file": {[]string{"--set", "newUserId=x"}, keys},
		"passed over": {[]string{"--set", "employeeId=x"}, keys},
		"no name":     {[]string{"--set", "attributes.=x"}, keys},
		"no value":    {[]string{"--set", "title"}, "write it like title=VALUE"},
		"nothing":     {nil, "say what changes"},
		"bad mail":    {[]string{"--set", "mail=x"}, "mail \"x\": write"},
		"no name at":  {[]string{"--set", "lastName="}, "lastName is missing"},
	}
	for name, k := range cases {
		r := c.run(append([]string{"change", "ann"}, k.args...)...)
		if r.code != exitUsage || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d says %q, want %q", name, r.code, r.err, k.says)
		}
	}
}

func TestNumberRequest(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "desk")
	var results []sentRow
	if err := json.Unmarshal([]byte(c.ok("number", "request", "ann", "--number", "4711", "-o", "json")), &results); err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || results[0].Order == nil || results[0].Order.NumberRequest.Number != "4711" {
		t.Errorf("results %+v", results)
	}
	if out := c.ok("order", "get", c.asked("ann").ID); !strings.Contains(out, "asks for the number 4711") {
		t.Error(out)
	}
	if r := c.run("number", "request", "bob"); r.code != exitNotFound {
		t.Errorf("nobody: %d %s", r.code, r.err)
	}
	if r := c.run("number", "request", "ann", "--number", "x"); r.code != exitUsage || !strings.Contains(r.err, "digits") {
		t.Errorf("no digits: %d %s", r.code, r.err)
	}
}

func TestPersonList(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.person("bob", "lisbon")
	golden(t, "person-list", c.ok("person", "list"))
	if out := c.ok("person", "list", "--service-area", "lisbon", "-o", "csv"); strings.Contains(out, "ann") || !strings.Contains(out, "bob") {
		t.Error(out)
	}
	if r := c.run("person", "list", "--limit", "1"); !strings.Contains(r.err, "there are more") {
		t.Error(r.err)
	}
	if out := c.ok("person", "get", "ANN"); !strings.HasPrefix(out, "ann, Ann Lee\nactive, service area berlin, domain corp\n") {
		t.Error(out)
	}
	if r := c.run("person", "list", "--state", "gone"); r.code != exitUsage {
		t.Errorf("an unknown state: %d %s", r.code, r.err)
	}
}

// The shell is offered people who fit, and the keys of --set.
func TestCompletePeople(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.person("gone", "berlin")
	if err := c.DB.SetPersonState(t.Context(), "gone", uc.Left); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"leave ":                       "ann\tAnn Lee",
		"number request ":              "ann\tAnn Lee",
		"move ann --service-area ":     "berlin\tcucm-1\ndesk\tcucm-1\nlisbon\tcucm-2",
		"number request ann --pool ":   "berlin\tcucm-1\nlisbon\tcucm-2",
		"change ann --set t":           "title=",
		"join --class-of-service nati": "national",
	} {
		var out, errOut bytes.Buffer
		a := newApp(strings.NewReader(""), &out, &errOut)
		a.run(t.Context(), append([]string{"__complete", "--data", c.dir}, strings.Split(args, " ")...))
		if got, _, _ := strings.Cut(out.String(), "\n:"); !strings.Contains(got, want) || strings.Contains(got, "gone") {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
}
