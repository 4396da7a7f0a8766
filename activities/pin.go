package activities

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// pinTries bounds the search for a PIN that no rule forbids; about one in three is
// forbidden, so running out means a broken source of randomness.
const pinTries = 1000

// newPIN draws digits until the PIN passes the rules that call processors and
// voicemail systems share.
func newPIN(digits int, number string) (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	for range pinTries {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			return "", fmt.Errorf("drawing a PIN: %w", err)
		}
		pin := fmt.Sprintf("%0*s", digits, n.String())
		if goodPIN(pin, number) {
			return pin, nil
		}
	}
	return "", &uc.Error{Kind: uc.Internal, Detail: "no PIN passed the rules"}
}

// goodPIN refuses what guessers try first: fewer than three different digits, a
// digit three times in a row, a run of four up or down, a repeated half, and the
// number itself in either direction.
func goodPIN(pin, number string) bool {
	if len(pin) < 5 || distinct(pin) < 3 || trivialRun(pin) {
		return false
	}
	if half := len(pin) / 2; len(pin)%2 == 0 && pin[:half] == pin[half:] {
		return false
	}
	number = strings.TrimPrefix(number, "+")
	return len(number) < 3 || !strings.Contains(pin, number) && !strings.Contains(pin, reversed(number))
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func trivialRun(s string) bool {
	same, up, down := 1, 1, 1
	for i := 1; i < len(s); i++ {
		same, up, down = runLen(s[i] == s[i-1], same), runLen(s[i] == s[i-1]+1, up), runLen(s[i]+1 == s[i-1], down)
		if same >= 3 || up >= 4 || down >= 4 {
			return true
		}
	}
	return false
}

func runLen(goesOn bool, n int) int {
	if goesOn {
		return n + 1
	}
	return 1
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
