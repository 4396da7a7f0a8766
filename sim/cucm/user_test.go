package cucm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/sim/cucm"
)

func TestListsOfAUserAreReplaced(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	for _, mac := range []string{"SEP000000000001", "SEP000000000002"} {
		if err := r.AddPhone(t.Context(), cucm.Phone{Name: mac}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.AddUser(t.Context(), cucm.User{UserID: "jdoe", LastName: "Doe", Devices: []string{"SEP000000000001"}}); err != nil {
		t.Fatal(err)
	}
	r.ok(t, "updateUser", "<userid>jdoe</userid><associatedDevices><device>SEP000000000002</device></associatedDevices>")
	body := r.ok(t, "getUser", "<userid>jdoe</userid>")
	has(t, body, "<device>SEP000000000002</device>")
	lacks(t, body, "SEP000000000001")
	r.refused(t, "updateUser", "<userid>jdoe</userid><associatedDevices><device>SEP000000000001</device><device>SEPNONE</device></associatedDevices>", "5007", "SEPNONE")
	has(t, r.ok(t, "getUser", "<userid>jdoe</userid>"), "<device>SEP000000000002</device>")
}

func TestUserIDsDifferByMoreThanCase(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", newUser)
	r.refused(t, "addUser", edit(newUser, "jdoe", "JDoe"), "-239", "u_enduser_userid")
	r.ok(t, "updateUser", "<userid>JDOE</userid><newUserid>jane.doe</newUserid>")
	has(t, r.ok(t, "getUser", "<userid>Jane.Doe</userid>"), "<userid>jane.doe</userid>")
}

func TestPINPolicy(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{PINMinLength: 6})
	r.ok(t, "addUser", newUser)
	for pin, says := range map[string]string{
		"12ab56": "digits", "48151": "at least 6", "111111": "trivial", "123456": "trivial", "654321": "trivial", "484848": "trivial", "815815": "trivial",
	} {
		r.refused(t, "updateUser", "<userid>jdoe</userid><pin>"+pin+"</pin>", "5003", says)
	}
	r.ok(t, "updateUser", "<userid>jdoe</userid><pin>481516</pin><pinCredentials><pinCredUserMustChange>true</pinCredUserMustChange></pinCredentials>")
	body := r.ok(t, "getUser", "<userid>jdoe</userid>")
	has(t, body, "<pin/>", "<pinCredUserMustChange>true</pinCredUserMustChange>")
	lacks(t, body, "481516")
	has(t, r.ok(t, "doAuthenticateUser", "<userid>jdoe</userid><pin>481516</pin>"), "<userAuthenticated>true</userAuthenticated>")
	for range 3 {
		has(t, r.ok(t, "doAuthenticateUser", "<userid>jdoe</userid><pin>000000</pin>"), "<userAuthenticated>false</userAuthenticated>")
	}
	has(t, r.ok(t, "doAuthenticateUser", "<userid>jdoe</userid><pin>481516</pin>"), "<userAuthenticated>false</userAuthenticated>")
	r.ok(t, "updateUser", "<userid>jdoe</userid><pinCredentials><pinResetHackCount>true</pinResetHackCount></pinCredentials>")
	has(t, r.ok(t, "doAuthenticateUser", "<userid>jdoe</userid><pin>481516</pin>"), "<userAuthenticated>true</userAuthenticated>")
	if line := sqlValue(t, r, "SELECT credentials FROM credential WHERE tkcredential = 4"); strings.Contains(line, "481516") {
		t.Error("the PIN is kept in clear")
	}
}

// sqlValue runs a query over AXL and returns its answer.
func sqlValue(t *testing.T, r *rig, q string) string {
	t.Helper()
	return r.ok(t, "executeSQLQuery", "<sql>"+strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(q)+"</sql>")
}

func TestDirectoryUsers(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{LDAP: map[string]cucm.LDAPAgreement{"AD": {
		SyncDuration: 2 * time.Second,
		Users:        []cucm.LDAPUser{{UserID: "mkrueger", FirstName: "Märta", LastName: "Krüger", Mail: "m@example.com"}},
	}}})
	r.refused(t, "getUser", "<userid>mkrueger</userid>", "5007", "User")
	has(t, r.ok(t, "doLdapSync", "<name>AD</name><sync>true</sync>"), "Sync is initiated")
	has(t, r.ok(t, "getLdapSyncStatus", "<name>AD</name>"), "Sync is currently under process")
	r.await(t, "getLdapSyncStatus", "<name>AD</name>", "Sync is performed successfully")
	body := r.ok(t, "getUser", "<userid>mkrueger</userid>")
	has(t, body, "<lastName>Krüger</lastName>", ">AD</ldapDirectoryName>", "<status>1</status>")
	has(t, sqlValue(t, r, "SELECT islocaluser FROM enduser WHERE userid = 'mkrueger'"), "<islocaluser>f</islocaluser>")

	// What the directory owns is refused; the rest is not.
	for _, inner := range []string{"<lastName>X</lastName>", "<mailid>x</mailid>", "<telephoneNumber>1</telephoneNumber>", "<newUserid>x</newUserid>", "<password>Geheim123</password>"} {
		r.refused(t, "updateUser", "<userid>mkrueger</userid>"+inner, "5003", "synchronized from LDAP")
	}
	r.ok(t, "updateUser", "<userid>mkrueger</userid><pin>481516</pin><enableMobility>true</enableMobility><selfService>4711</selfService>")

	// The next sync brings changes and keeps what is CUCM's own.
	ctx := t.Context()
	if err := r.AddLDAPUser(ctx, "AD", cucm.LDAPUser{UserID: "mkrueger", FirstName: "Märta", LastName: "Krüger-Alt"}); err != nil {
		t.Fatal(err)
	}
	if err := r.SyncLDAP(ctx, "AD"); err != nil {
		t.Fatal(err)
	}
	has(t, r.ok(t, "getUser", "<userid>mkrueger</userid>"), "Krüger-Alt", "<selfService>4711</selfService>", "<enableMobility>true</enableMobility>")

	// Renamed in the directory, the user is the same user under the new id.
	if err := r.RenameLDAPUser(ctx, "AD", "MKrueger", "malt"); err != nil {
		t.Fatal(err)
	}
	if err := r.SyncLDAP(ctx, "AD"); err != nil {
		t.Fatal(err)
	}
	r.refused(t, "getUser", "<userid>mkrueger</userid>", "5007", "User")
	has(t, r.ok(t, "getUser", "<userid>malt</userid>"), "Krüger-Alt", "<selfService>4711</selfService>", "<status>1</status>")

	// Gone from the directory means inactive; a removed user comes back.
	if err := r.RemoveLDAPUser(ctx, "AD", "malt"); err != nil {
		t.Fatal(err)
	}
	if err := r.SyncLDAP(ctx, "AD"); err != nil {
		t.Fatal(err)
	}
	has(t, r.ok(t, "getUser", "<userid>malt</userid>"), "<status>2</status>")
	r.refused(t, "doLdapSync", "<name>Nowhere</name><sync>true</sync>", "5007", "Nowhere")
}

// await repeats an operation until its answer holds a piece.
func (r *rig) await(t *testing.T, op, inner, piece string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if _, body := r.post(t, op, inner); strings.Contains(body, piece) {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
		}
	}
	t.Fatalf("%s never answered %s", op, piece)
}

func TestRanks(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Accounts: []cucm.Account{{User: "axl", Password: "axl"}, {User: "low", Password: "low", Rank: 5}}})
	r.ok(t, "addUser", edit(newUser, "<presence", "<associatedGroups><userGroup><name>Standard CCM Super Users</name></userGroup></associatedGroups><presence"))
	r.ok(t, "addUser", edit(newUser, "jdoe", "plain"))
	low := *r
	low.user = "low"
	low.refused(t, "removeUser", "<userid>jdoe</userid>", "5003", "You do not have the privilege to remove this End User as you have lower User Rank")
	low.ok(t, "removeUser", "<userid>plain</userid>")
	r.ok(t, "removeUser", "<userid>jdoe</userid>")
}

func TestSingleNumberReach(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	r.ok(t, "addUser", newUser)
	rdp := "<remoteDestinationProfile><name>RDP_jdoe</name><product>Remote Destination Profile</product><class>Remote Destination Profile</class>" +
		"<protocol>Remote Destination</protocol><protocolSide>User</protocolSide><devicePoolName>DP_Berlin</devicePoolName><lines>" + lineOf("1", "4711", "DIRN") +
		"</lines><callInfoPrivacyStatus>Default</callInfoPrivacyStatus><userId>jdoe</userId></remoteDestinationProfile>"
	r.ok(t, "addRemoteDestinationProfile", rdp)
	has(t, r.ok(t, "getUser", "<userid>jdoe</userid>"), "<remoteDestinationProfile>RDP_jdoe</remoteDestinationProfile>")
	rd := func(carrier, lines string) string {
		return "<remoteDestination><name>mobile</name><destination>0170123</destination><answerTooSoonTimer>1500</answerTooSoonTimer><answerTooLateTimer>19000</answerTooLateTimer>" +
			"<delayBeforeRingingCell>4000</delayBeforeRingingCell><ownerUserId>jdoe</ownerUserId>" + carrier + lines + "</remoteDestination>"
	}
	profile := "<remoteDestinationProfileName>RDP_jdoe</remoteDestinationProfileName>"
	r.refused(t, "addRemoteDestination", rd(profile, ""), "5003", "Mobility is not enabled")
	r.ok(t, "updateUser", "<userid>jdoe</userid><enableMobility>true</enableMobility>")
	r.refused(t, "addRemoteDestination", rd("", ""), "5003", "Exactly one of")
	r.refused(t, "addRemoteDestination", rd(profile+"<dualModeDeviceName/>", ""), "5003", "dualModeDeviceName")
	line := "<lineAssociations><lineAssociation><pattern>%</pattern><routePartitionName>PT_Berlin</routePartitionName></lineAssociation></lineAssociations>"
	r.ok(t, "addLine", edit(newLine, "4711", "4712"))
	r.refused(t, "addRemoteDestination", rd(profile, edit(line, "%", "4712")), "5007", "Line")
	r.ok(t, "addRemoteDestination", rd(profile, edit(line, "%", "4711")))
	has(t, r.ok(t, "getRemoteDestination", "<destination>0170123</destination>"), "<pattern>4711</pattern>", ">jdoe</ownerUserId>")
	r.ok(t, "updateRemoteDestination", "<destination>0170123</destination><newDestination>0170456</newDestination>")
	has(t, r.ok(t, "listRemoteDestination", "<searchCriteria><name>mob%</name></searchCriteria><returnedTags><destination/></returnedTags>"), "<destination>0170456</destination>")
	r.ok(t, "removeRemoteDestination", "<destination>0170456</destination>")
	r.ok(t, "removeRemoteDestinationProfile", "<name>RDP_jdoe</name>")
}
