package uc

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// moving is ann with number 4711 in the office, and the office.
func moving(t *testing.T) (Person, Placement) {
	t.Helper()
	area, template, pool := office()
	s, err := PlanServices(ann(), area, template, pool, "4711")
	if err != nil {
		t.Fatal(err)
	}
	return Person{UserID: "ann.oneill", State: Active, Joiner: ann(), Services: &s},
		Placement{Domain: Domain{Name: "corp"}, Area: area, Pool: pool, Template: template}
}

func TestPlanMove(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		mover   Mover
		change  func(*Person, *Placement)
		gets    bool
		keeps   bool
		far     bool
		another bool
		kind    Kind
	}{
		"stays":              {"nothing speaks against the number", Mover{}, nil, true, true, false, false, ""},
		"another pool":       {"the partition is what counts", Mover{}, func(_ *Person, p *Placement) { p.Pool.Name = "x" }, true, true, false, false, ""},
		"another partition":  {"a number stands in one partition", Mover{}, partition, true, false, false, false, ""},
		"keep elsewhere":     {"it cannot", Mover{Number: NumberKeep}, partition, false, false, false, false, Conflict},
		"keep":               {"it can", Mover{Number: NumberKeep}, nil, true, true, false, false, ""},
		"new":                {"asked for", Mover{Number: NumberNew}, nil, true, false, false, true, ""},
		"new elsewhere":      {"the old one is not of that pool", Mover{Number: NumberNew}, partition, true, false, false, false, ""},
		"far":                {"another call processor", Mover{}, far, true, false, true, false, ""},
		"keep far":           {"it cannot", Mover{Number: NumberKeep}, far, false, false, false, false, Conflict},
		"without services":   {"the rules decide", Mover{}, none, true, false, false, false, ""},
		"without, on demand": {"nobody asked", Mover{}, func(p *Person, to *Placement) { none(p, to); to.Area.OnDemandOnly = true }, false, false, false, false, ""},
		"on demand now":      {"a number is not taken away", Mover{}, func(_ *Person, p *Placement) { p.Area.OnDemandOnly = true }, true, true, false, false, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, from := moving(t)
			to := from
			if c.change != nil {
				c.change(&person, &to)
			}
			plan, err := PlanMove(person, c.mover, from, to)
			if c.kind != "" {
				if !errors.Is(err, c.kind) {
					t.Errorf("error %v, want %s: %s", err, c.kind, c.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []bool{plan.Gets, plan.Keeps, plan.Far, plan.Another()}
			if d := cmp.Diff([]bool{c.gets, c.keeps, c.far, c.another}, got); d != "" {
				t.Errorf("gets, keeps, far, another (-want +got): %s\n%s", c.reason, d)
			}
		})
	}
}

func partition(_ *Person, to *Placement) { to.Pool.Partition = "PT_Lisbon" }

func none(p *Person, _ *Placement) { p.Services = nil }

func far(_ *Person, to *Placement) { to.Area.CallProcessor, to.Pool.CallProcessor = "cucm-2", "cucm-2" }

func TestMovedServices(t *testing.T) {
	t.Parallel()
	desk := Phone{Name: "SEP001BD4AABBCC", Desk: true}
	tablet := Phone{Name: "TABANN", Product: "Cisco Jabber for Tablet", Protocol: "SIP", DevicePool: "DP_Berlin", CSS: "CSS_Device"}
	cases := map[string]struct {
		reason string
		mover  Mover
		change func(*Person, *Placement)
		want   []string // the phones
	}{
		"as it was":          {"nothing changes", Mover{}, nil, []string{"CSFANNONEILL"}},
		"renamed":            {"the name rule follows the user id", Mover{NewUserID: "ann.smith"}, nil, []string{"CSFANNSMITH"}},
		"a desk phone":       {"what the person has besides stays", Mover{}, has(desk), []string{"CSFANNONEILL", "SEP001BD4AABBCC"}},
		"a tablet":           {"the same", Mover{NewUserID: "ann.smith"}, has(tablet), []string{"CSFANNSMITH", "TABANN"}},
		"none":               {"a soft phone that was removed is not made again", Mover{}, hasNone, nil},
		"none, renamed":      {"under no name", Mover{NewUserID: "ann.smith"}, hasNone, nil},
		"of no template now": {"a template without soft phones", Mover{}, func(_ *Person, to *Placement) { to.Template.SoftPhones = nil }, nil},
		"far":                {"what is besides stays behind", Mover{}, func(p *Person, to *Placement) { has(desk)(p, to); far(p, to) }, []string{"CSFANNONEILL"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, from := moving(t)
			to := from
			to.Area.DevicePool = "DP_Lisbon"
			if c.change != nil {
				c.change(&person, &to)
			}
			plan, err := PlanMove(person, c.mover, from, to)
			if err != nil {
				t.Fatal(err)
			}
			s, err := plan.Services(plan.Joiner, person.Services.Number, person.Services.E164)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range s.Phones {
				got = append(got, p.Name)
				if !p.Desk && p.DevicePool != "DP_Lisbon" {
					t.Errorf("%s is in device pool %s, want the new place's", p.Name, p.DevicePool)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("phones (-want +got): %s\n%s", c.reason, d)
			}
		})
	}
}

func has(phone Phone) func(*Person, *Placement) {
	return func(p *Person, _ *Placement) { p.Services.Phones = append(p.Services.Phones, phone) }
}

func hasNone(p *Person, _ *Placement) { p.Services.Phones = nil }

func TestMoveOfNothing(t *testing.T) {
	t.Parallel()
	title := "Head of it"
	cases := map[string]struct {
		reason string
		mover  Mover
		want   bool
	}{
		"nothing said": {"all is as it was", Mover{}, true},
		"said again":   {"the area is the person's already", Mover{ServiceArea: ann().ServiceArea}, true},
		"a title":      {"the user has it", Mover{Title: &title}, false},
		"a new number": {"asked for", Mover{Number: NumberNew}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, place := moving(t)
			plan, err := PlanMove(person, c.mover, place, place)
			if err != nil {
				t.Fatal(err)
			}
			s, err := plan.Services(plan.Joiner, person.Services.Number, person.Services.E164)
			if err != nil {
				t.Fatal(err)
			}
			if got := plan.Nothing(s); got != c.want {
				t.Errorf("nothing to do: %v, want %v: %s", got, c.want, c.reason)
			}
		})
	}
}

func TestPlanDevices(t *testing.T) {
	t.Parallel()
	csf := Phone{Name: "CSFANN", Product: "CSF", Protocol: "SIP"}
	csfNew := Phone{Name: "CSFANNE", Product: "CSF", Protocol: "SIP"}
	tab := Phone{Name: "TABANN", Product: "TAB", Protocol: "SIP"}
	desk := Phone{Name: "SEP001BD4AABBCC", Desk: true}
	profile := DeviceProfile{Name: "ann-em", Product: "Cisco 8845", Protocol: "SIP"}
	cases := map[string]struct {
		reason     string
		has, wants Services
		want       DeviceMoves
		conflict   bool
	}{
		"the same": {
			"all stays",
			Services{DeviceProfile: profile, Phones: []Phone{csf, desk}},
			Services{DeviceProfile: profile, Phones: []Phone{csf, desk}},
			DeviceMoves{Stay: []PhonePair{{csf, csf}, {desk, desk}}},
			false,
		},
		"renamed": {
			"the soft phone of the same product, the desk phone as it is",
			Services{DeviceProfile: profile, Phones: []Phone{tab, csf}},
			Services{DeviceProfile: profile, Phones: []Phone{csfNew}},
			DeviceMoves{Stay: []PhonePair{{csf, csfNew}}, Retired: []Phone{tab}},
			false,
		},
		"another product": {
			"made and retired",
			Services{DeviceProfile: profile, Phones: []Phone{csf}},
			Services{DeviceProfile: profile, Phones: []Phone{tab}},
			DeviceMoves{Made: []Phone{tab}, Retired: []Phone{csf}},
			false,
		},
		"desk phones": {
			"one is never renamed to another",
			Services{DeviceProfile: profile, Phones: []Phone{desk}},
			Services{DeviceProfile: profile, Phones: []Phone{{Name: "SEP1", Desk: true}}},
			DeviceMoves{Made: []Phone{{Name: "SEP1", Desk: true}}, Retired: []Phone{desk}},
			false,
		},
		"another profile": {
			"a product cannot change",
			Services{DeviceProfile: profile},
			Services{DeviceProfile: DeviceProfile{Name: "ann-7841", Product: "Cisco 7841", Protocol: "SIP"}},
			DeviceMoves{NewProfile: true},
			false,
		},
		"another profile of the same name": {
			"two cannot be there",
			Services{DeviceProfile: profile},
			Services{DeviceProfile: DeviceProfile{Name: "ann-em", Product: "Cisco 7841", Protocol: "SIP"}},
			DeviceMoves{},
			true,
		},
		"another phone of the same name": {
			"the same", Services{Phones: []Phone{csf}}, Services{Phones: []Phone{{Name: "csfann", Product: "TAB", Protocol: "SIP"}}}, DeviceMoves{}, true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := PlanDevices(c.has, c.wants)
			if errors.Is(err, Conflict) != c.conflict {
				t.Fatalf("error %v, want a conflict: %v: %s", err, c.conflict, c.reason)
			}
			if len(got.Retired) == 0 {
				got.Retired = nil
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}
