package soap

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// pieces joins text that comments and children interrupt, without copying the
// usual single piece.
type pieces struct {
	first string
	more  strings.Builder
}

func (p *pieces) add(t string) {
	switch {
	case p.more.Len() > 0:
		p.more.WriteString(t)
	case p.first == "":
		p.first = t
	default:
		p.more.WriteString(p.first)
		p.more.WriteString(t)
	}
}

// String is all of it.
func (p *pieces) String() string {
	if p.more.Len() > 0 {
		return p.more.String()
	}
	return p.first
}

func (sc *scanner) cdata(into *pieces) error {
	start := sc.pos + len("<![CDATA[")
	if err := sc.until("]]>"); err != nil {
		return err
	}
	text := sc.s[start : sc.pos-3]
	if i := illegal(text); i >= 0 {
		return sc.fail("character %U is not allowed", text[i])
	}
	into.add(text)
	return nil
}

// illegal finds the first byte below U+0020 that XML 1.0 forbids.
func illegal(s string) int {
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
	}
	return -1
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

func (sc *scanner) unescape(s string) (string, error) {
	if i := illegal(s); i >= 0 {
		return "", sc.fail("character %U is not allowed", s[i])
	}
	if !strings.Contains(s, "&") {
		return s, nil
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		ref, after, ok := strings.Cut(rest, ";")
		if !ok {
			return "", sc.fail("a reference does not end")
		}
		text, err := sc.reference(ref)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		s = after
	}
}

func (sc *scanner) reference(ref string) (string, error) {
	if text, ok := entities[ref]; ok {
		return text, nil
	}
	digits, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", sc.fail("entity %.20q is not known", ref)
	}
	base := 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n < 0x20 && n != 9 && n != 10 && n != 13 {
		return "", sc.fail("character reference %.20q is not allowed", ref)
	}
	return string(rune(n)), nil
}
