package axl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// UUID is AXL's identifier of an object: lower case, without braces. AXL
// writes {UPPER CASE}, its SQL tables the form used here.
type UUID string

// uuidForm has a hyphen where an identifier has one.
const uuidForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

// Valid reports whether the identifier is in the form used here: hex digits and
// hyphens only.
func (u UUID) Valid() bool {
	if len(u) != len(uuidForm) || u[8] != '-' || u[13] != '-' || u[18] != '-' || u[23] != '-' {
		return false
	}
	digits := 0
	for i := range len(u) {
		digits += hexDigit[u[i]]
	}
	return digits == len(uuidForm)-len("----")
}

// hexDigit is 1 for the digits of an identifier.
var hexDigit = func() (is [256]int) {
	for _, b := range []byte("0123456789abcdef") {
		is[b] = 1
	}
	return is
}()

func parseUUID(s string) (UUID, error) {
	u := readUUID(s)
	if !u.Valid() {
		return "", fmt.Errorf("the answer holds no object id but %q", s)
	}
	return u, nil
}

// readUUID brings an identifier into the form used here. Almost all are {UPPER CASE} or
// have it already.
func readUUID[T string | []byte](s T) UUID {
	if n := len(s); n == len("{}")+len(uuidForm) && s[0] == '{' && s[n-1] == '}' {
		s = s[1 : n-1]
	}
	if len(s) == len(uuidForm) {
		var lower [len(uuidForm)]byte
		for i := range len(lower) {
			if lower[i] = s[i]; s[i] >= 'A' && s[i] <= 'F' {
				lower[i] += 'a' - 'A'
			}
		}
		if u := UUID(lower[:]); u.Valid() {
			return u
		}
	}
	return UUID(strings.ToLower(strings.Trim(strings.TrimSpace(string(s)), "{}")))
}

// Set is a field that is sent with this value, be it false or zero.
func Set[T any](v T) *T { return &v }

// Clear is a field that is sent empty: a text or reference is cleared, a list
// emptied, a boolean set to false. A nil field is not sent: an update leaves
// it as it is, an add gives it AXL's default.
func Clear[T any]() *T { return new(T) }

// value is what a field read from an answer holds; absent means zero.
func value[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

func refName(f *gen.Fk) *string { return Set(fkName(f)) }

// number writes AXL's integer, which is a text as it may be empty.
func number(n *int) *string {
	if n == nil {
		return nil
	}
	return Set(strconv.Itoa(*n))
}

// readNumber reads AXL's integer; one that is absent or empty is 0.
func readNumber(s *string) int {
	n, err := strconv.Atoi(strings.TrimSpace(*value(s)))
	if err != nil {
		return 0
	}
	return n
}

// wirePattern escapes the plus of an E.164 pattern, where a bare one would be
// a wildcard. Source: fault "The first character cannot be a plus sign".
func wirePattern(p string) string {
	if strings.HasPrefix(p, "+") {
		return `\` + p
	}
	return p
}

func readPattern(p string) string {
	if strings.HasPrefix(p, `\+`) {
		return p[1:]
	}
	return p
}
