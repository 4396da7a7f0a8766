package cucm_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

func TestSQLOnTheDataDictionary(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 30, Phones: 20, Lines: 45}})
	for name, tc := range map[string]struct {
		reason, sql string
		rows        int
		says        string
	}{
		"unassigned numbers": {
			"the query public tools use", `SELECT np.dnorpattern AS number, rpt.name AS partition, cfd.cfadestination FROM numplan np
			INNER JOIN typepatternusage tpu ON np.tkpatternusage = tpu.enum LEFT OUTER JOIN callforwarddynamic AS cfd ON cfd.fknumplan = np.pkid
			LEFT OUTER JOIN devicenumplanmap dnmp ON dnmp.fknumplan = np.pkid LEFT OUTER JOIN routepartition rpt ON rpt.pkid = np.fkroutepartition
			WHERE tpu.NAME = 'Device' AND dnmp.pkid IS NULL ORDER BY dnorpattern ASC`, 5, "<number>7000040</number><partition>PT_Berlin</partition><cfadestination/>",
		},
		"page":          {"SKIP and FIRST stand behind SELECT", "SELECT SKIP 10 FIRST 7 pkid FROM enduser ORDER BY pkid", 7, "<pkid>"},
		"limit":         {"LIMIT is FIRST", "SELECT LIMIT 3 dnorpattern, cfbdestination, cfurintdestination, devicefailuredn, pffdestination FROM numplan", 3, "<devicefailuredn/>"},
		"count":         {"an aggregate is called by its function", "select count(*) from device where tkclass = 1", 1, "<count>20</count>"},
		"like":          {"LIKE minds case", "select userid from enduser where userid like 'USER%'", 0, ""},
		"upper":         {"UPPER does not", "select userid from enduser where UPPER(userid) LIKE 'USER00000%'", 10, ""},
		"nvl":           {"NVL is there", "select nvl(d.description, '-') AS d, u.userid from device d left join enduser u on d.fkenduser = u.pkid where u.userid = 'user000003'", 1, "<d>Lisbon phone</d>"},
		"flag":          {"booleans are t and f", "select islocaluser, allowcticontrolflag from enduser where userid = 'user000001'", 1, "<islocaluser>t</islocaluser>"},
		"associations":  {"devices of users", "select e.userid, d.name from enduserdevicemap m, enduser e, device d where m.fkenduser = e.pkid and m.fkdevice = d.pkid and m.tkuserassociation = 1", 20, "<name>SEP00AA00000003</name>"},
		"primary":       {"numbers of users", "select n.dnorpattern from endusernumplanmap m inner join numplan n on n.pkid = m.fknumplan where m.tkdnusage = 1", 20, ""},
		"shared":        {"subselects", "select dnorpattern from numplan where pkid in (select fknumplan from devicenumplanmap group by fknumplan having count(*) > 1)", 0, ""},
		"double quotes": {"are strings too", `select name from device where name = "SEP00AA00000001"`, 1, ""},
		"lower uuid":    {"pkids have no braces", "select pkid from device where name = 'SEP00AA00000000'", 1, "-"},
		"groups":        {"access control groups", "select g.name from enduserdirgroupmap m join dirgroup g on g.pkid = m.fkdirgroup", 30, "Standard CCM End Users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := sqlValue(t, r, tc.sql)
			if n := strings.Count(body, "<row>"); n != tc.rows || !strings.Contains(body, tc.says) {
				t.Errorf("%s: %d rows, want %d and %q\n%.600s", tc.reason, n, tc.rows, tc.says, body)
			}
		})
	}
	for name, tc := range map[string]struct{ sql, code, says string }{
		"update":      {"UPDATE enduser SET department = 'x'", "201", "A syntax error has occurred."},
		"two":         {"SELECT pkid FROM enduser; DELETE FROM enduser", "201", "A syntax error has occurred."},
		"with":        {"WITH x AS (SELECT 1) DELETE FROM enduser", "201", "A syntax error has occurred."},
		"no table":    {"SELECT pkid FROM nosuchtable", "-206", "The specified table (nosuchtable) is not in the database."},
		"no column":   {"SELECT shoe FROM enduser", "-217", "Column (shoe) not found in any table in the query"},
		"open string": {"SELECT pkid FROM enduser WHERE userid = 'x", "-282", "no matching quote"},
		"nonsense":    {"SELECT FROM WHERE", "201", "A syntax error has occurred."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r.refused(t, "executeSQLQuery", "<sql>"+tc.sql+"</sql>", tc.code, tc.says)
		})
	}
}

func TestSQLUpdate(t *testing.T) {
	t.Parallel()
	insert := "<sql>INSERT INTO enduserdevicemap (fkenduser, fkdevice, tkuserassociation) VALUES ((SELECT pkid FROM enduser WHERE userid = 'user000001')," +
		" (SELECT pkid FROM device WHERE name = 'SEP00AA00000000'), 1)</sql>"
	off := start(t, cucm.Options{Model: cucm.Model{Users: 2, Phones: 2}})
	off.refused(t, "executeSQLUpdate", insert, "5003", "switched off")
	on := start(t, cucm.Options{Model: cucm.Model{Users: 2, Phones: 2}, AllowSQLUpdate: true})
	has(t, on.ok(t, "executeSQLUpdate", insert), "<rowsUpdated>1</rowsUpdated>")
	has(t, on.ok(t, "getUser", "<userid>user000001</userid>"), "<device>SEP00AA00000000</device>")
	on.refused(t, "executeSQLUpdate", "<sql>UPDATE device SET fkdevicepool = 'ABC'</sql>", "-691", "Missing key in referenced table")
	on.refused(t, "executeSQLUpdate", "<sql>DROP TABLE enduser</sql>", "201", "A syntax error")
}

func TestRoutePlanAndUnassignedDevices(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 1, Phones: 2, Lines: 1}})
	tags := "<returnedTags><dnOrPattern/><partition/><type/><routeDetail/></returnedTags>"
	body := r.ok(t, "listRoutePlan", "<searchCriteria><partition>PT_Berlin</partition></searchCriteria>"+tags)
	has(t, body, "<dnOrPattern>4900</dnOrPattern><partition>PT_Berlin</partition><type>Hunt Pilot</type>", "<type>Call Pick Up Group</type>", "<type>CallPark</type>",
		"<dnOrPattern>7000000</dnOrPattern><partition>PT_Berlin</partition><type>Device</type><routeDetail>SEP00AA00000000</routeDetail>")
	has(t, r.ok(t, "listUnassignedDevice", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><deviceType/></returnedTags>"), "<return></return>")
	if err := r.AddPhone(t.Context(), cucm.Phone{Name: "SEP0000000000FF"}); err != nil {
		t.Fatal(err)
	}
	has(t, r.ok(t, "listUnassignedDevice", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><deviceType/></returnedTags>"), "SEP0000000000FF", "<deviceType>Cisco 8845</deviceType>")
	r.ok(t, "listRegistrationDynamic", "<searchCriteria><device>%</device></searchCriteria><returnedTags><device/></returnedTags>")
}
