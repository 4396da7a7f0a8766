package axl_test

import (
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
)

// TestLeaverIsClearedInOneRequest empties everything that ties a user to the
// cluster, keeps what is not sent, and gives it all back in two requests: a
// primary extension is accepted only when its device is associated already.
func TestLeaverIsClearedInOneRequest(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := office(t)
	must(t, "everything a user can have", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", DefaultProfile: axl.Set("mueller-em"), Groups: axl.Set([]string{"Standard CCM End Users", "Standard CTI Enabled"}),
		EnableCTI: axl.Set(true), EnableMobileVoiceAccess: axl.Set(true), HomeCluster: axl.Set(true), IMPresence: axl.Set(true),
		ServiceProfile: axl.Set("SP_Default"), SelfService: axl.Set("4711"), SubscribeCSS: axl.Set("CSS_Devices"),
		UserProfile: axl.Set("Standard (Factory Default) User Profile"),
		Extensions:  &[]axl.UserExtension{{Extension: axl.Extension{Pattern: "4712", Partition: "PT_Lisbon"}, SortOrder: 2}},
		Manager:     axl.Set("weber"), MobileNumber: axl.Set("0911234001"), DirectoryURI: axl.Set("mueller@example.org"),
		Kept:             axl.Kept{"pagerNumber": "99", "maxDeskPickupWaitTime": "5000"},
		PrimaryExtension: &axl.Extension{Pattern: "4711", Partition: "PT_Lisbon"},
	}))
	before, err := c.GetUser(ctx, "mueller")
	must(t, "get user", err)
	off := axl.Clear[bool]()
	must(t, "clear", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", PrimaryExtension: axl.Clear[axl.Extension](), AssociatedDevices: axl.Clear[[]string](),
		PhoneProfiles: axl.Clear[[]string](), CTIControlledDeviceProfiles: axl.Clear[[]string](), DefaultProfile: axl.Clear[string](),
		Groups: axl.Clear[[]string](), Extensions: axl.Clear[[]axl.UserExtension](), SelfService: axl.Clear[string](),
		ServiceProfile: axl.Clear[string](), EnableCTI: off, EnableMobility: off, EnableMobileVoiceAccess: off, HomeCluster: off, IMPresence: off,
	}))
	got, err := c.GetUser(ctx, "mueller")
	must(t, "get after clear", err)
	want := before
	want.PrimaryExtension, want.AssociatedDevices, want.PhoneProfiles = &axl.Extension{}, &[]string{}, &[]string{}
	want.CTIControlledDeviceProfiles, want.DefaultProfile, want.Groups = &[]string{}, axl.Set(""), &[]string{}
	want.Extensions, want.SelfService, want.ServiceProfile = &[]axl.UserExtension{}, axl.Set(""), axl.Set("")
	want.EnableCTI, want.EnableMobility, want.EnableMobileVoiceAccess, want.HomeCluster, want.IMPresence = off, off, off, off, off
	same(t, "cleared, and nothing else", want, got)

	back := before
	back.PrimaryExtension = nil
	must(t, "give back", c.UpdateUser(ctx, back))
	must(t, "and the primary extension", c.UpdateUser(ctx, axl.User{UserID: "mueller", PrimaryExtension: before.PrimaryExtension}))
	got, err = c.GetUser(ctx, "mueller")
	must(t, "get after recall", err)
	same(t, "as before", before, got)

	must(t, "reduce", c.UpdateUser(ctx, axl.User{UserID: "mueller", Groups: axl.Set([]string{"Standard CCM End Users"})}))
	got, err = c.GetUser(ctx, "mueller")
	must(t, "get after reduce", err)
	same(t, "the list is replaced", []string{"Standard CCM End Users"}, *got.Groups)
}

// TestLeaverAndBack takes every object of a leaver away and makes it again from
// what was read: the cluster is as it was.
func TestLeaverAndBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, c := cluster(t, cucm.Options{})
	mobile := sampleUser()
	mobile.EnableMobility, mobile.Kept = axl.Set(true), axl.Kept{"homeNumber": "12", "remoteDestinationLimit": "2"}
	_, err := c.AddUser(ctx, mobile)
	must(t, "add user", err)
	_, err = c.AddLine(ctx, sampleLine("4711", "PT_Lisbon"))
	must(t, "add line", err)
	_, err = c.AddPhone(ctx, busyPhone())
	must(t, "add phone", err)
	em := sampleProfile()
	em.Lines, em.Buttons = &[]axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1)}, busyPhone().Buttons
	em.VendorConfig, em.Kept = axl.Set("<webAccess>1</webAccess>"), axl.Kept{"dndOption": "Call Reject"}
	_, err = c.AddDeviceProfile(ctx, em)
	must(t, "add profile", err)
	reach := sampleRemoteDestinationProfile()
	reach.Kept = axl.Kept{"callInfoPrivacyStatus": "On"}
	_, err = c.AddRemoteDestinationProfile(ctx, reach)
	must(t, "add remote destination profile", err)
	_, err = c.AddRemoteDestination(ctx, sampleRemoteDestination())
	must(t, "add remote destination", err)
	before, err := server.Snapshot(ctx)
	must(t, "snapshot", err)

	destination, err := c.GetRemoteDestination(ctx, "0911234001")
	must(t, "get remote destination", err)
	reach, err = c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
	must(t, "get remote destination profile", err)
	em, err = c.GetDeviceProfile(ctx, "mueller-em")
	must(t, "get profile", err)
	phone, err := c.GetPhone(ctx, "SEP001122334455")
	must(t, "get phone", err)
	line, err := c.GetLine(ctx, "4711", "PT_Lisbon")
	must(t, "get line", err)
	user, err := c.GetUser(ctx, "mueller")
	must(t, "get user", err)
	must(t, "remove remote destination", c.RemoveRemoteDestination(ctx, "0911234001"))
	must(t, "remove remote destination profile", c.RemoveRemoteDestinationProfile(ctx, "mueller-rdp"))
	must(t, "remove phone", c.RemovePhone(ctx, phone.Name))
	must(t, "remove profile", c.RemoveDeviceProfile(ctx, em.Name))
	must(t, "remove line", c.RemoveLine(ctx, "4711", "PT_Lisbon"))
	must(t, "remove user", c.RemoveUser(ctx, "mueller"))

	_, err = c.AddUser(ctx, user)
	must(t, "add user again", err)
	_, err = c.AddLine(ctx, line)
	must(t, "add line again", err)
	_, err = c.AddPhone(ctx, phone)
	must(t, "add phone again", err)
	_, err = c.AddDeviceProfile(ctx, em)
	must(t, "add profile again", err)
	_, err = c.AddRemoteDestinationProfile(ctx, reach)
	must(t, "add remote destination profile again", err)
	_, err = c.AddRemoteDestination(ctx, destination)
	must(t, "add remote destination again", err)
	after, err := server.Snapshot(ctx)
	must(t, "snapshot", err)
	same(t, "difference", 0, len(before.Diff(after)))
	for _, d := range before.Diff(after) {
		t.Log(d)
	}
}
