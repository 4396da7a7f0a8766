package activities

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

func TestToUser(t *testing.T) {
	t.Parallel()
	got := toUser(uc.UserService{
		User:          uc.User{ID: "ann", FirstName: "Ann", LastName: "Smith", Mail: "a@example.com"},
		PresenceGroup: "Standard Presence group", Groups: []string{"later"}, SelfService: "later",
	})
	want := axl.User{
		UserID: "ann", FirstName: axl.Set("Ann"), LastName: axl.Set("Smith"), DisplayName: axl.Set("Ann Smith"),
		MailID: axl.Set("a@example.com"), PresenceGroup: axl.Set("Standard Presence group"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a new user has names and nothing that comes later (-want +got):\n%s", diff)
	}
}

func TestToLineSetsEverythingOfOurs(t *testing.T) {
	t.Parallel()
	got := toLine(uc.Line{
		Number: uc.DirectoryNumber{Partition: "PT", Digits: "4700"}, Description: "Jürgen", AlertingName: "Jürgen",
		ForwardCSS: "CSS", ForwardBusy: uc.Forward{Voicemail: true}, ForwardNoAnswer: uc.Forward{Destination: "4123", Seconds: 20},
	})
	none := &axl.Forward{}
	busy, noAnswer := &axl.Forward{ToVoiceMail: true, CSS: "CSS"}, &axl.Forward{Destination: "4123", CSS: "CSS", Duration: "20"}
	unreachable := &axl.Forward{CSS: "CSS"}
	want := axl.Line{
		Pattern: "4700", Partition: "PT", Description: axl.Set("Jürgen"), AlertingName: axl.Set("Jürgen"),
		ASCIIAlertingName: axl.Set("Juergen"), CSS: axl.Set(""), VoiceMailProfile: axl.Set(""), CallPickupGroup: axl.Set(""),
		PresenceGroup: axl.Set(""), Active: axl.Set(true), ForwardAll: none, ForwardBusy: busy, ForwardBusyInt: busy,
		ForwardNoAnswer: noAnswer, ForwardNoAnswerInt: noAnswer, ForwardNoCoverage: none, ForwardNoCoverageInt: none,
		ForwardOnFailure: none, ForwardNotRegistered: unreachable, ForwardNotRegisteredInt: unreachable,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is not wanted of a reused line is cleared (-want +got):\n%s", diff)
	}
	if !sameLine(got, want) {
		t.Error("a line differs from itself")
	}
	left := want
	left.ForwardAll = &axl.Forward{Destination: "0170"}
	if sameLine(got, left) {
		t.Error("the forward of the last owner is not seen")
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 60)
	for name, tt := range map[string]struct{ reason, display, digits, want string }{
		"short": {"name and number", "Ann Smith", "4700", "Ann Smith 4700"},
		"long":  {"the name is cut, the number stays", long, "+49301234700", strings.Repeat("ü", 37) + " +49301234700"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := label(uc.Line{Display: tt.display, Number: uc.DirectoryNumber{Digits: tt.digits}})
			if got != tt.want || len([]rune(got)) > labelMax {
				t.Errorf("the label is %q, want %q: %s", got, tt.want, tt.reason)
			}
		})
	}
}

// wanted is an order's input for a user.
func wanted() UserIn {
	return UserIn{
		User:    uc.UserService{Groups: []string{"G"}, ServiceProfile: "SP", CTI: true, IMPresence: true, SelfService: "4700"},
		Profile: "ann-em", Devices: []string{"CSFANN"}, Number: "4700", Part: "PT",
	}
}

// Whatever the user had, what the association gives is exactly what userBack takes.
func TestAssociationAndBack(t *testing.T) {
	t.Parallel()
	list := func(names ...string) *[]string { return &names }
	tests := map[string]struct {
		reason string
		before axl.User
	}{
		"new":        {"everything is given and taken", axl.User{}},
		"something":  {"lists are merged", axl.User{AssociatedDevices: list("SEP1"), Groups: list("Other"), PhoneProfiles: list("old-em")}},
		"everything": {"nothing is given and nothing taken", axl.User{AssociatedDevices: list("csfann"), Groups: list("g"), PhoneProfiles: list("ANN-EM"), DefaultProfile: axl.Set("ann-em"), CTIControlledDeviceProfiles: list("ann-em"), ServiceProfile: axl.Set("SP"), SelfService: axl.Set("4700"), EnableCTI: axl.Set(true), HomeCluster: axl.Set(true), IMPresence: axl.Set(true), PrimaryExtension: &axl.Extension{Pattern: "4700", Partition: "PT"}}},
		"other texts": {"replaced and put back", axl.User{
			ServiceProfile: axl.Set("Mine"), SelfService: axl.Set("1"),
			DefaultProfile: axl.Set("old-em"), PrimaryExtension: &axl.Extension{Pattern: "1", Partition: "PT"},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change, needed := association(wanted(), tt.before)
			now := applied(tt.before, change)
			now.PrimaryExtension = &axl.Extension{Pattern: "4700", Partition: "PT"}
			if _, again := association(wanted(), now); again {
				t.Error("it is needed once more")
			}
			back := userBack(wanted(), false, tt.before, now)
			if diff := cmp.Diff(plain(tt.before), plain(applied(now, back))); diff != "" {
				t.Errorf("%s (-before +after):\n%s", tt.reason, diff)
			}
			if name == "everything" && (needed || !reflect.DeepEqual(back, axl.User{})) {
				t.Errorf("needed %v, back %+v: %s", needed, back, tt.reason)
			}
			if change.LastName != nil || change.DisplayName != nil || change.MailID != nil || change.Department != nil {
				t.Error("fields that a directory may own are sent")
			}
		})
	}
}

// applied is the user after an update.
func applied(u, change axl.User) axl.User {
	set(&u.AssociatedDevices, change.AssociatedDevices)
	set(&u.Groups, change.Groups)
	set(&u.PhoneProfiles, change.PhoneProfiles)
	set(&u.CTIControlledDeviceProfiles, change.CTIControlledDeviceProfiles)
	set(&u.DefaultProfile, change.DefaultProfile)
	set(&u.ServiceProfile, change.ServiceProfile)
	set(&u.SelfService, change.SelfService)
	set(&u.EnableCTI, change.EnableCTI)
	set(&u.EnableMobility, change.EnableMobility)
	set(&u.FirstName, change.FirstName)
	set(&u.LastName, change.LastName)
	set(&u.DisplayName, change.DisplayName)
	set(&u.Title, change.Title)
	set(&u.HomeCluster, change.HomeCluster)
	set(&u.IMPresence, change.IMPresence)
	set(&u.PrimaryExtension, change.PrimaryExtension)
	return u
}

func set[T any](field **T, value *T) {
	if value != nil {
		*field = value
	}
}

// plain is the user with what was never sent as the server reads it.
func plain(u axl.User) axl.User {
	none := axl.User{
		AssociatedDevices: &[]string{}, Groups: &[]string{}, PhoneProfiles: &[]string{},
		CTIControlledDeviceProfiles: &[]string{}, DefaultProfile: axl.Set(""), ServiceProfile: axl.Set(""),
		SelfService: axl.Set(""), EnableCTI: axl.Set(false), HomeCluster: axl.Set(false), IMPresence: axl.Set(false),
		PrimaryExtension: &axl.Extension{},
	}
	return applied(none, u)
}

func TestLinesBack(t *testing.T) {
	t.Parallel()
	lines := func(text string) (out []axl.LineAppearance) {
		for i, pattern := range strings.Fields(text) {
			out = append(out, axl.LineAppearance{Index: i + 1, Pattern: pattern, Partition: "PT"})
		}
		return out
	}
	tests := map[string]struct {
		reason, before, now, want string
		changed                   bool
	}{
		"taken off":         {"the others move back", "1 2", "4700 1 2", "1 2", true},
		"nothing before":    {"nothing is left, which an update cannot say", "", "4700", "", true},
		"moved":             {"it was second before", "1 4700", "4700 1", "1 4700", true},
		"as before":         {"nothing to do", "4700 1", "4700 1", "4700 1", false},
		"gone already":      {"somebody took it off, or it never came", "1", "1", "1", false},
		"added by others":   {"theirs stays", "1", "4700 1 3", "1 3", true},
		"removed by others": {"it does not come back", "1 2", "4700 2", "2", true},
		"all at once":       {"ours goes back to its button", "1 4700", "4700 1 3", "1 4700 3", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, changed := linesBack(uc.DirectoryNumber{Partition: "pt", Digits: "4700"}, lines(tt.before), lines(tt.now))
			if diff := cmp.Diff(lines(tt.want), got); diff != "" || changed != tt.changed {
				t.Errorf("changed %v, want %v: %s (-want +got):\n%s", changed, tt.changed, tt.reason, diff)
			}
		})
	}
}

func TestSameName(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reason, a, b string
		want         bool
	}{
		"case":      {"names are typed in any case", "SMITH", "Smith", true},
		"umlaut":    {"systems write umlauts as two letters", "Müller", "Mueller", true},
		"blank":     {"a blank is no difference", "Smith ", "Smith", true},
		"different": {"another person", "Smith", "Smythe", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sameName(tt.a, tt.b); got != tt.want {
				t.Errorf("sameName(%q, %q) = %v: %s", tt.a, tt.b, got, tt.reason)
			}
		})
	}
}
