package store

import (
	"regexp"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// piece is a part of a statement: text, or the content of a string literal.
type piece struct {
	text    string
	literal bool
}

func syntaxError() error { return soap.Faultf(soap.CodeSQL, "A syntax error has occurred.") }

// pieces splits a statement into text and literals; comments become a blank.
// Informix takes double quotes for strings too, and braces for comments.
func pieces(s string) ([]piece, error) {
	var out []piece
	var plain strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "'\"-/{")
		if i < 0 {
			i = len(s)
		}
		plain.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		skip, err := comment(s)
		switch {
		case err != nil:
			return nil, err
		case skip > 0:
			plain.WriteByte(' ')
			s = s[skip:]
		case s[0] != '\'' && s[0] != '"':
			plain.WriteByte(s[0])
			s = s[1:]
		default:
			text, rest, ok := literal(s)
			if !ok {
				return nil, soap.Faultf(-282, "Found a quote for which there is no matching quote.")
			}
			out = append(out, piece{text: plain.String()}, piece{text, true})
			plain.Reset()
			s = rest
		}
	}
	return append(out, piece{text: plain.String()}), nil
}

// comment is how long the comment at the start of s is, 0 for none.
func comment(s string) (int, error) {
	for _, form := range [][2]string{{"--", "\n"}, {"/*", "*/"}, {"{", "}"}} {
		if !strings.HasPrefix(s, form[0]) {
			continue
		}
		end := strings.Index(s, form[1])
		switch {
		case end >= 0:
			return end + len(form[1]), nil
		case form[0] == "--":
			return len(s), nil
		}
		return 0, syntaxError()
	}
	return 0, nil
}

// literal reads the quoted string at the start of s; a doubled quote is one.
func literal(s string) (text, rest string, ok bool) {
	quote := s[:1]
	s = s[1:]
	var b strings.Builder
	for {
		i := strings.Index(s, quote)
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, quote) {
			return b.String(), s, true
		}
		b.WriteString(quote)
		s = s[1:]
	}
}

var (
	called    = regexp.MustCompile(`(?i)\b([a-z_]\w*)\s*\(`)
	ownTable  = regexp.MustCompile(`(?i)\b((?:sqlite|pragma)_\w*|sim_(?:meta|ldapuser))\b`)
	ownColumn = regexp.MustCompile(`(?i)\b(sim_\w*)\b`)
	foreign   = regexp.MustCompile("(?i)[;`\\[\\]]|\\bwith\\b")
	hasFrom   = regexp.MustCompile(`(?i)\bfrom\b`)
	hasGroup  = regexp.MustCompile(`(?i)\bgroup\s+by\b`)
	aggregate = regexp.MustCompile(`(?i)^\s*(?:count|sum|avg|min|max)\s*\(`)
	bare      = regexp.MustCompile(`(?i)^\s*((?:\w+\.)?[a-z_]\w*)(?:\s+(?:as\s+)?\w+)?\s*$`)
)

// routines are the functions of Informix that SQLite has too, and the words of
// SQL that a bracket may follow. Everything else is refused as Informix refuses
// what it does not know: some functions of SQLite make gigabytes from nothing.
var routines = words(`count sum avg min max upper lower nvl substr substring length char_length trim ltrim rtrim
	replace round abs cast coalesce nullif date concat sign floor
	in and or not exists any all some select from where on as when then else case between like matches join by
	having distinct unique union outer is char varchar lvarchar nchar nvarchar decimal numeric`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// guard refuses what SQLite would take and Informix does not. shape is the
// statement with empty literals. Source: Informix error messages -206, -217, -294,
// -674.
func guard(shape string) error {
	if foreign.MatchString(shape) || !hasFrom.MatchString(shape) {
		return syntaxError()
	}
	for _, m := range called.FindAllStringSubmatch(shape, -1) {
		if !routines[strings.ToLower(m[1])] {
			return soap.Faultf(-674, "Routine (%s) can not be resolved.", strings.ToLower(m[1]))
		}
	}
	if m := ownTable.FindStringSubmatch(shape); m != nil {
		return soap.Faultf(-206, "The specified table (%s) is not in the database.", m[1])
	}
	if m := ownColumn.FindStringSubmatch(shape); m != nil {
		return soap.Faultf(-217, "Column (%s) not found in any table in the query (or SLV is undefined).", m[1])
	}
	return grouped(shape)
}

// grouped refuses a column beside an aggregate when nothing is grouped.
func grouped(shape string) error {
	if hasGroup.MatchString(shape) {
		return nil
	}
	var column string
	counts := false
	for _, item := range projection(shape) {
		counts = counts || aggregate.MatchString(item)
		if m := bare.FindStringSubmatch(item); m != nil {
			column = m[1]
		}
	}
	if counts && column != "" {
		return soap.Faultf(-294, "The column (%s) must be in the GROUP BY list.", column)
	}
	return nil
}

// projection are the items between SELECT and its FROM.
func projection(shape string) []string {
	var items []string
	depth, start := 0, 0
	for i := range len(shape) {
		switch c := shape[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && c == ',':
			items = append(items, shape[start:i])
			start = i + 1
		case depth == 0 && (c == 'f' || c == 'F') && i > start && !isWord(shape[i-1]) &&
			len(shape) > i+4 && strings.EqualFold(shape[i:i+4], "from") && !isWord(shape[i+4]):
			return append(items, shape[start:i])
		}
	}
	return items
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
