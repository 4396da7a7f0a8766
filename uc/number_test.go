package uc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseNumberRange(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		text   string
		want   NumberRange
		size   int
		fix    string // in the error; "" = none
	}{
		"one":             {"a single number", "4711", NumberRange{"4711", "4711"}, 1, ""},
		"range":           {"both ends count", "4700-4999", NumberRange{"4700", "4999"}, 300, ""},
		"plus":            {"the plus survives", "+49301234700-+49301234999", NumberRange{"+49301234700", "+49301234999"}, 300, ""},
		"spaces":          {"as people write it", " +49 30 1234700 - +49 30 1234999 ", NumberRange{"+49301234700", "+49301234999"}, 300, ""},
		"zeros":           {"leading zeros are digits", "0000-0009", NumberRange{"0000", "0009"}, 10, ""},
		"most":            {"the most that a range holds", "0000000-0999999", NumberRange{"0000000", "0999999"}, MaxRange, ""},
		"long":            {"longer than a machine word", "99999999999999999999990-99999999999999999999999", NumberRange{"99999999999999999999990", "99999999999999999999999"}, 10, ""},
		"too many":        {"one more", "0000000-1000000", NumberRange{}, 0, "1,000,000"},
		"empty":           {"nothing", "", NumberRange{}, 0, "digits"},
		"letters":         {"a name", "abc", NumberRange{}, 0, "digits"},
		"pattern":         {"a route pattern is not a number", "47XX", NumberRange{}, 0, "digits"},
		"half":            {"no end", "4700-", NumberRange{}, 0, "digits"},
		"three":           {"two dashes", "1-2-3", NumberRange{}, 0, "digits"},
		"negative":        {"a dash first", "-4711", NumberRange{}, 0, "digits"},
		"plus inside":     {"the plus leads", "4+711", NumberRange{}, 0, "digits"},
		"other digits":    {"digits of another script", "٤٧١١", NumberRange{}, 0, "digits"},
		"too long":        {"24 digits", strings.Repeat("1", 24), NumberRange{}, 0, "digits"},
		"down":            {"from above", "4999-4700", NumberRange{}, 0, "lower end"},
		"widths":          {"which width have those between?", "900-1000", NumberRange{}, 0, "same number of digits"},
		"plus on one":     {"which have it between?", "+4700-4999", NumberRange{}, 0, "same number of digits"},
		"plus, same size": {"as long, but only one has it", "+470-4999", NumberRange{}, 0, "same number of digits"},
	}
	for name, c := range cases {
		got, err := ParseNumberRange(c.text)
		if c.fix != "" {
			if !errors.Is(err, Invalid) || !strings.Contains(err.Error(), c.fix) || !strings.Contains(err.Error(), fmt.Sprintf("%q", c.text)) {
				t.Errorf("%s (%s): %v", name, c.reason, err)
			}
			continue
		}
		if err != nil || got != c.want || got.Len() != c.size {
			t.Errorf("%s (%s): %+v of %d, %v", name, c.reason, got, got.Len(), err)
		}
	}
}

func TestNumberRangeAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plus := rapid.SampledFrom([]string{"", "+"}).Draw(t, "plus")
		width := rapid.IntRange(3, 20).Draw(t, "width")
		n := rapid.IntRange(1, 300).Draw(t, "n")
		first := rapid.Int64Range(0, 600).Draw(t, "first")
		text := fmt.Sprintf("%s%0*d-%s%0*d", plus, width, first, plus, width, first+int64(n)-1)
		r, err := ParseNumberRange(text)
		if err != nil {
			t.Fatal(err)
		}
		all := slices.Collect(r.All())
		if len(all) != n || r.Len() != n {
			t.Fatalf("%s: %d numbers, Len %d, want %d", text, len(all), r.Len(), n)
		}
		for i, digits := range all {
			if want := fmt.Sprintf("%s%0*d", plus, width, first+int64(i)); digits != want {
				t.Fatalf("%s: number %d is %s, want %s", text, i, digits, want)
			}
			one, err := ParseNumberRange(digits)
			if err != nil || one.Len() != 1 || one.First != digits {
				t.Fatalf("%s is not a number by itself: %+v, %v", digits, one, err)
			}
		}
		for digits := range r.All() { // it can be left early, and begun again
			if digits != all[0] {
				t.Fatalf("begun again at %s", digits)
			}
			break
		}
	})
}

func TestParseNumberRangeNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[+0-9 -]{0,30}`)).Draw(t, "text")
		r, err := ParseNumberRange(text)
		if err == nil && (r.Len() < 1 || r.Len() > MaxRange || len(r.First) != len(r.Last)) {
			t.Fatalf("%q is %+v of %d", text, r, r.Len())
		}
		if err != nil && KindOf(err) != Invalid {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func TestE164(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, mask, digits, want string }{
		"mask":        {"from the right", "+4930123XXXX", "4711", "+49301234711"},
		"longer":      {"only as many as the mask asks for", "+4930123XXXX", "84711", "+49301234711"},
		"shorter":     {"the mask cannot be filled", "+4930123XXXX", "711", ""},
		"plus":        {"it is one already", "+4930123XXXX", "+4989123", "+4989123"},
		"none":        {"the pool has no mask", "", "4711", ""},
		"plus, none":  {"it needs no mask", "", "+4989123", "+4989123"},
		"constant":    {"a mask without places gives no number of its own", "+4930123", "4711", ""},
		"nothing":     {"no digits", "+4930123XXXX", "", ""},
		"only places": {"country code and places", "+49XXXXXXXX", "30124711", "+4930124711"},
	}
	for name, c := range cases {
		if got := (NumberPool{E164Mask: c.mask}).E164(c.digits); got != c.want {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, got, c.want)
		}
	}
}

func TestE164Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`\+[1-9][0-9]{1,6}`).Draw(t, "prefix")
		places := rapid.IntRange(1, 8).Draw(t, "places")
		p := NumberPool{Name: "p", CallProcessor: "c", Partition: "x", E164Mask: prefix + strings.Repeat("X", places)}
		if problems := (Catalog{Pools: []NumberPool{p}}).Problems(); problems != nil {
			t.Fatalf("%+v: %v", p, problems)
		}
		digits := rapid.StringMatching(fmt.Sprintf(`[0-9]{%d,12}`, places)).Draw(t, "digits")
		got := p.E164(digits)
		if got != prefix+digits[len(digits)-places:] || p.E164(got) != got {
			t.Fatalf("%s of %s is %s", p.E164Mask, digits, got)
		}
	})
}

func TestDirectoryNumber(t *testing.T) {
	t.Parallel()
	n := Number{CallProcessor: "cucm-1", Partition: "PT", Digits: "4711", Pool: "p", State: Assigned}
	if got := n.Directory().String(); got != "4711 in PT on cucm-1" {
		t.Error(got)
	}
	if d := cmp.Diff(7, len(NumberStates)); d != "" {
		t.Error(d)
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for want, n := range map[string]Number{
		"available":           {State: Available},
		"assigned to ann":     {State: Assigned, UserID: "ann", OrderID: "o"},
		"reserved by order o": {State: Reserved, UserID: "ann", OrderID: "o"},
		"held for ann until 2030-01-02T02:04:05Z (returns)":      {State: Held, UserID: "ann", Until: &until, Reason: "returns"},
		"cooling until 2030-01-02T02:04:05Z (given back by ann)": {State: Cooling, UserID: "ann", Until: &until},
		"cooling until 2030-01-02T02:04:05Z":                     {State: Cooling, Until: &until},
		"blocked (reception)":                                    {State: Blocked, Reason: "reception"},
		"foreign (hunt pilot HP1)":                               {State: Foreign, Reason: "hunt pilot HP1"},
	} {
		if got := n.Standing(); got != want {
			t.Errorf("%+v is %q, want %q", n, got, want)
		}
	}
}
