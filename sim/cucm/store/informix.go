package store

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// selectHead takes SKIP and FIRST out of an Informix SELECT: they stand right
// behind the word.
var selectHead = regexp.MustCompile(`(?is)^\s*select\s+(?:skip\s+(\d+)\s+)?(?:(?:first|limit)\s+(\d+)\s+)?`)

// rewrites are the functions and operators Informix spells otherwise. They are
// applied outside of quotes only.
var rewrites = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?i)\bnvl\s*\(`), "ifnull("},
	{regexp.MustCompile(`(?i)\bfirst_value\b`), "first_value"},
	{regexp.MustCompile(`(?i)\btoday\b`), "date('now')"},
	{regexp.MustCompile(`(?i)\bcurrent\b`), "datetime('now')"},
	{regexp.MustCompile(`(?i)\bchar_length\s*\(`), "length("},
	{regexp.MustCompile(`(?i)\bunique\b`), "distinct"},
	{regexp.MustCompile(`(?i)\bmatches\b`), "glob"},
	{regexp.MustCompile(`(?i)::\s*\w+(\s*\(\s*\d+\s*\))?`), ""},
	{regexp.MustCompile(`(?i)\bouter\b(\s*\()`), "$1"},
}

// Translate turns one Informix SELECT into SQLite's. Anything but a single
// SELECT is refused with Informix's syntax error.
//
// assumed: the dialect is the part public AXL clients use: SKIP/FIRST, NVL,
// LIKE, MATCHES, casts, joins, subselects, CASE.
func Translate(sql string) (string, error) {
	q := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(sql), ";"))
	head := selectHead.FindStringSubmatchIndex(q)
	if head == nil {
		return "", syntaxError()
	}
	part := func(i int) string {
		if head[i] < 0 {
			return ""
		}
		return q[head[i]:head[i+1]]
	}
	skip, first := part(2), part(4)
	rest, err := body(q[head[1]:])
	if err != nil {
		return "", err
	}
	out := "SELECT " + rest
	if skip != "" || first != "" {
		if first == "" {
			first = "-1"
		}
		out += " LIMIT " + first
		if skip != "" {
			out += " OFFSET " + skip
		}
	}
	return out, nil
}

var (
	endsInLike   = regexp.MustCompile(`(?i)\blike\s*$`)
	beginsEscape = regexp.MustCompile(`(?i)^\s*escape\b`)
)

// body translates what stands behind SELECT: the rewrites outside of literals, and
// the backslash that escapes in LIKE unless the statement names another character.
// Source: Informix Guide to SQL, LIKE operator.
func body(s string) (string, error) {
	list, err := pieces(s)
	if err != nil {
		return "", err
	}
	var shape, out strings.Builder
	for _, p := range list {
		if p.literal {
			shape.WriteString(" '' ")
			continue
		}
		shape.WriteString(p.text)
	}
	if err := guard(shape.String()); err != nil {
		return "", err
	}
	for i, p := range list {
		if !p.literal {
			for _, rw := range rewrites {
				p.text = rw.re.ReplaceAllString(p.text, rw.to)
			}
			out.WriteString(p.text)
			continue
		}
		out.WriteString("'" + strings.ReplaceAll(p.text, "'", "''") + "'")
		if strings.Contains(p.text, `\`) && endsInLike.MatchString(list[i-1].text) && !beginsEscape.MatchString(list[i+1].text) {
			out.WriteString(` ESCAPE '\'`)
		}
	}
	return out.String(), nil
}

var (
	noTable  = regexp.MustCompile(`no such table: (?:\w+\.)?(\w+)`)
	noColumn = regexp.MustCompile(`no such column: (\S+)`)
)

// SQLFault is a failed SELECT in Informix's codes: 201 for syntax, as AXL answers
// it. Source: recorded fault for 201; Informix manual for -206 and -217.
func SQLFault(err error) error {
	msg := err.Error()
	if m := noTable.FindStringSubmatch(msg); m != nil {
		return soap.Faultf(-206, "The specified table (%s) is not in the database.", m[1])
	}
	if m := noColumn.FindStringSubmatch(msg); m != nil {
		return soap.Faultf(-217, "Column (%s) not found in any table in the query (or SLV is undefined).", m[1])
	}
	return soap.Faultf(soap.CodeSQL, "A syntax error has occurred.")
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ColumnName is the element a result column comes back in: its name in lower
// case; the function's name for an aggregate.
//
// assumed: what an expression without a name is called.
func ColumnName(col string, i int) string {
	if plainName.MatchString(col) {
		return strings.ToLower(col)
	}
	if fn, _, ok := strings.Cut(col, "("); ok && plainName.MatchString(strings.TrimSpace(fn)) {
		return strings.ToLower(strings.TrimSpace(fn))
	}
	if _, last, ok := strings.Cut(col, "."); ok && plainName.MatchString(last) {
		return strings.ToLower(last)
	}
	return "unnamed_col_" + strconv.Itoa(i+1)
}

// Cell is a result value as text; NULL is "".
func Cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return Flag(v)
	}
	return ""
}
