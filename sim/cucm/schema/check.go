package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// Op says what is checked: an operation's verb ('a' add, 'u' update, 'g' get, 'l'
// list), in a schema version, and whether the elements are returned tags, where
// nothing is required and text is only a mark.
type Op struct {
	Verb    byte
	Version string
	Tags    bool
}

// Has reports whether the operation knows the element.
func (op Op) Has(e *Element) bool { return e.In(op.Verb) && e.Known(op.Version) }

// Check holds the children of n against the elements of an operation: order,
// repetition, required ones, namespaces and the form of every value. Returns a soap fault that names the first thing wrong.
//
// Source: AXL 15.0, which is elementFormDefault="unqualified" and made of
// sequences.
func Check(list []*Element, op Op, n *soap.Node) error {
	at := 0
	var seen map[string]bool
	for i, k := range n.Kids {
		if k.Space != "" {
			return soap.Invalid("Element '{%s}%s': This element is not expected. Children are in no namespace.",
				k.Space, k.Name)
		}
		e, next, err := match(list, op, at, k)
		if err != nil {
			return err
		}
		if next == at-1 && i > 0 && !e.Many {
			return soap.Invalid("Element '%s': This element is not expected a second time.", k.Name)
		}
		at = next + 1
		if len(e.Excludes) > 0 || seen != nil {
			if seen == nil {
				seen = map[string]bool{}
				for _, earlier := range n.Kids[:i] {
					seen[earlier.Name] = true
				}
			}
			for _, x := range e.Excludes {
				if seen[x] {
					return soap.Invalid("Element '%s': This element must not stand beside '%s'.", k.Name, x)
				}
			}
			seen[k.Name] = true
		}
		if err := e.check(op, k); err != nil {
			return err
		}
	}
	if op.Tags {
		return nil
	}
	return missing(list[at:], op, n)
}

// match finds the element of a child at or behind position at; a repeated child
// may stay on the position before it.
func match(list []*Element, op Op, at int, k *soap.Node) (*Element, int, error) {
	if at > 0 && list[at-1].NameIn(op.Verb) == k.Name {
		return list[at-1], at - 1, nil
	}
	for i := at; i < len(list); i++ {
		e := list[i]
		if !op.Has(e) {
			continue
		}
		if e.NameIn(op.Verb) == k.Name {
			return e, i, nil
		}
		if e.Required(op.Verb) && !op.Tags && !excluded(e, list, k.Name) {
			break
		}
	}
	return nil, 0, soap.Invalid("Element '%s': This element is not expected. %s", k.Name, expected(list[at:], op))
}

// excluded reports whether the required element e may be absent because the
// child stands in its place.
func excluded(e *Element, list []*Element, child string) bool {
	for _, o := range list {
		if o.Name != child {
			continue
		}
		if slices.Contains(o.Excludes, e.Name) {
			return true
		}
	}
	return false
}

func expected(list []*Element, op Op) string {
	var names []string
	for _, e := range list {
		if !op.Has(e) {
			continue
		}
		names = append(names, e.NameIn(op.Verb))
		if e.Required(op.Verb) && !op.Tags {
			break
		}
		if len(names) == 12 {
			names = append(names, "...")
			break
		}
	}
	if len(names) == 0 {
		return "Nothing more is expected."
	}
	return "Expected is one of ( " + strings.Join(names, ", ") + " )."
}

func missing(rest []*Element, op Op, n *soap.Node) error {
	for _, e := range rest {
		if op.Has(e) && e.Required(op.Verb) && n.Kid(e.NameIn(op.Verb)) == nil {
			return soap.Invalid("Element '%s': Missing child element(s). Expected is ( %s ).", n.Name,
				e.NameIn(op.Verb))
		}
	}
	return nil
}

var (
	uuidForm = regexp.MustCompile(`^\{[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}$`)
	boolForm = regexp.MustCompile(`^(t|f|true|false|0|1)$`)
)

func (e *Element) check(op Op, k *soap.Node) error {
	if k.Nil() {
		if !e.Nillable {
			return soap.Invalid("Element '%s': xsi:nil is not allowed here.", k.Name)
		}
		return nil
	}
	if u := k.Attr("uuid"); u != "" && !uuidForm.MatchString(u) {
		return soap.Invalid("Element '%s', attribute 'uuid': The value '%s' is not a uuid in braces.", k.Name, u)
	}
	if e.Kind == Group {
		if strings.TrimSpace(k.Text) != "" {
			return soap.Invalid("Element '%s': Character content is not allowed.", k.Name)
		}
		return e.checkGroup(op, k)
	}
	if e.Kind == Any {
		return unqualified(k)
	}
	if len(k.Kids) > 0 {
		return soap.Invalid("Element '%s': Element content is not allowed.", k.Name)
	}
	return e.value(k.Name, k.Text, op)
}

// choices are groups that must hold one of their children; every other group may
// be empty, which clears it. Source: AXL 15.0: sequences with minOccurs 0, choices
// without.
var choices = map[string]bool{
	"lines": true, "addLines": true, "removeLines": true, "customUserFields": true, "externalPresentationInfo": true,
}

func (e *Element) checkGroup(op Op, k *soap.Node) error {
	if len(k.Kids) > 0 || op.Tags {
		return Check(e.Children, op, k)
	}
	if choices[e.Name] {
		return soap.Invalid("Element '%s': Missing child element(s). %s", e.Name, expected(e.Children, op))
	}
	return nil
}

func unqualified(n *soap.Node) error {
	for _, k := range n.Kids {
		if k.Space != "" {
			return soap.Invalid("Element '{%s}%s': children of %s are in no namespace.", k.Space, k.Name, n.Name)
		}
		if err := unqualified(k); err != nil {
			return err
		}
	}
	return nil
}

func (e *Element) value(name, text string, op Op) error {
	bad := func(what string) error {
		return soap.Invalid("Element '%s': The value '%s' is not a valid %s.", name, text, what)
	}
	switch e.Kind {
	case Bool:
		if !boolForm.MatchString(text) && (text != "" || e.Default == "" || op.Tags) {
			return bad("boolean")
		}
	case Int:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil && text != "" {
			return bad("integer")
		}
		if b, ok := bounds[name]; ok && err == nil && !op.Tags && (n < b[0] || n > b[1]) {
			return soap.Invalid("Element '%s': The value '%s' is not between %d and %d.", name, text, b[0], b[1])
		}
	case UUID:
		if !uuidForm.MatchString(text) && (!op.Tags || text != "") {
			return bad("uuid in braces")
		}
	case Enum:
		if text != "" && !op.Tags && !Allowed(e.Arg, text) {
			return bad(e.Arg)
		}
	case Text, FK, Key, TK, Any, Group:
	}
	if e.Max > 0 && !op.Tags && utf8.RuneCountInString(text) > e.Max {
		return soap.Invalid("Element '%s': The value has more than %d characters.", name, e.Max)
	}
	return nil
}

// bounds are the numbers AXL limits. Source: AXL 15.0 XUser.
var bounds = map[string][2]int64{"maxDeskPickupWaitTime": {0, 30_000}, "remoteDestinationLimit": {1, 10}}

// IsUUID reports the schema's form of a uuid, with braces.
func IsUUID(s string) bool { return uuidForm.MatchString(s) }
