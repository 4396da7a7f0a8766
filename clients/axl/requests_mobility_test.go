package axl

import (
	"context"
	"time"
)

func renameRequests() map[string]requestCase {
	return map[string]requestCase{
		"updatePhone-rename": {"a broken phone's name makes way for the new one's", func(ctx context.Context, c *Client) error {
			return c.RenamePhone(ctx, "SEP001122334455", "SEP665544332211")
		}},
		"updateDeviceProfile-rename": {"the profile follows the user id", func(ctx context.Context, c *Client) error {
			return c.RenameDeviceProfile(ctx, "mueller-em", "omueller-em")
		}},
		"updateRemoteDestinationProfile-rename": {"the profile follows the user id", func(ctx context.Context, c *Client) error {
			return c.RenameRemoteDestinationProfile(ctx, "mueller-rdp", "omueller-rdp")
		}},
		"updateUser-rename": {"only the key and the new one", func(ctx context.Context, c *Client) error {
			return c.RenameUser(ctx, "mueller", "omueller")
		}},
		"updateLine-renumber": {"the plus of the new number is escaped too", func(ctx context.Context, c *Client) error {
			return c.UpdateLine(ctx, Line{
				Pattern: "4711", Partition: "Lisbon_PT", NewPattern: Set("+351211234001"), NewPartition: Set("E164_PT"),
			})
		}},
	}
}

func fullRemoteDestinationProfile() RemoteDestinationProfile {
	return RemoteDestinationProfile{
		Name: "mueller-rdp", Description: Set("Jürgen O'Müller"), User: Set("mueller"), DevicePool: Set("Lisbon_DP"),
		CSS: Set("Lisbon_Device"), RerouteCSS: Set("Lisbon_International"), Lines: &[]LineAppearance{appearance()},
		UserLocale: Set("German Germany"), Kept: Kept{"dndOption": "Call Reject", "callInfoPrivacyStatus": "On"},
	}
}

func remoteDestinationProfileRequests() map[string]requestCase {
	return map[string]requestCase{
		"getRemoteDestinationProfile": {"by name", func(ctx context.Context, c *Client) error {
			_, err := c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
			return err
		}},
		"addRemoteDestinationProfile-least": {"what AXL requires is there", func(ctx context.Context, c *Client) error {
			_, err := c.AddRemoteDestinationProfile(ctx, RemoteDestinationProfile{
				Name: "jdoe-rdp", User: Set("jdoe"), DevicePool: Set("Lisbon_DP"),
			})
			return err
		}},
		"addRemoteDestinationProfile-all": {"every field", func(ctx context.Context, c *Client) error {
			_, err := c.AddRemoteDestinationProfile(ctx, fullRemoteDestinationProfile())
			return err
		}},
		"updateRemoteDestinationProfile-all": {"product and protocol are not sent", func(ctx context.Context, c *Client) error {
			return c.UpdateRemoteDestinationProfile(ctx, fullRemoteDestinationProfile())
		}},
		"updateRemoteDestinationProfile-clear": {"everything that can be empty is empty", func(ctx context.Context, c *Client) error {
			return c.UpdateRemoteDestinationProfile(ctx, RemoteDestinationProfile{
				Name: "mueller-rdp", Description: Clear[string](), CSS: Clear[string](), RerouteCSS: Clear[string](),
			})
		}},
		"removeRemoteDestinationProfile": {"by name", func(ctx context.Context, c *Client) error {
			return c.RemoveRemoteDestinationProfile(ctx, "mueller-rdp")
		}},
	}
}

func fullRemoteDestination() RemoteDestination {
	return RemoteDestination{
		Destination: "0911234001", Name: Set("Jürgen's mobile"), Owner: Set("mueller"), Profile: Set("mueller-rdp"),
		Lines:         &[]Extension{{"+351211234001", "Lisbon_PT"}},
		AnswerTooSoon: Set(2 * time.Second), AnswerTooLate: Set(20 * time.Second), DelayBeforeRinging: Set(500 * time.Millisecond),
		MobilePhone: Set(true), MobileConnect: Set(true),
		Kept: &KeptRemoteDestination{
			TimeZone: "Europe/Lisbon", SingleNumberReachVoicemail: "Use System Default", ReverseVoicemail: "User Control",
			TimeOfDayAccess: "Office", MobilityProfile: "Lisbon_MP", AccessList: "Friends",
			Ring: []RingPeriod{{"Monday", "Friday", "08:00", "18:00"}, {StartDay: "Sunday", StartTime: "No Office Hours"}},
		},
	}
}

func remoteDestinationRequests() map[string]requestCase {
	return map[string]requestCase{
		"getRemoteDestination": {"by number", func(ctx context.Context, c *Client) error {
			_, err := c.GetRemoteDestination(ctx, "0911234001")
			return err
		}},
		"listRemoteDestination": {"by profile", func(ctx context.Context, c *Client) error {
			_, err := c.ListRemoteDestinations(ctx, "mueller-rdp")
			return err
		}},
		"addRemoteDestination-least": {"what AXL requires is there, and no other carrier", func(ctx context.Context, c *Client) error {
			_, err := c.AddRemoteDestination(ctx, RemoteDestination{
				Destination: "0911234001", Owner: Set("jdoe"), Profile: Set("jdoe-rdp"), DualModeDevice: Set(""),
			})
			return err
		}},
		"addRemoteDestination-all": {"every field", func(ctx context.Context, c *Client) error {
			_, err := c.AddRemoteDestination(ctx, fullRemoteDestination())
			return err
		}},
		"addRemoteDestination-dual": {"the number of a mobile client is on no profile", func(ctx context.Context, c *Client) error {
			_, err := c.AddRemoteDestination(ctx, RemoteDestination{
				Destination: "+351911234001", Owner: Set("mueller"), DualModeDevice: Set("TCTMUELLER"),
			})
			return err
		}},
		"updateRemoteDestination-all": {"every field, renumbered", func(ctx context.Context, c *Client) error {
			d := fullRemoteDestination()
			d.NewDestination = Set("0911234002")
			return c.UpdateRemoteDestination(ctx, d)
		}},
		"updateRemoteDestination-off": {"an empty carrier is not sent, false is", func(ctx context.Context, c *Client) error {
			return c.UpdateRemoteDestination(ctx, RemoteDestination{
				Destination: "0911234001", Profile: Clear[string](), DualModeDevice: Clear[string](), MobileConnect: Clear[bool](),
			})
		}},
		"removeRemoteDestination": {"by number", func(ctx context.Context, c *Client) error {
			return c.RemoveRemoteDestination(ctx, "0911234001")
		}},
	}
}

func usageRequests() map[string]requestCase {
	all := map[string]requestCase{}
	for name, ask := range map[string]func(context.Context, *Client) error{
		"PhonesOf":             func(ctx context.Context, c *Client) error { return second(c.PhonesOf(ctx, testUUID)) },
		"DevicesOf":            func(ctx context.Context, c *Client) error { return second(c.DevicesOf(ctx, testUUID)) },
		"LineGroupsOf":         func(ctx context.Context, c *Client) error { return second(c.LineGroupsOf(ctx, testUUID)) },
		"PickupGroupsOf":       func(ctx context.Context, c *Client) error { return second(c.PickupGroupsOf(ctx, testUUID)) },
		"LoggedIn":             func(ctx context.Context, c *Client) error { return second(c.LoggedIn(ctx, testUUID)) },
		"LoginsAt":             func(ctx context.Context, c *Client) error { return second(c.LoginsAt(ctx, testUUID)) },
		"UsersOf":              func(ctx context.Context, c *Client) error { return second(c.UsersOf(ctx, testUUID)) },
		"RemoteDestinationsOf": func(ctx context.Context, c *Client) error { return second(c.RemoteDestinationsOf(ctx, testUUID)) },
		"RemoteDestinationProfilesOf": func(ctx context.Context, c *Client) error {
			return second(c.RemoteDestinationProfilesOf(ctx, testUUID))
		},
	} {
		all["executeSQLQuery-"+name] = requestCase{"one statement with one key", ask}
	}
	return all
}

func second[T any](_ T, err error) error { return err }
