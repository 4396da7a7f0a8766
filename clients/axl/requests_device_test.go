package axl

import "context"

func mobility() *[]Service {
	return &[]Service{{Service: "Extension Mobility", Name: "Extension Mobility", ButtonIndex: 0, Label: "Login"}}
}

func buttons() Buttons {
	return Buttons{
		SpeedDials: &[]SpeedDial{{1, "0911234001", "Jürgen's mobile"}, {2, "+351211234099", ""}},
		BusyLampFields: &[]BusyLampField{
			{Index: 1, Label: "Weber", Pattern: "+351211234002", Partition: "Lisbon_PT", Pickup: true},
			{Index: 2, Label: "Porto", Destination: "porto@example.org"},
		},
		DirectedCallPark: &[]DirectedCallParkButton{{1, "Park", "8801", "Lisbon_PT"}},
		Modules: &[]AddOnModule{
			{1, "CP-8800-Audio 28-Button Key Expansion Module", ""}, {2, "CP-8800-Audio 28-Button Key Expansion Module", "special.1-2"},
		},
	}
}

func noButtons() Buttons {
	return Buttons{Clear[[]SpeedDial](), Clear[[]BusyLampField](), Clear[[]DirectedCallParkButton](), Clear[[]AddOnModule]()}
}

func deviceProfileRequests() map[string]requestCase {
	profile := DeviceProfile{
		Name: "mueller-em", Description: Set("Jürgen O'Müller"), Product: "Cisco 8845", Protocol: "SIP",
		ButtonTemplate: Set("Standard 8845 SIP"), SoftkeyTemplate: Set("Standard User"), UserLocale: Set("German Germany"),
		Lines: &[]LineAppearance{appearance()}, Services: mobility(), Buttons: buttons(),
		VendorConfig: Set("<webAccess>0</webAccess>"), Kept: Kept{"dndOption": "Call Reject", "dndStatus": "true"},
	}
	return map[string]requestCase{
		"getDeviceProfile": {"by name", func(ctx context.Context, c *Client) error {
			_, err := c.GetDeviceProfile(ctx, "mueller-em")
			return err
		}},
		"addDeviceProfile-least": {"no lines are no element", func(ctx context.Context, c *Client) error {
			_, err := c.AddDeviceProfile(ctx, DeviceProfile{
				Name: "jdoe-em", Product: "Cisco 8845", Protocol: "SIP", ButtonTemplate: Set("Standard 8845 SIP"),
				Lines: Clear[[]LineAppearance](),
			})
			return err
		}},
		"addDeviceProfile-all": {"every field", func(ctx context.Context, c *Client) error {
			_, err := c.AddDeviceProfile(ctx, profile)
			return err
		}},
		"updateDeviceProfile-all": {"product and protocol are not sent", func(ctx context.Context, c *Client) error {
			return c.UpdateDeviceProfile(ctx, profile)
		}},
		"updateDeviceProfile-clear": {"services and templates can be emptied", func(ctx context.Context, c *Client) error {
			return c.UpdateDeviceProfile(ctx, DeviceProfile{
				Name: "mueller-em", Description: Clear[string](), SoftkeyTemplate: Clear[string](), UserLocale: Clear[string](),
				Services: Clear[[]Service](), VendorConfig: Clear[string](), Buttons: noButtons(),
			})
		}},
		"removeDeviceProfile": {"by name", func(ctx context.Context, c *Client) error {
			return c.RemoveDeviceProfile(ctx, "mueller-em")
		}},
	}
}

func fullPhone() Phone {
	return Phone{
		Name: "SEP001122334455", Description: Set("Jürgen O'Müller"), Product: "Cisco 8845", Protocol: "SIP",
		DevicePool: Set("Lisbon_DP"), Location: Set("Lisbon"), CSS: Set("Lisbon_Device"), CommonPhoneConfig: Set("Office"),
		SecurityProfile: Set("Cisco 8845 - Standard SIP Non-Secure Profile"), SIPProfile: Set("Standard SIP Profile"),
		ButtonTemplate: Set("Standard 8845 SIP"), SoftkeyTemplate: Set("Standard User"), OwnerUser: Set("mueller"),
		PresenceGroup: Set("Standard Presence group"), SubscribeCSS: Set("Lisbon_Internal"), RerouteCSS: Set("Lisbon_Internal"),
		DefaultProfile: Set("mueller-em"), MobilityUser: Set("mueller"), EnableEM: Set(true),
		Lines: &[]LineAppearance{appearance()}, Services: mobility(), Buttons: buttons(), UserLocale: Set("German Germany"),
		Kept: Kept{
			"mediaResourceListName": "MRL_Lisbon", "builtInBridgeStatus": "On", "dndOption": "Ringer Off", "mtpRequired": "false",
			"AllowPresentationSharingUsingBfcp": "true",
		},
		VendorConfig: Set("<webAccess>0</webAccess><desktopClient><videoCapability>1</videoCapability></desktopClient>"),
	}
}

func phoneRequests() map[string]requestCase {
	return map[string]requestCase{
		"getPhone": {"by name", func(ctx context.Context, c *Client) error {
			_, err := c.GetPhone(ctx, "SEP001122334455")
			return err
		}},
		"getPhoneButtonTemplate": {"by name", func(ctx context.Context, c *Client) error {
			_, err := c.GetButtonTemplate(ctx, "Standard 8845 SIP")
			return err
		}},
		"addPhone-least": {"what AXL requires is there", func(ctx context.Context, c *Client) error {
			_, err := c.AddPhone(ctx, Phone{
				Name: "CSFJDOE", Product: "Cisco Unified Client Services Framework", Protocol: "SIP",
				DevicePool: Set("Lisbon_DP"), ButtonTemplate: Set("Standard Client Services Framework"),
			})
			return err
		}},
		"addPhone-all": {"every field", func(ctx context.Context, c *Client) error {
			_, err := c.AddPhone(ctx, fullPhone())
			return err
		}},
		"updatePhone-all": {"product and protocol are not sent", func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, fullPhone())
		}},
		"updatePhone-lines": {"single lines come and go; a removed one is only named", func(ctx context.Context, c *Client) error {
			second := appearance()
			second.Index, second.Pattern = 2, "4712"
			return c.UpdatePhone(ctx, Phone{
				Name: "SEP001122334455", RemoveLines: []LineAppearance{second}, AddLines: []LineAppearance{appearance()},
			})
		}},
		"updatePhone-clear": {"everything that can be empty is empty", func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{
				Name: "SEP001122334455", Description: Clear[string](), CSS: Clear[string](), SoftkeyTemplate: Clear[string](),
				OwnerUser: Clear[string](), SubscribeCSS: Clear[string](), RerouteCSS: Clear[string](), DefaultProfile: Clear[string](),
				MobilityUser: Clear[string](), EnableEM: Clear[bool](), Services: Clear[[]Service](), VendorConfig: Clear[string](),
				Buttons: noButtons(), UserLocale: Clear[string](), Kept: Kept{"mediaResourceListName": "", "dndStatus": "", "networkLocale": ""},
			})
		}},
		"removePhone":  {"by name", func(ctx context.Context, c *Client) error { return c.RemovePhone(ctx, "SEP001122334455") }},
		"applyPhone":   {"by name", func(ctx context.Context, c *Client) error { return c.ApplyPhone(ctx, "SEP001122334455") }},
		"resetPhone":   {"by name", func(ctx context.Context, c *Client) error { return c.ResetPhone(ctx, "SEP001122334455") }},
		"restartPhone": {"by name", func(ctx context.Context, c *Client) error { return c.RestartPhone(ctx, "SEP001122334455") }},
	}
}
