package main

import (
	"errors"
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
		"open quote":     {"a.csv", "userId,lastName,serviceArea\n\"ann,Lee,berlin\n", `row 2: a quote is not closed, or text follows it: put the whole cell in quotes, and write "" for`},
		"text after":     {"a.csv", "userId,lastName,serviceArea\n\"ann\"a,Lee,berlin\n", "row 2: a quote is not closed, or text follows it"},
		"quote within":   {"a.csv", "userId,lastName,serviceArea\nann,L\"e,berlin\n", "row 2, place 6 of the line: a quote stands within a text: put"},
		"unknown field":  {"a.json", `[{"user": {"userId": "ann", "lastNam": "Lee"}}]`, `person 1: field "lastNam" is not known: take it out`},
		"no object":      {"a.yaml", "- ann\n", "person 1: write an object"},
		"nested":         {"a.json", `{"userId": {"a": 1}}`, "userId is not a text"},
		"no YAML":        {"a.yaml", "a: [", "it is neither YAML nor JSON (line 1: did not find expected node content): mend it there"},
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
