package directory

import (
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// truth is the three-valued result of a filter: what names an unknown attribute
// or rule is undefined, and "not undefined" stays undefined.
//
// Source: RFC 4511 4.5.1.7.
type truth int8

const (
	no truth = iota
	yes
	undefined
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// Source: the Active Directory matching rules LDAP_MATCHING_RULE_BIT_AND and _OR.
const (
	ruleBitAnd = "1.2.840.113556.1.4.803"
	ruleBitOr  = "1.2.840.113556.1.4.804"
)

// evaluate applies a filter, as ldap.CompileFilter builds it and the wire
// carries it, to the attributes of one entry. It never panics: a malformed part
// is undefined.
func evaluate(f *ber.Packet, attrs map[string][]string) truth {
	if f == nil || f.Data == nil {
		return undefined
	}
	switch f.Tag {
	case ldap.FilterAnd, ldap.FilterOr:
		return evaluateSet(f, attrs)
	case ldap.FilterNot:
		if len(f.Children) != 1 {
			return undefined
		}
		switch evaluate(f.Children[0], attrs) {
		case yes:
			return no
		case no:
			return yes
		default:
			return undefined
		}
	case ldap.FilterPresent:
		key := strings.ToLower(f.Data.String())
		if _, known := schema[key]; !known {
			return undefined
		}
		return truthOf(len(attrs[key]) > 0)
	case ldap.FilterExtensibleMatch:
		return evaluateRule(f, attrs)
	case ldap.FilterSubstrings, ldap.FilterEqualityMatch, ldap.FilterApproxMatch,
		ldap.FilterGreaterOrEqual, ldap.FilterLessOrEqual:
		return evaluateAssertion(f, attrs)
	default:
		return undefined
	}
}

// evaluateSet is and, or: one deciding child decides, an undefined one taints.
func evaluateSet(f *ber.Packet, attrs map[string][]string) truth {
	decides, out := no, yes
	if f.Tag == ldap.FilterOr {
		decides, out = yes, no
	}
	for _, child := range f.Children {
		got := evaluate(child, attrs)
		if got == decides {
			return decides
		}
		if got == undefined {
			out = undefined
		}
	}
	return out
}

func evaluateAssertion(f *ber.Packet, attrs map[string][]string) truth {
	if len(f.Children) != 2 || f.Children[0].Data == nil || f.Children[1].Data == nil {
		return undefined
	}
	key := strings.ToLower(f.Children[0].Data.String())
	a, known := schema[key]
	if !known {
		return undefined
	}
	if f.Tag == ldap.FilterSubstrings {
		for _, v := range attrs[key] {
			if matchSubstrings(strings.ToLower(v), f.Children[1].Children) {
				return yes
			}
		}
		return no
	}
	want := f.Children[1].Data.String()
	if key == "objectcategory" && !strings.Contains(want, "=") {
		return truthOf(len(attrs[key]) > 0 &&
			strings.HasPrefix(strings.ToLower(attrs[key][0]), "cn="+strings.ToLower(want)+","))
	}
	for _, v := range attrs[key] {
		if compare(a, f.Tag, v, want) {
			return yes
		}
	}
	return no
}

func compare(a attribute, op ber.Tag, have, want string) bool {
	order := 0
	if a.syntax == integer {
		x, errX := strconv.ParseInt(have, 10, 64)
		y, errY := strconv.ParseInt(want, 10, 64)
		if errX != nil || errY != nil {
			return false
		}
		switch {
		case x < y:
			order = -1
		case x > y:
			order = 1
		}
	} else {
		order = strings.Compare(a.fold(have), a.fold(want))
	}
	switch op {
	case ldap.FilterGreaterOrEqual:
		return order >= 0
	case ldap.FilterLessOrEqual:
		return order <= 0
	default:
		return order == 0
	}
}

// matchSubstrings looks for the pieces in order; v is in lower case already.
func matchSubstrings(v string, pieces []*ber.Packet) bool {
	for _, p := range pieces {
		if p.Data == nil {
			return false
		}
		piece := strings.ToLower(p.Data.String())
		switch p.Tag {
		case ldap.FilterSubstringsInitial:
			rest, ok := strings.CutPrefix(v, piece)
			if !ok {
				return false
			}
			v = rest
		case ldap.FilterSubstringsFinal:
			return strings.HasSuffix(v, piece)
		default:
			_, rest, ok := strings.Cut(v, piece)
			if !ok {
				return false
			}
			v = rest
		}
	}
	return len(pieces) > 0
}

// evaluateRule is the extensible match; only the two bitwise rules are known.
func evaluateRule(f *ber.Packet, attrs map[string][]string) truth {
	var rule, key, value string
	for _, p := range f.Children {
		if p.Data == nil {
			return undefined
		}
		switch p.Tag {
		case ldap.MatchingRuleAssertionMatchingRule:
			rule = p.Data.String()
		case ldap.MatchingRuleAssertionType:
			key = strings.ToLower(p.Data.String())
		case ldap.MatchingRuleAssertionMatchValue:
			value = p.Data.String()
		default: // matching on the DN's parts is not played
		}
	}
	mask, err := strconv.ParseInt(value, 10, 64)
	if err != nil || schema[key].syntax != integer || (rule != ruleBitAnd && rule != ruleBitOr) {
		return undefined
	}
	for _, v := range attrs[key] {
		have, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			continue
		}
		if (rule == ruleBitAnd && have&mask == mask) || (rule == ruleBitOr && have&mask != 0) {
			return yes
		}
	}
	return no
}
