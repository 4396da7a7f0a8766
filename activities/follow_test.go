package activities

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason         string
		old, now, have string
		want           *string
	}{
		"as it is":           {"nothing to write", "a", "b", "b", nil},
		"another":            {"it is wished for", "a", "b", "a", axl.Set("b")},
		"somebody's":         {"the wish goes before what somebody wrote", "a", "b", "x", axl.Set("b")},
		"no more":            {"what we gave is taken", "a", "", "a", axl.Set("")},
		"no more, not ours":  {"what somebody else wrote stays", "a", "", "x", nil},
		"never wished for":   {"it is none of our business", "", "", "x", nil},
		"no more, with case": {"the call processor compares without case", "A", "", "a", axl.Set("")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, follow(c.old, c.now, &c.have)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}

// What undo writes back, when somebody else may have changed the object too.
func TestUserRestored(t *testing.T) {
	t.Parallel()
	list := func(names ...string) *[]string { return &names }
	in := MoveIn{
		Old: uc.Services{
			User:          uc.UserService{User: uc.User{ID: "ann", LastName: "Smith", Title: "Clerk"}, Groups: []string{"Old"}, SelfService: "4700"},
			DeviceProfile: uc.DeviceProfile{Name: "ann-em"},
		},
		New: uc.Services{
			User:          uc.UserService{User: uc.User{ID: "ann", LastName: "Jones"}, Groups: []string{"New"}, SelfService: "4800", Mobility: true},
			DeviceProfile: uc.DeviceProfile{Name: "ann-8851"}, Phones: []uc.Phone{{Name: "TABANN"}},
		},
	}
	before := axl.User{
		UserID: "ann", LastName: axl.Set("Smith"), DisplayName: axl.Set("Smith"), Title: axl.Set("Clerk"), SelfService: axl.Set("4700"),
		Groups: list("Own", "Old"), PhoneProfiles: list("ann-em"), DefaultProfile: axl.Set("ann-em"), AssociatedDevices: list("CSFANN"),
		EnableMobility: axl.Set(false), HomeCluster: axl.Set(true),
	}
	moved := axl.User{
		UserID: "ann", LastName: axl.Set("Jones"), DisplayName: axl.Set("Jones"), Title: axl.Set(""), SelfService: axl.Set("4800"),
		Groups: list("Own", "New"), PhoneProfiles: list("ann-em", "ann-8851"), DefaultProfile: axl.Set("ann-8851"),
		AssociatedDevices: list("CSFANN", "TABANN"), EnableMobility: axl.Set(true), HomeCluster: axl.Set(true),
	}
	if d := cmp.Diff(moved, applied(before, userMove(in, before))); d != "" {
		t.Fatalf("the move (-want +got):\n%s", d)
	}
	cases := map[string]struct {
		reason    string
		meanwhile axl.User // what somebody else wrote after the move
		want      axl.User
	}{
		"nothing": {"everything is as before", axl.User{}, before},
		"others": {
			"what somebody else changed stays, only ours is taken back",
			axl.User{
				Title: axl.Set("Boss"), Groups: list("Own", "New", "Theirs"), AssociatedDevices: list("TABANN", "SEP1", "CSFANN"),
				DefaultProfile: axl.Set("ann-em"), EnableMobility: axl.Set(false),
			},
			applied(before, axl.User{
				Title: axl.Set("Boss"), Groups: list("Own", "Theirs", "Old"), AssociatedDevices: list("SEP1", "CSFANN"),
			}),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := applied(moved, c.meanwhile)
			back := userRestored(userMove(in, before), before, now)
			if d := cmp.Diff(c.want, applied(now, back)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}

func TestMovedLines(t *testing.T) {
	t.Parallel()
	line := func(digits string) uc.Line {
		return uc.Line{Number: uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT", Digits: digits}, Display: "Ann", MaxCalls: 4, BusyTrigger: 2}
	}
	old, now := line("4700"), line("4800")
	other := axl.LineAppearance{Index: 2, Pattern: "4999", Partition: "PT", Label: axl.Set("Sales")}
	third := axl.LineAppearance{Index: 3, Pattern: "4998", Partition: "PT"}
	was := toAppearance(old, 1, "ann")
	was.Kept = &axl.KeptAppearance{RingSetting: "Flash Only"}
	is := toAppearance(now, 1, "ann")
	is.Kept = was.Kept
	cases := map[string]struct {
		reason              string
		before, moved, have []axl.LineAppearance // have: after somebody's change
		back                []axl.LineAppearance
	}{
		"alone": {
			"in its place, what is not ours of it kept", []axl.LineAppearance{was}, []axl.LineAppearance{is}, []axl.LineAppearance{is}, []axl.LineAppearance{was},
		},
		"with others": {
			"they stay where they are",
			[]axl.LineAppearance{was, other},
			[]axl.LineAppearance{is, other},
			[]axl.LineAppearance{is, other},
			[]axl.LineAppearance{was, other},
		},
		"one more since": {
			"it stays when ours is taken back",
			[]axl.LineAppearance{was, other},
			[]axl.LineAppearance{is, other},
			[]axl.LineAppearance{is, other, third},
			[]axl.LineAppearance{was, other, third},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := moveLines(old, now, "ann", c.before)
			if d := cmp.Diff(&c.moved, ours); d != "" {
				t.Fatalf("the move: %s (-want +got):\n%s", c.reason, d)
			}
			if again := moveLines(old, now, "ann", *ours); again != nil {
				t.Errorf("it is needed once more: %+v", *again)
			}
			back := movedBack(old.Number, now.Number, ours, c.before, c.have)
			if d := cmp.Diff(&c.back, back); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
			if again := movedBack(old.Number, now.Number, ours, c.before, c.before); again != nil {
				t.Errorf("it is taken back once more: %+v", *again)
			}
		})
	}
}
