package uc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oldDesk = "SEP001122334455"
	newDesk = "SEPAABBCCDDEEFF"
)

// withPhones is ann with the phones and the number 4711.
func withPhones(phones ...Phone) Person {
	return Person{
		UserID: "ann.oneill", State: Active, Joiner: ann(),
		Services: &Services{Number: DirectoryNumber{"cucm-1", "PT", "4711"}, Phones: phones},
	}
}

func TestPhoneChangeProblems(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		change PhoneChange
		field  string // "" = nothing is wrong
	}{
		"assign":       {"a MAC address", PhoneChange{"ann", PhoneAssign, "00:11:22:33:44:55", ""}, ""},
		"assign soft":  {"a soft phone", PhoneChange{"ann", PhoneAssign, "csf", ""}, ""},
		"swap":         {"two desk phones", PhoneChange{"ann", PhoneSwap, oldDesk, newDesk}, ""},
		"remove":       {"any", PhoneChange{"ann", PhoneRemove, "CSFANN", ""}, ""},
		"nobody":       {"whose", PhoneChange{"", PhoneRemove, "csf", ""}, "userId"},
		"nothing":      {"do what", PhoneChange{"ann", "lose", "csf", ""}, "action"},
		"no phone":     {"which", PhoneChange{"ann", PhoneRemove, "", ""}, "phone"},
		"swap to soft": {"another desk phone", PhoneChange{"ann", PhoneSwap, oldDesk, "csf"}, "new"},
		"swap to none": {"which", PhoneChange{"ann", PhoneSwap, oldDesk, ""}, "new"},
		"too many":     {"an assign has one phone", PhoneChange{"ann", PhoneAssign, oldDesk, newDesk}, "new"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := c.change.Problems()
			switch {
			case c.field == "" && len(problems) > 0:
				t.Errorf("%s: %v, want no problem", c.reason, problems)
			case c.field != "" && (len(problems) != 1 || problems[0].Field != c.field):
				t.Errorf("%s: %v, want one with %s", c.reason, problems, c.field)
			}
		})
	}
}

func TestFindPhone(t *testing.T) {
	t.Parallel()
	phones := []Phone{{Name: oldDesk, Desk: true}, {Name: "CSFANN"}, {Name: "BOTANN"}, {Name: "BOTANN2"}}
	cases := map[string]struct{ reason, name, want string }{
		"name":       {"as it is", "CSFANN", "CSFANN"},
		"case":       {"names have no case", " botann ", "BOTANN"},
		"type":       {"only one begins so", "csf", "CSFANN"},
		"several":    {"which of the two", "bot", ""},
		"MAC":        {"as it is printed on it", "00:11:22:33:44:55", oldDesk},
		"SEP":        {"as the call processor names it", "sep001122334455", oldDesk},
		"desk by 3":  {"every desk phone begins so", "sep", ""},
		"part":       {"no guessing", "CSFA", ""},
		"nothing":    {"no name", "", ""},
		"other desk": {"not among them", newDesk, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, found := FindPhone(phones, c.name)
			if got.Name != c.want || found != (c.want != "") {
				t.Errorf("%s: %q, want %q", c.reason, got.Name, c.want)
			}
		})
	}
}

func TestPlanPhone(t *testing.T) {
	t.Parallel()
	area, template, pool := office()
	place := Placement{Area: area, Template: template, Pool: pool}
	cases := map[string]struct {
		reason, name, want, says string
		desk                     bool
	}{
		"MAC":      {"a desk phone", "aa-bb-cc-dd-ee-ff", newDesk, "", true},
		"type":     {"of the template", "csf", "CSFANNONEILL", "", false},
		"name":     {"in full", "csfannoneill", "CSFANNONEILL", "", false},
		"no such":  {"the template has no phone for Android", "bot", "", "CSFANNONEILL", false},
		"no phone": {"a typing error in a MAC address", "AABBCCDDEEF", "", "no MAC address", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := PlanPhone(c.name, withPhones(), place)
			if got.Name != c.want || got.Desk != c.desk || (err == nil) != (c.says == "") {
				t.Fatalf("%s: %+v %v, want %q", c.reason, got, err, c.want)
			}
			if err != nil && (!errors.Is(err, NotFound) || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%s: %v, want not_found that says %q", c.reason, err, c.says)
			}
		})
	}
	bare := place
	bare.Template.SoftPhones = nil
	if _, err := PlanPhone("csf", withPhones(), bare); err == nil || !strings.Contains(err.Error(), "it has none") {
		t.Errorf("a template without soft phones: %v", err)
	}
}

func TestPhoneOf(t *testing.T) {
	t.Parallel()
	p := withPhones(Phone{Name: oldDesk, Desk: true}, Phone{Name: "CSFANN"})
	if got, err := p.PhoneOf("csf"); err != nil || got.Name != "CSFANN" {
		t.Errorf("%v %v, want CSFANN", got, err)
	}
	if _, err := p.PhoneOf("tct"); !errors.Is(err, NotFound) || !strings.Contains(err.Error(), "SEP001122334455, CSFANN") {
		t.Errorf("%v, want not_found that lists the phones", err)
	}
	if _, err := (Person{UserID: "eve"}).PhoneOf("csf"); !errors.Is(err, NotFound) || !strings.Contains(err.Error(), "has none") {
		t.Errorf("%v, want not_found", err)
	}
}

func TestSwapOf(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, phone, to string
		has               []Phone
		done              bool
		kind              Kind
	}{
		"own":     {"a desk phone of the person", "00:11:22:33:44:55", newDesk, []Phone{{Name: oldDesk, Desk: true}}, false, ""},
		"swapped": {"the new one is the person's", oldDesk, newDesk, []Phone{{Name: newDesk, Desk: true}}, true, ""},
		"foreign": {"neither is", oldDesk, newDesk, []Phone{{Name: "CSFANN"}}, false, NotFound},
		"soft":    {"nothing stands on a desk", "csf", newDesk, []Phone{{Name: "CSFANN"}}, false, Invalid},
		"same":    {"by itself", oldDesk, "001122334455", []Phone{{Name: oldDesk, Desk: true}}, false, Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, done, err := withPhones(c.has...).SwapOf(PhoneChange{"ann", PhoneSwap, c.phone, c.to})
			if KindOf(err) != c.kind || done != c.done || err == nil && old.Name != oldDesk {
				t.Errorf("%s: %+v %v %v, want done %v and %q", c.reason, old, done, err, c.done, c.kind)
			}
		})
	}
}

func TestWithPhones(t *testing.T) {
	t.Parallel()
	desk := func(name string) Phone { return Phone{Name: name, Desk: true} }
	soft := Phone{Name: "CSFANN"}
	cases := map[string]struct {
		reason, had, want string
		phones            []Phone
	}{
		"first":   {"a person without one gets one", "", oldDesk, []Phone{soft, desk(oldDesk)}},
		"second":  {"the first stays the person's", "00:11:22:33:44:55", "00:11:22:33:44:55", []Phone{desk(newDesk), desk(oldDesk)}},
		"swapped": {"the new one takes its place", oldDesk, newDesk, []Phone{desk(newDesk), soft}},
		"gone":    {"none is left", oldDesk, "", []Phone{soft}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := withPhones(desk(oldDesk))
			before.Joiner.DeskPhone = c.had
			got := before.WithPhones(c.phones)
			if got.Joiner.DeskPhone != c.want {
				t.Errorf("%s: the desk phone is %q, want %q", c.reason, got.Joiner.DeskPhone, c.want)
			}
			if diff := cmp.Diff(c.phones, got.Services.Phones); diff != "" || len(before.Services.Phones) != 1 {
				t.Errorf("%s: the phones differ, or those of before were changed: %s", c.reason, diff)
			}
		})
	}
}
