package soap

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// EnvelopeSpace is the namespace of SOAP 1.1 envelopes.
const EnvelopeSpace = "http://schemas.xmlsoap.org/soap/envelope/"

var declared = regexp.MustCompile(`^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']`)

// decode is the document in UTF-8. A document says what it is written in; without
// a word it is UTF-8. Others than the two that AXL clients write are refused.
func decode(data []byte) ([]byte, error) {
	name := "UTF-8"
	if m := declared.FindSubmatch(data[:min(len(data), 200)]); m != nil {
		name = string(m[1])
	}
	switch strings.ToUpper(name) {
	case "UTF-8", "UTF8", "US-ASCII":
		if !utf8.Valid(data) {
			return nil, &SyntaxError{0, "not UTF-8"}
		}
		return data, nil
	case "ISO-8859-1":
		var b bytes.Buffer
		for _, c := range data {
			b.WriteRune(rune(c))
		}
		return b.Bytes(), nil
	}
	return nil, &SyntaxError{0, "encoding " + name + " is not known"}
}
