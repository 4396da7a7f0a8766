package activities

import (
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
)

// userBack is the update that takes back what the joiner gave the user: only what
// still is as the order set it, and was not so before. It is the zero User when
// there is nothing to do.
func userBack(in UserIn, made bool, before, now axl.User) axl.User {
	text := func(ours string, before, now *string) *string {
		if ours == "" || !same(ours, val(now)) || same(val(before), val(now)) {
			return nil
		}
		return axl.Set(val(before))
	}
	flag := func(ours bool, before, now *bool) *bool {
		// A new user is gone in a moment: what it may do is not worth a write.
		if made || !ours || !val(now) || val(before) {
			return nil
		}
		return axl.Set(false)
	}
	profile := []string{in.Profile}
	back := axl.User{
		AssociatedDevices:           without(in.Devices, before.AssociatedDevices, now.AssociatedDevices),
		PhoneProfiles:               without(profile, before.PhoneProfiles, now.PhoneProfiles),
		CTIControlledDeviceProfiles: without(profile, before.CTIControlledDeviceProfiles, now.CTIControlledDeviceProfiles),
		DefaultProfile:              text(in.Profile, before.DefaultProfile, now.DefaultProfile),
		EnableCTI:                   flag(in.User.CTI, before.EnableCTI, now.EnableCTI),
		EnableMobility:              flag(in.User.Mobility, before.EnableMobility, now.EnableMobility),
		HomeCluster:                 flag(true, before.HomeCluster, now.HomeCluster),
		IMPresence:                  flag(in.User.IMPresence, before.IMPresence, now.IMPresence),
	}
	if !made {
		back.Groups = without(in.User.Groups, before.Groups, now.Groups)
		back.ServiceProfile = text(in.User.ServiceProfile, before.ServiceProfile, now.ServiceProfile)
		back.SelfService = text(in.User.SelfService, before.SelfService, now.SelfService)
		back.UserLocale = text(in.User.Locale, before.UserLocale, now.UserLocale)
	}
	ours := axl.Extension{Pattern: in.Number, Partition: in.Part}
	if sameExtension(val(now.PrimaryExtension), ours) && !sameExtension(val(before.PrimaryExtension), ours) {
		back.PrimaryExtension = axl.Set(val(before.PrimaryExtension))
	}
	return back
}

// without is the list as it is now without what the order added; nil when it holds
// nothing of that.
func without(added []string, before, now *[]string) *[]string {
	kept := slices.DeleteFunc(slices.Clone(val(now)), func(name string) bool {
		return contains(added, name) && !contains(val(before), name)
	})
	if len(kept) == len(val(now)) {
		return nil
	}
	return axl.Set(append([]string{}, kept...))
}

func sameExtension(a, b axl.Extension) bool {
	return a.Pattern == b.Pattern && same(a.Partition, b.Partition)
}
