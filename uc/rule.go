package uc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Decision says whether a person gets a number.
type Decision string

// The decisions.
const (
	Always   Decision = "always"
	Never    Decision = "never"
	OnDemand Decision = "on_demand" // only when the person asks for one
)

// NumberRule is one condition on a person's attributes and the decision it leads
// to. Every attribute named must match one of its values; an empty When matches
// everybody.
type NumberRule struct {
	Name   string            `json:"name,omitempty"` // shown when it decided
	When   map[string]Values `json:"when,omitempty"`
	Number Decision          `json:"number"`
}

// Values are alternatives. A value may hold * for any run of characters; case
// does not matter. In JSON and YAML one value may be written without the list.
type Values []string

// UnmarshalJSON reads a string or a list of strings.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = Values{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return &Error{Kind: Invalid, Detail: "when: write a value or a list of values", Err: err}
	}
	*v = many
	return nil
}

func (v Values) match(value string) bool {
	value = strings.ToLower(value)
	return slices.ContainsFunc(v, func(pattern string) bool { return wild(strings.ToLower(pattern), value) })
}

// wild matches with * alone: what else patterns elsewhere give a meaning to, like
// brackets, stands in titles and departments as itself.
func wild(pattern, value string) bool {
	first, rest, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == value
	}
	value, ok := strings.CutPrefix(value, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		if _, value, ok = strings.Cut(value, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(value, last)
}

// attribute is what rules can look at: the joiner's own fields first, HR's
// attributes by their names.
func (j Joiner) attribute(name string) string {
	switch name {
	case "userId":
		return j.User.ID
	case "mail":
		return j.User.Mail
	case "department":
		return j.User.Department
	case "title":
		return j.User.Title
	case "serviceArea":
		return j.ServiceArea
	}
	return j.Attributes[name]
}

// DecideNumber says whether the joiner gets a number and which rule said so. The
// first rule that matches wins; a service area for requests only turns always
// into on demand; a joiner who asks gets one unless a rule says never.
func DecideNumber(d Domain, a ServiceArea, j Joiner) (bool, string) {
	decision, why := Always, "no rule matched"
	for i, r := range d.NumberRules {
		if r.matches(j) {
			decision, why = r.Number, r.label(i)
			break
		}
	}
	if decision == Always && a.OnDemandOnly {
		decision, why = OnDemand, "service area "+a.Name+" gives numbers on demand only"
	}
	switch {
	case decision == Never:
		return false, why
	case decision == OnDemand && !j.NumberWanted:
		return false, why
	case decision == OnDemand:
		return true, why + ", and one was asked for"
	}
	return true, why
}

func (r NumberRule) matches(j Joiner) bool {
	//workflowcheck:ignore Every condition must hold, whichever is asked first.
	for name, values := range r.When {
		if !values.match(j.attribute(name)) {
			return false
		}
	}
	return true
}

func (r NumberRule) label(i int) string {
	if r.Name != "" {
		return fmt.Sprintf("rule %q: %s", r.Name, r.Number)
	}
	return fmt.Sprintf("rule %d: %s", i+1, r.Number)
}
