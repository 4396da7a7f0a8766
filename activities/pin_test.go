package activities

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGoodPIN(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason, pin, number string
		want                bool
	}{
		"random":          {"nothing is wrong with it", "58203917", "4711", true},
		"two digits only": {"fewer than three different digits are guessed first", "12121212", "", false},
		"same thrice":     {"a digit three times in a row is trivial", "58222913", "", false},
		"run up":          {"four in a row up are trivial", "91234806", "", false},
		"run down":        {"four in a row down are trivial", "94321806", "", false},
		"repeated half":   {"a repeated group is trivial", "58205820", "", false},
		"the number":      {"the own number is guessed first", "58471193", "4711", false},
		"reversed":        {"the reversed number, too", "58117493", "4711", false},
		"short":           {"the policy wants five digits at least", "5820", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := goodPIN(tt.pin, tt.number); got != tt.want {
				t.Errorf("goodPIN(%q, %q) = %v: %s", tt.pin, tt.number, got, tt.reason)
			}
		})
	}
}

func TestNewPINConforms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(6, 20).Draw(t, "digits")
		number := rapid.StringMatching(`\+?[0-9]{3,12}`).Draw(t, "number")
		pin, err := newPIN(digits, number)
		if err != nil {
			t.Fatal(err)
		}
		if len(pin) != digits || strings.Trim(pin, "0123456789") != "" || !goodPIN(pin, number) {
			t.Fatalf("PIN of %d digits for %s does not conform", digits, number)
		}
	})
}

func TestASCII(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ reason, in, want string }{
		"umlauts":    {"readers of German expect two letters", "Jörg Müßig-Ähler", "Joerg Muessig-Aehler"},
		"apostrophe": {"it is ASCII and stays", "Aoife O'Brien", "Aoife O'Brien"},
		"nordic":     {"two letters as well", "Åse Bjørk", "Aase Bjoerk"},
		"accents":    {"the letter without its accent", "José Gonçalves", "Jose Goncalves"},
		"cut":        {"the field holds 32 characters", strings.Repeat("ab", 20), strings.Repeat("ab", 16)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ascii(tt.in, 32); got != tt.want {
				t.Errorf("ascii(%q) = %q, want %q: %s", tt.in, got, tt.want, tt.reason)
			}
		})
	}
}
