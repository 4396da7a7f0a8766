package uc

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func n4711() DirectoryNumber { return DirectoryNumber{"cucm-1", "PT", "4711"} }

// belongings are what a joiner gives, and a desk phone that stood there before.
func belongings() Belongings {
	return Belongings{
		CallProcessor: "cucm-1", UserID: "Ann", Exists: true, LoggedIn: []string{"SEP1"},
		Phones: []Belonging{
			{Name: "CSFANN", Owner: "ann", Ours: true},
			{Name: "SEPDESK", Owner: "ann", Ours: true, Adopted: true, Had: []DirectoryNumber{{"cucm-1", "PT", "4999"}}},
		},
		Profiles:     []Belonging{{Name: "ann-em", Ours: true}},
		Destinations: []string{"0171"},
		Carriers:     []Belonging{{Name: "RDPANN", Ours: true}},
		Lines: []BelongingLine{{
			Number: n4711(), PickupGroup: "PG",
			Uses: []LineUse{{"csfann", "ann"}, {"SEPDESK", "ann"}, {"ann-em", ""}, {"RDPANN", "ann"}},
		}},
	}
}

// short is a plan in words: what, which, when.
func short(objects []PlannedObject) []string {
	var out []string
	for _, o := range objects {
		line := strings.TrimSpace(string(o.Action) + " " + o.Type + " " + o.Key + " " + string(o.Stage))
		if len(o.Affects) > 0 {
			line += ": " + strings.Join(o.Affects, ", ")
		}
		out = append(out, line)
	}
	return out
}

func TestLeaverPolicies(t *testing.T) {
	t.Parallel()
	month := Duration(30 * 24 * time.Hour)
	cases := map[string]struct {
		reason string
		policy LeaverPolicy
		ldap   string
		want   []string
	}{
		"zero": {"everything at once, but for what stood there before", LeaverPolicy{}, "", []string{
			"change login SEP1 leave", "remove remote_destination 0171 removal", "remove remote_destination_profile RDPANN removal",
			"remove phone CSFANN removal", "change phone SEPDESK removal", "remove device_profile ann-em removal",
			"remove line 4711 removal", "remove user Ann removal",
		}},
		"LDAP": {"the directory's user is left to it", LeaverPolicy{}, "AD", []string{
			"change login SEP1 leave", "change user Ann removal", "remove remote_destination 0171 removal",
			"remove remote_destination_profile RDPANN removal", "remove phone CSFANN removal", "change phone SEPDESK removal",
			"remove device_profile ann-em removal", "remove line 4711 removal",
		}},
		"stages": {"calls go elsewhere and nobody signs in until the removal", LeaverPolicy{After: month, Forward: "voicemail"}, "", []string{
			"change login SEP1 leave", "change forward 4711 leave", "change sign_in Ann leave",
			"remove remote_destination 0171 removal", "remove remote_destination_profile RDPANN removal",
			"remove phone CSFANN removal", "change phone SEPDESK removal", "remove device_profile ann-em removal",
			"remove line 4711 removal", "remove user Ann removal",
		}},
		"signs in": {"it may until the removal", LeaverPolicy{After: month, KeepSignIn: true, KeepUser: true}, "", []string{
			"change login SEP1 leave", "change user Ann removal", "remove remote_destination 0171 removal",
			"remove remote_destination_profile RDPANN removal", "remove phone CSFANN removal", "change phone SEPDESK removal",
			"remove device_profile ann-em removal", "remove line 4711 removal",
		}},
		"everything kept": {
			"the line is taken off what stays",
			LeaverPolicy{
				KeepUser: true, KeepProfile: true, KeepPhones: true, KeepRemoteDestinations: true, Line: LineParked,
			},
			"",
			[]string{
				"change login SEP1 leave", "change user Ann removal", "keep remote_destination 0171",
				"keep remote_destination_profile RDPANN", "change phone CSFANN removal", "change phone SEPDESK removal",
				"change device_profile ann-em removal", "change line 4711 removal",
			},
		},
		"line kept": {"as it is", LeaverPolicy{Line: LineKept}, "", []string{
			"change login SEP1 leave", "remove remote_destination 0171 removal", "remove remote_destination_profile RDPANN removal",
			"remove phone CSFANN removal", "change phone SEPDESK removal", "remove device_profile ann-em removal",
			"keep line 4711", "remove user Ann removal",
		}},
	}
	for name, c := range cases {
		b := belongings()
		b.LDAP = c.ldap
		if d := cmp.Diff(c.want, short(b.Plan(c.policy))); d != "" {
			t.Errorf("%s (%s): plan (-want +got):\n%s", name, c.reason, d)
		}
	}
}

func TestLeaverPlanSparesWhatOthersUse(t *testing.T) {
	t.Parallel()
	month := Duration(30 * 24 * time.Hour)
	cases := map[string]struct {
		reason string
		change func(*Belongings)
		object string // type and key
		want   PlannedObject
	}{
		"shared line": {
			"a colleague's phone rings with it", func(b *Belongings) {
				b.Lines[0].Uses = append(b.Lines[0].Uses, LineUse{"SEPBOB", "bob"})
			}, "line 4711",
			PlannedObject{Action: PlanKeep, Why: "it is in use besides", Affects: []string{"SEPBOB of bob"}},
		},
		"hunt list": {
			"callers hunt it", func(b *Belongings) { b.Lines[0].LineGroups = []string{"LG (hunt list HL)"} }, "line 4711",
			PlannedObject{Action: PlanKeep, Why: "it is in use besides", Affects: []string{"line group LG (hunt list HL)"}},
		},
		"pickup group": {
			"nobody else stops working", func(*Belongings) {}, "line 4711",
			PlannedObject{Action: PlanRemove, Stage: AtRemoval, Why: "it leaves call pickup group PG"},
		},
		"somebody else's number": {
			"the ledger says so", func(b *Belongings) { b.Lines[0].Holder = "bob" }, "line 4711",
			PlannedObject{Action: PlanKeep, Why: "the number is bob's"},
		},
		"line from before": {
			"nothing that was there is deleted", func(b *Belongings) { b.Lines[0].Adopted, b.Lines[0].PickupGroup = true, "" }, "line 4711",
			PlannedObject{Action: PlanChange, Stage: AtRemoval, Why: "it stood there before the person: as it was then"},
		},
		"desk phone had the line": {"and has it afterwards", func(b *Belongings) {
			b.Phones[1].Had = []DirectoryNumber{n4711()}
		}, "line 4711", PlannedObject{Action: PlanKeep, Why: "it is in use besides", Affects: []string{"SEPDESK of ann"}}},
		"profile of two": {
			"the other one still needs it", func(b *Belongings) { b.Profiles[0].Users = []string{"bob"} }, "device_profile ann-em",
			PlannedObject{Action: PlanKeep, Why: "others have it too: the user only loses it", Affects: []string{"profile of bob"}},
		},
		"line on a profile of two": {
			"it rings there", func(b *Belongings) { b.Profiles[0].Users = []string{"bob"} }, "line 4711",
			PlannedObject{Action: PlanKeep, Why: "it is in use besides", Affects: []string{"ann-em"}},
		},
		"profile only controlled": {
			"it is not the person's", func(b *Belongings) { b.Profiles[0].Ours = false }, "device_profile ann-em",
			PlannedObject{Action: PlanKeep, Why: "the user only loses control of it"},
		},
		"profile from before": {
			"nothing that was there is deleted", func(b *Belongings) { b.Profiles[0].Adopted = true }, "device_profile ann-em",
			PlannedObject{Action: PlanChange, Stage: AtRemoval, Why: "it stood there before the person: the line is taken off"},
		},
		"phone of the boss": {
			"it is only controlled", func(b *Belongings) { b.Phones[0].Owner = "boss" }, "phone CSFANN",
			PlannedObject{Action: PlanKeep, Why: "it is boss's: the user only loses control of it"},
		},
		"phone of nobody": {
			"a phone in the lobby", func(b *Belongings) { b.Phones[0].Owner, b.Phones[0].Ours = "", false }, "phone CSFANN",
			PlannedObject{Action: PlanKeep, Why: "it is nobody's: the user only loses control of it"},
		},
		"phone that lost its owner": {"an order made it, and the user is gone", func(b *Belongings) {
			b.Exists, b.Phones[0].Owner = false, ""
		}, "phone CSFANN", PlannedObject{Action: PlanRemove, Stage: AtRemoval}},
		"controlled by a colleague": {
			"the colleague should know", func(b *Belongings) { b.Phones[0].Users = []string{"bob"} }, "phone CSFANN",
			PlannedObject{Action: PlanRemove, Stage: AtRemoval, Affects: []string{"controlled by bob"}},
		},
		"no forward of a shared line": {"the colleague's calls would go away", func(b *Belongings) {
			b.Lines[0].Uses = append(b.Lines[0].Uses, LineUse{"SEPBOB", "bob"})
		}, "forward 4711", PlannedObject{}},
		"no user": {"there is nothing to change", func(b *Belongings) { b.Exists = false }, "user Ann", PlannedObject{}},
	}
	for name, c := range cases {
		b := belongings()
		c.change(&b)
		var got PlannedObject
		for _, o := range b.Plan(LeaverPolicy{After: month, Forward: "4000"}) {
			if o.Type+" "+o.Key == c.object {
				got = PlannedObject{Action: o.Action, Stage: o.Stage, Why: o.Why, Affects: o.Affects}
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (%s): %s (-want +got):\n%s", name, c.reason, c.object, d)
		}
	}
}

func TestLeaverPolicyProblems(t *testing.T) {
	t.Parallel()
	month := Duration(30 * 24 * time.Hour)
	cases := map[string]struct {
		reason string
		policy LeaverPolicy
		ldap   string
		want   []string
	}{
		"zero":              {"sensible", LeaverPolicy{}, "", nil},
		"all":               {"as written in the docs", LeaverPolicy{After: month, Forward: "voicemail", Line: LineParked, Directory: AtLeave, HR: AtRemoval}, "", nil},
		"remove":            {"the default written out", LeaverPolicy{Line: LineRemoved}, "", nil},
		"forward":           {"not a number", LeaverPolicy{After: month, Forward: "reception"}, "", []string{"leaver.forward"}},
		"forward at once":   {"there is nothing to forward", LeaverPolicy{Forward: "4000"}, "", []string{"leaver.forward"}},
		"line":              {"not one of the three", LeaverPolicy{Line: "burn"}, "", []string{"leaver.line"}},
		"stages":            {"not one of the two", LeaverPolicy{Directory: "now", HR: "later"}, "", []string{"leaver.directory", "leaver.hr"}},
		"profile of nobody": {"it would be in the way of a rehire", LeaverPolicy{KeepProfile: true}, "", []string{"leaver.keepUser"}},
		"profile, LDAP":     {"its user stays", LeaverPolicy{KeepProfile: true}, "AD", nil},
	}
	for name, c := range cases {
		area, _, _ := office()
		area.LDAPAgreement, area.Leaver = c.ldap, c.policy
		var got []string
		for _, p := range area.problems("area") {
			got = append(got, strings.TrimPrefix(p.Field, "area."))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (%s): fields (-want +got):\n%s", name, c.reason, d)
		}
	}
	if f := (LeaverPolicy{Forward: "voicemail"}).ForwardTo(); f != (Forward{Voicemail: true}) {
		t.Errorf("the forward is %+v, want voicemail", f)
	}
}

// What stays because of others is said, and nothing else is.
func TestSpared(t *testing.T) {
	t.Parallel()
	cases := map[string]PlannedObject{
		"line 4711 is used by SEPBOB of bob, line group LG": {
			Type: PlannedLine, Key: "4711", Action: PlanKeep, Why: "it is in use besides", Affects: []string{"SEPBOB of bob", "line group LG"},
		},
		"line 4712: the number is bob's": {Type: PlannedLine, Key: "4712", Action: PlanKeep, Why: "the number is bob's"},
		"device profile ann-em: others have it too (profile of bob)": {
			Type: PlannedProfile, Key: "ann-em", Action: PlanKeep, Why: "others have it too", Affects: []string{"profile of bob"},
		},
		"": {Type: PlannedPhone, Key: "CSFANN", Action: PlanRemove, Affects: []string{"controlled by bob"}},
	}
	for want, o := range cases {
		if got := o.Spared(); got != want {
			t.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
	policy := PlannedObject{Type: PlannedLine, Key: "4711", Action: PlanKeep, Why: byPolicy}
	if got := policy.Spared(); got != "" {
		t.Errorf("by policy: %q", got)
	}
}
