package axl

// objectKinds are the lists of AXL and what is read by them. The tags stand in
// the order AXL wants them and are those that 11.5, 12.5, 14.0 and 15.0 all know;
// "?" marks a boolean and "=any" another tag that must not be empty, "+" what a
// list answers without being asked. Left out are passwords, and digit manipulation
// of trunks and gateways.
//
// Source: AXL 15.0, the L types of AXLSoap.xsd.
var objectKinds = map[string]objectKind{
	ObjectAARGroup: {element: "aarGroup", tags: "name"},
	ObjectCallPark: {
		element: "callPark", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern description usage routePartitionName callManagerName`,
	},
	ObjectDirectedCallPark: {
		element: "directedCallPark", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern description usage routePartitionName retrievalPrefix reversionPattern revertCssName`,
	},
	ObjectCSS:              {element: "css", tags: "description clause dialPlanWizardGenId partitionUsage name"},
	ObjectCallManagerGroup: {element: "callManagerGroup", tags: "name tftpDefault?"},
	ObjectCallManager: {
		element: "callManager",
		tags:    "name description +autoRegistration processNodeName lbmGroup",
	},
	ObjectCallPickupGroup: {element: "callPickupGroup", partition: "routePartitionName", criterion: "pattern", tags: `
		pattern description usage routePartitionName pickupNotification pickupNotificationTimer
		+callInfoForPickupNotification name`},
	ObjectCommonDeviceConfig: {element: "commonDeviceConfig", tags: `
		name softkeyTemplateName userLocale networkHoldMohAudioSourceId userHoldMohAudioSourceId
		mlppIndicationStatus +useTrustedRelayPoint preemption ipAddressingMode ipAddressingModePreferenceControl
		allowAutoConfigurationForPhones useImeForOutboundCalls +confidentialAccess allowDuplicateAddressDetection
		acceptRedirectMessages replyMulticastEchoRequest`},
	ObjectCommonPhoneConfig: {element: "commonPhoneConfig", tags: `
		name description dndOption dndAlertingType backgroundImage? phonePersonalization phoneServiceDisplay
		alwaysUsePrimeLine alwaysUsePrimeLineForVoiceMessage vpnGroupName vpnProfileName featureControlPolicy`},
	ObjectConferenceBridge: {element: "conferenceBridge", tags: `
		name=any description product devicePoolName commonDeviceConfigName locationName subUnit loadInformation
		maximumCapacity useTrustedRelayPoint securityProfileName destinationAddress mcuConferenceBridgeSipPort
		sipProfile srtpAllowed? normalizationScript enableTrace? httpPort useHttps? conferenceBridgePrefix
		allowCFBControlOfCallSecurityIcon? overrideSIPTrunkAddress? sipTrunkName`},
	ObjectDateTimeGroup: {element: "dateTimeGroup", tags: "name timeZone dateformat"},
	ObjectDevicePool: {element: "devicePool", tags: `
		name autoSearchSpaceName dateTimeSettingName callManagerGroupName mediaResourceListName regionName
		networkLocale srstName connectionMonitorDuration automatedAlternateRoutingCssName aarNeighborhoodName
		locationName mobilityCssName physicalLocationName deviceMobilityGroupName revertPriority singleButtonBarge
		joinAcrossLines cgpnTransformationCssName cdpnTransformationCssName localRouteGroupName geoLocationName
		geoLocationFilterName adjunctCallingSearchSpace +localRouteGroup`},
	ObjectDeviceProfile: {element: "deviceProfile", tags: `
		name description product model class protocol userHoldMohAudioSourceId phoneTemplateName userLocale
		singleButtonBarge joinAcrossLines loginUserId dndOption emccCallingSearchSpace alwaysUsePrimeLine
		softkeyTemplateName +currentConfig featureControlPolicy`},
	ObjectDialPlan:     {element: "dialPlan", tags: "name description"},
	ObjectDialPlanTag:  {element: "dialPlanTag", tags: "name dialPlanName operator suppressFromRouteFilter?"},
	ObjectDigitDiscard: {element: "ddi", tags: "name clause dialPlanName digitAnalysisId"},
	ObjectGatekeeper:   {element: "gatekeeper", tags: "name description rrqTimeToLive retryTimeout enableDevice?"},
	ObjectGateway: {element: "gateway", name: "domainName", criterion: "domainName", tags: `
		domainName description product protocol callManagerGroupName scratch loadInformation`},
	ObjectVG202: {
		element: "gateway", name: "domainName", criterion: "product", value: "VG202", op: "listGateway",
		tags: `
		domainName description product protocol callManagerGroupName scratch loadInformation`,
	},
	ObjectVG204: {
		element: "gateway", name: "domainName", criterion: "product", value: "VG204", op: "listGateway",
		tags: `
		domainName description product protocol callManagerGroupName scratch loadInformation`,
	},
	ObjectVG224: {
		element: "gateway", name: "domainName", criterion: "product", value: "VG224", op: "listGateway",
		tags: `
		domainName description product protocol callManagerGroupName scratch loadInformation`,
	},
	ObjectGeoLocation: {element: "geoLocation", tags: `
		name country description nationalSubDivision district communityName cityDivision neighbourhood street
		leadingStreetDirection trailingStreetSuffix streetSuffix houseNumber houseNumberSuffix landmark location
		floor occupantName postalCode`},
	ObjectGeoLocationFilter: {element: "geoLocationFilter", tags: `
		name description useCountry? useNationalSubDivision? useDistrict? useCommunityName? useCityDivision?
		useNeighbourhood? useStreet? useLeadingStreetDirection? useTrailingStreetSuffix? useStreetSuffix?
		useHouseNumber? useHouseNumberSuffix? useLandmark? useLocation? useFloor? useOccupantName? usePostalCode?`},
	ObjectHuntList: {element: "huntList", tags: `
		description callManagerGroupName routeListEnabled? voiceMailUsage? name`},
	ObjectHuntPilot: {
		element: "huntPilot", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern description usage routePartitionName blockEnable? calledPartyTransformationMask
		callingPartyTransformationMask useCallingPartyPhoneMask callingPartyPrefixDigits dialPlanName
		digitDiscardInstructionName patternUrgency? prefixDigitsOut routeFilterName callingLinePresentationBit
		callingNamePresentationBit connectedLinePresentationBit connectedNamePresentationBit patternPrecedence
		provideOutsideDialtone? callingPartyNumberingPlan callingPartyNumberType calledPartyNumberingPlan
		calledPartyNumberType huntListName +parkMonForwardNoRetrieve alertingName asciiAlertingName
		aarNeighborhoodName +forwardHuntNoAnswer +forwardHuntBusy callPickupGroupName maxHuntduration releaseClause
		displayConnectedNumber? +queueCalls`,
	},
	ObjectLicensedUser: {
		element: "licensedUser", name: "userId", criterion: "userId",
		tags: "userId firstName lastName snrEnabled +emEnabled deviceCount licenseType licenseUsed",
	},
	ObjectLineGroup: {element: "lineGroup", tags: `
		distributionAlgorithm rnaReversionTimeOut huntAlgorithmNoAnswer huntAlgorithmBusy huntAlgorithmNotAvailable
		name autoLogOffHunt?`},
	ObjectH323Gateway: {element: "h323Gateway", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint cgpnTransformationCssName geoLocationName
		cdpnTransformationCssName srtpAllowed? mtpRequired? callerIdDn callingPartySelection signalingPort
		+sigDigits prefixDn pstnAccess? +confidentialAccess`},
	ObjectH323Trunk: {element: "h323Trunk", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName aarNeighborhoodName useTrustedRelayPoint
		cgpnTransformationCssName geoLocationName cdpnTransformationCssName srtpAllowed? mtpRequired? callerIdDn
		callingPartySelection signalingPort +sigDigits prefixDn +gateKeeperInfo pstnAccess?
		automatedAlternateRoutingCssName runOnEveryNode? +confidentialAccess`},
	ObjectLocation: {element: "location", tags: `
		name id withinAudioBandwidth withinVideoBandwidth withinImmersiveKbits`},
	ObjectMediaResourceGroup: {element: "mediaResourceGroup", tags: "name description multicast?"},
	ObjectMediaResourceList:  {element: "mediaResourceList", tags: "name clause"},
	ObjectMeetMe: {element: "meetMe", name: "pattern", partition: "routePartitionName", criterion: "pattern", tags: `
		pattern description usage routePartitionName minimumSecurityLevel`},
	ObjectMessageWaiting: {
		element: "messageWaiting", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern routePartitionName description messageWaitingIndicator? callingSearchSpaceName`,
	},
	ObjectMOHAudioSource: {element: "mohAudioSource", tags: `
		sourceId name sourceFile multicast? mohFileStatus initialAnnouncement periodicAnnouncement
		periodicAnnouncementInterval localeAnnouncement initialAnnouncementPlayed?`},
	ObjectMOHServer: {element: "mohServer", tags: `
		name description processNodeName devicePoolName locationName maxUnicastConnections maxMulticastConnections
		fixedAudioSourceDevice runFlag? useTrustedRelayPoint isMultiCastEnabled? baseMulticastIpaddress
		baseMulticastPort multicastIncrementOnIp?`},
	ObjectPhoneButtonTemplate: {element: "phoneButtonTemplate", tags: "name isUserModifiable?"},
	ObjectPhoneSecurityProfile: {element: "phoneSecurityProfile", tags: `
		phoneType protocol name description deviceSecurityMode authenticationMode keySize keyOrder ecKeySize
		tftpEncryptedConfig? nonceValidityTime transportType sipPhonePort enableDigestAuthentication?
		excludeDigestCredentials?`},
	ObjectPresenceGroup: {element: "presenceGroup", tags: "name description"},
	ObjectRegion:        {element: "region", tags: "name defaultCodec"},
	ObjectRemoteDestinationProfile: {element: "remoteDestinationProfile", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		networkHoldMohAudioSourceId userHoldMohAudioSourceId callInfoPrivacyStatus userId
		ignorePresentationIndicators? rerouteCallingSearchSpaceName cgpnTransformationCssName
		automatedAlternateRoutingCssName userLocale networkLocale primaryPhoneName dndOption dndStatus?
		mobileSmartClientProfileName`},
	ObjectRemoteDestination: {element: "remoteDestination", name: "destination", criterion: "name", tags: `
		name destination answerTooSoonTimer answerTooLateTimer delayBeforeRingingCell remoteDestinationProfileName
		ctiRemoteDeviceName dualModeDeviceName isMobilePhone? enableMobileConnect? timeZone todAccessName
		mobileSmartClientName mobilityProfileName singleNumberReachVoicemail dialViaOfficeReverseVoicemail`},
	ObjectResourcePriorityNamespaceList: {element: "resourcePriorityNamespaceList", tags: "name description"},
	ObjectResourcePriorityNamespace: {
		element: "resourcePriorityNamespace", name: "namespace", criterion: "namespace",
		tags: `
		namespace description`,
	},
	ObjectRouteFilter: {element: "routeFilter", tags: "name clause dialPlanName dialPlanWizardGenId"},
	ObjectRouteGroup:  {element: "routeGroup", tags: "dialPlanWizardGenld distributionAlgorithm name"},
	ObjectRouteList: {element: "routeList", tags: `
		name description callManagerGroupName routeListEnabled? runOnEveryNode?`},
	ObjectRoutePartition: {element: "routePartition", tags: `
		name description dialPlanWizardGenId timeScheduleIdName useOriginatingDeviceTimeZone? timeZone
		partitionUsage`},
	ObjectRoutePattern: {
		element: "routePattern", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern description usage routePartitionName blockEnable? calledPartyTransformationMask
		callingPartyTransformationMask useCallingPartyPhoneMask callingPartyPrefixDigits dialPlanName
		dialPlanWizardGenId digitDiscardInstructionName networkLocation patternUrgency? prefixDigitsOut
		routeFilterName callingLinePresentationBit callingNamePresentationBit connectedLinePresentationBit
		connectedNamePresentationBit supportOverlapSending? patternPrecedence releaseClause allowDeviceOverride?
		provideOutsideDialtone? callingPartyNumberingPlan callingPartyNumberType calledPartyNumberingPlan
		calledPartyNumberType authorizationCodeRequired? authorizationLevelRequired clientCodeRequired? withTag
		withValueClause resourcePriorityNamespaceName routeClass externalCallControl isEmergencyServiceNumber?`,
	},
	ObjectSIPTrunk: {element: "sipTrunk", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint securityProfileName sipProfileName
		cgpnTransformationCssName geoLocationName cdpnTransformationCssName subscribeCallingSearchSpaceName
		rerouteCallingSearchSpaceName referCallingSearchSpaceName mtpRequired? +sigDigits callingPartySelection
		prefixDn srtpAllowed? pstnAccess? runOnEveryNode? +confidentialAccess`},
	ObjectSIPProfile: {element: "sipProfile", tags: `
		name description defaultTelephonyEventPayloadType redirectByApplication? ringing180? timerInvite
		timerRegister retryInvite retryNotInvite startMediaPort stopMediaPort userInfo dtmfDbLevel callHoldRingback
		anonymousCallBlock dndControl enableVad? enableOutboundOptionsPing? allowPresentationSharingUsingBfcp?
		isAssuredSipServiceEnabled?`},
	ObjectSIPTrunkSecurityProfile: {element: "sipTrunkSecurityProfile", tags: `
		name description securityMode incomingTransport outgoingTransport digestAuthentication? noncePolicyTime
		x509SubjectName incomingPort applLevelAuthentication? acceptPresenceSubscription? acceptOutOfDialogRefer?
		acceptUnsolicitedNotification? allowReplaceHeader? transmitSecurityStatus? sipV150OutboundSdpOfferFiltering
		allowChargingHeader?`},
	ObjectSoftKeyTemplate: {element: "softKeyTemplate", tags: "name description baseSoftkeyTemplateName"},
	ObjectSRST: {
		element: "srst",
		tags:    "name port ipAddress SipNetwork SipPort srstCertificatePort isSecure?",
	},
	ObjectTranslationPattern: {
		element: "transPattern", name: "pattern", partition: "routePartitionName", criterion: "pattern",
		tags: `
		pattern description usage routePartitionName blockEnable? calledPartyTransformationMask
		callingPartyTransformationMask useCallingPartyPhoneMask callingPartyPrefixDigits dialPlanName
		digitDiscardInstructionName patternUrgency? prefixDigitsOut routeFilterName callingLinePresentationBit
		callingNamePresentationBit connectedLinePresentationBit connectedNamePresentationBit patternPrecedence
		provideOutsideDialtone? callingPartyNumberingPlan callingPartyNumberType calledPartyNumberingPlan
		calledPartyNumberType callingSearchSpaceName resourcePriorityNamespaceName routeNextHopByCgpn? routeClass
		callInterceptProfileName releaseClause useOriginatorCss? dontWaitForIDTOnSubsequentHops?
		isEmergencyServiceNumber?`,
	},
	ObjectUCService: {
		element: "ucService",
		tags:    "serviceType productType name description hostnameorip port protocol",
	},
	ObjectServiceProfile: {element: "serviceProfile", tags: "name description isDefault?"},
	ObjectVoiceMailPilot: {element: "voiceMailPilot", name: "dirn", criterion: "dirn", tags: `
		dirn description cssName isDefault?`},
	ObjectVoiceMailPort: {element: "voiceMailPort", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName preemption useTrustedRelayPoint securityProfileName geoLocationName
		automatedAlternateRoutingCssName dnPattern callerIdDisplay callerIdDisplayAscii externalMask`},
	ObjectVoiceMailProfile: {element: "voiceMailProfile", tags: "name description isDefault? voiceMailboxMask"},
	ObjectIPPhoneService: {element: "ipPhoneServices", name: "serviceName", criterion: "serviceName", tags: `
		serviceName asciiServiceName serviceDescription serviceUrl secureServiceUrl serviceCategory serviceType
		serviceVendor serviceVersion enabled? enterpriseSubscription?`},
	ObjectMobilityProfile: {element: "mobilityProfile", tags: `
		name description mobileClientCallingOption dvofServiceAccessNumber dvorCallerId`},
	ObjectCTIRoutePoint: {element: "ctiRoutePoint", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName networkHoldMohAudioSourceId
		userHoldMohAudioSourceId useTrustedRelayPoint cgpnTransformationCssName geoLocationName userLocale`},
	ObjectTranscoder: {element: "transcoder", tags: `
		name description product subUnit devicePoolName commonDeviceConfigName loadInformation isTrustedRelayPoint?
		maximumCapacity`},
	ObjectMTP:              {element: "mtp", tags: "mtpType name description devicePoolName trustedRelayPoint?"},
	ObjectPhysicalLocation: {element: "physicalLocation", tags: "name description"},
	ObjectTimeSchedule: {element: "timeSchedule", tags: `
		name description isPublished? timeScheduleCategory todOwnerIdName`},
	ObjectUserGroup: {element: "userGroup", tags: "name"},
	ObjectLDAPDirectory: {element: "ldapDirectory", tags: `
		name ldapDn userSearchBase repeatable? intervalValue scheduleUnit nextExecTime +accessControlGroupInfo`},
	ObjectCredentialPolicy: {element: "credentialPolicy", tags: `
		name failedLogon resetFailedLogonAttempts lockoutDuration credChangeDuration credExpiresAfter minCredLength
		prevCredStoredNum inactiveDaysAllowed expiryWarningDays trivialCredCheck? minCharsToChange`},
	ObjectFeatureGroupTemplate: {element: "featureGroupTemplate", tags: `
		name description homeCluster? imAndUcPresenceEnable? serviceProfile enableUserToHostConferenceNow?
		allowCTIControl? enableEMCC? enableMobility? enableMobileVoiceAccess? maxDeskPickupWait
		remoteDestinationLimit BLFPresenceGp subscribeCallingSearch userLocale userProfile meetingInformation?`},
	ObjectUserProfile: {element: "userProfileProvision", tags: `
		name description allowProvision? limitProvision allowPhoneReassign? defaultUserProfile`},
	ObjectUniversalLineTemplate: {element: "universalLineTemplate", tags: `
		name urgentPriority? lineDescription routePartition voiceMailProfile callingSearchSpace alertingName
		extCallControlProfile blfPresenceGroup callPickupGroup autoAnswer rejectAnonymousCall?
		userHoldMohAudioSource networkHoldMohAudioSource aarDestinationMask aarGroup forwardDestAllCalls
		primaryCssForwardingAllCalls +confidentialAccess +enterpriseAltNum +e164AltNum`},
	ObjectUniversalDeviceTemplate: {element: "universalDeviceTemplate", tags: `
		name deviceDescription devicePool deviceSecurityProfile sipProfile phoneButtonTemplate callingSearchSpace
		reroutingCallingSearchSpace subscribeCallingSearchSpaceName commonPhoneProfile commonDeviceConfiguration
		softkeyTemplate featureControlPolicy userLocale networkLocale aarGroup aarCallingSearchSpace
		blfPresenceGroup location mediaResourceGroupList ownerUserId mobilityUserId enableExtensionMobility?
		+confidentialAccess`},
	ObjectProcessNode: {element: "processNode", tags: `
		name description +mac ipv6Name nodeUsage lbmHubGroup processNodeRole`},
	ObjectCatalyst6000FXS: {element: "ciscoCatalyst600024PortFXSGateway", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint cgpnTransformationCssName geoLocationName
		portSelectionOrder`},
	ObjectCatalyst6000E1: {element: "ciscoCatalyst6000E1VoIPGateway", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint cgpnTransformationCssName geoLocationName
		callerIdDn callingPartySelection channelSelectionOrder priProtocol +sigDigits cdpnTransformationCssName
		pstnAccess?`},
	ObjectCatalyst6000T1PRI: {element: "ciscoCatalyst6000T1VoIPGatewayPri", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint cgpnTransformationCssName geoLocationName
		callerIdDn callingPartySelection channelSelectionOrder priProtocol +sigDigits cdpnTransformationCssName
		pstnAccess?`},
	ObjectCatalyst6000T1CAS: {element: "ciscoCatalyst6000T1VoIPGatewayT1", tags: `
		name description product model class protocol protocolSide callingSearchSpaceName devicePoolName
		commonDeviceConfigName locationName mediaResourceListName automatedAlternateRoutingCssName
		aarNeighborhoodName loadInformation useTrustedRelayPoint cgpnTransformationCssName geoLocationName
		cdpnTransformationCssName pstnAccess?`},
}
