package main

import (
	"cmp"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// object is something on a call processor that the catalog names.
type object struct{ kind, name, usedBy string }

// objectsOn lists what the catalog names on a call processor, each once, and at
// least one that every call processor has.
func objectsOn(c uc.Catalog, processor string) []object {
	out := []object{{axl.ObjectLocation, "Hub_None", "every phone"}}
	add := func(kind, name, usedBy string) {
		known := slices.ContainsFunc(out, func(o object) bool { return o.kind == kind && o.name == name })
		if name != "" && !known {
			out = append(out, object{kind, name, usedBy})
		}
	}
	for _, p := range c.Pools {
		if p.CallProcessor == processor {
			add(axl.ObjectRoutePartition, p.Partition, "pool "+p.Name)
		}
	}
	for _, a := range c.ServiceAreas {
		if a.CallProcessor != processor {
			continue
		}
		by := "service area " + a.Name
		add(axl.ObjectDevicePool, a.DevicePool, by)
		add(axl.ObjectLocation, a.Location, by)
		add(axl.ObjectCSS, a.DeviceCSS, by)
		for _, class := range []uc.ClassOfService{uc.Local, uc.National, uc.Mobile, uc.International} {
			add(axl.ObjectCSS, a.LineCSS[class], by)
		}
		add(axl.ObjectLDAPDirectory, a.LDAPAgreement, by)
		add(axl.ObjectCallPickupGroup, a.PickupGroup, by)
		add(axl.ObjectVoiceMailProfile, a.Voicemail, by)
		for _, t := range c.Templates {
			if t.Name == a.Template {
				templateObjects(t, add)
			}
		}
	}
	return out
}

// templateObjects adds what a template names.
func templateObjects(t uc.Template, add func(kind, name, usedBy string)) {
	by := "template " + t.Name
	add(axl.ObjectPhoneButtonTemplate, t.DeviceProfile.ButtonTemplate, by)
	add(axl.ObjectSoftKeyTemplate, t.DeviceProfile.SoftkeyTemplate, by)
	add(axl.ObjectIPPhoneService, t.DeviceProfile.Service, by)
	for _, p := range t.SoftPhones {
		add(axl.ObjectPhoneButtonTemplate, p.ButtonTemplate, by)
		add(axl.ObjectPhoneSecurityProfile, p.SecurityProfile, by)
		add(axl.ObjectSIPProfile, p.SIPProfile, by)
	}
	add(axl.ObjectCSS, t.Line.ForwardCSS, by)
	add(axl.ObjectPresenceGroup, cmp.Or(t.Line.PresenceGroup, "Standard Presence group"), by)
	add(axl.ObjectPresenceGroup, cmp.Or(t.User.PresenceGroup, "Standard Presence group"), by)
	add(axl.ObjectServiceProfile, t.User.ServiceProfile, by)
	for _, g := range t.User.Groups {
		add(axl.ObjectUserGroup, g, by)
	}
}
