package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// survey is the plan for ann in words, and fails when looking changed anything.
func (r *rig) survey(t *testing.T, in activities.SurveyIn) []string {
	t.Helper()
	before := r.snapshot(t)
	in.On, in.UserID = r.on(), "Ann"
	result, err := r.result(r.cucm.SurveyLeaver, in)
	must(t, err)
	var plan uc.LeaverPlan
	must(t, result.Get(&plan))
	r.unchanged(t, before, "after the survey")
	var out []string
	for _, o := range plan.Objects {
		words := []string{string(o.Action), o.Type, o.Key}
		if o.Affects != nil {
			words = append(words, "("+strings.Join(o.Affects, ", ")+")")
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// known is what Dialtone knows of a person that an order has made.
func (r *rig) known() activities.SurveyIn {
	return activities.SurveyIn{Has: &r.services, Numbers: r.numbersOfAnn()}
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	line := cucm.Line{Pattern: "4700", Partition: "PT_Berlin"}
	tests := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
		want    []string
	}{
		"as made": {"what orders made is removed, the desk phone stays", func(*testing.T, *rig) {}, []string{
			"remove phone CSFANN", "change phone " + desk, "remove device_profile ann-em", "remove line 4700", "remove user ann",
		}},
		"with reach and a login": {"an administrator's work goes, too", func(t *testing.T, r *rig) {
			r.reach(t)
			must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{Name: lobby, ExtensionMobility: true}))
			r.login(t, "ann", "ann-em")
		}, []string{
			"change login " + lobby, "remove remote_destination 01711234567", "remove remote_destination_profile RDPANN",
			"remove phone CSFANN", "change phone " + desk, "remove device_profile ann-em", "remove line 4700", "remove user ann",
		}},
		"shared with bob": {"his phone goes on ringing", func(t *testing.T, r *rig) {
			r.bob(t, line)
			must(t, r.axl.UpdateUser(t.Context(), axl.User{UserID: "bob", PhoneProfiles: &[]string{"ann-em"}, AssociatedDevices: &[]string{"CSFANN"}}))
		}, []string{
			"remove phone CSFANN (controlled by bob)", "change phone " + desk, "keep device_profile ann-em (profile of bob)",
			"keep line 4700 (SEPB0B000000000 of bob, ann-em of ann, bob)", "remove user ann",
		}},
		"in groups": {"callers hunt the line", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddLineGroup(t.Context(), cucm.LineGroup{Name: "LG_Sales", HuntList: "HL_Sales", Lines: []cucm.Line{line}}))
		}, []string{
			"remove phone CSFANN", "change phone " + desk, "remove device_profile ann-em",
			"keep line 4700 (line group LG_Sales (hunt list HL_Sales))", "remove user ann",
		}},
		"more phones": {"what the user owns goes with its lines, what the user controls stays", func(t *testing.T, r *rig) {
			r.bob(t)
			must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{
				Name: "SEP0000000000BB", Owner: "ann", Lines: []cucm.Line{{Pattern: "4801", Partition: "PT_Berlin"}},
			}))
			must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{Name: lobby}))
			must(t, r.axl.UpdateUser(t.Context(), axl.User{
				UserID: "ann", AssociatedDevices: &[]string{"CSFANN", desk, lobby, "SEPB0B000000000"},
			}))
		}, []string{
			"remove phone CSFANN", "remove phone SEP0000000000BB", "change phone " + desk, "keep phone " + lobby,
			"keep phone SEPB0B000000000", "remove device_profile ann-em", "remove line 4700", "remove line 4801", "remove user ann",
		}},
		"user gone": {"what the person left behind is found by its names", func(t *testing.T, r *rig) {
			must(t, r.axl.RemoveUser(t.Context(), "ann"))
		}, []string{"remove phone CSFANN", "change phone " + desk, "remove device_profile ann-em", "remove line 4700"}},
		"nothing there": {"it is all gone", func(t *testing.T, r *rig) {
			all(t, r.retiring())
			must(t, r.axl.RemovePhone(t.Context(), desk))
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, withDesk)
			addDesk(t, r)
			r.leaving(t)
			tt.prepare(t, r)
			if diff := cmp.Diff(tt.want, r.survey(t, r.known())); diff != "" {
				t.Errorf("%s: plan (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// Of a person whom no order knows everything comes from the call processor, and from
// an LDAP agreement the user is left.
func TestSurveyOfAPersonUnknownToDialtone(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	ctx := t.Context()
	must(t, r.CUCM.AddPhone(ctx, cucm.Phone{Name: "ann-old", Profile: true, Lines: []cucm.Line{{Pattern: "4802", Partition: "PT_Berlin"}}}))
	must(t, r.CUCM.AddUser(ctx, cucm.User{
		UserID: "ann", LastName: "Smith", Profiles: []string{"ann-old"}, PrimaryExtension: "4802", Partition: "PT_Berlin",
	}))
	must(t, r.CUCM.AddPhone(ctx, cucm.Phone{Name: desk, Owner: "ann", Lines: []cucm.Line{{Pattern: "4802", Partition: "PT_Berlin"}}}))
	want := []string{"remove phone " + desk, "remove device_profile ann-old", "remove line 4802", "remove user ann"}
	if diff := cmp.Diff(want, r.survey(t, activities.SurveyIn{})); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}

	l := ldapRig(t, 0, "ann")
	must(t, until(t, l.ensure("ann")))
	l.begin(t)
	if diff := cmp.Diff([]string{"change user ann"}, l.survey(t, activities.SurveyIn{})); diff != "" {
		t.Errorf("plan of a user from LDAP (-want +got):\n%s", diff)
	}
}
