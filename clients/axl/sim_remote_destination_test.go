package axl_test

import (
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

func sampleRemoteDestinationProfile() axl.RemoteDestinationProfile {
	return axl.RemoteDestinationProfile{
		Name: "mueller-rdp", Description: axl.Set("Jürgen"), User: axl.Set("mueller"), DevicePool: axl.Set("DP_Lisbon"),
		CSS: axl.Set("CSS_Devices"), RerouteCSS: axl.Set("CSS_Lisbon_International"),
		Lines: &[]axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1)},
	}
}

func sampleRemoteDestination() axl.RemoteDestination {
	return axl.RemoteDestination{
		Destination: "0911234001", Name: axl.Set("mobile"), Owner: axl.Set("mueller"), Profile: axl.Set("mueller-rdp"),
		Lines: &[]axl.Extension{{Pattern: "4711", Partition: "PT_Lisbon"}}, AnswerTooLate: axl.Set(20 * time.Second), DelayBeforeRinging: axl.Set(time.Duration(0)),
		MobilePhone: axl.Set(true), MobileConnect: axl.Set(true),
		Kept: &axl.KeptRemoteDestination{
			TimeZone: "Europe/Lisbon", MobilityProfile: "MP_Default",
			Ring: []axl.RingPeriod{{StartDay: "Monday", EndDay: "Friday", StartTime: "08:00", EndTime: "18:00"}},
		},
	}
}

// TestSingleNumberReachLife makes and takes away what a leaver leaves, in the
// oldest and the newest schema: they differ in what a new destination must say.
func TestSingleNumberReachLife(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"11.5", "15.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			_, c := cluster(t, cucm.Options{Version: version})
			_, err := c.AddUser(ctx, sampleUser())
			must(t, "add user", err)
			_, err = c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
			wantKind(t, "get before add", uc.NotFound, err)
			id, err := c.AddRemoteDestinationProfile(ctx, sampleRemoteDestinationProfile())
			must(t, "add profile", err)
			_, err = c.AddRemoteDestinationProfile(ctx, sampleRemoteDestinationProfile())
			wantKind(t, "add again", uc.Conflict, err)
			profile, err := c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
			must(t, "get profile", err)
			same(t, "profile", []any{id, "Jürgen", "mueller", "DP_Lisbon", "CSS_Lisbon_International"},
				[]any{profile.UUID, *profile.Description, *profile.User, *profile.DevicePool, *profile.RerouteCSS})
			same(t, "lines", *sampleRemoteDestinationProfile().Lines, withoutKept(profile.Lines))
			must(t, "hand back what was read", c.UpdateRemoteDestinationProfile(ctx, profile))
			again, err := c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
			must(t, "get again", err)
			same(t, "nothing is lost on the way", profile, again)

			_, err = c.AddRemoteDestination(ctx, sampleRemoteDestination())
			wantKind(t, "no mobility", uc.Invalid, err)
			must(t, "enable", c.UpdateUser(ctx, axl.User{UserID: "mueller", EnableMobility: axl.Set(true)}))
			remoteDestinationLife(t, c)
			must(t, "remove profile", c.RemoveRemoteDestinationProfile(ctx, "mueller-rdp"))
			wantKind(t, "remove again", uc.NotFound, c.RemoveRemoteDestinationProfile(ctx, "mueller-rdp"))
			_, err = c.GetLine(ctx, "4711", "PT_Lisbon")
			must(t, "the line stays behind", err)
		})
	}
}

func remoteDestinationLife(t *testing.T, c *axl.Client) {
	t.Helper()
	ctx := t.Context()
	_, err := c.GetRemoteDestination(ctx, "0911234001")
	wantKind(t, "get before add", uc.NotFound, err)
	stray := sampleRemoteDestination()
	stray.Lines = &[]axl.Extension{{Pattern: "4799", Partition: "PT_Lisbon"}}
	_, err = c.AddRemoteDestination(ctx, stray)
	wantKind(t, "a line that is not on the profile", uc.NotFound, err)
	id, err := c.AddRemoteDestination(ctx, sampleRemoteDestination())
	must(t, "add", err)
	_, err = c.AddRemoteDestination(ctx, sampleRemoteDestination())
	wantKind(t, "add again", uc.Conflict, err)
	got, err := c.GetRemoteDestination(ctx, "0911234001")
	must(t, "get", err)
	want := sampleRemoteDestination()
	want.UUID, want.AnswerTooSoon = id, axl.Set(1500*time.Millisecond)
	want.DualModeDevice, want.CTIRemoteDevice = axl.Set(""), axl.Set("")
	want.Kept.SingleNumberReachVoicemail, want.Kept.ReverseVoicemail = "Use System Default", "Use System Default"
	same(t, "what was added is there", want, got)
	must(t, "hand back what was read", c.UpdateRemoteDestination(ctx, got))
	again, err := c.GetRemoteDestination(ctx, "0911234001")
	must(t, "get again", err)
	same(t, "nothing is lost on the way", got, again)

	listed, err := c.ListRemoteDestinations(ctx, "mueller-rdp")
	must(t, "list", err)
	same(t, "listed", []string{"0911234001"}, listed)
	listed, err = c.ListRemoteDestinations(ctx, "mueller_rdp")
	must(t, "list another", err)
	same(t, "a name is not a pattern", 0, len(listed))
	must(t, "renumber", c.UpdateRemoteDestination(ctx, axl.RemoteDestination{
		Destination: "0911234001", NewDestination: axl.Set("0911234002"), MobileConnect: axl.Set(false),
	}))
	wantKind(t, "the old number is gone", uc.NotFound, c.RemoveRemoteDestination(ctx, "0911234001"))
	got, err = c.GetRemoteDestination(ctx, "0911234002")
	must(t, "get by the new number", err)
	same(t, "off", false, *got.MobileConnect)
	must(t, "remove", c.RemoveRemoteDestination(ctx, "0911234002"))
	wantKind(t, "remove again", uc.NotFound, c.RemoveRemoteDestination(ctx, "0911234002"))
}

func TestRenames(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := office(t)
	must(t, "user", c.RenameUser(ctx, "mueller", "omueller"))
	must(t, "profile", c.RenameDeviceProfile(ctx, "mueller-em", "omueller-em"))
	must(t, "remote destination profile", c.RenameRemoteDestinationProfile(ctx, "mueller-rdp", "omueller-rdp"))
	must(t, "phone", c.RenamePhone(ctx, "SEP001122334455", "SEP665544332211"))
	must(t, "line", c.UpdateLine(ctx, axl.Line{
		Pattern: "4711", Partition: "PT_Lisbon", NewPattern: axl.Set("+351211234001"), NewPartition: axl.Set("PT_E164"),
	}))
	user, err := c.GetUser(ctx, "omueller")
	must(t, "get user", err)
	same(t, "what was associated still is", []any{[]string{"SEP665544332211"}, []string{"omueller-em"}, []string{"omueller-rdp"}},
		[]any{*user.AssociatedDevices, *user.PhoneProfiles, user.RemoteDestinationProfiles})
	phone, err := c.GetPhone(ctx, "SEP665544332211")
	must(t, "get phone", err)
	same(t, "owner and line", []any{"omueller", "+351211234001", "PT_E164"},
		[]any{*phone.OwnerUser, (*phone.Lines)[0].Pattern, (*phone.Lines)[0].Partition})
	destination, err := c.GetRemoteDestination(ctx, "0911234001")
	must(t, "get remote destination", err)
	same(t, "carrier and owner", []string{"omueller-rdp", "omueller"}, []string{*destination.Profile, *destination.Owner})

	wantKind(t, "a user id that is taken", uc.Conflict, c.RenameUser(ctx, "omueller", "Weber"))
	wantKind(t, "a phone that is taken", uc.Conflict, c.RenamePhone(ctx, "SEP665544332211", "SEP00112233AABB"))
	wantKind(t, "a name no phone can have", uc.Invalid, c.RenamePhone(ctx, "SEP665544332211", "SEP"))
	wantKind(t, "a number that is taken", uc.Conflict, c.UpdateLine(ctx, axl.Line{
		Pattern: "4712", Partition: "PT_Lisbon", NewPattern: axl.Set("4713"),
	}))
	wantKind(t, "a number of another type", uc.Conflict, c.UpdateLine(ctx, axl.Line{
		Pattern: "4712", Partition: "PT_Lisbon", NewPattern: axl.Set("4900"), NewPartition: axl.Set("PT_Berlin"),
	}))
	for what, err := range map[string]error{
		"user": c.RenameUser(ctx, "mueller", "x"), "phone": c.RenamePhone(ctx, "SEP001122334455", "SEP665544332210"),
		"profile":                    c.RenameDeviceProfile(ctx, "mueller-em", "x"),
		"remote destination profile": c.RenameRemoteDestinationProfile(ctx, "mueller-rdp", "x"),
	} {
		wantKind(t, "rename again: "+what, uc.NotFound, err)
	}
}
