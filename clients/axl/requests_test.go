package axl

import (
	"context"
	"maps"
	"strings"
)

type requestCase struct {
	reason string
	call   func(context.Context, *Client) error
}

// requests is every request the client can send, in the shapes that matter.
func requests() map[string]requestCase {
	all := map[string]requestCase{}
	for _, part := range []map[string]requestCase{
		userRequests(), lineRequests(), deviceProfileRequests(), phoneRequests(), otherRequests(), renameRequests(),
		remoteDestinationProfileRequests(), remoteDestinationRequests(), usageRequests(), estateRequests(),
	} {
		maps.Copy(all, part)
	}
	for _, object := range []string{
		ObjectCallPickupGroup, ObjectCommonPhoneConfig, ObjectCSS, ObjectDevicePool, ObjectIPPhoneService, ObjectLDAPDirectory,
		ObjectLocation, ObjectPhoneButtonTemplate, ObjectPhoneSecurityProfile, ObjectPresenceGroup, ObjectRoutePartition,
		ObjectServiceProfile, ObjectSIPProfile, ObjectSoftKeyTemplate, ObjectUserGroup, ObjectUserProfile, ObjectVoiceMailProfile,
	} {
		all["list"+object] = requestCase{"existence by name", func(ctx context.Context, c *Client) error {
			_, err := c.Exists(ctx, object, "Lisbon & Süd")
			return err
		}}
	}
	return all
}

func fullUser() User {
	return User{
		UserID: "mueller", FirstName: Set("Jürgen"), LastName: Set("O'Müller"), DisplayName: Set("Jürgen O'Müller"),
		MailID: Set("mueller@example.org"), Department: Set("R&D <Süd>"), Title: Set("Engineer"), Manager: Set("boss"),
		MobileNumber: Set("+351911234001"), DirectoryURI: Set("mueller@example.org"),
		TelephoneNumber: Set("+351211234001"), UserLocale: Set("German Germany"),
		PIN: Set("48201"), PINMustChange: Set(true),
		AssociatedDevices: Set([]string{"SEP001122334455", "CSFMUELLER"}), PrimaryExtension: &Extension{"+351211234001", "Lisbon_PT"},
		Groups:     Set([]string{"Standard CCM End Users", "Standard CTI Enabled"}),
		Extensions: &[]UserExtension{{Extension: Extension{"4711", "Lisbon_PT"}, SortOrder: 2, PrimaryURI: "mueller@example.org"}},
		EnableCTI:  Set(true), EnableMobility: Set(true), EnableMobileVoiceAccess: Set(true), HomeCluster: Set(true), IMPresence: Set(true),
		PhoneProfiles: Set([]string{"mueller-em"}), DefaultProfile: Set("mueller-em"),
		CTIControlledDeviceProfiles: Set([]string{"mueller-em"}),
		Kept:                        Kept{"middleName": "K.", "remoteDestinationLimit": "2", "calendarPresence": "false"},
		PresenceGroup:               Set("Standard Presence group"), SubscribeCSS: Set("Lisbon_CSS"),
		ServiceProfile: Set("Jabber"), SelfService: Set("4001"), UserProfile: Set("Standard (Factory Default) User Profile"),
	}
}

func userRequests() map[string]requestCase {
	return map[string]requestCase{
		"getUser": {"by user id", func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, "jdoe")
			return err
		}},
		"addUser-least": {"what is nil is not sent, the required presence group is", func(ctx context.Context, c *Client) error {
			_, err := c.AddUser(ctx, User{UserID: "jdoe", LastName: Set("Doe")})
			return err
		}},
		"addUser-all": {"every field", func(ctx context.Context, c *Client) error {
			_, err := c.AddUser(ctx, fullUser())
			return err
		}},
		"updateUser-nothing": {"only the key", func(ctx context.Context, c *Client) error {
			return c.UpdateUser(ctx, User{UserID: "jdoe"})
		}},
		"updateUser-all": {"every field, renamed", func(ctx context.Context, c *Client) error {
			u := fullUser()
			u.NewUserID = Set("omueller")
			return c.UpdateUser(ctx, u)
		}},
		"updateUser-clear": {"everything that can be empty is empty, booleans are false", func(ctx context.Context, c *Client) error {
			return c.UpdateUser(ctx, User{
				UserID: "jdoe", FirstName: Clear[string](), DisplayName: Clear[string](), MailID: Clear[string](),
				Department: Clear[string](), Title: Clear[string](), TelephoneNumber: Clear[string](), UserLocale: Clear[string](),
				Manager: Clear[string](), MobileNumber: Clear[string](), DirectoryURI: Clear[string](), Extensions: Clear[[]UserExtension](),
				AssociatedDevices: Clear[[]string](), PrimaryExtension: Clear[Extension](), Groups: Clear[[]string](),
				EnableMobileVoiceAccess: Clear[bool](),
				EnableCTI:               Clear[bool](), EnableMobility: Clear[bool](), HomeCluster: Clear[bool](), IMPresence: Clear[bool](),
				PhoneProfiles: Clear[[]string](), DefaultProfile: Clear[string](), CTIControlledDeviceProfiles: Clear[[]string](),
				SubscribeCSS: Clear[string](), ServiceProfile: Clear[string](), SelfService: Clear[string](), UserProfile: Clear[string](),
			})
		}},
		"updateUser-pin": {"a PIN is masked in the record", func(ctx context.Context, c *Client) error {
			return c.UpdateUser(ctx, User{UserID: "jdoe", PIN: Set("48201"), PINMustChange: Set(true)})
		}},
		"removeUser": {"by user id", func(ctx context.Context, c *Client) error { return c.RemoveUser(ctx, "jdoe") }},
		"doAuthenticateUser": {"a PIN is masked in the record", func(ctx context.Context, c *Client) error {
			_, err := c.AuthenticateUser(ctx, "jdoe", "48201")
			return err
		}},
	}
}

func fullLine() Line {
	forward := &Forward{Destination: "+351219999999", CSS: "Lisbon_International"}
	mail := &Forward{ToVoiceMail: true, CSS: "Lisbon_Internal"}
	timed := &Forward{ToVoiceMail: true, CSS: "Lisbon_Internal", Duration: "18"}
	return Line{
		Pattern: "+351211234001", Partition: "Lisbon_PT", Description: Set("Jürgen O'Müller"),
		AlertingName: Set("Jürgen O'Müller"), ASCIIAlertingName: Set("Jurgen O'Muller"), CSS: Set("Lisbon_National"),
		VoiceMailProfile: Set("Unity"), CallPickupGroup: Set("Sales"), PresenceGroup: Set("Standard Presence group"), Active: Set(true),
		ForwardAll:  &Forward{Destination: "4002", CSS: "Lisbon_Internal", SecondaryCSS: "Lisbon_Local"},
		ForwardBusy: mail, ForwardBusyInt: mail, ForwardNoAnswer: timed, ForwardNoAnswerInt: timed,
		ForwardNoCoverage: mail, ForwardNoCoverageInt: mail, ForwardOnFailure: mail,
		ForwardNotRegistered: forward, ForwardNotRegisteredInt: forward,
	}
}

func lineRequests() map[string]requestCase {
	return map[string]requestCase{
		"getLine": {"the plus of E.164 is escaped", func(ctx context.Context, c *Client) error {
			_, err := c.GetLine(ctx, "+351211234001", "Lisbon_PT")
			return err
		}},
		"getLine-none": {"no partition is an empty one", func(ctx context.Context, c *Client) error {
			_, err := c.GetLine(ctx, "4711", "")
			return err
		}},
		"addLine-least": {"usage is required", func(ctx context.Context, c *Client) error {
			_, err := c.AddLine(ctx, Line{Pattern: "4711", Partition: "Lisbon_PT"})
			return err
		}},
		"addLine-all": {"every field; forward destinations are dialled, so their plus is bare", func(ctx context.Context, c *Client) error {
			_, err := c.AddLine(ctx, fullLine())
			return err
		}},
		"updateLine-all": {"every field", func(ctx context.Context, c *Client) error { return c.UpdateLine(ctx, fullLine()) }},
		"updateLine-clear": {"a used number is reset completely", func(ctx context.Context, c *Client) error {
			off := Clear[Forward]()
			return c.UpdateLine(ctx, Line{
				Pattern: "4711", Partition: "Lisbon_PT", Description: Clear[string](), AlertingName: Clear[string](),
				ASCIIAlertingName: Clear[string](), CSS: Clear[string](), VoiceMailProfile: Clear[string](),
				CallPickupGroup: Clear[string](), Active: Clear[bool](),
				ForwardAll: off, ForwardBusy: off, ForwardBusyInt: off, ForwardNoAnswer: off, ForwardNoAnswerInt: off,
				ForwardNoCoverage: off, ForwardNoCoverageInt: off, ForwardOnFailure: off, ForwardNotRegistered: off,
				ForwardNotRegisteredInt: off,
			})
		}},
		"removeLine": {"by pattern and partition", func(ctx context.Context, c *Client) error {
			return c.RemoveLine(ctx, "+351211234001", "Lisbon_PT")
		}},
	}
}

func appearance() LineAppearance {
	return LineAppearance{
		Index: 1, Pattern: "+351211234001", Partition: "Lisbon_PT", Label: Set("O'Müller 4001"), Display: Set("Jürgen O'Müller"),
		DisplayASCII: Set("Jurgen O'Muller"), E164Mask: Set("+35121123XXXX"), MaxCalls: Set(4), BusyTrigger: Set(2),
		EndUsers: Set([]string{"mueller"}),
		Kept: &KeptAppearance{
			RingSetting: "Ring", ConsecutiveRingSetting: "Use System Default", RingIdlePickupAlert: "Use System Default",
			RingActivePickupAlert: "Use System Default", MWLPolicy: "Use System Policy", AudibleMWI: "Default",
			PartitionUsage: "General", RecordingFlag: "Call Recording Disabled", RecordingMediaSource: "Gateway Preferred",
			RecordingProfile: "Recorder", MonitoringCSS: "Lisbon_Internal", CallerName: Set(true), CallerNumber: Set(false),
			RedirectedNumber: Set(false), DialedNumber: Set(true), MissedCallLogging: Set(true),
		},
	}
}

func otherRequests() map[string]requestCase {
	return map[string]requestCase{
		"listRoutePlan": {"a partition narrows", func(ctx context.Context, c *Client) error {
			_, err := c.ListRoutePlan(ctx, "4711", "Lisbon_PT")
			return err
		}},
		"listRoutePlan-plus": {"LIKE reads a backslash itself", func(ctx context.Context, c *Client) error {
			_, err := c.ListRoutePlan(ctx, "+351211234001", "")
			return err
		}},
		"executeSQLQuery": {"text is escaped", func(ctx context.Context, c *Client) error {
			sql := strings.Join([]string{"SELECT pkid, userid", "FROM enduser", "WHERE userid < 'a&b'"}, "\n")
			return c.QuerySQL(ctx, sql, func(Row) error { return nil })
		}},
		"doLdapSync": {"true starts it", func(ctx context.Context, c *Client) error { return c.StartLDAPSync(ctx, "AD Lisbon") }},
		"getLdapSyncStatus": {"by name", func(ctx context.Context, c *Client) error {
			_, err := c.LDAPSyncStatus(ctx, "AD Lisbon")
			return err
		}},
		"doDeviceLogin": {"no end", func(ctx context.Context, c *Client) error {
			return c.DeviceLogin(ctx, "SEP001122334455", "mueller-em", "mueller")
		}},
		"doDeviceLogout": {"by phone", func(ctx context.Context, c *Client) error { return c.DeviceLogout(ctx, "SEP001122334455") }},
		"getCCMVersion": {"asked even when the version is given", func(ctx context.Context, c *Client) error {
			_, _, err := c.Version(ctx)
			return err
		}},
	}
}
