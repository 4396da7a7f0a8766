package cucm_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/cucm/schema"
)

// TestEveryListByEveryCriterion asks for each kind of object by each of its
// criteria: it is answered, and what the criterion cannot match is not.
func TestEveryListByEveryCriterion(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 3, Phones: 3, Lines: 3}})
	for _, o := range schema.Objects() {
		for _, c := range o.Criteria {
			tags := "<returnedTags><" + o.Keys[0] + "/></returnedTags>"
			body := r.ok(t, "list"+o.Op, "<searchCriteria><"+c+">%</"+c+"></searchCriteria>"+tags)
			if n := strings.Count(body, "<"+o.Name+" uuid="); o.Name == "devicePool" && n != 3 || o.Name == "callPickupGroup" && n != 2 {
				t.Errorf("list%s by %s answers %d", o.Op, c, n)
			}
			body = r.ok(t, "list"+o.Op, "<searchCriteria><"+c+">no such thing</"+c+"></searchCriteria>"+tags)
			if strings.Contains(body, "<"+o.Name+" ") {
				t.Errorf("list%s by %s finds what is not there: %s", o.Op, c, body)
			}
		}
	}
}

func TestDefaultInfrastructure(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Infrastructure: []cucm.Object{
		{Type: "routePartition", Name: "PT_Porto", Fields: map[string]string{"description": "Porto"}},
		{Type: "devicePool", Name: "DP_Porto", Fields: map[string]string{
			"regionName": "Default", "callManagerGroupName": "Default", "srstName": "Disable", "dateTimeSettingName": "CMLocal", "locationName": "Lisbon",
		}},
	}}})
	for object, names := range map[string]string{
		"DevicePool":           "DP_Berlin;DP_Lisbon;DP_Porto",
		"RoutePartition":       "PT_Berlin;PT_Lisbon;PT_E164;PT_Porto",
		"Css":                  "CSS_Berlin_Local;CSS_Berlin_National;CSS_Berlin_Mobile;CSS_Berlin_International;CSS_Lisbon_International;CSS_Devices",
		"Location":             "Hub_None;Berlin;Lisbon",
		"PhoneButtonTemplate":  "Standard 8845 SIP;Standard 8845 SIP EM;Standard Client Services Framework",
		"PhoneSecurityProfile": "Cisco 8845 - Standard SIP Non-Secure Profile;Cisco Unified Client Services Framework - Standard SIP Non-Secure Profile",
		"SipProfile":           "Standard SIP Profile",
		"CommonPhoneConfig":    "Standard Common Phone Profile",
		"PresenceGroup":        "Standard Presence group",
		"UserGroup":            "Standard CCM End Users;Standard CTI Enabled",
		"ServiceProfile":       "SP_Default",
		"VoiceMailProfile":     "VM_Default",
		"CallPickupGroup":      "Pickup_Berlin;Pickup_Lisbon",
		"SoftKeyTemplate":      "Standard User",
		"LdapDirectory":        cucm.DefaultAgreement,
	} {
		crit := schema.Lookup(object).Criteria[0]
		body := r.ok(t, "list"+object, "<searchCriteria><"+crit+">%</"+crit+"></searchCriteria><returnedTags><name/></returnedTags>")
		for name := range strings.SplitSeq(names, ";") {
			has(t, body, "<name>"+name+"</name>")
		}
	}
	has(t, r.ok(t, "listIpPhoneServices", "<searchCriteria><serviceName>Ext%</serviceName></searchCriteria><returnedTags><serviceName/></returnedTags>"), "Extension Mobility")
	has(t, r.ok(t, "getCss", "<name>CSS_Berlin_Mobile</name>"), ">PT_Berlin</routePartitionName><index>1</index>", ">PT_Mobile</routePartitionName>")
	has(t, r.ok(t, "getDevicePool", "<name>DP_Berlin</name>"), ">Berlin</locationName>", ">Region_Berlin</regionName>")
}

func TestInfrastructureChanges(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	before := snapshot(t, r.Server)
	r.ok(t, "addRoutePartition", "<routePartition><name>PT_Porto</name><description>Porto</description></routePartition>")
	r.refused(t, "addRoutePartition", "<routePartition><name>PT_Porto</name></routePartition>", "-239", "UNIQUE INDEX")
	r.ok(t, "addCss", "<css><description>x</description><members><member><routePartitionName>PT_Porto</routePartitionName><index>1</index></member></members><name>CSS_Porto</name></css>")
	r.ok(t, "updateCss", "<name>CSS_Porto</name><addMembers><member><routePartitionName>PT_E164</routePartitionName><index>2</index></member></addMembers>")
	has(t, r.ok(t, "getCss", "<name>CSS_Porto</name>"), "PT_Porto", "PT_E164")
	r.refused(t, "removeRoutePartition", "<name>PT_Porto</name>", "-692", "still being referenced")
	// A new name reaches everything that refers to it.
	r.ok(t, "updateRoutePartition", "<name>PT_Porto</name><newName>PT_Porto2</newName>")
	has(t, r.ok(t, "getCss", "<name>CSS_Porto</name>"), ">PT_Porto2</routePartitionName>")
	r.ok(t, "addLine", edit(newLine, "PT_Berlin", "PT_Porto2"))
	r.ok(t, "addCallPickupGroup", "<callPickupGroup><pattern>8950</pattern><routePartitionName>PT_Porto2</routePartitionName><name>Pickup_Porto</name></callPickupGroup>")
	r.ok(t, "updateLine", "<pattern>4711</pattern><routePartitionName>PT_Porto2</routePartitionName><callPickupGroupName>Pickup_Porto</callPickupGroupName>")
	r.refused(t, "addCallPickupGroup", "<callPickupGroup><pattern>4711</pattern><routePartitionName>PT_Porto2</routePartitionName><name>Other</name></callPickupGroup>", "5003", "A DN exists")
	r.ok(t, "addLineGroup", "<lineGroup><distributionAlgorithm>Top Down</distributionAlgorithm><rnaReversionTimeOut>10</rnaReversionTimeOut><huntAlgorithmNoAnswer>Stop hunting</huntAlgorithmNoAnswer>"+
		"<huntAlgorithmBusy>Stop hunting</huntAlgorithmBusy><huntAlgorithmNotAvailable>Stop hunting</huntAlgorithmNotAvailable>"+
		"<members><member><lineSelectionOrder>1</lineSelectionOrder><directoryNumber><pattern>4711</pattern><routePartitionName>PT_Porto2</routePartitionName></directoryNumber></member></members><name>LG_Porto</name></lineGroup>")
	has(t, r.ok(t, "getLineGroup", "<name>LG_Porto</name>"), "<pattern>4711</pattern>")
	r.ok(t, "removeLineGroup", "<name>LG_Porto</name>")
	r.ok(t, "removeCallPickupGroup", "<name>Pickup_Porto</name>")
	r.ok(t, "removeLine", "<pattern>4711</pattern><routePartitionName>PT_Porto2</routePartitionName>")
	r.ok(t, "removeCss", "<name>CSS_Porto</name>")
	r.ok(t, "removeRoutePartition", "<name>PT_Porto2</name>")
	if d := before.Diff(snapshot(t, r.Server)); len(d) != 0 {
		t.Errorf("what was undone left %q", d)
	}
}
