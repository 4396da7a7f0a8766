package activities

import (
	"strings"

	"github.com/mozillazg/go-unidecode"
)

// Lengths of the call processor's text fields, in characters.
const (
	labelMax         = 50
	displayASCIIMax  = 50
	alertingASCIIMax = 32
)

// german writes the letters that readers of German and the Nordic languages expect
// as two; everything else is left to unidecode.
var german = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue",
	"ß", "ss", "å", "aa", "Å", "Aa", "ø", "oe", "Ø", "Oe", "æ", "ae", "Æ", "Ae")

// ascii writes a name for displays that know ASCII only, cut to n characters.
func ascii(s string, n int) string {
	return clip(strings.TrimSpace(unidecode.Unidecode(german.Replace(s))), n)
}

// clip cuts to n characters, never inside one.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n]))
	}
	return s
}
