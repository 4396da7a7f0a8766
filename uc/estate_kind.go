package uc

// Kinds that rules ask for by name.
const (
	UserKind                     EstateKind = "user"
	PhoneKind                    EstateKind = "phone"
	LineKind                     EstateKind = "line"
	DeviceProfileKind            EstateKind = "deviceProfile"
	RemoteDestinationProfileKind EstateKind = "remoteDestinationProfile"
	RemoteDestinationKind        EstateKind = "remoteDestination"
	LicenceKind                  EstateKind = "licenceCapabilities"
	SpecialNumberKind            EstateKind = "specialNumber" // digits in use by what is not ours: intercom, hunt pilot, other endpoint
	UserGroupKind                EstateKind = "userGroup"
	CSSKind                      EstateKind = "css"
	DevicePoolKind               EstateKind = "devicePool"
	LocationKind                 EstateKind = "location"
	PartitionKind                EstateKind = "routePartition"
	ServiceKind                  EstateKind = "ipPhoneServices"
)

// EstateKinds lists the kinds of objects, what others refer to first. The titles and
// other names are those of the 52 infrastructure and 11 subscriber objects of the
// guide of Cisco Prime Collaboration Provisioning (tables 5-1 and 5-2), and of what
// templates need beside them.
var EstateKinds = []KindInfo{
	infra("dialPlan", "Dial Plan"),
	infra("dialPlanTag", "Dial Plan Tag"),
	infra("ddi", "Digit Discard Instruction"),
	infra("dateTimeGroup", "Date Time Setting", "Date Time Group"),
	infra("callManagerGroup", "CM Group", "Call Manager Group"),
	infra("region", "Region"),
	{Kind: LocationKind, Title: "Location", Group: InfraGroup, Both: true},
	infra("mohAudioSource", "MOH Audio Source"),
	infra("mediaResourceGroup", "Media Resource Group"),
	infra("mediaResourceList", "Media Resource List"),
	infra("srst", "SRST"),
	infra("aarGroup", "AAR Group"),
	infra(PartitionKind, "Route Partition", "Partition"),
	{Kind: CSSKind, Title: "CSS", Also: []string{"Calling Search Space"}, Group: InfraGroup, Both: true},
	infra("geoLocation", "Geo Location"),
	infra("geoLocationFilter", "Geo Location Filter"),
	infra("presenceGroup", "Presence Group"),
	infra("softKeyTemplate", "Softkey Template"),
	infra("phoneButtonTemplate", "Phone Template", "Phone Button Template"),
	infra("phoneSecurityProfile", "Security Profile", "Phone Security Profile"),
	infra("sipProfile", "SIP Profile"),
	infra("commonDeviceConfig", "Common Device Config"),
	infra("commonPhoneConfig", "Phone Profile", "Common Phone Profile"),
	infra("resourcePriorityNamespaceList", "Resource Priority Namespace List"),
	infra("conferenceBridge", "Conference Bridge"),
	{Kind: DevicePoolKind, Title: "Device Pool", Group: InfraGroup, Both: true},
	infra("gatekeeper", "Gatekeeper"),
	// Analogue gateways have no list of their own, and the enable password of a router
	// is known by its gateway: no list returns it.
	infra("gateway", "Gateway", "VG202", "VG204", "VG224", "Enable Password Router"),
	infra("h323Gateway", "H323 Gateway"),
	infra("h323Trunk", "H323 Trunk"),
	infra("sipTrunk", "SIP Trunk"),
	infra("routeFilter", "Route Filter"),
	infra("routeGroup", "Route Group"),
	infra("routeList", "Route List"),
	infra("routePattern", "Route Pattern"),
	infra("transPattern", "Translation Pattern"),
	infra("lineGroup", "Line Group", "Hunt Group"),
	infra("huntList", "Hunt List"),
	infra("huntPilot", "Hunt Pilot"),
	infra("callPark", "Call Park"),
	infra("callPickupGroup", "Call Pickup Group"),
	infra("meetMe", "Meet-Me Number/Pattern", "Meet-Me"),
	infra("messageWaiting", "Message Waiting"),
	infra("voiceMailPilot", "VG Voicemail Pilot", "Voicemail Pilot"),
	infra("voiceMailPort", "Voicemail Port"),
	infra("voiceMailProfile", "Voicemail Profile"),
	infra("serviceProfile", "UC Service Profile", "Service Profile"),
	infra(ServiceKind, "IP Phone Service"),
	infra("userGroup", "User Group", "Access Control Group"),
	infra("credentialPolicy", "Credential Policy"),
	infra("ldapDirectory", "LDAP Directory"),
	{Kind: DeviceProfileKind, Title: "Device Profile", Group: SubscriberGroup, Both: true},
	{
		Kind: RemoteDestinationProfileKind, Title: "Remote Destination Profile", Group: SubscriberGroup, Both: true,
		Also: []string{"Remote Destination Profile Line"},
	},
	subscriber(LineKind, "Line", "Directory Number"),
	subscriber(PhoneKind, "IP Phone", "Phone"),
	subscriber(RemoteDestinationKind, "Remote Destination"),
	subscriber(UserKind, "User"),
	subscriber(LicenceKind, "License Capabilities", "License", "Licence"),
	subscriber(SpecialNumberKind, "Special Directory Number"),
}

func infra(kind EstateKind, title string, also ...string) KindInfo {
	return KindInfo{Kind: kind, Title: title, Also: also, Group: InfraGroup}
}

func subscriber(kind EstateKind, title string, also ...string) KindInfo {
	return KindInfo{Kind: kind, Title: title, Also: also, Group: SubscriberGroup}
}
