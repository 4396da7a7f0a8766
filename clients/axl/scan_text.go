package axl

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// resolve returns the text with references replaced and lines ended as XML
// says. The usual text has neither and is returned as it is.
func (s *scanner) resolve(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw, nil
	}
	s.plain = s.plain[:0]
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\r':
			if i+1 == len(raw) || raw[i+1] != '\n' {
				s.plain = append(s.plain, '\n')
			}
		case '&':
			end := bytes.IndexByte(raw[i:], ';')
			r, ok := entity(raw[i+1 : max(i+end, i+1)])
			if end < 0 || !ok {
				return nil, fmt.Errorf("the answer holds a broken reference: %.12q", raw[i:])
			}
			s.plain = utf8.AppendRune(s.plain, r)
			i += end
		default:
			s.plain = append(s.plain, raw[i])
		}
	}
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
