package axl

import (
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

func wireUser(u User) *gen.User {
	w := &gen.User{
		FirstName: u.FirstName, DisplayName: u.DisplayName, LastName: u.LastName, Userid: u.UserID,
		Pin: u.PIN, Mailid: u.MailID, Department: u.Department, Manager: u.Manager, UserLocale: u.UserLocale,
		AssociatedDevices: wireDevices(u.AssociatedDevices), PrimaryExtension: wireExtension(u.PrimaryExtension),
		AssociatedGroups: wireGroups(u.Groups), EnableCti: u.EnableCTI,
		PhoneProfiles: wireProfiles(u.PhoneProfiles), DefaultProfile: fk(u.DefaultProfile),
		PresenceGroupName: fk(u.PresenceGroup), SubscribeCallingSearchSpaceName: fk(u.SubscribeCSS),
		EnableMobility: u.EnableMobility, EnableMobileVoiceAccess: u.EnableMobileVoiceAccess, PinCredentials: wirePINCredentials(u.PINMustChange),
		CtiControlledDeviceProfiles: wireProfiles(u.CTIControlledDeviceProfiles),
		HomeCluster:                 u.HomeCluster, ImAndPresenceEnable: u.IMPresence, ServiceProfile: fk(u.ServiceProfile),
		DirectoryUri: u.DirectoryURI, TelephoneNumber: u.TelephoneNumber, Title: u.Title, MobileNumber: u.MobileNumber,
		ExtensionsInfo: wireExtensions(u.Extensions), SelfService: u.SelfService, UserProfile: fk(u.UserProfile),
	}
	writeKept(w, u.Kept)
	return w
}

func wireUserUpdate(u User) *gen.UpdateUser {
	w := &gen.UpdateUser{
		Userid: u.UserID, FirstName: u.FirstName, DisplayName: u.DisplayName, LastName: u.LastName, NewUserid: u.NewUserID,
		Pin: u.PIN, Mailid: u.MailID, Department: u.Department, Manager: u.Manager, UserLocale: u.UserLocale,
		AssociatedDevices: wireDevices(u.AssociatedDevices), PrimaryExtension: wireExtension(u.PrimaryExtension),
		AssociatedGroups: wireGroups(u.Groups), EnableCti: u.EnableCTI,
		PhoneProfiles: wireProfiles(u.PhoneProfiles), DefaultProfile: fk(u.DefaultProfile),
		PresenceGroupName: fk(u.PresenceGroup), SubscribeCallingSearchSpaceName: fk(u.SubscribeCSS),
		EnableMobility: u.EnableMobility, EnableMobileVoiceAccess: u.EnableMobileVoiceAccess, PinCredentials: wirePINCredentials(u.PINMustChange),
		CtiControlledDeviceProfiles: wireProfiles(u.CTIControlledDeviceProfiles),
		HomeCluster:                 u.HomeCluster, ImAndPresenceEnable: u.IMPresence, ServiceProfile: fk(u.ServiceProfile),
		DirectoryUri: u.DirectoryURI, TelephoneNumber: u.TelephoneNumber, Title: u.Title, MobileNumber: u.MobileNumber,
		ExtensionsInfo: wireExtensions(u.Extensions), SelfService: u.SelfService, UserProfile: fk(u.UserProfile),
	}
	writeKept(w, u.Kept)
	return w
}

func readUser(w *gen.User) User {
	return User{
		UUID: readUUID(w.Uuid), UserID: w.Userid,
		FirstName: value(w.FirstName), LastName: value(w.LastName), DisplayName: value(w.DisplayName),
		MailID: value(w.Mailid), Department: value(w.Department), Title: value(w.Title), Manager: value(w.Manager),
		MobileNumber: value(w.MobileNumber), DirectoryURI: value(w.DirectoryUri),
		TelephoneNumber: value(w.TelephoneNumber), UserLocale: value(w.UserLocale),
		AssociatedDevices: readDevices(w.AssociatedDevices), PrimaryExtension: readExtension(w.PrimaryExtension),
		Groups:    readGroups(w.AssociatedGroups),
		EnableCTI: value(w.EnableCti), EnableMobility: value(w.EnableMobility),
		EnableMobileVoiceAccess: value(w.EnableMobileVoiceAccess), Extensions: readExtensions(w.ExtensionsInfo),
		RemoteDestinationProfiles: readProfileNames(w.AssociatedRemoteDestinationProfiles),
		HomeCluster:               value(w.HomeCluster), IMPresence: value(w.ImAndPresenceEnable),
		PhoneProfiles: readProfiles(w.PhoneProfiles), DefaultProfile: refName(w.DefaultProfile),
		CTIControlledDeviceProfiles: readProfiles(w.CtiControlledDeviceProfiles),
		PresenceGroup:               refName(w.PresenceGroupName), SubscribeCSS: refName(w.SubscribeCallingSearchSpaceName),
		ServiceProfile: refName(w.ServiceProfile), SelfService: value(w.SelfService), UserProfile: refName(w.UserProfile),
		LDAPDirectory: fkName(w.LdapDirectoryName), Status: *value(w.Status), Kept: readKept(w),
	}
}

func wireDevices(names *[]string) *gen.Devices {
	if names == nil {
		return nil
	}
	return &gen.Devices{Device: *names}
}

func readDevices(w *gen.Devices) *[]string {
	if w == nil {
		return &[]string{}
	}
	return present(w.Device)
}

// present leaves out the blank entries that servers write into empty lists.
func present(names []string) *[]string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return &out
}

func wireExtension(e *Extension) *gen.UserExtension {
	switch {
	case e == nil:
		return nil
	case e.Pattern == "":
		return &gen.UserExtension{}
	}
	return &gen.UserExtension{Pattern: Set(wirePattern(e.Pattern)), RoutePartitionName: Set(e.Partition)}
}

func readExtension(w *gen.UserExtension) *Extension {
	if w == nil {
		return &Extension{}
	}
	return &Extension{Pattern: readPattern(*value(w.Pattern)), Partition: *value(w.RoutePartitionName)}
}

func wireExtensions(list *[]UserExtension) *gen.UserExtensions {
	if list == nil {
		return nil
	}
	out := &gen.UserExtensions{}
	for _, e := range *list {
		out.Extension = append(out.Extension, &gen.FurtherExtension{
			SortOrder: number(&e.SortOrder), Pattern: fk(Set(wirePattern(e.Pattern))), RoutePartition: Set(e.Partition),
			LinePrimaryUri: given(e.PrimaryURI),
		})
	}
	return out
}

func readExtensions(w *gen.UserExtensions) *[]UserExtension {
	out := []UserExtension{}
	if w != nil {
		for _, e := range w.Extension {
			out = append(out, UserExtension{
				Extension: Extension{Pattern: readPattern(fkName(e.Pattern)), Partition: *value(e.RoutePartition)},
				SortOrder: readNumber(e.SortOrder), PrimaryURI: *value(e.LinePrimaryUri),
			})
		}
	}
	return &out
}

func readProfileNames(w *gen.UserProfileNames) []string {
	if w == nil {
		return nil
	}
	return *present(w.RemoteDestinationProfile)
}

func wireGroups(names *[]string) *gen.UserGroups {
	if names == nil {
		return nil
	}
	out := &gen.UserGroups{}
	for _, n := range *names {
		out.UserGroup = append(out.UserGroup, &gen.UserGroupName{Name: Set(n)})
	}
	return out
}

func readGroups(w *gen.UserGroups) *[]string {
	if w == nil {
		return &[]string{}
	}
	names := make([]string, 0, len(w.UserGroup))
	for _, g := range w.UserGroup {
		names = append(names, *value(g.Name))
	}
	return present(names)
}

func wireProfiles(names *[]string) *gen.Profiles {
	if names == nil {
		return nil
	}
	out := &gen.Profiles{}
	for _, n := range *names {
		out.ProfileName = append(out.ProfileName, fk(&n))
	}
	return out
}

func readProfiles(w *gen.Profiles) *[]string {
	if w == nil {
		return &[]string{}
	}
	names := make([]string, 0, len(w.ProfileName))
	for _, p := range w.ProfileName {
		names = append(names, fkName(p))
	}
	return present(names)
}

func wirePINCredentials(mustChange *bool) *gen.PinCredentials {
	if mustChange == nil {
		return nil
	}
	return &gen.PinCredentials{PinCredUserMustChange: mustChange}
}
