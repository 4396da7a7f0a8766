package uc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func ann() Joiner {
	return Joiner{
		User:        User{ID: "ann.oneill", FirstName: "Ann", LastName: "O'Neill", Mail: "ann@example.com"},
		ServiceArea: "berlin",
	}
}

func TestJoinerProblems(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		change func(*Joiner)
		want   []string // fields
	}{
		"good":              {"as it should be", func(*Joiner) {}, nil},
		"all of it":         {"everything is given", func(j *Joiner) { j.ClassOfService, j.DeskPhone = Mobile, "00:1b:d4:aa:bb:cc" }, nil},
		"umlaut":            {"a name may hold any letter", func(j *Joiner) { j.User.ID, j.User.LastName = "müller", "Müller-Lüdenscheidt" }, nil},
		"64 letters":        {"the limit is in characters", func(j *Joiner) { j.User.LastName = strings.Repeat("ü", 64) }, nil},
		"nobody":            {"all that is required", func(j *Joiner) { *j = Joiner{} }, []string{"userId", "lastName", "serviceArea"}},
		"id with space":     {"not a user id", func(j *Joiner) { j.User.ID = "ann oneill" }, []string{"userId"}},
		"id with a dot":     {"it begins with a letter or digit", func(j *Joiner) { j.User.ID = ".ann" }, []string{"userId"}},
		"id too long":       {"129 characters", func(j *Joiner) { j.User.ID = strings.Repeat("a", 129) }, []string{"userId"}},
		"id of wildcard":    {"it is part of LDAP filters and SQL", func(j *Joiner) { j.User.ID = "a*" }, []string{"userId"}},
		"mail with name":    {"one plain address", func(j *Joiner) { j.User.Mail = "Ann <ann@example.com>" }, []string{"mail"}},
		"two mails":         {"one plain address", func(j *Joiner) { j.User.Mail = "a@example.com, b@example.com" }, []string{"mail"}},
		"no mail":           {"no mail is sent then", func(j *Joiner) { j.User.Mail = "" }, nil},
		"mail with newline": {"no header is smuggled in", func(j *Joiner) { j.User.Mail = "ann@example.com\r\nBcc: x@example.com" }, []string{"mail"}},
		"class":             {"not one of the four", func(j *Joiner) { j.ClassOfService = "global" }, []string{"classOfService"}},
		"desk phone":        {"not a MAC address", func(j *Joiner) { j.DeskPhone = "SEP001" }, []string{"deskPhone"}},
		"soft phone":        {"not a desk phone", func(j *Joiner) { j.DeskPhone = "CSFANN" }, []string{"deskPhone"}},
		"two lines":         {"a name has one line", func(j *Joiner) { j.User.FirstName = "Ann\nBea" }, []string{"firstName"}},
		"65 letters":        {"the limit", func(j *Joiner) { j.User.Department = strings.Repeat("x", 65) }, []string{"department"}},
		"zero byte":         {"no database takes it", func(j *Joiner) { j.User.Title = "a\x00" }, []string{"title"}},
		"blank last name":   {"blanks are no name", func(j *Joiner) { j.User.LastName = "  " }, []string{"lastName"}},
		"attribute zero":    {"no database takes it", func(j *Joiner) { j.Attributes = map[string]string{"a": "x\x00"} }, []string{"attributes.a"}},
	}
	for name, c := range cases {
		j := ann()
		c.change(&j)
		var got []string
		for _, p := range j.Problems() {
			got = append(got, p.Field)
			if p.Fix == "" || !strings.HasPrefix(p.String(), p.Field) {
				t.Errorf("%s: %q says not what to do", name, p)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (%s): fields (-want +got):\n%s", name, c.reason, d)
		}
		if err := j.Validate(); (err != nil) != (c.want != nil) || err != nil && !errors.Is(err, Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProblemsError(t *testing.T) {
	t.Parallel()
	if err := ProblemsError(nil); err != nil {
		t.Error(err)
	}
	err := ProblemsError([]Problem{{"userId", "", "give one"}, {"mail", "x", "write one"}})
	if want := `invalid: userId is missing: give one; mail "x": write one`; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestDeskPhoneName(t *testing.T) {
	t.Parallel()
	for _, mac := range []string{"SEP001BD4AABBCC", "001bd4aabbcc", "00:1b:d4:aa:bb:cc", "00-1B-D4-AA-BB-CC", "001b.d4aa.bbcc", "sep001bd4aabbcc", " 001bd4aabbcc "} {
		if got := DeskPhoneName(mac); got != "SEP001BD4AABBCC" {
			t.Errorf("%s is %s", mac, got)
		}
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		user      User
		key, name string
	}{
		"both":  {User{ID: "Ann", FirstName: "Ann", LastName: "Doe"}, "ann", "Ann Doe"},
		"last":  {User{ID: "ANN.Ü", LastName: "Doe"}, "ann.ü", "Doe"},
		"first": {User{FirstName: "Ann"}, "", "Ann"},
	}
	for name, c := range cases {
		if c.user.Key() != c.key || c.user.Name() != c.name {
			t.Errorf("%s: %q, %q", name, c.user.Key(), c.user.Name())
		}
	}
}

func TestJoinerProblemsNeverPanic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		j := Joiner{
			User: User{
				ID: text.Draw(t, "id"), FirstName: text.Draw(t, "first"), LastName: text.Draw(t, "last"), Mail: text.Draw(t, "mail"),
			},
			ServiceArea: text.Draw(t, "area"), DeskPhone: text.Draw(t, "phone"),
		}
		problems := j.Problems()
		if (j.Validate() == nil) != (len(problems) == 0) {
			t.Fatal("problems and no error, or the other way")
		}
		bad := slices.ContainsFunc(problems, func(p Problem) bool { return p.Field == "userId" })
		if !bad && strings.ContainsAny(j.User.ID, "*()\\\x00 \"%<>") {
			t.Fatalf("user id %q passes", j.User.ID)
		}
	})
}
