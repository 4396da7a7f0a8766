package world

import (
	"slices"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// objects says where the simulator keeps the objects of a kind, in words of its tables
// only: what the product asks for has no part in it.
type objects struct {
	table, where  string // conditions are on the table t; "" = every row
	name          string // the column
	partition     string // the column that refers to a partition; "" = these have none
	fields        string // see parseFields
	lists         []list
	nameAndIDOnly bool // their attributes are compared elsewhere
}

// list is an attribute that lists rows of another table: those whose column mine is the
// object, each with the id in the column theirs.
type list struct {
	attribute, table, mine, theirs, where, fields string
}

const (
	usedDevices = "(SELECT tkclass FROM device d WHERE d.pkid = t.fkdevice) IN (1, 20, 254)"
	appearances = "numplanindex index, label label, display display, e164mask e164Mask, maxnumcalls maxNumCalls, busytrigger busyTrigger"
	devices     = "description description, tkproduct product#typeproduct, tkmodel model#typemodel, " +
		"tkdeviceprotocol protocol#typedeviceprotocol, fkphonetemplate phoneTemplateName>phonetemplate, " +
		"fksoftkeytemplate softkeyTemplateName#softkeytemplate"
	numbers = "description description, fkroutepartition routePartitionName_uuid"
)

var (
	linesOf  = list{attribute: "lines", table: "devicenumplanmap", mine: "fkdevice", theirs: "fknumplan", where: usedDevices, fields: appearances}
	usersOf  = list{attribute: "users", table: "enduserdevicemap", mine: "fkdevice", theirs: "fkenduser", fields: "tkuserassociation association#typeuserassociation"}
	services = list{attribute: "services", table: "telecastersubscribedservice", mine: "fkdevice", theirs: "fktelecasterservice", fields: "servicename serviceName, url url"}
	ofDevice = []list{linesOf, usersOf, services}
)

// everything is where the kinds of a subscriber sync are.
var everything = map[uc.EstateKind]objects{
	uc.LocationKind:   {table: "location", name: "name", nameAndIDOnly: true},
	uc.CSSKind:        {table: "callingsearchspace", name: "name", nameAndIDOnly: true},
	uc.DevicePoolKind: {table: "devicepool", name: "name", nameAndIDOnly: true},
	uc.UserKind: {
		table: "enduser", where: "tkuserprofile = 1", name: "userid",
		fields: "firstname firstName, middlename middleName, lastname lastName, displayname displayName, mailid mailid, " +
			"telephonenumber telephoneNumber, mobile mobileNumber, department department, title title, manager manager, " +
			"directoryuri directoryUri, status status, islocaluser localUser?, enablemobility enableMobility?, " +
			"allowcticontrolflag enableCti?, fkdirectorypluginconfig ldapDirectoryName>directorypluginconfig, " +
			"fkucserviceprofile serviceProfile>ucserviceprofile",
		lists: []list{
			{attribute: "devices", table: "enduserdevicemap", mine: "fkenduser", theirs: "fkdevice", fields: usersOf.fields},
			{attribute: "groups", table: "enduserdirgroupmap", mine: "fkenduser", theirs: "fkdirgroup"},
			{attribute: "extensions", table: "endusernumplanmap", mine: "fkenduser", theirs: "fknumplan", fields: "tkdnusage usage"},
		},
	},
	uc.PhoneKind: {
		table: "device", name: "name", lists: ofDevice,
		where: "tkclass = 1 AND (SELECT p.name FROM typeproduct p WHERE p.enum = t.tkproduct) <> 'Analog Phone' " +
			"AND (SELECT p.name FROM typeproduct p WHERE p.enum = t.tkproduct) NOT LIKE 'Cisco VGC %'",
		fields: devices + ", fkdevicepool devicePoolName>devicepool, fkcallingsearchspace callingSearchSpaceName>callingsearchspace, " +
			"fklocation locationName>location, fksecurityprofile securityProfileName>securityprofile, " +
			"fkcommonphoneconfig commonPhoneConfigName>commonphoneconfig, fksipprofile sipProfileName>sipprofile, " +
			"fkenduser ownerUserName#enduser, fkenduser ownerUuid, allowhotelingflag enableExtensionMobility?, isactive isActive?",
	},
	uc.DeviceProfileKind: {table: "device", where: "tkclass = 254", name: "name", fields: devices, lists: ofDevice},
	uc.RemoteDestinationProfileKind: {
		table: "device", where: "tkclass = 20", name: "name", lists: ofDevice,
		fields: "description description, fkdevicepool devicePoolName>devicepool, " +
			"fkcallingsearchspace callingSearchSpaceName>callingsearchspace, " +
			"fkcallingsearchspace_reroute rerouteCallingSearchSpaceName>callingsearchspace, " +
			"fkenduser_mobility userId#enduser, fkenduser_mobility ownerUuid",
	},
	uc.RemoteDestinationKind: {
		table: "remotedestination", name: "destination",
		fields: "name label, fkdevice_remotedestinationtemplate remoteDestinationProfileName>device, " +
			"fkdevice_dualmode dualModeDeviceName>device, fkenduser ownerUserId#enduser, fkenduser ownerUuid, " +
			"enablemobileconnect enableSingleNumberReach?",
	},
	uc.LineKind: {
		table: "numplan", where: "tkpatternusage = 2", name: "dnorpattern", partition: "fkroutepartition",
		fields: numbers + ", alertingname alertingName, alertingnameascii asciiAlertingName, iscallable active?, " +
			"fkcallingsearchspace_sharedlineappear shareLineAppearanceCssName>callingsearchspace, " +
			"fkvoicemessagingprofile voiceMailProfileName>voicemessagingprofile, fkpickupgroup callPickupGroupName>pickupgroup, " +
			"cfadestination callForwardAll, cfavoicemailenabled callForwardAllToVoiceMail?",
		lists: []list{
			{attribute: "devices", table: linesOf.table, mine: linesOf.theirs, theirs: linesOf.mine, where: usedDevices, fields: appearances},
			{attribute: "users", table: "endusernumplanmap", mine: "fknumplan", theirs: "fkenduser", fields: "tkdnusage usage"},
		},
	},
	uc.SpecialNumberKind: {
		table: "numplan", name: "dnorpattern", partition: "fkroutepartition",
		where: "(tkpatternusage <> 2 OR EXISTS (SELECT 1 FROM devicenumplanmap m JOIN device d ON d.pkid = m.fkdevice " +
			"WHERE m.fknumplan = t.pkid AND d.tkclass NOT IN (1, 20, 254)))",
		fields: numbers + ", tkpatternusage patternType#typepatternusage",
	},
}

// usages are the words of endusernumplanmap.tkdnusage.
var usages = map[string]string{"1": "primary", "2": "ipcc"}

// field is a column and what becomes of its value.
type field struct {
	column, attribute string
	flag              bool   // t or f
	names             string // the table whose row it refers to: its name is the value
	id                bool   // and its id is a value beside it
}

// parseFields reads "column attribute" pairs: "?" marks a flag, ">table" a reference that
// is kept by name and by id, "#table" one that is kept by name.
func parseFields(text string) []field {
	var out []field
	for pair := range strings.SplitSeq(text, ",") {
		f := field{}
		f.column, f.attribute, _ = strings.Cut(strings.TrimSpace(pair), " ")
		f.attribute, f.flag = strings.CutSuffix(f.attribute, "?")
		if i := strings.IndexAny(f.attribute, ">#"); i >= 0 {
			f.names, f.id = f.attribute[i+1:], f.attribute[i] == '>'
			f.attribute = f.attribute[:i]
		}
		if f.column != "" {
			out = append(out, f)
		}
	}
	return slices.Clip(out)
}
