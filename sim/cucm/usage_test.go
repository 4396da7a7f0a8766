package cucm_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

// TestWhatUsesWhatBySQL asks what public tools ask, over the tables of the data
// dictionary: who uses a line, a device, a number.
func TestWhatUsesWhatBySQL(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", edit(newUser, "</user>", "<enableMobility>true</enableMobility></user>"))
	r.ok(t, "addPhone", edit(newPhone, "<packetCaptureMode>", "<ownerUserName>jdoe</ownerUserName><packetCaptureMode>"))
	r.ok(t, "updatePhone", onPhone+"<enableExtensionMobility>true</enableExtensionMobility>")
	r.ok(t, "updateLine", "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName><callPickupGroupName>Pickup_Berlin</callPickupGroupName>")
	r.ok(t, "addDeviceProfile", "<deviceProfile><name>UDP_jdoe</name><product>Cisco 8845</product><class>Device Profile</class><protocol>SIP</protocol>"+
		"<protocolSide>User</protocolSide><lines>"+lineOf("1", "4711", "DIRN")+"</lines><phoneTemplateName>Standard 8845 SIP EM</phoneTemplateName></deviceProfile>")
	r.ok(t, "addRemoteDestinationProfile", "<remoteDestinationProfile><name>RDP_jdoe</name><product>Remote Destination Profile</product><class>Remote Destination Profile</class>"+
		"<protocol>Remote Destination</protocol><protocolSide>User</protocolSide><devicePoolName>DP_Berlin</devicePoolName><lines>"+lineOf("1", "4711", "DIRN")+
		"</lines><callInfoPrivacyStatus>Default</callInfoPrivacyStatus><userId>jdoe</userId></remoteDestinationProfile>")
	r.ok(t, "addRemoteDestination", "<remoteDestination><name>mobile</name><destination>0170123</destination><answerTooSoonTimer>1500</answerTooSoonTimer>"+
		"<answerTooLateTimer>19000</answerTooLateTimer><delayBeforeRingingCell>4000</delayBeforeRingingCell><ownerUserId>jdoe</ownerUserId>"+
		"<remoteDestinationProfileName>RDP_jdoe</remoteDestinationProfileName><isMobilePhone>true</isMobilePhone></remoteDestination>")
	r.ok(t, "updateUser", "<userid>jdoe</userid><associatedDevices><device>SEP001122334455</device></associatedDevices><phoneProfiles><profileName>UDP_jdoe</profileName></phoneProfiles>"+
		"<ctiControlledDeviceProfiles><profileName>UDP_jdoe</profileName></ctiControlledDeviceProfiles>")
	r.ok(t, "doDeviceLogin", "<deviceName>SEP001122334455</deviceName><loginDuration>0</loginDuration><profileName>UDP_jdoe</profileName><userId>jdoe</userId>")
	if err := r.AddLineGroup(t.Context(), cucm.LineGroup{Name: "LG_Sales", HuntList: "HL_Sales", Lines: []cucm.Line{{Pattern: "4711", Partition: "PT_Berlin"}}}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		reason, sql string
		rows        int
		says        string
	}{
		"phones of a user": {"the owner", "select d.name from device d inner join enduser eu on eu.pkid = d.fkenduser where eu.userid = 'jdoe'", 1, "SEP001122334455"},
		"devices of a line": {
			"phones, device profiles (254) and remote destination profiles (20)",
			`select d.name, tc.name as deviceclass, rp.name as partition, dnpm.numplanindex from devicenumplanmap dnpm inner join device d on d.pkid = dnpm.fkdevice
			inner join typeclass tc on tc.enum = d.tkclass inner join numplan np on np.pkid = dnpm.fknumplan inner join routepartition rp on rp.pkid = np.fkroutepartition
			where np.dnorpattern = '4711' and d.tkclass in (1, 20, 254) order by d.tkclass`, 3, "<name>UDP_jdoe</name><deviceclass>Device Profile</deviceclass>",
		},
		"line groups": {
			"with their hunt lists", `select lg.name as linegroup, d.name as huntlist, rl.selectionorder from linegroupnumplanmap m inner join linegroup lg on lg.pkid = m.fklinegroup
			inner join routelist rl on rl.fklinegroup = lg.pkid inner join device d on d.pkid = rl.fkdevice inner join numplan np on np.pkid = m.fknumplan
			where np.dnorpattern = '4711'`, 1, "<linegroup>LG_Sales</linegroup><huntlist>HL_Sales</huntlist>",
		},
		"reception": {"the line group every cluster has is in its hunt list", "select lg.name from routelist rl join linegroup lg on lg.pkid = rl.fklinegroup join device d on d.pkid = rl.fkdevice where d.name = 'HL_Reception'", 1, "LG_Reception"},
		"pickup group": {
			"its members and its own number", `select pg.name, np.dnorpattern as pattern from pickupgroup pg inner join pickupgrouplinemap m on m.fkpickupgroup = pg.pkid
			inner join numplan n on n.pkid = m.fknumplan_line inner join numplan np on np.pkid = pg.fknumplan_pickup where n.dnorpattern = '4711'`, 1, "<name>Pickup_Berlin</name><pattern>8901</pattern>",
		},
		"logins": {
			"where the user is", `select d.name as devicename, p.name as profile from extensionmobilitydynamic emd left join device d on emd.fkdevice = d.pkid
			left join device p on emd.fkdevice_currentloginprofile = p.pkid left join enduser eu on emd.fkenduser = eu.pkid where eu.userid = 'jdoe'`, 1, "<profile>UDP_jdoe</profile>",
		},
		"users of a device":  {"who controls it", "select eu.userid, m.tkuserassociation from enduserdevicemap m join enduser eu on eu.pkid = m.fkenduser join device d on d.pkid = m.fkdevice where d.tkclass = 1", 1, "<tkuserassociation>1</tkuserassociation>"},
		"users of a profile": {"5 is a profile, 7 one controlled by CTI", "select distinct m.tkuserassociation from enduserdevicemap m join device d on d.pkid = m.fkdevice where d.name = 'UDP_jdoe' and m.tkuserassociation in (5, 7)", 2, ""},
		"remote destinations": {
			"by the profile's user", `select rd.name, rdd.destination, rdd.enablesinglenumberreach as snr, rdd.ismobilephone, rdd.delaybeforeringingcell, rdd.answertoolatetimer
			from device d inner join remotedestination rd on rd.fkdevice_remotedestinationtemplate = d.pkid inner join remotedestinationdynamic rdd on rdd.fkremotedestination = rd.pkid
			inner join enduser eu on eu.pkid = d.fkenduser_mobility where eu.userid = 'jdoe'`, 1,
			"<destination>0170123</destination><snr>t</snr><ismobilephone>t</ismobilephone><delaybeforeringingcell>4000</delaybeforeringingcell>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := sqlValue(t, r, tc.sql)
			if n := strings.Count(body, "<row>"); n != tc.rows || !strings.Contains(body, tc.says) {
				t.Errorf("%s: %d rows, want %d and %q\n%.600s", tc.reason, n, tc.rows, tc.says, body)
			}
		})
	}
}

func TestHuntLists(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	before := snapshot(t, r.Server)
	if err := r.AddLineGroup(t.Context(), cucm.LineGroup{Name: "LG_Sales", HuntList: "HL_Sales"}); err != nil {
		t.Fatal(err)
	}
	has(t, r.ok(t, "getHuntList", "<name>HL_Sales</name>"), ">LG_Sales</lineGroupName><selectionOrder>1</selectionOrder>", ">Default</callManagerGroupName>")
	r.refused(t, "removeLineGroup", "<name>LG_Sales</name>", "-692", "still being referenced")
	member := func(name, order string) string {
		return "<member><lineGroupName>" + name + "</lineGroupName><selectionOrder>" + order + "</selectionOrder></member>"
	}
	r.ok(t, "updateHuntList", "<name>HL_Sales</name><addMembers>"+member("LG_Reception", "2")+"</addMembers>")
	has(t, r.ok(t, "getHuntList", "<name>HL_Sales</name>"), "LG_Sales", "LG_Reception")
	r.ok(t, "updateHuntList", "<name>HL_Sales</name><removeMembers>"+member("LG_Sales", "1")+"</removeMembers><newName>HL_Sold</newName>")
	lacks(t, r.ok(t, "getHuntList", "<name>HL_Sold</name>"), "LG_Sales")
	r.refused(t, "updateHuntList", "<name>HL_Sold</name><members>"+member("LG_None", "1")+"</members>", "5007", "LG_None")
	r.ok(t, "removeHuntList", "<name>HL_Sold</name>")
	r.ok(t, "removeLineGroup", "<name>LG_Sales</name>")
	if d := before.Diff(snapshot(t, r.Server)); len(d) != 0 {
		t.Errorf("what was undone left %q", d)
	}
}

// TestRemoteDestinationsBefore125 holds the two carriers that were required once.
func TestRemoteDestinationsBefore125(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Version: "11.5"})
	r.ok(t, "addUser", edit(newUser, "</user>", "<enableMobility>true</enableMobility></user>"))
	r.ok(t, "addRemoteDestinationProfile", "<remoteDestinationProfile><name>RDP_jdoe</name><product>Remote Destination Profile</product><class>Remote Destination Profile</class>"+
		"<protocol>Remote Destination</protocol><protocolSide>User</protocolSide><devicePoolName>DP_Berlin</devicePoolName>"+
		"<callInfoPrivacyStatus>Default</callInfoPrivacyStatus><userId>jdoe</userId></remoteDestinationProfile>")
	add := func(carriers string) string {
		return "<remoteDestination><destination>0170123</destination><answerTooSoonTimer>1500</answerTooSoonTimer><answerTooLateTimer>19000</answerTooLateTimer>" +
			"<delayBeforeRingingCell>4000</delayBeforeRingingCell><ownerUserId>jdoe</ownerUserId>" + carriers + "</remoteDestination>"
	}
	profile := "<remoteDestinationProfileName>RDP_jdoe</remoteDestinationProfileName>"
	r.refused(t, "addRemoteDestination", add(profile), "-1", "dualModeDeviceName")
	r.ok(t, "addRemoteDestination", add(profile+"<dualModeDeviceName/>"))
}
