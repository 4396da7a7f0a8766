package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

func (c *cli) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

const leaversCSV = `# who goes in March
userId;lastName;leaveAt;serviceArea
ann;Lee;;
Bob;Ray;2090-03-31;
cleo;O'Neil;;
dan;Low;soon;
eve;Orr;;berlin
ANN;Lee;2090-01-01;
`

func TestLeaveFile(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.person("ann", "berlin")
	c.person("bob", "lisbon")
	file := c.write("leavers.csv", leaversCSV)
	result := filepath.Join(c.dir, "result.csv")
	dry := c.run("leave", "-f", file, "--dry-run", "--result", result)
	if dry.code != exitNotFound {
		t.Errorf("dry run: code %d, want that of the first failing row, %d", dry.code, exitNotFound)
	}
	golden(t, "leave-dry", dry.out)
	golden(t, "leave-dry.csv", c.read("result.csv"))
	if n := strings.Count(c.ok("order", "list", "--limit", "0"), "\n"); n != 3 {
		t.Errorf("a dry run left %d lines of orders, want the header and two joiners", n)
	}
	r := c.run("leave", "-f", file, "--result", result)
	if r.code != exitNotFound {
		t.Errorf("code %d, want %d", r.code, exitNotFound)
	}
	golden(t, "leave", r.out)
	golden(t, "leave.stderr", r.err)
	golden(t, "leave.csv", c.read("result.csv"))
	for _, user := range []string{"ann", "bob", "eve"} {
		if o := c.asked(user); o.Leaver == nil || o.Leaver.Batch != 5 {
			t.Errorf("%s: %+v, want a leaver of a batch of five", user, o)
		}
	}
	first := c.asked("ann").ID
	if again := c.run("leave", "-f", file, "-o", "csv"); !strings.Contains(again.out, first) || strings.Count(again.out, "was ordered before") != 2 {
		t.Errorf("the same file again: %s", again.out)
	}
}

// The same file again does what is missing, and only that.
func TestBulkResumes(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	text := "userId,department\n"
	for i := range 9 {
		c.person(fmt.Sprintf("p%d", i), "berlin")
		text += fmt.Sprintf("p%d,Sales\n", i)
	}
	file := c.write("changes.csv", text)
	c.ok("change", "-f", file)
	orders := map[string]string{}
	for i := range 9 {
		user := fmt.Sprintf("p%d", i)
		orders[user] = c.asked(user).ID
	}
	states := map[string]uc.OrderState{"p0": uc.Failed, "p1": uc.Cancelled, "p2": uc.Done}
	for user, state := range states {
		c.set(orders[user], state, "", "")
	}
	p, err := c.DB.GetPerson(t.Context(), "p2")
	if err != nil {
		t.Fatal(err)
	}
	p.Joiner.User.Department, p.OrderID = "Sales", orders["p2"]
	if err := c.DB.SavePerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	out := c.ok("change", "-f", file)
	for user, id := range orders {
		state := states[user]
		if anew := c.asked(user).ID != id; anew != (state == uc.Failed || state == uc.Cancelled) {
			t.Errorf("%s, %s: ordered anew %t", user, state, anew)
		}
	}
	if strings.Count(out, "nothing to do") != 1 || strings.Count(out, "was ordered before") != 6 {
		t.Error(out)
	}
}

func TestBulkWaits(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for _, user := range []string{"ann", "bob"} {
		c.person(user, "berlin")
	}
	file := c.write("movers.yaml", "- {userId: ann, serviceArea: lisbon}\n- {userId: bob, serviceArea: lisbon, number: keep, attributes: {a: 1}, title: \"\"}\n")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, user := range []string{"ann", "bob"} {
			c.finishAs(user, func(uc.Order) uc.OrderChange {
				state, detail := uc.Failed, "because of failed"
				return uc.OrderChange{State: &state, Detail: &detail}
			}, func() bool { return true })
		}
	}()
	result := filepath.Join(c.dir, "result.csv")
	r := c.run("move", "-f", file, "--wait", "--timeout", "1m", "--result", result)
	<-ended
	if r.code != exitNotDone {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
	golden(t, "move-wait.csv", c.read("result.csv"))
	none := ""
	want := &uc.Mover{UserID: "bob", ServiceArea: "lisbon", Number: uc.NumberKeep, Title: &none, Attributes: map[string]string{"a": "1"}, Batch: 2}
	if diff := cmp.Diff(want, c.asked("bob").Mover); diff != "" {
		t.Error(diff)
	}
}

// What a file says is read as it is meant, or refused with the place.
func TestPeopleFiles(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, command, name, text, says string
	}{
		"leave: typing error":  {"would leave at once", "leave", "a.csv", "userId,leavAt\nann,2030-01-01\n", "leavAt is not known: use userId, leaveAt, serviceArea"},
		"leave: attribute":     {"a leaver has none", "leave", "a.yaml", "- {userId: ann, attributes: {a: b}}\n", "person 1: a is not known"},
		"move: no column":      {"where to?", "move", "a.csv", "userId\nann\n", "column serviceArea is missing"},
		"change: to a site":    {"is a move", "change", "a.csv", "userId,serviceArea\nann,lisbon\n", "serviceArea is not known"},
		"change: no attribute": {"without its name", "change", "a.csv", "userId,attributes.\nann,x\n", "attributes. is not known"},
		"only comments":        {"nobody", "change", "a.csv", "# a\n#b\n", "nobody is in it"},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t)
			r := c.run(k.command, "-f", c.write(k.name, k.text))
			if r.code != exitUsage || !strings.Contains(r.err, k.says) {
				t.Errorf("%s: code %d says %q, want %q", k.reason, r.code, r.err, k.says)
			}
		})
	}
}

// A template can be filled in and sent as it is.
func TestTemplates(t *testing.T) {
	t.Parallel()
	forms := map[string]peopleForm{"join": joinForm, "leave": leaveForm, "move": moveForm, "change": changeForm}
	for command, form := range forms {
		c := newCLI(t)
		text := c.ok(command, "--template")
		golden(t, "template-"+command+".csv", text)
		if _, err := parsePeople("x.csv", strings.NewReader(text), form); err == nil || !strings.Contains(err.Error(), "nobody is in it") {
			t.Errorf("%s: the example counts as a person: %v", command, err)
		}
		rows, err := parsePeople("x.csv", strings.NewReader(strings.Replace(text, "#", "", 1)), form)
		if err != nil || len(rows) != 1 || len(rows[0].Problems) > 0 {
			t.Errorf("%s: the example is not one person: %v %v", command, rows, err)
		}
		path := filepath.Join(c.dir, "template.csv")
		c.ok(command, "--template="+path)
		if c.read("template.csv") != text {
			t.Errorf("%s: the file differs", command)
		}
		if r := c.run(command, "--template", path); r.code != exitUsage || !strings.Contains(r.err, "exists") {
			t.Errorf("%s: a file is written over: %d %s", command, r.code, r.err)
		}
	}
}

// What a spreadsheet would run is written so that it does not, and read back as it was.
func TestResultIsSafe(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("leavers.csv", "userId\n=cmd|' /C calc'!A0\n\"@SUM(1)\"\n'-2\n")
	result := filepath.Join(c.dir, "result.csv")
	if r := c.run("leave", "-f", file, "--result", result); r.code != exitUsage {
		t.Errorf("code %d", r.code)
	}
	rows, err := csv.NewReader(strings.NewReader(c.read("result.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows[1:] {
		if strings.ContainsAny(row[1][:1], "=+-@") {
			t.Errorf("cell %q runs", row[1])
		}
		got = append(got, unsafeCell(row[1]))
	}
	if diff := cmp.Diff([]string{"=cmd|' /C calc'!A0", "@SUM(1)", "-2"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &pace{total: 100}
	for _, c := range []struct {
		done  int
		after time.Duration
		want  string
	}{
		{10, 0, "10 of 100"},
		{10, time.Minute, "10 of 100"},
		{30, 10 * time.Second, "30 of 100, 2.0 a second, about 35s left"},
		{12, time.Minute, "12 of 100, 2.0 a minute, about 44m left"},
		{100, 45 * time.Second, "100 of 100, 2.0 a second"},
	} {
		if got := p.text(c.done, now.Add(c.after)); got != c.want {
			t.Errorf("%d after %s: %q, want %q", c.done, c.after, got, c.want)
		}
	}
	if p.due(now.Add(time.Second)) || !p.due(now.Add(time.Minute)) || p.due(now.Add(time.Minute+time.Second)) {
		t.Error("it is not told every half minute")
	}
}

// A row about somebody whom nobody knows names its column.
func TestBulkUnknownPerson(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	r := c.run("change", "-f", c.write("a.csv", "userId,title\nbob,Dr\n"))
	want := `row 2, column userId: no order has made anything for a person "bob": check the user id, or let the person join first`
	if r.code != exitNotFound || !strings.Contains(r.out+r.err, want) {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
}

// A finding of the API begins with its column, once.
func TestFieldText(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]api.Violation{
		`mail "x": write an address`:   {Location: "body.user.mail", Message: `user.mail "x": write an address`},
		`number "1": write two`:        {Location: "body.number", Message: `number "1": write two`},
		"userId: there is no user ann": {Location: "body.userId", Message: "there is no user ann"},
	} {
		if got := fieldText(v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
