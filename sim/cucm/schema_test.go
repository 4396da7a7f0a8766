package cucm_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

// edit is a valid request with one thing changed.
func edit(request, old, replacement string) string {
	return strings.Replace(request, old, replacement, 1)
}

// askedWrongly are requests that break AXL's schema. A real CUCM was seen to
// accept those marked lenient.
var askedWrongly = map[string]struct {
	reason    string
	op, inner string
	says      string
	lenient   bool
}{
	"order": {
		"children of a sequence have an order", "addUser", "<user><userid>a</userid><lastName>A</lastName><presenceGroupName>Standard Presence group</presenceGroupName></user>",
		"Element 'userid': This element is not expected. Expected is one of ( firstName, displayName, middleName, lastName ).", true,
	},
	"missing": {
		"presenceGroupName is required", "addUser", "<user><lastName>B</lastName><userid>b</userid></user>",
		"Missing child element(s). Expected is ( presenceGroupName ).", true,
	},
	"status": {"status is read-only", "addUser", edit(newUser, "</presenceGroupName>", "</presenceGroupName><status>1</status>"), "Element 'status'", true},
	"model":  {"model is read-only", "addPhone", edit(newPhone, "<class>", "<model>Cisco 8845</model><class>"), "Element 'model'", true},
	"qualified": {
		"children are in no namespace", "addUser", edit(newUser, "<user>", `<user xmlns="http://www.cisco.com/AXL/API/15.0">`), "no namespace", true,
	},
	"unknown word": {"open enumerations are held against a list", "addPhone", edit(newPhone, "<useTrustedRelayPoint>Default", "<useTrustedRelayPoint>Maybe"), "not a valid Status", true},
	"two keys":     {"userid and uuid exclude each other", "getUser", "<userid>a</userid><uuid>{12345678-1234-1234-1234-1234567890AB}</uuid>", "exactly one of", false},
	"no key":       {"one key is needed", "getUser", "", "exactly one of", false},
	"bare uuid":    {"a uuid has braces", "getUser", "<uuid>12345678-1234-1234-1234-1234567890ab</uuid>", "not a uuid in braces", false},
	"empty lines":  {"lines has at least one line", "addPhone", newPhone[:strings.Index(newPhone, "<lines>")] + "<lines/>" + newPhone[strings.Index(newPhone, "</lines>")+8:], "line, lineIdentifier", true},
	"True":         {"booleans are lower case", "addUser", edit(newUser, "<presence", "<enableCti>True</enableCti><presence"), "not a valid boolean", true},
	"empty boolean tag": {
		"a returned tag of a boolean needs a value", "listUser", "<searchCriteria><userid>%</userid></searchCriteria><returnedTags><enableCti/></returnedTags>",
		"not a valid boolean", true,
	},
	"empty boolean": {"imAndPresenceEnable has no default", "addUser", edit(newUser, "</user>", "<imAndPresenceEnable/></user>"), "not a valid boolean", true},
	"nil": {
		"lastName is not nillable", "addUser",
		edit(newUser, "<lastName>Doe</lastName>", `<lastName xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>`), "xsi:nil", true,
	},
	"too long": {"an alerting name has 50 characters", "addLine", edit(newLine, "</line>", "<alertingName>"+strings.Repeat("x", 51)+"</alertingName></line>"), "more than 50 characters", true},
	"half a forward": {
		"the search spaces of a forward are required", "addLine", edit(newLine, "</line>", "<callForwardAll><destination>1</destination></callForwardAll></line>"),
		"Element 'destination': This element is not expected. Expected is one of ( forwardToVoiceMail, callingSearchSpaceName ).", true,
	},
	"both forms of lines": {
		"addLines and lines exclude each other", "updatePhone",
		"<name>SEP001122334455</name><addLines><line><index>2</index><dirn><pattern>1</pattern><routePartitionName/></dirn></line></addLines>" +
			"<lines><line><index>1</index><dirn><pattern>2</pattern><routePartitionName/></dirn></line></lines>", "must not stand beside", false,
	},
	"criteria order": {
		"criteria have an order", "listUser", "<searchCriteria><userid>%</userid><lastName>%</lastName></searchCriteria><returnedTags><userid/></returnedTags>",
		"Element 'lastName'", true,
	},
	"unknown tag": {"LUser has no associatedDevices", "listUser", "<searchCriteria><userid>%</userid></searchCriteria><returnedTags><associatedDevices/></returnedTags>", "Element 'associatedDevices'", true},
	"not an integer": {
		"maxNumCalls is an integer", "addPhone", edit(newPhone, "<maxNumCalls>4", "<maxNumCalls>four"), "not a valid integer", true,
	},
}

func TestStrictHoldsRequestsAgainstTheSchema(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	for name, tc := range askedWrongly {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := r.post(t, tc.op, tc.inner)
			if status != http.StatusInternalServerError || !strings.Contains(body, tc.says) || !strings.Contains(body, "<faultcode>soapenv:Client</faultcode>") {
				t.Errorf("%s: want a client fault %q, got %d\n%s", tc.reason, tc.says, status, body)
			}
		})
	}
}

func TestLenientTakesWhatCUCMTakes(t *testing.T) {
	t.Parallel()
	for name, tc := range askedWrongly {
		if !tc.lenient {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, cucm.Options{Mode: cucm.Lenient})
			if status, body := r.post(t, tc.op, tc.inner); status != http.StatusOK {
				t.Errorf("%s: refused with %d\n%s", tc.reason, status, body)
			}
		})
	}
}

func TestEmptyElementsClear(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", edit(newUser, "<presence", "<associatedGroups><userGroup><name>Standard CCM End Users</name></userGroup></associatedGroups><enableCti>false</enableCti><presence"))
	r.ok(t, "updateUser", "<userid>jdoe</userid><department>Sales</department><enableCti>false</enableCti><homeCluster>false</homeCluster><serviceProfile>SP_Default</serviceProfile><selfService>4711</selfService>")
	has(t, r.ok(t, "getUser", "<userid>jdoe</userid>"), "<department>Sales</department>", ">SP_Default</serviceProfile>", "<homeCluster>false</homeCluster>", "<enableCti>false</enableCti>")
	// The valid clears, and two booleans whose empty form means their default.
	r.ok(t, "updateUser", "<userid>jdoe</userid><department></department><associatedDevices/><primaryExtension/><associatedGroups/><enableCti/><phoneProfiles/>"+
		"<defaultProfile/><ctiControlledDeviceProfiles/><homeCluster/><serviceProfile/><lineAppearanceAssociationForPresences/><selfService/><userProfile/>")
	body := r.ok(t, "getUser", "<userid>jdoe</userid>")
	has(t, body, "<department/>", `<serviceProfile uuid="" xsi:nil="true"/>`, "<homeCluster>true</homeCluster>", "<enableCti>true</enableCti>", "<selfService/>")
	lacks(t, body, "Standard CCM End Users")
}

func TestAnElementNotSentStays(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", newUser)
	before := snapshot(t, r.Server)
	r.ok(t, "updateUser", "<userid>jdoe</userid><title>Agent</title>")
	if d := before.Diff(snapshot(t, r.Server)); len(d) != 1 || !strings.Contains(d[0], "title") {
		t.Errorf("an update of title changed %q", d)
	}
}

func TestOldVersionsLackNewElements(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Version: "11.5"})
	r.refused(t, "addUser", edit(newUser, "<userid>", "<emMaxLoginTime>5</emMaxLoginTime><userid>"), "-1", "emMaxLoginTime")
	r.ok(t, "addUser", newUser)
	lacks(t, r.ok(t, "getUser", "<userid>jdoe</userid>"), "emMaxLoginTime", "customerName", "xsi:nil")
}
