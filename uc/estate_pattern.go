package uc

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// EndPatterns are the words of PatternAttribute for what calls end at, so that nothing
// else should have a number that such a pattern covers. Routes and translations send
// calls on: a number of our own goes before them, and one that "9.!" covers is free.
var EndPatterns = []string{
	"", "CallPark", "Conference", "Device", "Call Pick Up Group", "Message Waiting", "Hunt Pilot", "Voice Mail Port",
	"Directed Call Park", "Device Intercom",
}

// NumberPattern is a pattern of a call processor, as a rule for digits.
type NumberPattern struct {
	Text       string
	Wild       bool   // it stands for several numbers
	Prefix     string // every number that it covers begins so
	Shortest   int    // digits, a plus included
	Longest    int    // math.MaxInt16 = without end
	Expression string // anchored, read alike by Go and by PostgreSQL; nothing of the pattern is in it as it came
}

// longestPattern is how long a pattern of a call processor can be.
//
// Source: CUCM data dictionary, numplan.dnorpattern; AXL 15.0 pattern has String50.
const longestPattern = 50

// ParseNumberPattern makes a rule of a pattern: X is a digit, [1-5] and [^1-5] one of
// several, ! one or more, ? none or more and + one or more of what stands before it, a
// dot nothing; a leading plus is a plus. Fails with Invalid for what is no such pattern:
// @ is a numbering plan and % of transformations.
//
// Source: CUCM 15 system configuration guide, wildcards and special characters in
// route patterns and hunt pilots.
func ParseNumberPattern(text string) (NumberPattern, error) {
	p := patternReader{rest: strings.TrimPrefix(text, `\`)}
	ok := text != "" && len(text) <= longestPattern
	for ok && p.rest != "" {
		ok = p.next()
	}
	if !ok || len(p.items) == 0 {
		return NumberPattern{}, &Error{Kind: Invalid, Detail: fmt.Sprintf("%q is no pattern that stands for numbers", text)}
	}
	return p.pattern(text), nil
}

// patternItem is one place of a pattern: what may stand there, and how often.
type patternItem struct {
	class    string // as an expression
	literal  bool
	min, max int
}

type patternReader struct {
	rest  string
	items []patternItem
}

const anyDigit = "[0-9]"

// next takes one sign off the rest; it reports whether it knows it.
func (p *patternReader) next() bool {
	sign := p.rest[0]
	p.rest = p.rest[1:]
	switch {
	case sign >= '0' && sign <= '9', sign == '#', sign >= 'A' && sign <= 'D':
		p.add(patternItem{string(sign), true, 1, 1})
	case sign == '*', sign == '+' && len(p.items) == 0:
		p.add(patternItem{`\` + string(sign), true, 1, 1})
	case sign == '\\':
		if !strings.HasPrefix(p.rest, "+") {
			return false
		}
		p.rest = p.rest[1:]
		p.add(patternItem{`\+`, true, 1, 1})
	case sign == 'X', sign == 'x':
		p.add(patternItem{anyDigit, false, 1, 1})
	case sign == '!':
		p.add(patternItem{anyDigit, false, 1, math.MaxInt16})
	case sign == '.':
	case sign == '[':
		return p.set()
	case sign == '?', sign == '+':
		return p.repeat(sign == '?')
	default:
		return false
	}
	return true
}

func (p *patternReader) add(i patternItem) { p.items = append(p.items, i) }

// repeat lets what stands before come more often, or not at all.
func (p *patternReader) repeat(none bool) bool {
	if len(p.items) == 0 {
		return false
	}
	last := &p.items[len(p.items)-1]
	last.max, last.literal = math.MaxInt16, false
	if none {
		last.min = 0
	}
	return true
}

// set reads what stands in brackets.
func (p *patternReader) set() bool {
	inside, rest, closed := strings.Cut(p.rest, "]")
	inside, others := strings.CutPrefix(inside, "^")
	if !closed || inside == "" {
		return false
	}
	p.rest = rest
	var has [10]bool
	for i := 0; i < len(inside); i++ {
		from := inside[i]
		to := from
		switch {
		case from == '*' || from == '#':
			continue
		case from < '0' || from > '9':
			return false
		case i+1 < len(inside) && inside[i+1] == '-':
			if i+2 == len(inside) {
				return false
			}
			to = inside[i+2]
			i += 2
		}
		if to < from || to > '9' {
			return false
		}
		for d := from; d <= to; d++ {
			has[d-'0'] = true
		}
	}
	class := ""
	for d, in := range has {
		if in != others {
			class += string(rune('0' + d))
		}
	}
	if class == "" {
		class = "^0-9" // a star only: no number has one
	}
	p.add(patternItem{"[" + class + "]", false, 1, 1})
	return true
}

func (p *patternReader) pattern(text string) NumberPattern {
	out := NumberPattern{Text: text, Wild: slices.ContainsFunc(p.items, func(i patternItem) bool { return !i.literal })}
	var b strings.Builder
	b.WriteString("^")
	leading := true
	for _, i := range p.items {
		if leading = leading && i.literal; leading {
			out.Prefix += strings.TrimPrefix(i.class, `\`)
		}
		out.Shortest += i.min
		out.Longest = min(out.Longest+i.max, math.MaxInt16)
		b.WriteString(i.class)
		switch {
		case i.max == 1:
		case i.min == 0:
			b.WriteString("*")
		default:
			b.WriteString("+")
		}
	}
	b.WriteString("$")
	out.Expression = b.String()
	return out
}
