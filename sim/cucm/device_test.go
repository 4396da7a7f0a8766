package cucm_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

const onPhone = "<name>SEP001122334455</name>"

// lineOf is one line of a lines element.
func lineOf(index, pattern, more string) string {
	return "<line><index>" + index + "</index>" + strings.Replace(more, "DIRN",
		"<dirn><pattern>"+pattern+"</pattern><routePartitionName>PT_Berlin</routePartitionName></dirn>", 1) + "</line>"
}

func TestLinesOfADevice(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	// The number does not exist: addPhone makes it.
	r.ok(t, "addPhone", newPhone)
	has(t, r.ok(t, "getLine", "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName>"), "<usage>Device</usage>", "<device>SEP001122334455</device>")

	// addLines and removeLines touch one line and leave the others' appearance alone.
	r.ok(t, "updatePhone", onPhone+"<addLines>"+lineOf("2", "4712", "<label>second</label>DIRN")+"</addLines>")
	has(t, r.ok(t, "getPhone", onPhone), "<maxNumCalls>4</maxNumCalls>", "<label>second</label>")
	r.refused(t, "updatePhone", onPhone+"<addLines>"+lineOf("2", "4713", "DIRN")+"</addLines>", "-239", "UNIQUE INDEX")
	r.refused(t, "updatePhone", onPhone+"<removeLines>"+lineOf("1", "4712", "DIRN")+"</removeLines>", "5007", "4712")
	r.ok(t, "updatePhone", onPhone+"<removeLines>"+lineOf("2", "4712", "DIRN")+"</removeLines>")
	lacks(t, r.ok(t, "getPhone", onPhone), "4712")

	// lines replaces all of them, and appearance goes back to its defaults.
	r.ok(t, "updatePhone", onPhone+"<lines>"+lineOf("1", "4711", "DIRN")+"</lines>")
	body := r.ok(t, "getPhone", onPhone)
	has(t, body, "<maxNumCalls>2</maxNumCalls>", "<busyTrigger>1</busyTrigger>", "<display/>")
	lacks(t, body, "Jane Doe")

	// Removing the phone leaves both numbers behind, on nothing.
	r.ok(t, "removePhone", onPhone)
	for _, n := range []string{"4711", "4712"} {
		has(t, r.ok(t, "getLine", "<pattern>"+n+"</pattern><routePartitionName>PT_Berlin</routePartitionName>"), "<associatedDevices></associatedDevices>")
	}
}

func TestRemoveLineDetachesSharedLines(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addPhone", newPhone)
	r.ok(t, "addPhone", edit(newPhone, "SEP001122334455", "SEP001122334466"))
	r.ok(t, "removeLine", "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName>")
	for _, name := range []string{"SEP001122334455", "SEP001122334466"} {
		lacks(t, r.ok(t, "getPhone", "<name>"+name+"</name>"), "4711")
	}
}

func TestRefusedDevices(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	if err := r.AddHuntPilot(t.Context(), "4800", "PT_Berlin"); err != nil {
		t.Fatal(err)
	}
	r.ok(t, "addPhone", newPhone)
	for name, tc := range map[string]struct {
		reason, old, replacement, code, says string
	}{
		"again":            {"names are unique", "", "", "-239", "UNIQUE INDEX column (Unique Index:u_device_name)"},
		"device pool":      {"5007 names the value", "DP_Berlin", "DP_Paris", "5007", "Item not valid: The specified DP_Paris was not found"},
		"template":         {"5007 names the value", ">Standard 8845 SIP<", ">None such<", "5007", "None such"},
		"product":          {"unknown products are absent", "<product>Cisco 8845", "<product>Cisco 9999", "5007", "Cisco 9999"},
		"name":             {"SEP needs twelve hexadecimal digits", "SEP001122334455", "SEP1", "5003", "not formatted correctly for this device type"},
		"security profile": {"profiles fit one product", ">Cisco 8845 - Standard", ">Cisco 8865 - Standard", "5003", "The specified Security Profile is not valid for this device type"},
		"protocol":         {"8845 speaks SIP only", "<protocol>SIP", "<protocol>SCCP", "5003", "Protocol SCCP is not valid"},
		"hunt pilot":       {"a pattern is one thing", "<pattern>4711", "<pattern>4800", "5003", "A Hunt Pilot exists with the same pattern and partition."},
		"bare plus":        {"E.164 is stored escaped", "<pattern>4711", "<pattern>+4930", "5003", "The first character cannot be a plus sign"},
		"owner":            {"owners exist", "<packetCaptureMode>", "<ownerUserName>nobody</ownerUserName><packetCaptureMode>", "5007", "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			phone := newPhone
			if name != "again" {
				phone = edit(phone, "SEP001122334455", "SEP00112233AA55")
			}
			old := tc.old
			if name == "name" {
				old = "SEP00112233AA55"
			}
			r.refused(t, "addPhone", edit(phone, old, tc.replacement), tc.code, tc.says)
			lacks(t, r.ok(t, "listPhone", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/></returnedTags>"), "SEP00112233AA55")
		})
	}
}

func TestPatternConflicts(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addLine", newLine)
	r.refused(t, "addLine", newLine, "-239", "UNIQUE INDEX")
	// The same digits in another partition, and in none, are other numbers.
	r.ok(t, "addLine", edit(newLine, "PT_Berlin", "PT_Lisbon"))
	r.ok(t, "addLine", edit(newLine, "PT_Berlin", ""))
	r.refused(t, "addLine", edit(newLine, "PT_Berlin", ""), "-239", "UNIQUE INDEX")
	r.refused(t, "addLine", edit(newLine, "4711", "8901"), "5003", "A Call Pick Up Group exists with the same pattern and partition.")
	r.refused(t, "addLine", edit(newLine, "4711", "+4930123"), "5003", "plus sign")
	r.refused(t, "addLine", edit(newLine, "PT_Berlin", "PT_Nowhere"), "5007", "PT_Nowhere")
	r.ok(t, "addLine", edit(newLine, "4711", `\+4930123`))
	// The escaped form is what comes back, and a rename meets the same rules.
	has(t, r.ok(t, "getLine", `<pattern>\+4930123</pattern><routePartitionName>PT_Berlin</routePartitionName>`), `<pattern>\+4930123</pattern>`)
	r.refused(t, "updateLine", `<pattern>\+4930123</pattern><routePartitionName>PT_Berlin</routePartitionName><newPattern>4711</newPattern>`, "-239", "UNIQUE INDEX")
	r.ok(t, "updateLine", `<pattern>\+4930123</pattern><routePartitionName>PT_Berlin</routePartitionName><newPattern>4712</newPattern><description>moved</description>`)
	r.refused(t, "addHuntPilot", "<huntPilot><pattern>4712</pattern><routePartitionName>PT_Berlin</routePartitionName><blockEnable>false</blockEnable>"+
		"<useCallingPartyPhoneMask>Default</useCallingPartyPhoneMask><huntListName>HL_Reception</huntListName></huntPilot>", "5003", "A DN exists with the same pattern and partition.")
}

func TestReusedLineKeepsItsForward(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	if err := r.AddLine(t.Context(), cucm.Line{Pattern: "4711", Partition: "PT_Berlin", CallForwardAll: "0170123"}); err != nil {
		t.Fatal(err)
	}
	key := "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName>"
	r.ok(t, "addPhone", newPhone)
	has(t, r.ok(t, "getLine", key), "<destination>0170123</destination>")
	r.ok(t, "updateLine", key+"<callForwardAll><forwardToVoiceMail>false</forwardToVoiceMail><callingSearchSpaceName/><secondaryCallingSearchSpaceName/><destination/></callForwardAll>"+
		"<alertingName>Jane Doe</alertingName><asciiAlertingName>Jane Doe</asciiAlertingName><shareLineAppearanceCssName>CSS_Berlin_National</shareLineAppearanceCssName>"+
		"<voiceMailProfileName>VM_Default</voiceMailProfileName>")
	body := r.ok(t, "getLine", key)
	lacks(t, body, "0170123")
	has(t, body, ">CSS_Berlin_National</shareLineAppearanceCssName>", ">VM_Default</voiceMailProfileName>", "<alertingName>Jane Doe</alertingName>")
}

func TestDeviceProfileAndLogin(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", newUser)
	r.ok(t, "addDeviceProfile", "<deviceProfile><name>UDP_jdoe</name><product>Cisco 8845</product><class>Device Profile</class><protocol>SIP</protocol><protocolSide>User</protocolSide>"+
		"<lines>"+lineOf("1", "4711", "DIRN<associatedEndusers><enduser><userId>jdoe</userId></enduser></associatedEndusers>")+"</lines><phoneTemplateName>Standard 8845 SIP EM</phoneTemplateName>"+
		"<services><service><telecasterServiceName>Extension Mobility</telecasterServiceName><name>Extension Mobility</name><urlButtonIndex>0</urlButtonIndex></service></services></deviceProfile>")
	has(t, r.ok(t, "getDeviceProfile", "<name>UDP_jdoe</name>"), "<class>Device Profile</class>", ">Extension Mobility</telecasterServiceName>", "<userId>jdoe</userId>")
	r.ok(t, "addPhone", newPhone)
	login := "<deviceName>SEP001122334455</deviceName><loginDuration>480</loginDuration><profileName>UDP_jdoe</profileName><userId>jdoe</userId>"
	r.refused(t, "doDeviceLogin", login, "5003", "Extension Mobility is not enabled")
	r.ok(t, "updatePhone", onPhone+"<enableExtensionMobility>true</enableExtensionMobility>")
	r.refused(t, "doDeviceLogin", login, "5003", "not associated with user")
	r.ok(t, "updateUser", "<userid>jdoe</userid><phoneProfiles><profileName>UDP_jdoe</profileName></phoneProfiles><defaultProfile>UDP_jdoe</defaultProfile>")
	r.ok(t, "doDeviceLogin", login)
	has(t, r.ok(t, "getPhone", onPhone), "<loginUserId>jdoe</loginUserId>", ">UDP_jdoe</currentProfileName>", "<loginDuration>480</loginDuration>")
	r.ok(t, "doDeviceLogout", "<deviceName>SEP001122334455</deviceName>")
	r.refused(t, "doDeviceLogout", "<deviceName>SEP001122334455</deviceName>", "5003", "No user is logged in")
	// A profile's line may be the primary extension.
	r.ok(t, "updateUser", "<userid>jdoe</userid><primaryExtension><pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName></primaryExtension>")
	// It goes with the profile, and so does the default profile.
	r.ok(t, "removeDeviceProfile", "<name>UDP_jdoe</name>")
	body := r.ok(t, "getUser", "<userid>jdoe</userid>")
	has(t, body, "<primaryExtension></primaryExtension>", "<phoneProfiles></phoneProfiles>", `<defaultProfile uuid="" xsi:nil="true"/>`)
}
