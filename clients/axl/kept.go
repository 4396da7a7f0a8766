package axl

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// Kept is what else the server knows of a user, phone or profile: AXL's
// elements that Dialtone does not own, by name ("dndOption"), references by the other's name,
// booleans as "true" and "false". It is only read, and sent back to put something
// back as it was or to carry it over to another phone. What is empty is not read
// into it; an entry that is empty clears, one that the other has no element for
// is not sent.
type Kept map[string]string

// keptElements are the elements of Kept. Left out is what the server makes by
// itself (loads, certificates, versions) and what it refuses when it is sent back
// (confidentialAccess). Source: AXL 15.0 XPhone, XDeviceProfile,
// XRemoteDestinationProfile, XUser.
var keptElements = words(`
	commonDeviceConfigName networkLocation mediaResourceListName networkHoldMohAudioSourceId userHoldMohAudioSourceId
	automatedAlternateRoutingCssName aarNeighborhoodName mlppDomainId mlppIndicationStatus preemption useTrustedRelayPoint
	retryVideoCallAsAudio cgpnTransformationCssName useDevicePoolCgpnTransformCss geoLocationName geoLocationFilterName
	sendGeoLocation primaryPhoneName ringSettingIdleBlfAudibleAlert ringSettingBusyBlfAudibleAlert networkLocale idleTimeout
	authenticationUrl directoryUrl idleUrl informationUrl messagesUrl proxyServerUrl servicesUrl singleButtonBarge
	joinAcrossLines builtInBridgeStatus callInfoPrivacyStatus hlogStatus ignorePresentationIndicators allowCtiControlFlag
	unattendedPort requireDtmfReception rfc2833Disabled deviceMobilityMode remoteDevice dndOption dndRingSetting dndStatus
	phoneSuite phoneServiceDisplay isProtected mtpRequired mtpPreferedCodec dialRulesName sshUserId digestUser
	outboundCallRollover hotlineDevice secureInformationUrl secureDirectoryUrl secureMessageUrl secureServicesUrl
	secureAuthenticationUrl secureIdleUrl alwaysUsePrimeLine alwaysUsePrimeLineForVoiceMessage featureControlPolicy
	deviceTrustMode earlyOfferSupportForVoiceCall requireThirdPartyRegistration blockIncomingCallsWhenRoaming homeNetworkId
	AllowPresentationSharingUsingBfcp requireOffPremiseLocation allowiXApplicableMedia cgpnIngressDN
	useDevicePoolCgpnIngressDN msisdn enableCallRoutingToRdWhenNoneIsActive wifiHotspotProfile wirelessLanProfileGroup
	elinGroup emccCallingSearchSpace
	middleName associatedPc maxDeskPickupWaitTime remoteDestinationLimit enableEmcc patternPrecedence numericUserId homeNumber
	pagerNumber calendarPresence nameDialing enableUserToHostConferenceNow attendeesAccessCode zeroHop`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// readKept takes the kept elements out of a wire struct of gen.
func readKept(wire any) Kept {
	out := Kept{}
	eachKept(wire, func(name string, field reflect.Value) {
		text := ""
		switch v := field.Interface().(type) {
		case *string:
			text = strings.TrimSpace(*value(v))
		case *gen.Fk:
			text = fkName(v)
		case *bool:
			if v != nil {
				text = strconv.FormatBool(*v)
			}
		}
		if text != "" {
			out[name] = text
		}
	})
	return out
}

// writeKept puts the kept elements into a wire struct of gen, over what is there.
func writeKept(wire any, kept Kept) {
	eachKept(wire, func(name string, field reflect.Value) {
		text, given := kept[name]
		if !given {
			return
		}
		switch field.Interface().(type) {
		case *string:
			field.Set(reflect.ValueOf(&text))
		case *gen.Fk:
			field.Set(reflect.ValueOf(fk(&text)))
		case *bool:
			field.Set(reflect.ValueOf(Set(text == "true")))
		}
	})
}

func eachKept(wire any, each func(name string, field reflect.Value)) {
	v := reflect.ValueOf(wire).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("xml"), ",")
		if keptElements[name] {
			each(name, v.Field(i))
		}
	}
}
