package cucm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/sim/cucm"
)

// TestSQLIsInformix holds what SQLite would take and Informix does not.
func TestSQLIsInformix(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 3, Phones: 3}})
	for name, tc := range map[string]struct{ reason, sql, code, says string }{
		"schema":       {"the engine's own tables", "SELECT name FROM sqlite_schema", "-206", "sqlite_schema"},
		"joined":       {"behind a comma too", "SELECT a.name FROM enduser e, sqlite_master a", "-206", "sqlite_master"},
		"pragma":       {"no pragma as a table", "SELECT name FROM pragma_table_info('enduser')", "-674", "pragma_table_info"},
		"pragma bare":  {"nor without brackets", "SELECT name FROM pragma_database_list", "-206", "pragma_database_list"},
		"own column":   {"columns of ours", "SELECT sim_object FROM device", "-217", "sim_object"},
		"own table":    {"tables of ours", "SELECT * FROM sim_meta", "-206", "sim_meta"},
		"no table":     {"Informix selects from a table", "SELECT 1", "201", "syntax"},
		"memory":       {"no functions that make gigabytes", "SELECT length(zeroblob(900000000)) FROM typeclass", "-674", "zeroblob"},
		"group_concat": {"not one of Informix", "SELECT group_concat(userid) FROM enduser", "-674", "group_concat"},
		"version":      {"not one of Informix", "SELECT sqlite_version() FROM enduser", "-674", "sqlite_version"},
		"recursion": {
			"no endless recursion", "SELECT * FROM (WITH RECURSIVE c(x) AS (SELECT 1 FROM enduser UNION ALL SELECT x+1 FROM c) SELECT x FROM c) y",
			"201", "syntax",
		},
		"bare column": {"columns beside an aggregate are grouped", "SELECT name, count(*) FROM device", "-294", "(name)"},
		"long text":   {"no text beyond measure", "SELECT length(" + strings.Repeat("replace(", 9) + "'aaaaaaaaaa'" + strings.Repeat(",'a','aaaaaaaaaa')", 9) + ") FROM enduser", "201", "syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r.refused(t, "executeSQLQuery", "<sql>"+tc.sql+"</sql>", tc.code, tc.says)
		})
	}
	r.ok(t, "addLine", `<line><pattern>\+49301</pattern><usage>Device</usage><routePartitionName/></line>`)
	for name, tc := range map[string]struct {
		reason, sql string
		rows        int
	}{
		"escape":     {"a backslash in LIKE escapes, so this asks for a bare plus", `SELECT dnorpattern FROM numplan WHERE dnorpattern LIKE '\+49%'`, 0},
		"escaped":    {"two stand for one", `SELECT dnorpattern FROM numplan WHERE dnorpattern LIKE '\\+49%'`, 1},
		"own escape": {"an ESCAPE of the query counts", `SELECT dnorpattern FROM numplan WHERE dnorpattern LIKE '\+49%' ESCAPE '!'`, 1},
		"equals":     {"a backslash is itself elsewhere", `SELECT dnorpattern FROM numplan WHERE dnorpattern = '\+49301'`, 1},
		"grouped":    {"an aggregate of a group", "SELECT tkclass, count(*) FROM device WHERE tkclass = 1 GROUP BY tkclass", 1},
		"sub":        {"FIRST in a subselect's neighbour", "SELECT FIRST 2 userid, (SELECT count(*) FROM device d WHERE d.fkenduser = e.pkid) n FROM enduser e", 2},
		"word":       {"words of functions in text are text", "SELECT userid FROM enduser WHERE lastname = 'zeroblob(1) with'", 0},
		"case":       {"brackets behind words of SQL", "SELECT CASE WHEN (userid) IN ('user000001') AND NOT (1 = 2) THEN 1 ELSE 0 END AS x FROM enduser", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if body := sqlValue(t, r, tc.sql); strings.Count(body, "<row>") != tc.rows {
				t.Errorf("%s: want %d rows in %s", tc.reason, tc.rows, body)
			}
		})
	}
}

// TestSQLEnds runs a join that would take years.
func TestSQLEnds(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 50, Phones: 50, Lines: 300}, SQLTimeout: 200 * time.Millisecond})
	endless := "<sql>SELECT count(*) FROM numplan a, numplan b, numplan c, numplan d, numplan e</sql>"
	r.refused(t, "executeSQLQuery", endless, "-1", "took longer than")
	// Eight megabytes come at once, counting all rows would take for ever.
	r.refused(t, "executeSQLQuery", "<sql>"+strings.Replace(endless[5:], "count(*)", "a.pkid", 1), "-1", "took longer than")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, _, err := r.try(ctx, "getUser", "<userid>user000001</userid>"); err != nil {
		t.Errorf("the cluster does not answer behind it: %v", err)
	}
}
