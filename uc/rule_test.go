package uc

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestValuesMatch(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		values Values
		value  string
		want   bool
	}{
		"same":             {"as it is", Values{"Sales"}, "Sales", true},
		"case":             {"case does not matter", Values{"sALES"}, "Sales", true},
		"other":            {"another", Values{"Sales"}, "Legal", false},
		"part":             {"not a part of it", Values{"Sales"}, "Sales EMEA", false},
		"any of":           {"one of the values", Values{"Legal", "Sales"}, "Sales", true},
		"none":             {"no value, no match", nil, "Sales", false},
		"star":             {"any run", Values{"Intern*"}, "Internship", true},
		"star, nothing":    {"also an empty one", Values{"Intern*"}, "Intern", true},
		"star, slash":      {"values are not paths", Values{"R*D"}, "R/&/D", true},
		"star before":      {"at the begin", Values{"*Berlin"}, "Site Berlin", true},
		"star inside":      {"in the middle", Values{"a*c*e"}, "abcde", true},
		"star, order":      {"in their order", Values{"a*e*c"}, "abcde", false},
		"star, no reuse":   {"begin and end do not overlap", Values{"ab*ba"}, "aba", false},
		"star alone":       {"anything", Values{"*"}, "", true},
		"stars":            {"two are one", Values{"a**b"}, "ab", true},
		"brackets":         {"stand for themselves", Values{"R&D [Berlin]"}, "R&D [Berlin]", true},
		"open bracket":     {"is no mistake", Values{"[x*"}, "[xyz", true},
		"question mark":    {"stands for itself", Values{"who?"}, "whom", false},
		"backslash":        {"stands for itself", Values{`CORP\*`}, `CORP\ann`, true},
		"umlaut":           {"letters of all kinds have case", Values{"KÖLN"}, "köln", true},
		"empty":            {"the attribute is missing", Values{""}, "", true},
		"empty, asked":     {"the attribute is missing", Values{"x"}, "", false},
		"empty, not asked": {"the attribute is there", Values{""}, "x", false},
	}
	for name, c := range cases {
		if got := c.values.match(c.value); got != c.want {
			t.Errorf("%s (%s): %v of %q is %v", name, c.reason, c.values, c.value, got)
		}
	}
}

// The meaning of a pattern, said by another machine.
func TestWildProperty(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[ab*.]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		pattern, value := text.Draw(t, "pattern"), rapid.StringMatching(`[ab.]{0,10}`).Draw(t, "value")
		re := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
		if got, want := wild(pattern, value), re.MatchString(value); got != want {
			t.Fatalf("%q of %q is %v", pattern, value, got)
		}
	})
}

func TestValuesJSON(t *testing.T) {
	t.Parallel()
	var r NumberRule
	err := json.Unmarshal([]byte(`{"when": {"title": "Intern*", "department": ["Sales", "Legal"]}, "number": "never"}`), &r)
	want := NumberRule{When: map[string]Values{"title": {"Intern*"}, "department": {"Sales", "Legal"}}, Number: Never}
	if d := cmp.Diff(want, r); err != nil || d != "" {
		t.Errorf("%v, %s", err, d)
	}
	if err := json.Unmarshal([]byte(`{"when": {"title": 5}}`), &r); !errors.Is(err, Invalid) {
		t.Error(err)
	}
}

func TestDecideNumber(t *testing.T) {
	t.Parallel()
	rules := []NumberRule{
		{Name: "robots", When: map[string]Values{"userId": {"svc-*"}}, Number: Never},
		{When: map[string]Values{"title": {"Intern*"}, "department": {"Sales"}}, Number: OnDemand},
		{When: map[string]Values{"costCenter": {"42"}}, Number: Always},
		{Name: "rest of Bonn", When: map[string]Values{"serviceArea": {"bonn"}}, Number: Never},
	}
	cases := map[string]struct {
		reason string
		area   ServiceArea
		joiner Joiner
		want   bool
		why    string
	}{
		"no rule":           {"all get one", ServiceArea{}, Joiner{}, true, "no rule matched"},
		"never":             {"a rule with a name", ServiceArea{}, Joiner{User: User{ID: "svc-door"}}, false, `rule "robots": never`},
		"never, asked":      {"asking does not help", ServiceArea{}, Joiner{User: User{ID: "SVC-door"}, NumberWanted: true}, false, `rule "robots": never`},
		"on demand":         {"not asked for", ServiceArea{}, Joiner{User: User{Title: "Intern", Department: "sales"}}, false, "rule 2: on_demand"},
		"on demand, asked":  {"asked for", ServiceArea{}, Joiner{User: User{Title: "Intern", Department: "sales"}, NumberWanted: true}, true, "rule 2: on_demand, and one was asked for"},
		"half":              {"every condition must hold", ServiceArea{}, Joiner{User: User{Title: "Intern"}}, true, "no rule matched"},
		"attribute":         {"HR's own", ServiceArea{}, Joiner{Attributes: map[string]string{"costCenter": "42"}}, true, "rule 3: always"},
		"first wins":        {"not the last", ServiceArea{}, Joiner{ServiceArea: "bonn", Attributes: map[string]string{"costCenter": "42"}}, true, "rule 3: always"},
		"last":              {"the fourth", ServiceArea{}, Joiner{ServiceArea: "bonn"}, false, `rule "rest of Bonn": never`},
		"area":              {"on demand only", ServiceArea{Name: "ulm", OnDemandOnly: true}, Joiner{}, false, "service area ulm gives numbers on demand only"},
		"area, asked":       {"asked for", ServiceArea{Name: "ulm", OnDemandOnly: true}, Joiner{NumberWanted: true}, true, "service area ulm gives numbers on demand only, and one was asked for"},
		"area over always":  {"the area is stricter", ServiceArea{Name: "ulm", OnDemandOnly: true}, Joiner{Attributes: map[string]string{"costCenter": "42"}}, false, "service area ulm gives numbers on demand only"},
		"never over area":   {"never is never", ServiceArea{Name: "ulm", OnDemandOnly: true}, Joiner{User: User{ID: "svc-1"}, NumberWanted: true}, false, `rule "robots": never`},
		"own field, not HR": {"a joiner's field is not taken from HR's attributes", ServiceArea{}, Joiner{Attributes: map[string]string{"userId": "svc-1"}}, true, "no rule matched"},
	}
	for name, c := range cases {
		got, why := DecideNumber(Domain{NumberRules: rules}, c.area, c.joiner)
		if got != c.want || why != c.why {
			t.Errorf("%s (%s): %v, %q; want %v, %q", name, c.reason, got, why, c.want, c.why)
		}
	}
	if got, why := DecideNumber(Domain{NumberRules: []NumberRule{{Number: Never}}}, ServiceArea{}, Joiner{}); got || why != "rule 1: never" {
		t.Errorf("an empty condition: %v, %q", got, why)
	}
}
