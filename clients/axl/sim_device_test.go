package axl_test

import (
	"context"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

func appearanceOf(pattern, partition string, index int) axl.LineAppearance {
	return axl.LineAppearance{
		Index: index, Pattern: pattern, Partition: partition, Label: axl.Set("O'Müller"), Display: axl.Set("Jürgen O'Müller"),
		DisplayASCII: axl.Set("Jurgen O'Muller"), E164Mask: axl.Set("+35121123XXXX"), MaxCalls: axl.Set(4), BusyTrigger: axl.Set(2),
		EndUsers: axl.Set([]string{"mueller"}),
	}
}

// withoutKept is what was asked for of appearances that were read.
func withoutKept(lines *[]axl.LineAppearance) []axl.LineAppearance {
	out := slices.Clone(*lines)
	for i := range out {
		out[i].Kept = nil
	}
	return out
}

func sampleProfile() axl.DeviceProfile {
	return axl.DeviceProfile{
		Name: "mueller-em", Description: axl.Set("Jürgen"), Product: "Cisco 8845", Protocol: "SIP",
		ButtonTemplate: axl.Set("Standard 8845 SIP EM"), SoftkeyTemplate: axl.Set("Standard User"),
		Services: &[]axl.Service{{Service: "Extension Mobility", Name: "Extension Mobility"}},
	}
}

func samplePhone() axl.Phone {
	return axl.Phone{
		Name: "SEP001122334455", Description: axl.Set("Jürgen"), Product: "Cisco 8845", Protocol: "SIP",
		DevicePool: axl.Set("DP_Lisbon"), Location: axl.Set("Lisbon"), CSS: axl.Set("CSS_Devices"),
		SecurityProfile: axl.Set("Cisco 8845 - Standard SIP Non-Secure Profile"), SIPProfile: axl.Set("Standard SIP Profile"),
		ButtonTemplate: axl.Set("Standard 8845 SIP"), SoftkeyTemplate: axl.Set("Standard User"), OwnerUser: axl.Set("mueller"),
		EnableEM: axl.Set(true), Lines: &[]axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1)},
		Services:     &[]axl.Service{{Service: "Extension Mobility", Name: "Extension Mobility"}},
		VendorConfig: axl.Set("<webAccess>0</webAccess>"),
	}
}

func TestDeviceProfileLife(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	_, err = c.AddLine(ctx, sampleLine("4711", "PT_Lisbon"))
	must(t, "add line", err)
	_, err = c.GetDeviceProfile(ctx, "mueller-em")
	wantKind(t, "get before add", uc.NotFound, err)
	id, err := c.AddDeviceProfile(ctx, sampleProfile())
	must(t, "add", err)
	_, err = c.AddDeviceProfile(ctx, sampleProfile())
	wantKind(t, "add again", uc.Conflict, err)

	lines := []axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1), appearanceOf("4712", "PT_Lisbon", 2)}
	must(t, "put lines on", c.UpdateDeviceProfile(ctx, axl.DeviceProfile{Name: "mueller-em", Lines: &lines}))
	got, err := c.GetDeviceProfile(ctx, "mueller-em")
	must(t, "get", err)
	same(t, "lines", lines, withoutKept(got.Lines))
	same(t, "services", sampleProfile().Services, got.Services)
	same(t, "what was not sent stays",
		[]any{id, "Jürgen", "Standard User", "Cisco 8845"}, []any{got.UUID, *got.Description, *got.SoftkeyTemplate, got.Product})

	must(t, "hand back what was read", c.UpdateDeviceProfile(ctx, got))
	again, err := c.GetDeviceProfile(ctx, "mueller-em")
	must(t, "get again", err)
	same(t, "nothing is lost on the way", got, again)
	implicit, err := c.GetLine(ctx, "4712", "PT_Lisbon")
	must(t, "the line made on the way", err)
	same(t, "its devices", []string{"mueller-em"}, implicit.AssociatedDevices)

	must(t, "remove", c.RemoveDeviceProfile(ctx, "mueller-em"))
	wantKind(t, "remove again", uc.NotFound, c.RemoveDeviceProfile(ctx, "mueller-em"))
	_, err = c.GetLine(ctx, "4711", "PT_Lisbon")
	must(t, "the line stays behind", err)
}

func TestPrimaryExtension(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	profile := sampleProfile()
	profile.Lines = &[]axl.LineAppearance{appearanceOf("+351211234001", "PT_E164", 1)}
	_, err = c.AddDeviceProfile(ctx, profile)
	must(t, "add profile", err)
	must(t, "associate", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", PhoneProfiles: axl.Set([]string{"mueller-em"}), DefaultProfile: axl.Set("mueller-em"),
	}))
	extension := axl.Extension{Pattern: "+351211234001", Partition: "PT_E164"}
	must(t, "set", c.UpdateUser(ctx, axl.User{UserID: "mueller", PrimaryExtension: &extension}))
	user, err := c.GetUser(ctx, "mueller")
	must(t, "get", err)
	same(t, "primary extension", extension, *user.PrimaryExtension)
	must(t, "clear", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", PrimaryExtension: axl.Clear[axl.Extension](), PhoneProfiles: axl.Clear[[]string](), DefaultProfile: axl.Clear[string](),
	}))
	user, err = c.GetUser(ctx, "mueller")
	must(t, "get after clear", err)
	same(t, "nothing associated", []any{axl.Extension{}, 0, ""}, []any{*user.PrimaryExtension, len(*user.PhoneProfiles), *user.DefaultProfile})
}

func TestPhoneLife(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	_, err = c.GetPhone(ctx, "SEP001122334455")
	wantKind(t, "get before add", uc.NotFound, err)
	absent, misnamed := samplePhone(), samplePhone()
	absent.DevicePool, misnamed.Name = axl.Set("DP_Nowhere"), "SEP not a name"
	_, err = c.AddPhone(ctx, absent)
	wantKind(t, "unknown device pool", uc.NotFound, err)
	_, err = c.AddPhone(ctx, misnamed)
	wantKind(t, "a name no phone can have", uc.Invalid, err)

	id, err := c.AddPhone(ctx, samplePhone())
	must(t, "add", err)
	_, err = c.AddPhone(ctx, samplePhone())
	wantKind(t, "add again", uc.Conflict, err)
	got, err := c.GetPhone(ctx, "SEP001122334455")
	must(t, "get", err)
	same(t, "what was added is there",
		[]any{id, "DP_Lisbon", "Lisbon", "Standard Common Phone Profile", "mueller", true, "<webAccess>0</webAccess>"},
		[]any{got.UUID, *got.DevicePool, *got.Location, *got.CommonPhoneConfig, *got.OwnerUser, *got.EnableEM, *got.VendorConfig})
	same(t, "lines", *samplePhone().Lines, withoutKept(got.Lines))

	second := appearanceOf("4712", "PT_Lisbon", 2)
	must(t, "add a line", c.UpdatePhone(ctx, axl.Phone{Name: got.Name, AddLines: []axl.LineAppearance{second}}))
	must(t, "take one off", c.UpdatePhone(ctx, axl.Phone{Name: got.Name, RemoveLines: *samplePhone().Lines}))
	must(t, "anonymous", c.UpdatePhone(ctx, axl.Phone{Name: got.Name, OwnerUser: axl.Clear[string](), Services: axl.Clear[[]axl.Service]()}))
	got, err = c.GetPhone(ctx, "SEP001122334455")
	must(t, "get after updates", err)
	same(t, "lines", []axl.LineAppearance{second}, withoutKept(got.Lines))
	same(t, "no owner, no service", []any{"", 0}, []any{*got.OwnerUser, len(*got.Services)})

	for what, call := range map[string]func(context.Context, string) error{"apply": c.ApplyPhone, "reset": c.ResetPhone, "restart": c.RestartPhone} {
		must(t, what, call(ctx, "SEP001122334455"))
		wantKind(t, what+" of nothing", uc.NotFound, call(ctx, "SEP009999999999"))
	}
	must(t, "remove", c.RemovePhone(ctx, "SEP001122334455"))
	wantKind(t, "remove again", uc.NotFound, c.RemovePhone(ctx, "SEP001122334455"))
}

func TestExtensionMobility(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	_, err = c.AddPhone(ctx, samplePhone())
	must(t, "add phone", err)
	_, err = c.AddDeviceProfile(ctx, sampleProfile())
	must(t, "add profile", err)
	must(t, "associate", c.UpdateUser(ctx, axl.User{UserID: "mueller", PhoneProfiles: axl.Set([]string{"mueller-em"})}))
	must(t, "log in", c.DeviceLogin(ctx, "SEP001122334455", "mueller-em", "mueller"))
	must(t, "log out", c.DeviceLogout(ctx, "SEP001122334455"))
	wantKind(t, "log in on nothing", uc.NotFound, c.DeviceLogin(ctx, "SEP009999999999", "mueller-em", "mueller"))
}
