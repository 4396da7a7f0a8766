package axl

import (
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// estateTables are the statements of ReadEstate. Joins are outer ones: no row is lost
// for a missing reference. Attributes have the names of AXL's tags where it has one.
//
// Source: CUCM data dictionary; classes 1, 20 and 254 are phones, remote
// destination profiles and device profiles, pattern usage 2 a line.
var estateTables = map[uc.EstateKind]estateTable{
	uc.UserKind: {
		columns: columns("e.pkid uuid, e.userid name, e.firstname firstName, e.middlename middleName, e.lastname lastName",
			"e.displayname displayName, e.mailid mailid, e.telephonenumber telephoneNumber, e.mobile mobileNumber",
			"e.department department, e.title title, e.manager manager, e.directoryuri directoryUri, e.status status",
			"e.islocaluser localUser?, e.enablemobility enableMobility?, e.allowcticontrolflag enableCti?",
			refer("l", "ldapDirectoryName"), refer("sp", "serviceProfile")),
		from: "enduser e" + outer("directorypluginconfig l", "e.fkdirectorypluginconfig") +
			outer("ucserviceprofile sp", "e.fkucserviceprofile"),
		where: "e.tkuserprofile = 1", // the others are not people
	},
	uc.PhoneKind: {
		columns: columns(deviceColumns, placeColumns, refer("lo", "locationName"), refer("se", "securityProfileName"),
			refer("cp", "commonPhoneConfigName"), refer("si", "sipProfileName"),
			"e.userid ownerUserName", "e.pkid "+uc.OwnerAttribute,
			"d.allowhotelingflag enableExtensionMobility?, d.isactive isActive?"),
		from: fromDevices + fromPlaces + outer("location lo", "d.fklocation") + outer("securityprofile se", "d.fksecurityprofile") +
			outer("commonphoneconfig cp", "d.fkcommonphoneconfig") + outer("sipprofile si", "d.fksipprofile") +
			outer("enduser e", "d.fkenduser"),
		where: "d.tkclass = 1",
	},
	uc.DeviceProfileKind: {columns: deviceColumns, from: fromDevices, where: "d.tkclass = 254"},
	uc.RemoteDestinationProfileKind: {
		columns: columns("d.pkid uuid, d.name name, d.description description", placeColumns,
			refer("rs", "rerouteCallingSearchSpaceName"), "e.userid userId", "e.pkid "+uc.OwnerAttribute),
		from: "device d" + fromPlaces + outer("callingsearchspace rs", "d.fkcallingsearchspace_reroute") +
			outer("enduser e", "d.fkenduser_mobility"),
		where: "d.tkclass = 20",
	},
	uc.RemoteDestinationKind: {
		columns: columns("rd.pkid uuid, rdd.destination name, rd.name label", refer("p", "remoteDestinationProfileName"),
			refer("dm", "dualModeDeviceName"), "e.userid ownerUserId", "e.pkid "+uc.OwnerAttribute,
			"rdd.enablesinglenumberreach enableSingleNumberReach?"),
		from: "remotedestination rd LEFT JOIN remotedestinationdynamic rdd ON rdd.fkremotedestination = rd.pkid" +
			outer("device p", "rd.fkdevice_remotedestinationtemplate") + outer("device dm", "rd.fkdevice_dualmode") +
			outer("enduser e", "rd.fkenduser"),
	},
	uc.LineKind: {
		columns: columns(lineColumns, "n.alertingname alertingName, n.alertingnameascii asciiAlertingName, n.iscallable active?",
			refer("cs", "shareLineAppearanceCssName"), refer("vm", "voiceMailProfileName"),
			refer("pg", "callPickupGroupName"),
			"cf.cfadestination callForwardAll, cf.cfavoicemailenabled callForwardAllToVoiceMail?"),
		from: fromLines + outer("callingsearchspace cs", "n.fkcallingsearchspace_sharedlineappear") +
			outer("voicemessagingprofile vm", "n.fkvoicemessagingprofile") +
			" LEFT JOIN pickupgrouplinemap pm ON pm.fknumplan_line = n.pkid" + outer("pickupgroup pg", "pm.fkpickupgroup") +
			" LEFT JOIN callforwarddynamic cf ON cf.fknumplan = n.pkid",
		where: "n.tkpatternusage = 2",
	},
	// What is no line, and lines on devices that nobody here looks after.
	uc.SpecialNumberKind: {
		columns: columns(lineColumns, "tu.name "+uc.PatternAttribute),
		from:    fromLines + word("typepatternusage tu", "n.tkpatternusage"),
		where: "(n.tkpatternusage <> 2 OR n.pkid IN (SELECT m.fknumplan FROM devicenumplanmap m " +
			"JOIN device d ON d.pkid = m.fkdevice WHERE d.tkclass NOT IN (1, 20, 254)))",
	},
	uc.RelUserDevice: {
		columns: "m.pkid key, m.fkenduser uuid, m.fkdevice name, ta.name association",
		from:    "enduserdevicemap m" + word("typeuserassociation ta", "m.tkuserassociation"),
	},
	uc.RelUserGroup: {columns: "m.pkid key, m.fkenduser uuid, m.fkdirgroup name", from: "enduserdirgroupmap m"},
	uc.RelUserExtension: {
		columns: "m.pkid key, m.fkenduser uuid, m.fknumplan name, m.tkdnusage " + uc.UsageAttribute,
		from:    "endusernumplanmap m",
		words:   map[string]map[string]string{uc.UsageAttribute: {"1": uc.PrimaryUsage, "2": "ipcc"}},
	},
	uc.RelDeviceLine: {
		columns: columns("m.pkid key, m.fkdevice uuid, m.fknumplan name", "m.numplanindex "+uc.IndexAttribute, "m.label label",
			"m.display display, m.e164mask e164Mask, m.maxnumcalls maxNumCalls, m.busytrigger busyTrigger"),
		from:  "devicenumplanmap m JOIN device d ON d.pkid = m.fkdevice",
		where: "d.tkclass IN (1, 20, 254)",
	},
	uc.RelDeviceService: {
		columns: "m.pkid key, m.fkdevice uuid, m.fktelecasterservice name, m.servicename serviceName, m.url url",
		from:    "telecastersubscribedservice m",
	},
	uc.RelCSSPartition: {
		columns: "m.pkid key, m.fkcallingsearchspace uuid, m.fkroutepartition name, m.sortorder " + uc.IndexAttribute,
		from:    "callingsearchspacemember m",
	},
}

// What phones and profiles, and what all numbers share.
var (
	deviceColumns = columns("d.pkid uuid, d.name name, d.description description, tp.name product, tm.name model",
		"tr.name protocol", refer("pt", "phoneTemplateName"), "sk.name softkeyTemplateName")
	fromDevices = "device d" + word("typeproduct tp", "d.tkproduct") + word("typemodel tm", "d.tkmodel") +
		word("typedeviceprotocol tr", "d.tkdeviceprotocol") + outer("phonetemplate pt", "d.fkphonetemplate") +
		outer("softkeytemplate sk", "d.fksoftkeytemplate")
	placeColumns = columns(refer("dp", "devicePoolName"), refer("cs", "callingSearchSpaceName"))
	fromPlaces   = outer("devicepool dp", "d.fkdevicepool") + outer("callingsearchspace cs", "d.fkcallingsearchspace")
	lineColumns  = columns("n.pkid uuid, n.dnorpattern name, rp.name partition, rp.pkid routePartitionName_uuid",
		"n.description description")
	fromLines = "numplan n" + outer("routepartition rp", "n.fkroutepartition")
)

func columns(parts ...string) string { return strings.Join(parts, ", ") }

// refer is the name of a joined row and its id: names change without whoever
// refers to them being told.
func refer(alias, tag string) string {
	return alias + ".name " + tag + ", " + alias + ".pkid " + tag + uuidSuffix
}

// outer joins "table alias" to a reference, word to a number that stands for a word.
func outer(table, key string) string { return joined(table, "pkid", key) }

func word(table, key string) string { return joined(table, "enum", key) }

func joined(table, column, key string) string {
	_, alias, _ := strings.Cut(table, " ")
	return " LEFT JOIN " + table + " ON " + alias + "." + column + " = " + key
}
