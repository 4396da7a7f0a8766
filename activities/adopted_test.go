package activities_test

import (
	"slices"
	"testing"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// appearance is a line on a button with something that is not ours.
func appearance(index int, pattern string) axl.LineAppearance {
	return axl.LineAppearance{
		Index: index, Pattern: pattern, Partition: "PT_Berlin", Label: axl.Set("Old " + pattern),
		Display: axl.Set("Old"), DisplayASCII: axl.Set("Old"), MaxCalls: axl.Set(6), BusyTrigger: axl.Set(5),
		Kept: &axl.KeptAppearance{RingSetting: "Flash Only", MissedCallLogging: axl.Set(false)},
	}
}

// addProfile makes ann's device profile with the lines.
func (r *rig) addProfile(t *testing.T, lines ...axl.LineAppearance) {
	t.Helper()
	p := axl.DeviceProfile{
		Name: r.services.DeviceProfile.Name, Description: axl.Set("made by hand"),
		Product: "Cisco 8845", Protocol: "SIP", ButtonTemplate: axl.Set("Standard 8845 SIP"),
		Services: &[]axl.Service{{Service: "Extension Mobility", Name: "EM"}},
	}
	if len(lines) > 0 {
		p.Lines = &lines
	}
	_, err := r.axl.AddDeviceProfile(t.Context(), p)
	must(t, err)
}

// addUser makes ann by hand, in another case.
func (r *rig) addUser(t *testing.T, u axl.User) {
	t.Helper()
	u.UserID, u.LastName = "ANN", axl.Set(r.joiner.User.LastName)
	_, err := r.axl.AddUser(t.Context(), u)
	must(t, err)
	r.services.User.User.ID = "ANN" // as EnsureUser reports it
}

// softPhone is the person's soft phone, made by hand.
func (r *rig) softPhone(owner string, lines ...cucm.Line) cucm.Phone {
	return cucm.Phone{
		Name: r.services.Phones[0].Name, Description: "by hand", Owner: owner, Lines: lines,
		Product: "Cisco Unified Client Services Framework", ButtonTemplate: "Standard Client Services Framework",
	}
}

// What was there before the order is, after its undo, exactly as before; but for a
// PIN, which nobody knows and nobody can put back.
func TestUndoPutsBackWhatWasAdopted(t *testing.T) {
	t.Parallel()
	full := axl.User{
		PhoneProfiles: &[]string{"ann-em"}, DefaultProfile: axl.Set("ann-em"),
		Groups: &[]string{"Standard CTI Enabled"}, EnableCTI: axl.Set(false), HomeCluster: axl.Set(false),
	}
	tests := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
	}{
		"nothing":  {"everything was made by the order", func(*testing.T, *rig) {}},
		"the user": {"lists are merged, flags and texts put back", func(t *testing.T, r *rig) { r.addUser(t, axl.User{}) }},
		"profile without lines": {"an update cannot empty the list of lines", func(t *testing.T, r *rig) {
			r.addProfile(t)
			r.addUser(t, full)
		}},
		"profile and unassigned line": {"the line is taken off by removing it, and is added again", func(t *testing.T, r *rig) {
			r.addProfile(t)
			r.addUser(t, full)
			must(t, r.CUCM.AddLine(t.Context(), cucm.Line{
				Pattern: "4700", Partition: "PT_Berlin",
				Description: "free since May", CallForwardAll: "4123",
			}))
		}},
		"profile with lines": {"other lines move back to the first button with all they had", func(t *testing.T, r *rig) {
			r.addProfile(t, appearance(1, "4801"), appearance(2, "4802"))
			r.addUser(t, full)
		}},
		"profile with the number": {"its own line looks again as it did", func(t *testing.T, r *rig) {
			r.addProfile(t, appearance(1, "4801"), appearance(2, "4700"))
			r.addUser(t, full)
			must(t, r.axl.UpdateUser(t.Context(), axl.User{
				UserID:           "ANN",
				PrimaryExtension: &axl.Extension{Pattern: "4801", Partition: "PT_Berlin"},
			}))
		}},
		"unassigned line": {"a reused number is put back with the forward of its last owner", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddLine(t.Context(), cucm.Line{
				Pattern: "4700", Partition: "PT_Berlin",
				Description: "free since May", AlertingName: "Bob", CallForwardAll: "4123",
			}))
		}},
		"soft phone of nobody": {"its owner is nobody again", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddPhone(t.Context(), r.softPhone("")))
		}},
		"soft phone with lines": {"only the new line is taken off", func(t *testing.T, r *rig) {
			r.addUser(t, axl.User{})
			must(t, r.CUCM.AddPhone(t.Context(), r.softPhone("ANN", cucm.Line{Pattern: "4801", Partition: "PT_Berlin"})))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, withDesk)
			addDesk(t, r)
			tt.prepare(t, r)
			before := r.snapshot(t)
			all(t, r.forward())
			all(t, r.backward())
			r.unchanged(t, before, tt.reason+": after undo")
			all(t, r.backward())
			r.unchanged(t, before, tt.reason+": after undo once more")
		})
	}
}

// The line that undo takes off by removing it is there again after whatever
// interrupts that, and one that somebody else removed is not.
func TestUndoNeverLosesALine(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]fault.Rule{
		"removal lost": {Op: "removeLine", Kind: fault.AfterCommit}, "before the removal": {Op: "removeLine", Kind: fault.Drop},
		"addition lost": {Op: "addLine", Kind: fault.AfterCommit}, "before the addition": {Op: "addLine", Kind: fault.Drop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, nil)
			r.addProfile(t)
			r.addUser(t, axl.User{PhoneProfiles: &[]string{"ann-em"}})
			must(t, r.CUCM.AddLine(t.Context(), cucm.Line{Pattern: "4700", Partition: "PT_Berlin", Description: "free"}))
			before := r.snapshot(t)
			all(t, r.forward())
			rule.Times = 1
			r.CUCM.Faults().Add(rule)
			for _, e := range r.backward() {
				for tries := 0; e.run() != nil; tries++ {
					if tries == 2 {
						t.Fatalf("%s does not succeed", e.name)
					}
				}
			}
			r.unchanged(t, before, "after undo")
			must(t, r.axl.RemoveLine(t.Context(), "4700", "PT_Berlin"))
		})
	}
}

// What others did to an adopted user, profile and phone since the order began is
// theirs: undo leaves it.
func TestUndoLeavesWhatOthersDid(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, withDesk)
	addDesk(t, r)
	ctx := t.Context()
	r.addProfile(t, appearance(1, "4801"))
	r.addUser(t, axl.User{PhoneProfiles: &[]string{"ann-em"}})
	must(t, r.CUCM.AddPhone(ctx, cucm.Phone{Name: "SEPAAAAAAAAAAAA"}))
	all(t, r.forward())
	now, err := r.axl.GetUser(ctx, "ANN")
	must(t, err)
	devices := append(slices.Clone(*now.AssociatedDevices), "SEPAAAAAAAAAAAA")
	must(t, r.axl.UpdateUser(ctx, axl.User{UserID: "ANN", AssociatedDevices: &devices, SelfService: axl.Set("7777")}))
	profile, err := r.axl.GetDeviceProfile(ctx, "ann-em")
	must(t, err)
	lines := append(slices.Clone(*profile.Lines), appearance(3, "4803"))
	must(t, r.axl.UpdateDeviceProfile(ctx, axl.DeviceProfile{Name: "ann-em", Lines: &lines}))
	must(t, r.axl.UpdatePhone(ctx, axl.Phone{Name: desk, OwnerUser: axl.Set("")}))

	all(t, r.backward())
	user, err := r.axl.GetUser(ctx, "ANN")
	must(t, err)
	if !slices.Equal(*user.AssociatedDevices, []string{"SEPAAAAAAAAAAAA"}) || *user.SelfService != "7777" {
		t.Errorf("the user has %v and %q, want what was given by hand", *user.AssociatedDevices, *user.SelfService)
	}
	profile, err = r.axl.GetDeviceProfile(ctx, "ann-em")
	must(t, err)
	var patterns []string
	for _, l := range *profile.Lines {
		patterns = append(patterns, l.Pattern)
		if l.Kept.RingSetting != "Flash Only" {
			t.Errorf("line %s of the profile rings %q, want it as before", l.Pattern, l.Kept.RingSetting)
		}
	}
	if !slices.Equal(patterns, []string{"4801", "4803"}) {
		t.Errorf("the profile has the lines %v", patterns)
	}
	phone, err := r.axl.GetPhone(ctx, desk)
	must(t, err)
	if *phone.OwnerUser != "" || len(*phone.Lines) != 1 {
		t.Errorf("the phone belongs to %q with %d lines", *phone.OwnerUser, len(*phone.Lines))
	}
}

// Of an adopted appearance only what is ours is changed.
func TestAdoptedAppearanceKeepsTheRest(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	r.addProfile(t, appearance(1, "4801"), appearance(2, "4700"))
	r.addUser(t, axl.User{PhoneProfiles: &[]string{"ann-em"}})
	all(t, r.forward())
	profile, err := r.axl.GetDeviceProfile(t.Context(), "ann-em")
	must(t, err)
	for i, want := range []string{"4700", "4801"} {
		l := (*profile.Lines)[i]
		if l.Pattern != want || l.Kept.RingSetting != "Flash Only" || *l.Kept.MissedCallLogging {
			t.Errorf("button %d has %s ringing %q, missed calls logged %v; want %s and the rest as before",
				i+1, l.Pattern, l.Kept.RingSetting, *l.Kept.MissedCallLogging, want)
		}
	}
	if got := *(*profile.Lines)[0].Display; got != r.services.Line.Display {
		t.Errorf("the line displays %q, want %q", got, r.services.Line.Display)
	}
}

// A phone is told to take its configuration over, also when the answer to the
// update, or the first try to tell it, was lost.
func TestDeskPhoneIsTold(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"updatePhone", "applyPhone"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, withDesk)
			addDesk(t, r)
			all(t, r.forward()[:4])
			in, kind := r.phone(1), fault.Drop
			if op == "updatePhone" {
				kind = fault.AfterCommit
			}
			for _, step := range []effect{
				does(r, "EnsurePhone", op, r.cucm.EnsurePhone, func() activities.PhoneIn { return in }),
				does(r, "RemovePhone", op, r.cucm.RemovePhone, func() activities.PhoneIn { return in }),
			} {
				told := r.CUCM.Stats().Calls["applyPhone"]
				r.CUCM.Faults().Add(fault.Rule{Op: op, Kind: kind, Times: 1})
				wantKind(t, step.run(), uc.Unavailable)
				must(t, step.run())
				if got := r.CUCM.Stats().Calls["applyPhone"] - told; got < 1 {
					t.Errorf("%s: the phone was not told after a lost %s", step.name, op)
				}
			}
		})
	}
}
