package uc

import (
	"cmp"
	"fmt"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Joiner is the input of one joiner: who starts, where and when.
type Joiner struct {
	User           User              `json:"user"`
	ServiceArea    string            `json:"serviceArea"`
	StartAt        time.Time         `json:"startAt,omitzero"`         // zero = now
	ClassOfService ClassOfService    `json:"classOfService,omitempty"` // "" = the service area's
	DeskPhone      string            `json:"deskPhone,omitempty"`      // SEP name or MAC of a given desk phone; "" = none
	NumberWanted   bool              `json:"numberWanted,omitempty"`   // an explicit request: overrides on-demand
	Voicemail      *bool             `json:"voicemail,omitempty"`      // false: none; otherwise as the service area says
	Attributes     map[string]string `json:"attributes,omitempty"`     // HR attributes that the domain's rules look at
}

// Problem is one thing wrong with an input: the field, the value it had, and what
// to do about it.
type Problem struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Fix   string `json:"fix"`
}

// String is one sentence.
func (p Problem) String() string {
	if p.Value == "" {
		return fmt.Sprintf("%s is missing: %s", p.Field, p.Fix)
	}
	return fmt.Sprintf("%s %q: %s", p.Field, p.Value, p.Fix)
}

var (
	userIDForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@'-]{0,127}$`)
	macForm    = regexp.MustCompile(`^(SEP)?[0-9A-F]{12}$`)
)

// Problems lists what is wrong with the joiner on its own; nil when nothing is.
func (j Joiner) Problems() []Problem {
	var out []Problem
	add := func(field, value, fix string) { out = append(out, Problem{field, value, fix}) }
	switch {
	case j.User.ID == "":
		add("userId", "", "give the user id of the person")
	case !userIDForm.MatchString(j.User.ID):
		add("userId", j.User.ID, "use letters, digits and . _ @ ' - only, 128 at most")
	}
	if strings.TrimSpace(j.User.LastName) == "" {
		add("lastName", "", "the call processor requires one")
	}
	if j.ServiceArea == "" {
		add("serviceArea", "", "name the service area of the person")
	}
	if j.User.Mail != "" {
		if a, err := mail.ParseAddress(j.User.Mail); err != nil || a.Address != j.User.Mail {
			add("mail", j.User.Mail, "write one plain address like ann@example.com")
		}
	}
	if j.ClassOfService != "" && !j.ClassOfService.Valid() {
		add("classOfService", string(j.ClassOfService), "use local, national, mobile or international")
	}
	if j.DeskPhone != "" && !macForm.MatchString(DeskPhoneName(j.DeskPhone)) {
		add("deskPhone", j.DeskPhone, "write the MAC address (12 hex digits) or SEP and the MAC address")
	}
	for _, f := range []struct{ field, value string }{
		{"firstName", j.User.FirstName},
		{"lastName", j.User.LastName},
		{"department", j.User.Department},
		{"title", j.User.Title},
		{"employeeId", j.User.EmployeeID},
	} {
		if strings.ContainsAny(f.value, "\r\n\x00") || len([]rune(f.value)) > 64 {
			add(f.field, f.value, "64 characters at most, on one line")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.Attributes)) {
		if strings.ContainsRune(name+j.Attributes[name], 0) {
			add("attributes."+name, j.Attributes[name], "leave out the zero character")
		}
	}
	return out
}

// Filled is the joiner with what is known of the person and what it does not say itself:
// HR's record decides what it says, and silence takes nothing away. A desk phone is only
// known on, for the person has the phones that stand among the services. With another
// employee id it is somebody else, to whom the user id was given again.
func (j Joiner) Filled(known Joiner) (all Joiner, deskPhone string) {
	now, was := &j.User, known.User
	if now.EmployeeID != "" && was.EmployeeID != "" && !strings.EqualFold(now.EmployeeID, was.EmployeeID) {
		return j, ""
	}
	for _, field := range []struct {
		to   *string
		from string
	}{
		{&now.EmployeeID, was.EmployeeID},
		{&now.DirectoryID, was.DirectoryID},
		{&now.FirstName, was.FirstName},
		{&now.LastName, was.LastName},
		{&now.Mail, was.Mail},
		{&now.Department, was.Department},
		{&now.Title, was.Title},
	} {
		*field.to = cmp.Or(*field.to, field.from)
	}
	j.ClassOfService = cmp.Or(j.ClassOfService, known.ClassOfService)
	j.NumberWanted = j.NumberWanted || known.NumberWanted
	if j.Voicemail == nil {
		j.Voicemail = known.Voicemail
	}
	if len(known.Attributes) > 0 {
		attributes := maps.Clone(known.Attributes)
		//workflowcheck:ignore Each name is set, whichever comes first.
		maps.Copy(attributes, j.Attributes)
		j.Attributes = attributes
	}
	return j, known.DeskPhone
}

// Validate returns the problems as one Invalid error; nil when there are none.
func (j Joiner) Validate() error { return ProblemsError(j.Problems()) }

// ProblemsError joins problems into one Invalid error of one line; nil for none.
func ProblemsError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	all := make([]string, len(problems))
	for i, p := range problems {
		all[i] = p.String()
	}
	return &Error{Kind: Invalid, Detail: strings.Join(all, "; ")}
}
