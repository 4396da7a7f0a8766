package axl

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// unresolved reports whether the text holds references or ends of lines, which are not
// what they stand for.
func unresolved(raw []byte) bool {
	return bytes.IndexByte(raw, '&') >= 0 || bytes.IndexByte(raw, '\r') >= 0
}

// resolve returns the text with references replaced and lines ended as XML
// says. The usual text has neither and is returned as it is.
func (s *scanner) resolve(raw []byte) ([]byte, error) {
	if !unresolved(raw) {
		return raw, nil
	}
	s.plain = s.plain[:0]
	done := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\r':
			s.plain = append(s.plain, raw[done:i]...)
			if i+1 == len(raw) || raw[i+1] != '\n' {
				s.plain = append(s.plain, '\n')
			}
			done = i + 1
		case '&':
			end := bytes.IndexByte(raw[i:], ';')
			r, ok := entity(raw[i+1 : max(i+end, i+1)])
			if end < 0 || !ok {
				return nil, fmt.Errorf("the answer holds a broken reference: %.12q", raw[i:])
			}
			s.plain = utf8.AppendRune(append(s.plain, raw[done:i]...), r)
			i += end
			done = i + 1
		}
	}
	s.plain = append(s.plain, raw[done:]...)
	return s.plain, nil
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return rune(n), err == nil && legal(rune(n))
}
