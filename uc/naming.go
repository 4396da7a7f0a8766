package uc

import (
	"fmt"
	"regexp"
	"strings"
)

// vars are what a template's names and texts may hold.
func vars(u User, digits, e164 string) *strings.Replacer {
	return strings.NewReplacer("{user}", u.ID, "{USER}", strings.ToUpper(u.ID),
		"{first}", u.FirstName, "{last}", u.LastName, "{number}", digits, "{e164}", e164)
}

// DeskPhoneName is the device name of a desk phone from its MAC address or name:
// SEP and twelve upper-case hex digits.
func DeskPhoneName(mac string) string {
	s := strings.ToUpper(strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(mac))
	if !strings.HasPrefix(s, "SEP") {
		s = "SEP" + s
	}
	return s
}

var notSoftPhone = regexp.MustCompile(`[^A-Z0-9]`)

func allowed(name string) string { return notSoftPhone.ReplaceAllString(strings.ToUpper(name), "") }

// softPhoneMax is the longest name of a soft phone.
const softPhoneMax = 15

// softPhoneName expands the rule and keeps what the device type allows: upper-case
// letters and digits, 15 at most. Fails with Invalid when it is longer, or when
// nothing of the person is left in it: the name would be everybody's.
func softPhoneName(rule string, expand *strings.Replacer) (string, error) {
	name := allowed(expand.Replace(rule))
	if name == "" || name == allowed(vars(User{}, "", "").Replace(rule)) && strings.Contains(rule, "{") {
		return "", &Error{Kind: Invalid, Detail: fmt.Sprintf(
			"soft phone name %q: nothing of the user id can stand in it, use {number} in the template's name rule %q", name, rule)}
	}
	if len(name) > softPhoneMax {
		return "", &Error{Kind: Invalid, Detail: fmt.Sprintf(
			"soft phone name %q has more than %d characters: shorten the template's name rule %q", name, softPhoneMax, rule)}
	}
	return name, nil
}

// clip cuts to n characters, never inside one, without blanks around.
func clip(s string, n int) string {
	s = strings.TrimSpace(s)
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n]))
}
