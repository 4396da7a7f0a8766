package uc_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/uc"
)

func TestParseNumberPattern(t *testing.T) {
	t.Parallel()
	for text, tc := range map[string]struct {
		reason     string
		wild       bool
		prefix     string
		covers     string
		coversNone string
	}{
		"4711":           {"digits are themselves", false, "4711", "4711", "471 47111 14711"},
		"49XX":           {"X is one digit", true, "49", "4900 4999", "490 49000 5900 +4900 49X0"},
		"49xx":           {"however it is written", true, "49", "4912", "491"},
		"4[1-35]0":       {"some of the digits", true, "4", "410 420 430 450", "440 400 4"},
		"4[^1-35]0":      {"all others", true, "4", "400 440 460", "410 450"},
		"4[*#]":          {"no number has a star", true, "4", "", "4 40 4*x"},
		`\+4930!`:        {"a plus, and one digit or more", true, "+4930", "+49301 +493012345", "+4930 49301"},
		"+4930X":         {"the plus that a reader left", true, "+4930", "+49301", "+4930 4930"},
		"12?3":           {"none or more of the one before", true, "1", "13 123 12223", "12 113"},
		"12+3":           {"one or more", true, "1", "123 1223", "13"},
		"5X+?":           {"the last word about how often", true, "5", "5 51 5123", "6"},
		"6!?":            {"none or more of anything", true, "6", "6 61", "7"},
		"9.49XX":         {"a dot is nothing", true, "949", "94900", "9.4900 9490"},
		"*49":            {"a star is a star", false, "*49", "*49", "49 949"},
		"!":              {"everything", true, "", "1 123456", "+1"},
		"[0-9][0-9]":     {"two sets", true, "", "42", "4 421"},
		`1\+2`:           {"a plus inside", false, "1+2", "1+2", "12 112"},
		"A1":             {"a letter is a key", false, "A1", "A1", "1"},
		"47$|.*":         {reason: "nothing of an expression is one"},
		"(4)":            {reason: "nor this"},
		"9.@":            {reason: "a numbering plan"},
		"4%":             {reason: "of transformations"},
		"":               {reason: "nothing"},
		".":              {reason: "nothing but a dot"},
		"?1":             {reason: "nothing to repeat"},
		"4[":             {reason: "not closed"},
		"4[]":            {reason: "empty"},
		"4[1-]":          {reason: "half a range"},
		"4[5-1]":         {reason: "a range backwards"},
		"4[a-z]":         {reason: "letters"},
		`4\d`:            {reason: "an escape"},
		"4 711":          {reason: "a space"},
		"4711\n":         {reason: "a line"},
		longPattern("X"): {reason: "longer than any"},
	} {
		p, err := uc.ParseNumberPattern(text)
		if tc.covers+tc.coversNone == "" {
			if !errors.Is(err, uc.Invalid) {
				t.Errorf("%s: %q is %+v, %v", tc.reason, text, p, err)
			}
			continue
		}
		if err != nil || p.Wild != tc.wild || p.Prefix != tc.prefix || p.Text != text {
			t.Errorf("%s: %+v, %v", tc.reason, p, err)
			continue
		}
		covers := regexp.MustCompile(p.Expression)
		for digits := range strings.FieldsSeq(tc.covers) {
			if !covers.MatchString(digits) || !strings.HasPrefix(digits, p.Prefix) || len(digits) < p.Shortest || len(digits) > p.Longest {
				t.Errorf("%s: %s does not cover %s: %+v", tc.reason, text, digits, p)
			}
		}
		for digits := range strings.FieldsSeq(tc.coversNone) {
			if covers.MatchString(digits) {
				t.Errorf("%s: %s covers %s: %+v", tc.reason, text, digits, p)
			}
		}
	}
}

func longPattern(sign string) string { return strings.Repeat(sign, 51) }

// FuzzNumberPattern: whatever a call processor sends, the rule is an expression that
// can be read, anchored at both ends.
func FuzzNumberPattern(f *testing.F) {
	for _, text := range []string{"49XX", "4[^1-35]0", `\+4930!`, "12?3", "[[", "^$", "X+?!", "9.@"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := uc.ParseNumberPattern(text)
		if err != nil {
			return
		}
		if !strings.HasPrefix(p.Expression, "^") || !strings.HasSuffix(p.Expression, "$") || p.Shortest > p.Longest {
			t.Errorf("%q: %+v", text, p)
		}
		if _, err := regexp.Compile(p.Expression); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
