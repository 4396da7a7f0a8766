package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

func TestParseJoiners(t *testing.T) {
	t.Parallel()
	ann := uc.Joiner{User: uc.User{ID: "ann", LastName: "Lee"}, ServiceArea: "berlin"}
	full := uc.Joiner{
		User: uc.User{
			ID: "ann", EmployeeID: "E1", DirectoryID: "guid", FirstName: "Ann", LastName: "Lee",
			Mail: "ann@example.com", Department: "R&D", Title: "Dr",
		},
		ServiceArea: "berlin", StartAt: time.Date(2030, 1, 4, 0, 0, 0, 0, time.UTC), ClassOfService: uc.National,
		DeskPhone: "00:11:22:33:44:55", NumberWanted: true, Attributes: map[string]string{"costCenter": "77"},
	}
	cases := map[string]struct {
		reason, name, text string
		want               []joinRow
	}{
		"plain":      {"three columns", "a.csv", "userId,lastName,serviceArea\nann,Lee,berlin\n", []joinRow{{Row: 2, Joiner: ann}}},
		"excel":      {"byte order mark, semicolons, CRLF, empty lines", "a.csv", "\ufeffuserId;lastName;serviceArea\r\n\r\n;;\r\nann;Lee;berlin\r\n", []joinRow{{Row: 4, Joiner: ann}}},
		"tabs":       {"and a header in another case", "a.txt", "USERID\tLastname\tserviceArea\nann\tLee\tberlin\n", []joinRow{{Row: 2, Joiner: ann}}},
		"spaces":     {"around cells", "a.csv", "userId, lastName ,serviceArea\n ann ,Lee, berlin \n", []joinRow{{Row: 2, Joiner: ann}}},
		"short row":  {"columns at the end are empty", "a.csv", "userId,lastName,serviceArea,mail\nann,Lee,berlin\n", []joinRow{{Row: 2, Joiner: ann}}},
		"expect":     {"is no attribute", "a.csv", "userId,lastName,serviceArea,expect\nann,Lee,berlin,done\n", []joinRow{{Row: 2, Joiner: ann}}},
		"apostrophe": {"of our own CSV is taken away, others stay", "a.csv", "userId,lastName,serviceArea,x\nann,'t Hooft,berlin,'=1\n", []joinRow{{Row: 2, Joiner: uc.Joiner{User: uc.User{ID: "ann", LastName: "'t Hooft"}, ServiceArea: "berlin", Attributes: map[string]string{"x": "=1"}}}}},
		"full":       {"every column", "a.csv", "userId,employeeId,directoryId,firstName,lastName,mail,department,title,serviceArea,startAt,classOfService,deskPhone,numberWanted,costCenter\nann,E1,guid,Ann,Lee,ann@example.com,R&D,Dr,berlin,2030-01-04,national,00:11:22:33:44:55,yes,77\n", []joinRow{{Row: 2, Joiner: full}}},
		"JSON":       {"as the API takes it", "a.json", `[{"user": {"userId": "ann", "lastName": "Lee"}, "serviceArea": "berlin"}]`, []joinRow{{Row: 1, Joiner: ann}}},
		"JSON flat":  {"as the columns", "a.JSON", `{"userId": "ann", "lastName": "Lee", "serviceArea": "berlin", "numberWanted": false, "attributes": {}}`, []joinRow{{Row: 1, Joiner: ann}}},
		"YAML":       {"flat, with attributes", "a.yaml", "- userId: ann\n  employeeId: E1\n  directoryId: guid\n  firstName: Ann\n  lastName: Lee\n  mail: ann@example.com\n  department: R&D\n  title: Dr\n  serviceArea: berlin\n  startAt: \"2030-01-04T01:00:00+01:00\"\n  classOfService: national\n  deskPhone: 00:11:22:33:44:55\n  numberWanted: true\n  attributes: {costCenter: 77}\n", []joinRow{{Row: 1, Joiner: full}}},
		"documents":  {"none is left out", "a.yaml", "# people\n---\n- {userId: ann, lastName: Lee, serviceArea: berlin}\n---\nuserId: ann\nlastName: Lee\nserviceArea: berlin\n", []joinRow{{Row: 1, Joiner: ann}, {Row: 2, Joiner: ann}}},
		"problems": {"by row and column; the others are fine", "a.csv", "userId,lastName,serviceArea,startAt,numberWanted\nann,,berlin,soon,perhaps\nann,Lee,berlin\nbob,Ray,berlin,,,extra\n", []joinRow{
			{Row: 2, Joiner: uc.Joiner{User: uc.User{ID: "ann"}, ServiceArea: "berlin"}, Problems: []uc.Problem{
				{Field: "startAt", Value: "soon", Fix: "write it like 2006-01-02 or 2006-01-02T08:00:00+01:00"},
				{Field: "numberWanted", Value: "perhaps", Fix: "use true or false"},
				{Field: "lastName", Fix: "the call processor requires one"},
			}},
			{Row: 3, Joiner: ann},
			{Row: 4, Joiner: uc.Joiner{User: uc.User{ID: "bob", LastName: "Ray"}, ServiceArea: "berlin"}, Problems: []uc.Problem{
				{Field: "-", Value: "extra", Fix: "the row has more cells than the header: put texts with separators in quotes"},
			}},
		}},
	}
	for name, c := range cases {
		got, err := parseJoiners(c.name, strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s (%s): %v", name, c.reason, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (%s): %s", name, c.reason, diff)
		}
	}
}

func TestParseJoinersRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ name, text, says string }{
		"empty":          {"a.csv", "", "nobody is in it"},
		"Latin-1":        {"a.csv", "userId,lastName,serviceArea\nann,M\xfcller,berlin\n", "not UTF-8"},
		"UTF-16":         {"a.csv", "\xff\xfeu\x00s\x00", "not UTF-8"},
		"header alone":   {"a.csv", "userId,lastName,serviceArea\n", "nobody is in it"},
		"no user column": {"a.csv", "lastName,serviceArea\nLee,berlin\n", "column userId is missing"},
		"column twice":   {"a.csv", "userId,lastName,serviceArea,LASTNAME\n", "column lastName comes twice"},
		"open quote":     {"a.csv", "userId,lastName,serviceArea\n\"ann,Lee,berlin\n", "quote"},
		"unknown field":  {"a.json", `[{"user": {"userId": "ann", "lastNam": "Lee"}}]`, `person 1: json: unknown field "lastNam"`},
		"no object":      {"a.yaml", "- ann\n", "person 1: write an object"},
		"nested":         {"a.json", `{"userId": {"a": 1}}`, "userId is not a text"},
		"no YAML":        {"a.yaml", "a: [", "yaml"},
		"empty list":     {"a.json", "[]", "nobody is in it"},
	}
	for name, c := range cases {
		_, err := parseJoiners(c.name, strings.NewReader(c.text))
		var coded *codeError
		if !errors.As(err, &coded) || coded.code != exitUsage || !strings.Contains(coded.text, c.says) || !strings.Contains(coded.text, c.name) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.says)
		}
	}
}

// The example of the repository is read as it is meant: one row is wrong.
func TestParseExample(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../examples/joiners.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseJoiners("joiners.csv", f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, r := range rows {
		wrong += len(r.Problems)
	}
	if len(rows) != 25 || wrong != 1 {
		t.Errorf("%d rows with %d problems, want 25 with 1", len(rows), wrong)
	}
}

const joinersCSV = `userId,firstName,lastName,serviceArea,startAt,expect
ann,Ann,Lee,berlin,,done
bob,Bob,,berlin,,rejected
cleo,Cléo,O'Neil,lisbon,2090-01-04,scheduled
dan,Dan,Ray,paris,,rejected
`

func TestJoinFile(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", joinersCSV)
	r := c.run("join", "-f", file)
	if r.code != exitUsage {
		t.Errorf("code %d, want %d for the row without a last name", r.code, exitUsage)
	}
	golden(t, "join", r.out)
	golden(t, "join.stderr", r.err)
	again := c.run("join", "-f", file, "-o", "csv")
	golden(t, "join-again.csv", again.out)
	if n := len(c.Temporal.Started()); n != 2 {
		t.Errorf("%d stories after the same file twice, want 2", n)
	}
	golden(t, "join.json", c.run("join", "-f", file, "-o", "json").out)
	golden(t, "join.yaml", c.run("join", "-f", file, "-o", "yaml").out)
}

func TestJoinOne(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	golden(t, "join-one", c.ok("join", "--user", "ann", "--first-name", "Ann", "--last-name", "Lee", "--service-area", "berlin", "--number-wanted", "true"))
	cases := map[string]struct {
		args []string
		code int
		says string
	}{
		"open order":     {[]string{"--user", "ANN", "--last-name", "Lee", "--service-area", "lisbon"}, exitConflict, "one order per person"},
		"no area":        {[]string{"--user", "bob", "--last-name", "Ray"}, exitUsage, "serviceArea is missing"},
		"unknown area":   {[]string{"--user", "bob", "--last-name", "Ray", "--service-area", "paris"}, exitNotFound, "paris"},
		"bad class":      {[]string{"--user", "bob", "--last-name", "Ray", "--service-area", "berlin", "--class-of-service", "x"}, exitUsage, "classOfService"},
		"nobody":         {nil, exitUsage, "either -f FILE"},
		"file and flags": {[]string{"-f", "x.csv", "--user", "bob"}, exitUsage, "either -f FILE"},
		"missing file":   {[]string{"-f", "none.csv"}, exitUsage, "none.csv"},
		"an argument":    {[]string{"x.csv"}, exitUsage, "wants no arguments"},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"join"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d; says %q, want %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

func TestJoinFromStdin(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if r := c.runWith("userId;lastName;serviceArea\nann;Lee;berlin\n", "join", "-f", "-"); r.code != exitOK || !strings.Contains(r.out, "ann") {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
}

// However many are sent at once, the result is in the order of the file.
func TestJoinParallel(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	text := "userId,lastName,serviceArea\n"
	var want []string
	for i := range 50 {
		text += fmt.Sprintf("p%02d,Lee,berlin\n", i)
		want = append(want, fmt.Sprintf("p%02d", i))
	}
	var results []joined
	out := c.ok("join", "-f", c.write("joiners.csv", text), "--parallel", "16", "-o", "json")
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, r.UserID)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(c.Temporal.Started()) != 50 {
		t.Errorf("%d stories: %s", len(c.Temporal.Started()), diff)
	}
}

// An API that goes away stops the file; nothing is lost by sending it again.
func TestJoinStopsWithoutAPI(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", "userId,lastName,serviceArea\nann,Lee,berlin\nbob,Ray,berlin\n")
	c.DB.Close()
	r := c.run("join", "-f", file)
	if r.code != exitUnavailable || !strings.Contains(r.err, "stopped after 1 of 2 people") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}

// A person whose order failed is only sent again when that is asked for.
func TestJoinAgain(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("joiners.csv", "userId,lastName,serviceArea\nann,Lee,berlin\n")
	ids := map[string]bool{}
	for range 3 {
		id := orderID.FindString(c.ok("join", "-f", file, "--again"))
		ids[id] = true
		failed, kind := uc.Failed, uc.NotFound
		if err := c.DB.SetOrder(t.Context(), id, uc.OrderChange{State: &failed, FailureKind: &kind}); err != nil {
			t.Fatal(err)
		}
		c.ok("join", "-f", file)
	}
	if len(ids) != 3 || len(c.Temporal.Started()) != 3 {
		t.Errorf("%d orders, %d stories, want 3", len(ids), len(c.Temporal.Started()))
	}
	id := orderID.FindString(c.ok("join", "-f", file, "--again"))
	if got := orderID.FindString(c.ok("join", "-f", file, "--again")); got != id {
		t.Errorf("an order that runs was made again: %s, %s", id, got)
	}
}

// finish plays the stories: it ends each order by the state that its person is
// named after.
func (c *cli) finish(users map[string]uc.OrderState) {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(users) > 0 {
		select {
		case <-c.t.Context().Done():
			return
		case <-tick.C:
		}
		for user, state := range users {
			orders, err := c.DB.OrdersOf(c.t.Context(), user)
			if err != nil {
				c.t.Error(err)
				return
			}
			if len(orders) == 0 {
				continue
			}
			number, detail := "4711", "because of "+user
			kind, none := uc.Exhausted, ""
			change := uc.OrderChange{State: &state, Number: &number, WaitingStep: &none}
			if state != uc.Done {
				change = uc.OrderChange{State: &state, FailureKind: &kind, Detail: &detail}
			}
			if err := c.DB.SetOrder(c.t.Context(), orders[0].ID, change); err != nil {
				c.t.Error(err)
			}
			delete(users, user)
		}
	}
}

func TestJoinWait(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		state  uc.OrderState
		code   int
	}{
		"done":      {"as it should", uc.Done, exitOK},
		"failed":    {"not done", uc.Failed, exitNotDone},
		"waiting":   {"somebody else must do something", uc.Waiting, exitNotDone},
		"cancelled": {"not done", uc.Cancelled, exitNotDone},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t)
			file := c.write("joiners.csv", "userId,lastName,serviceArea,startAt\nann,Lee,berlin,\n"+name+",Ray,berlin,\nlater,Low,berlin,2090-01-04\n")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				c.finish(map[string]uc.OrderState{"ann": uc.Done, name: k.state})
			}()
			r := c.run("join", "-f", file, "--wait")
			<-ended
			if r.code != k.code {
				t.Errorf("%s: code %d, want %d: %s", k.reason, r.code, k.code, r.err)
			}
			golden(t, "join-wait-"+name, r.out)
			if !strings.Contains(r.err, "later") || !strings.Contains(r.err, string(k.state)) {
				t.Errorf("%s: progress %s", k.reason, r.err)
			}
		})
	}
}

func TestJoinWaitTimeout(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	r := c.run("join", "--user", "ann", "--last-name", "Lee", "--service-area", "berlin", "--wait", "--timeout", "100ms")
	if r.code != exitNotDone || !strings.Contains(r.err, "1 orders still run after 100ms") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}
