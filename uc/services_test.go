package uc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func office() (ServiceArea, Template, NumberPool) {
	area := ServiceArea{
		Name: "berlin", Domain: "corp", CallProcessor: "cucm-1", Pool: "berlin", Template: "office", DevicePool: "DP_Berlin",
		DeviceCSS: "CSS_Device", ClassOfService: National, LDAPAgreement: "corp", PickupGroup: "PG", Voicemail: "VM", UserLocale: "German Germany",
		LineCSS: map[ClassOfService]string{National: "CSS_National", Mobile: "CSS_Mobile"},
	}
	template := Template{
		Name: "office",
		DeviceProfile: DeviceProfileTemplate{
			Name: "{user}-em", Product: "Cisco 8845", Protocol: "SIP", ButtonTemplate: "Standard 8845 SIP", Service: "EM",
		},
		SoftPhones: []PhoneTemplate{{Name: "CSF{USER}", Product: "Cisco Unified Client Services Framework", Protocol: "SIP", ButtonTemplate: "B", SecurityProfile: "S"}},
		Line:       LineTemplate{ForwardBusy: "voicemail", ForwardNoAnswer: "{number}9", NoAnswerSeconds: 20},
		User:       UserTemplate{Groups: []string{"Standard CCM End Users"}, CTI: true, SelfService: "{number}"},
	}
	return area, template, NumberPool{Name: "berlin", CallProcessor: "cucm-1", Partition: "PT", E164Mask: "+4930123XXXX"}
}

func TestPlanServices(t *testing.T) {
	t.Parallel()
	area, template, pool := office()
	j := ann()
	j.DeskPhone = "00:1b:d4:aa:bb:cc"
	got, err := PlanServices(j, area, template, pool, "4711")
	if err != nil {
		t.Fatal(err)
	}
	number := DirectoryNumber{"cucm-1", "PT", "4711"}
	want := Services{
		CallProcessor: "cucm-1", Number: number, E164: "+49301234711",
		User: UserService{
			User: j.User, LDAPAgreement: "corp", Locale: "German Germany", Groups: []string{"Standard CCM End Users"},
			PresenceGroup: "Standard Presence group", CTI: true, SelfService: "4711", PINDigits: 8,
		},
		DeviceProfile: DeviceProfile{
			Name: "ann.oneill-em", Description: "Ann O'Neill", Product: "Cisco 8845", Protocol: "SIP",
			ButtonTemplate: "Standard 8845 SIP", Service: "EM",
		},
		Line: Line{
			Number: number, Description: "Ann O'Neill", AlertingName: "Ann O'Neill", Display: "Ann O'Neill",
			ExternalMask: "+49301234711", CSS: "CSS_National", VoicemailProfile: "VM", PickupGroup: "PG",
			PresenceGroup: "Standard Presence group", ForwardBusy: Forward{Voicemail: true},
			ForwardNoAnswer: Forward{Destination: "47119", Seconds: 20}, MaxCalls: 4, BusyTrigger: 2,
		},
		Phones: []Phone{
			{
				Name: "CSFANNONEILL", Description: "Ann O'Neill", Product: "Cisco Unified Client Services Framework", Protocol: "SIP",
				ButtonTemplate: "B", SecurityProfile: "S", DevicePool: "DP_Berlin", Location: "Hub_None", CSS: "CSS_Device",
			},
			{Name: "SEP001BD4AABBCC", Desk: true},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("services (-want +got):\n%s", d)
	}
}

func TestPlanServicesVaries(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		change func(*Joiner, *ServiceArea, *Template, *NumberPool)
		look   func(Services) string
		want   string
	}{
		"class asked for": {
			"the joiner's class goes before the area's", func(j *Joiner, _ *ServiceArea, _ *Template, _ *NumberPool) { j.ClassOfService = Mobile },
			func(s Services) string { return s.Line.CSS }, "CSS_Mobile",
		},
		"no voicemail": {
			"no profile, and no call goes there", func(j *Joiner, _ *ServiceArea, _ *Template, _ *NumberPool) { j.Voicemail = new(bool) },
			func(s Services) string { return fmt.Sprint(s.Line.VoicemailProfile, s.Line.ForwardBusy) }, "{false  0}",
		},
		"class without a space": {
			"the area names none", func(j *Joiner, _ *ServiceArea, _ *Template, _ *NumberPool) { j.ClassOfService = Local },
			func(s Services) string { return s.Line.CSS }, "",
		},
		"no first name": {
			"no blank before the name", func(j *Joiner, _ *ServiceArea, _ *Template, _ *NumberPool) { j.User.FirstName = "" },
			func(s Services) string {
				return s.Line.Display + "|" + s.Line.AlertingName + "|" + s.DeviceProfile.Description
			}, "O'Neill|O'Neill|O'Neill",
		},
		"no mask": {
			"no E.164 form, no external mask", func(_ *Joiner, _ *ServiceArea, _ *Template, p *NumberPool) { p.E164Mask = "" },
			func(s Services) string { return s.E164 + s.Line.ExternalMask }, "",
		},
		"texts of the template": {
			"all the words", func(_ *Joiner, _ *ServiceArea, x *Template, _ *NumberPool) {
				x.Line.Display, x.Line.AlertingName, x.Line.ExternalMask = "{last}, {first}", "{user}/{USER}", "{e164}:{number}"
			},
			func(s Services) string { return s.Line.Display + "|" + s.Line.AlertingName + "|" + s.Line.ExternalMask },
			"O'Neill, Ann|ann.oneill/ANN.ONEILL|+49301234711:4711",
		},
		"words in a name": {
			"what a person is called is not expanded", func(j *Joiner, _ *ServiceArea, _ *Template, _ *NumberPool) { j.User.LastName = "{number}" },
			func(s Services) string { return s.Line.Display }, "Ann {number}",
		},
		"location": {
			"the area's", func(_ *Joiner, a *ServiceArea, _ *Template, _ *NumberPool) { a.Location = "Berlin" },
			func(s Services) string { return s.Phones[0].Location }, "Berlin",
		},
	}
	for name, c := range cases {
		j := ann()
		area, template, pool := office()
		c.change(&j, &area, &template, &pool)
		s, err := PlanServices(j, area, template, pool, "4711")
		if err != nil || c.look(s) != c.want {
			t.Errorf("%s (%s): %q, %v; want %q", name, c.reason, c.look(s), err, c.want)
		}
	}
}

func TestSoftPhoneName(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, rule, user, want string
	}{
		"plain":     {"prefix and user id", "CSF{USER}", "ann", "CSFANN"},
		"lower":     {"names are upper case", "csf{user}", "ann", "CSFANN"},
		"others":    {"what the name may not hold goes", "BOT{USER}", "ann.o'neill-2@x", "BOTANNONEILL2X"},
		"fits":      {"fifteen", "CSF{USER}", "abcdefghijkl", "CSFABCDEFGHIJKL"},
		"number":    {"by number", "TCT{number}", "ann", "TCT4711"},
		"too long":  {"sixteen", "CSF{USER}", "abcdefghijklm", ""},
		"nothing":   {"no letter is left", "{USER}", "李", ""},
		"umlaut id": {"only the prefix is left: it would be everybody's", "CSF{USER}", "李", ""},
	}
	for name, c := range cases {
		got, err := softPhoneName(c.rule, vars(User{ID: c.user}, "4711", ""))
		if got != c.want || (c.want == "") != errors.Is(err, Invalid) {
			t.Errorf("%s (%s): %q, %v; want %q", name, c.reason, got, err, c.want)
		}
	}
	j := ann()
	j.User.ID = "a.very.long.user.id"
	area, template, pool := office()
	if _, err := PlanServices(j, area, template, pool, "4711"); !errors.Is(err, Invalid) || !strings.Contains(err.Error(), "CSF{USER}") {
		t.Errorf("a name that cannot be built: %v", err)
	}
}

func TestPlanServicesLengths(t *testing.T) {
	t.Parallel()
	area, template, pool := office()
	template.SoftPhones = nil
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-zäöüÄÖÜßçéŁ' -]{1,64}`)
		j := Joiner{User: User{ID: "ann", FirstName: name.Draw(t, "first"), LastName: name.Draw(t, "last")}, ServiceArea: "berlin"}
		s, err := PlanServices(j, area, template, pool, "4711")
		if err != nil {
			t.Fatal(err)
		}
		for field, v := range map[string]struct {
			text string
			most int
		}{
			"display": {s.Line.Display, 50}, "alerting name": {s.Line.AlertingName, 50},
			"description": {s.Line.Description, 128}, "profile description": {s.DeviceProfile.Description, 128},
		} {
			if n := utf8.RuneCountInString(v.text); n > v.most || !utf8.ValidString(v.text) || v.text != strings.TrimSpace(v.text) {
				t.Fatalf("%s has %d characters: %q", field, n, v.text)
			}
		}
	})
}
