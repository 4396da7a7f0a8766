package axl_test

import (
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

const sidecar = "CP-8800-Audio 28-Button Key Expansion Module"

// busyPhone is a phone with every kind of button and settings Dialtone does not own.
func busyPhone() axl.Phone {
	p := samplePhone()
	p.Lines = &[]axl.LineAppearance{appearanceOf("4711", "PT_Lisbon", 1), appearanceOf("+351211234001", "PT_E164", 3)}
	p.Buttons = axl.Buttons{
		SpeedDials: &[]axl.SpeedDial{{Index: 1, Number: "0911234001", Label: "mobile"}, {Index: 2, Number: "4712"}},
		BusyLampFields: &[]axl.BusyLampField{
			{Index: 1, Label: "Weber", Pattern: "+351211234002", Partition: "PT_E164", Pickup: true}, {Index: 2, Destination: "porto@example.org"},
		},
		DirectedCallPark: &[]axl.DirectedCallParkButton{{Index: 1, Label: "Park", Pattern: "8801", Partition: "PT_Berlin"}},
		Modules:          &[]axl.AddOnModule{{Index: 1, Model: sidecar}, {Index: 2, Model: sidecar, Load: "special.1"}},
	}
	p.UserLocale = axl.Set("English United States")
	p.Kept = axl.Kept{
		"mediaResourceListName": "MRL_Default", "builtInBridgeStatus": "On", "dndOption": "Call Reject", "dndStatus": "true",
		"allowCtiControlFlag": "false",
	}
	return p
}

// TestPhoneSwap carries what a person has over to another phone: a new one of
// another product, and one that is there already.
func TestPhoneSwap(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	_, err = c.AddPhone(ctx, busyPhone())
	must(t, "add phone", err)
	old, err := c.GetPhone(ctx, "SEP001122334455")
	must(t, "get phone", err)
	same(t, "buttons", busyPhone().Buttons, old.Buttons)
	for name, want := range busyPhone().Kept {
		same(t, name, want, old.Kept[name])
	}
	must(t, "hand back what was read", c.UpdatePhone(ctx, old))
	again, err := c.GetPhone(ctx, old.Name)
	must(t, "get again", err)
	same(t, "nothing is lost on the way", old, again)

	next := old
	next.Name, next.Product, next.ButtonTemplate = "SEP665544332211", "Cisco 8865", axl.Set("Standard 8865 SIP")
	_, err = c.AddPhone(ctx, next)
	wantKind(t, "a security profile of another product", uc.Invalid, err)
	next.SecurityProfile = axl.Set("Cisco 8865 - Standard SIP Non-Secure Profile")
	next.UUID, err = c.AddPhone(ctx, next)
	must(t, "add the new phone", err)
	got, err := c.GetPhone(ctx, next.Name)
	must(t, "get the new phone", err)
	same(t, "the new phone has all of the old one", next, got)

	spare := samplePhone()
	spare.Name, spare.OwnerUser, spare.Lines = "SEP00112233CCDD", nil, nil
	_, err = c.AddPhone(ctx, spare)
	must(t, "add a spare phone", err)
	must(t, "carry over", c.UpdatePhone(ctx, axl.Phone{
		Name: spare.Name, OwnerUser: old.OwnerUser, Lines: old.Lines, Buttons: old.Buttons, Services: old.Services, Kept: old.Kept,
	}))
	got, err = c.GetPhone(ctx, spare.Name)
	must(t, "get the spare phone", err)
	same(t, "lines, buttons and settings", []any{old.Lines, old.Buttons, old.Kept, old.OwnerUser}, []any{got.Lines, got.Buttons, got.Kept, got.OwnerUser})
	must(t, "take all off", c.UpdatePhone(ctx, axl.Phone{
		Name: spare.Name, RemoveLines: *old.Lines, OwnerUser: axl.Clear[string](), Kept: axl.Kept{"mediaResourceListName": "", "dndStatus": ""},
		Buttons: axl.Buttons{
			SpeedDials: axl.Clear[[]axl.SpeedDial](), BusyLampFields: axl.Clear[[]axl.BusyLampField](),
			DirectedCallPark: axl.Clear[[]axl.DirectedCallParkButton](), Modules: axl.Clear[[]axl.AddOnModule](),
		},
	}))
	got, err = c.GetPhone(ctx, spare.Name)
	must(t, "get the spare phone again", err)
	same(t, "bare", []any{0, 0, 0, 0, 0, "", "false"}, []any{
		len(*got.Lines), len(*got.SpeedDials), len(*got.BusyLampFields), len(*got.DirectedCallPark), len(*got.Modules),
		got.Kept["mediaResourceListName"], got.Kept["dndStatus"],
	})
}

// TestButtonTemplate reads what the cluster knows of a template's buttons.
func TestButtonTemplate(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{})
	got, err := c.GetButtonTemplate(t.Context(), "Standard 8845 SIP EM")
	must(t, "get", err)
	same(t, "features", []string{"Line", "Line", "Speed Dial", "Speed Dial", "Service URL"}, got.Features)
	same(t, "lines", 2, got.Count(axl.FeatureLine))
	_, err = c.GetButtonTemplate(t.Context(), "No Such Template")
	wantKind(t, "absent", uc.NotFound, err)
}

func TestButtonsAreChecked(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{})
	for name, tc := range map[string]struct {
		reason  string
		buttons axl.Buttons
	}{
		"speed dial":  {"it dials nothing", axl.Buttons{SpeedDials: &[]axl.SpeedDial{{Index: 1, Label: "x"}}}},
		"index":       {"buttons count from 1", axl.Buttons{SpeedDials: &[]axl.SpeedDial{{Number: "4711"}}}},
		"lamp":        {"it watches nothing", axl.Buttons{BusyLampFields: &[]axl.BusyLampField{{Index: 1}}}},
		"two lamps":   {"AXL would ignore the line", axl.Buttons{BusyLampFields: &[]axl.BusyLampField{{Index: 1, Pattern: "1", Destination: "2"}}}},
		"call park":   {"it parks nowhere", axl.Buttons{DirectedCallPark: &[]axl.DirectedCallParkButton{{Index: 1}}}},
		"no model":    {"AXL would take a 7914", axl.Buttons{Modules: &[]axl.AddOnModule{{Index: 1}}}},
		"module at 0": {"modules count from 1", axl.Buttons{Modules: &[]axl.AddOnModule{{Model: sidecar}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			phone, profile := samplePhone(), sampleProfile()
			phone.Buttons, profile.Buttons = tc.buttons, tc.buttons
			_, err := c.AddPhone(t.Context(), phone)
			wantKind(t, tc.reason, uc.Invalid, err)
			wantKind(t, tc.reason, uc.Invalid, c.UpdateDeviceProfile(t.Context(), profile))
		})
	}
}

// TestMover changes everything that a site decides in one request.
func TestMover(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add user", err)
	_, err = c.AddPhone(ctx, busyPhone())
	must(t, "add phone", err)
	before, err := c.GetPhone(ctx, "SEP001122334455")
	must(t, "get phone", err)
	move := axl.Phone{
		Name: before.Name, Description: axl.Set("Berlin"), DevicePool: axl.Set("DP_Berlin"), Location: axl.Set("Berlin"),
		CSS: axl.Set("CSS_Berlin_Local"), SubscribeCSS: axl.Set("CSS_Berlin_National"), RerouteCSS: axl.Set("CSS_Berlin_Mobile"),
		ButtonTemplate: axl.Set("Standard 8845 SIP EM"), SoftkeyTemplate: axl.Set("Standard Feature"),
		SIPProfile: axl.Set("Standard SIP Profile For Mobile Device"), UserLocale: axl.Clear[string](),
		SecurityProfile: axl.Set("Universal Device Template - Model-independent Security Profile"),
		Kept:            axl.Kept{"automatedAlternateRoutingCssName": "CSS_Berlin_Local", "mediaResourceListName": ""},
		Lines:           &[]axl.LineAppearance{appearanceOf("4720", "PT_Berlin", 1)},
	}
	must(t, "move", c.UpdatePhone(ctx, move))
	got, err := c.GetPhone(ctx, before.Name)
	must(t, "get after the move", err)
	same(t, "lines", *move.Lines, withoutKept(got.Lines))
	want := before
	want.Description, want.DevicePool, want.Location, want.CSS = move.Description, move.DevicePool, move.Location, move.CSS
	want.SubscribeCSS, want.RerouteCSS, want.ButtonTemplate = move.SubscribeCSS, move.RerouteCSS, move.ButtonTemplate
	want.SoftkeyTemplate, want.SIPProfile, want.SecurityProfile = move.SoftkeyTemplate, move.SIPProfile, move.SecurityProfile
	want.UserLocale, want.Lines = move.UserLocale, got.Lines
	delete(want.Kept, "mediaResourceListName")
	want.Kept["automatedAlternateRoutingCssName"] = "CSS_Berlin_Local"
	same(t, "what was not sent stays", want, got)
}
