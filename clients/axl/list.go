package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// The kinds of objects that Exists knows, in AXL's words.
const (
	ObjectCallPickupGroup      = "CallPickupGroup"
	ObjectCommonPhoneConfig    = "CommonPhoneConfig"
	ObjectCSS                  = "Css"
	ObjectDevicePool           = "DevicePool"
	ObjectIPPhoneService       = "IpPhoneServices"
	ObjectLDAPDirectory        = "LdapDirectory"
	ObjectLocation             = "Location"
	ObjectPhoneButtonTemplate  = "PhoneButtonTemplate"
	ObjectPhoneSecurityProfile = "PhoneSecurityProfile"
	ObjectPresenceGroup        = "PresenceGroup"
	ObjectRoutePartition       = "RoutePartition"
	ObjectServiceProfile       = "ServiceProfile"
	ObjectSIPProfile           = "SipProfile"
	ObjectSoftKeyTemplate      = "SoftKeyTemplate"
	ObjectUserGroup            = "UserGroup"
	ObjectUserProfile          = "UserProfileProvision"
	ObjectVoiceMailProfile     = "VoiceMailProfile"
)

// lists make the request that finds an object of each kind by its name.
var lists = map[string]func(criteria, tags *gen.NameTag) any{
	ObjectCallPickupGroup: func(_, tags *gen.NameTag) any { // cannot be searched by name
		return &gen.ListCallPickupGroup{SearchCriteria: &gen.PatternTag{Pattern: Set("%")}, ReturnedTags: tags}
	},
	ObjectCommonPhoneConfig: func(criteria, tags *gen.NameTag) any {
		return &gen.ListCommonPhoneConfig{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectCSS: func(criteria, tags *gen.NameTag) any {
		return &gen.ListCss{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectDevicePool: func(criteria, tags *gen.NameTag) any {
		return &gen.ListDevicePool{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectIPPhoneService: func(criteria, tags *gen.NameTag) any {
		return &gen.ListIpPhoneServices{
			SearchCriteria: &gen.ServiceNameTag{ServiceName: criteria.Name},
			ReturnedTags:   &gen.ServiceNameTag{ServiceName: tags.Name},
		}
	},
	ObjectLDAPDirectory: func(criteria, tags *gen.NameTag) any {
		return &gen.ListLdapDirectory{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectLocation: func(criteria, tags *gen.NameTag) any {
		return &gen.ListLocation{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectPhoneButtonTemplate: func(criteria, tags *gen.NameTag) any {
		return &gen.ListPhoneButtonTemplate{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectPhoneSecurityProfile: func(criteria, tags *gen.NameTag) any {
		return &gen.ListPhoneSecurityProfile{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectPresenceGroup: func(criteria, tags *gen.NameTag) any {
		return &gen.ListPresenceGroup{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectRoutePartition: func(criteria, tags *gen.NameTag) any {
		return &gen.ListRoutePartition{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectServiceProfile: func(criteria, tags *gen.NameTag) any {
		return &gen.ListServiceProfile{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectSIPProfile: func(criteria, tags *gen.NameTag) any {
		return &gen.ListSipProfile{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectSoftKeyTemplate: func(criteria, tags *gen.NameTag) any {
		return &gen.ListSoftKeyTemplate{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectUserGroup: func(criteria, tags *gen.NameTag) any {
		return &gen.ListUserGroup{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectUserProfile: func(criteria, tags *gen.NameTag) any {
		return &gen.ListUserProfileProvision{SearchCriteria: criteria, ReturnedTags: tags}
	},
	ObjectVoiceMailProfile: func(criteria, tags *gen.NameTag) any {
		return &gen.ListVoiceMailProfile{SearchCriteria: criteria, ReturnedTags: tags}
	},
}

// Exists reports whether there is an object of this kind with exactly this
// name, case included: references are resolved by the name as written. Fails
// with uc.Invalid for a kind that is none of the constants.
//
// Source: AXL 15.0 listCss, listDevicePool and their like.
func (c *Client) Exists(ctx context.Context, object, name string) (bool, error) {
	request, ok := lists[object]
	if !ok || name == "" {
		return false, c.invalid("", "no kind of object called "+object+", or no name to look for")
	}
	found := false
	// The name is a LIKE pattern for AXL and may match more than itself.
	err := c.call(ctx, "list"+object, request(&gen.NameTag{Name: &name}, &gen.NameTag{Name: Set("")}), &rows{each: func(r Row) error {
		found = found || r.Get("name") == name || r.Get("serviceName") == name
		return nil
	}})
	return found, err
}
