package axl_test

import (
	"context"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// office is a cluster where mueller's line 4711 is on his phone, his profile, his
// remote destination profile and a colleague's phone, in a line group and a pickup
// group.
func office(t *testing.T) *axl.Client {
	t.Helper()
	ctx := t.Context()
	server, c := cluster(t, cucm.Options{})
	mobile := sampleUser()
	mobile.EnableMobility = axl.Set(true)
	_, err := c.AddUser(ctx, mobile)
	must(t, "add user", err)
	_, err = c.AddUser(ctx, axl.User{UserID: "weber", LastName: axl.Set("Weber")})
	must(t, "add colleague", err)
	line := sampleLine("4711", "PT_Lisbon")
	_, err = c.AddLine(ctx, line)
	must(t, "add line", err)
	_, err = c.AddLine(ctx, axl.Line{Pattern: "4712", Partition: "PT_Lisbon"})
	must(t, "add a line nobody uses", err)
	_, err = c.AddPhone(ctx, samplePhone())
	must(t, "add phone", err)
	other := samplePhone()
	other.Name, other.OwnerUser, other.Description = "SEP00112233AABB", axl.Set("weber"), axl.Set("Weber")
	other.Lines = &[]axl.LineAppearance{appearanceOf("4713", "PT_Lisbon", 1), appearanceOf("4711", "PT_Lisbon", 2)}
	_, err = c.AddPhone(ctx, other)
	must(t, "add the colleague's phone", err)
	profile := sampleProfile()
	profile.Lines = &[]axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1)}
	_, err = c.AddDeviceProfile(ctx, profile)
	must(t, "add profile", err)
	_, err = c.AddRemoteDestinationProfile(ctx, sampleRemoteDestinationProfile())
	must(t, "add remote destination profile", err)
	_, err = c.AddRemoteDestination(ctx, sampleRemoteDestination())
	must(t, "add remote destination", err)
	must(t, "associate", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", AssociatedDevices: axl.Set([]string{"SEP001122334455"}), PhoneProfiles: axl.Set([]string{"mueller-em"}),
		CTIControlledDeviceProfiles: axl.Set([]string{"mueller-em"}),
	}))
	must(t, "the boss's phone too", c.UpdateUser(ctx, axl.User{UserID: "weber", AssociatedDevices: axl.Set([]string{"SEP001122334455"})}))
	must(t, "log in", c.DeviceLogin(ctx, "SEP00112233AABB", "mueller-em", "mueller"))
	must(t, "line groups", server.AddLineGroup(ctx, cucm.LineGroup{
		Name: "LG_Sales", HuntList: "HL_Sales", Lines: []cucm.Line{{Pattern: "4711", Partition: "PT_Lisbon"}},
	}))
	must(t, "line group in no hunt list", server.AddLineGroup(ctx, cucm.LineGroup{
		Name: "LG_Idle", Lines: []cucm.Line{{Pattern: "4713", Partition: "PT_Lisbon"}, {Pattern: "4711", Partition: "PT_Lisbon"}},
	}))
	return c
}

func TestUsage(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := office(t)
	user, err := c.GetUser(ctx, "mueller")
	must(t, "get user", err)
	line, err := c.GetLine(ctx, "4711", "PT_Lisbon")
	must(t, "get line", err)
	phone, err := c.GetPhone(ctx, "SEP001122334455")
	must(t, "get phone", err)
	other, err := c.GetPhone(ctx, "SEP00112233AABB")
	must(t, "get the colleague's phone", err)
	profile, err := c.GetDeviceProfile(ctx, "mueller-em")
	must(t, "get profile", err)
	reach, err := c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
	must(t, "get remote destination profile", err)

	device := func(id axl.UUID, name, description, class, product, owner string) axl.Device {
		return axl.Device{UUID: id, Name: name, Description: description, Class: class, Product: product, Owner: owner}
	}
	own := device(phone.UUID, phone.Name, "Jürgen", axl.ClassPhone, "Cisco 8845", "mueller")
	away := device(reach.UUID, reach.Name, "Jürgen", axl.ClassRemoteDestinationProfile, "Remote Destination Profile", "mueller")
	phones, err := c.PhonesOf(ctx, user.UUID)
	must(t, "phones", err)
	same(t, "phones", []axl.Device{own}, phones)
	profiles, err := c.RemoteDestinationProfilesOf(ctx, user.UUID)
	must(t, "remote destination profiles", err)
	same(t, "remote destination profiles", []axl.Device{away}, profiles)
	same(t, "the user names them too", []string{"mueller-rdp"}, user.RemoteDestinationProfiles)
	uses, err := c.DevicesOf(ctx, line.UUID)
	must(t, "devices", err)
	same(t, "every device the line is on", []axl.LineUse{
		{Device: own, Index: 1},
		{Device: device(other.UUID, other.Name, "Weber", axl.ClassPhone, "Cisco 8845", "weber"), Index: 2},
		{Device: device(profile.UUID, profile.Name, "Jürgen", axl.ClassDeviceProfile, "Cisco 8845", ""), Index: 1},
		{Device: away, Index: 1},
	}, uses)
	groups, err := c.LineGroupsOf(ctx, line.UUID)
	must(t, "line groups", err)
	for i := range groups {
		same(t, "a line group has a key", true, groups[i].UUID.Valid())
		groups[i].UUID = ""
	}
	same(t, "line groups", []axl.LineGroup{{Name: "LG_Idle"}, {Name: "LG_Sales", HuntLists: []string{"HL_Sales"}}}, groups)
	pickup, err := c.PickupGroupsOf(ctx, line.UUID)
	must(t, "pickup group", err)
	if len(pickup) != 1 || pickup[0].Name != "Pickup_Lisbon" || pickup[0].Pattern != "8901" || pickup[0].Partition != "PT_Lisbon" {
		t.Errorf("want Pickup_Lisbon, got %+v", pickup)
	}
	logins, err := c.LoggedIn(ctx, user.UUID)
	must(t, "logins", err)
	same(t, "logins", []axl.Login{{Phone: "SEP00112233AABB", Profile: "mueller-em"}}, logins)
	desk, err := c.GetPhone(ctx, "SEP00112233AABB")
	must(t, "the phone logged in to", err)
	there, err := c.LoginsAt(ctx, desk.UUID)
	must(t, "who is logged in", err)
	if len(there) != 1 || there[0].UserID != "mueller" {
		t.Errorf("want mueller, got %+v", there)
	}
	numbers, err := c.RemoteDestinationsOf(ctx, user.UUID)
	must(t, "remote destinations", err)
	if len(numbers) != 1 || numbers[0].Destination != "0911234001" || numbers[0].Profile != "mueller-rdp" || !numbers[0].UUID.Valid() {
		t.Errorf("want the mobile, got %+v", numbers)
	}
	for device, want := range map[axl.UUID][]string{phone.UUID: {"mueller", "weber"}, profile.UUID: {"mueller"}, reach.UUID: nil} {
		users, err := c.UsersOf(ctx, device)
		must(t, "users", err)
		var got []string
		for _, u := range users {
			got = append(got, u.UserID)
		}
		same(t, "each user once", want, got)
	}
}

func TestUsageOfNothing(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{})
	for name, ask := range map[string]func(context.Context, axl.UUID) (int, error){
		"phones":         count(c.PhonesOf),
		"devices":        count(c.DevicesOf),
		"line groups":    count(c.LineGroupsOf),
		"pickup groups":  count(c.PickupGroupsOf),
		"logins":         count(c.LoggedIn),
		"users":          count(c.UsersOf),
		"who is there":   count(c.LoginsAt),
		"destinations":   count(c.RemoteDestinationsOf),
		"reach profiles": count(c.RemoteDestinationProfilesOf),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := ask(t.Context(), "0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c")
			must(t, name, err)
			same(t, "found", 0, n)
			for _, key := range []axl.UUID{"", "mueller", "' OR '1'='1", "0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c' --"} {
				_, err := ask(t.Context(), key)
				wantKind(t, "only a key goes into a statement", uc.Invalid, err)
			}
		})
	}
}

func count[T any](ask func(context.Context, axl.UUID) ([]T, error)) func(context.Context, axl.UUID) (int, error) {
	return func(ctx context.Context, key axl.UUID) (int, error) {
		found, err := ask(ctx, key)
		return len(found), err
	}
}
