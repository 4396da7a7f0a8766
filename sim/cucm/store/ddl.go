package store

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/dialtone/dialtone/sim/cucm/schema"
)

//go:embed maps.sql
var mapsSQL string

// own are columns no AXL element stands for.
var own = map[string][]string{
	"enduser": {
		"islocaluser TEXT NOT NULL DEFAULT 't'",
		"tkuserprofile INTEGER NOT NULL DEFAULT 1",
	},
	"device":  {"sim_object TEXT NOT NULL DEFAULT ''"},
	"numplan": {"sim_object TEXT NOT NULL DEFAULT ''"},
	"phonetemplate": {
		"tkmodel INTEGER REFERENCES typemodel(enum)",
		"tkdeviceprotocol INTEGER REFERENCES typedeviceprotocol(enum)",
	},
	"dirgroup":              {"userrank INTEGER NOT NULL DEFAULT 10"},
	"pickupgroup":           {"fknumplan_pickup TEXT REFERENCES numplan(pkid) ON DELETE CASCADE"},
	"directorypluginconfig": {"sim_syncstatus TEXT NOT NULL DEFAULT ''"},
}

// pkid is the key of every table; a row inserted by SQL without one gets one, as
// Informix gives it.
const pkid = "TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || " +
	"substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))"

// big are the tables whose names are looked up in SQL, not in memory.
var big = map[string]bool{"enduser": true, "device": true, "numplan": true}

type table struct {
	name    string
	columns []string
	has     map[string]bool
	indexes []string
}

// tables are all tables made from the schema, in no order that matters: SQLite
// resolves references late.
var tables = sync.OnceValue(makeTables)

func makeTables() []*table {
	byName := map[string]*table{}
	var list []*table
	get := func(name string) *table {
		t := byName[name]
		if t == nil {
			t = &table{name: name, has: map[string]bool{}}
			t.add("pkid", pkid)
			byName[name] = t
			list = append(list, t)
			for _, c := range own[name] {
				col, decl, _ := strings.Cut(c, " ")
				t.add(col, decl)
			}
		}
		return t
	}
	for _, name := range schema.NamedTables() {
		get(name).add("name", "TEXT NOT NULL UNIQUE")
	}
	for _, o := range schema.Objects() {
		get(o.Table).elements(o.Elements)
	}
	m := get("devicenumplanmap")
	m.add("fkdevice", "TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE")
	m.add("fknumplan", "TEXT NOT NULL REFERENCES numplan(pkid) ON DELETE CASCADE")
	m.add("ctiid", "INTEGER NOT NULL DEFAULT 0")
	m.elements(LineElements())
	return list
}

// LineElements are the appearance attributes of a line on a device.
func LineElements() []*schema.Element {
	return schema.Lookup("Phone").Element("lines").Child("line").Children
}

func (t *table) elements(list []*schema.Element) {
	for _, e := range list {
		if e.Column == "" {
			if !e.Code {
				t.elements(e.Children)
			}
			continue
		}
		t.add(e.Column, t.declare(e))
	}
}

func (t *table) add(column, declaration string) {
	if !t.has[column] {
		t.has[column] = true
		t.columns = append(t.columns, column+" "+declaration)
	}
}

// declare is an element's column type. References to people, devices and numbers
// go away with them; other references hold their target.
//
// assumed: CUCM's own delete rules are not public; removePhone and removeUser are
// known to succeed while they are referred to.
func (t *table) declare(e *schema.Element) string {
	switch e.Kind {
	case schema.FK, schema.Key:
		if e.Column == "fkdevice_huntlist" || !big[e.Arg] {
			return "TEXT REFERENCES " + e.Arg + "(pkid)"
		}
		t.indexes = append(t.indexes, fmt.Sprintf("CREATE INDEX IF NOT EXISTS ix_%s_%s ON %s(%s) WHERE %s IS NOT NULL",
			t.name, e.Column, t.name, e.Column, e.Column))
		return "TEXT REFERENCES " + e.Arg + "(pkid) ON DELETE SET NULL"
	case schema.TK:
		return "INTEGER REFERENCES " + e.Arg + "(enum)"
	case schema.Bool:
		return "TEXT NOT NULL DEFAULT '" + Flag(e.Initial == "true") + "'"
	case schema.Int:
		if e.Column == "status" {
			return "INTEGER NOT NULL DEFAULT 1"
		}
		return "INTEGER NOT NULL DEFAULT '" + e.Initial + "'"
	case schema.Text, schema.UUID, schema.Enum, schema.Any, schema.Group:
	}
	unique := ""
	if e.Column == "name" && t.name != "device" && t.name != "remotedestination" || e.Column == "domainname" {
		unique = " UNIQUE"
	}
	return "TEXT NOT NULL DEFAULT '" + strings.ReplaceAll(e.Initial, "'", "''") + "'" + unique
}

// Flag is a boolean as Informix keeps it.
func Flag(b bool) string {
	if b {
		return "t"
	}
	return "f"
}

// ddl are the statements that make an empty database.
func ddl() []string {
	var out []string
	for name := range types().numbers {
		out = append(out, "CREATE TABLE IF NOT EXISTS "+name+" (enum INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, moniker TEXT NOT NULL DEFAULT '')")
	}
	var indexes []string
	for _, t := range tables() {
		out = append(out, "CREATE TABLE IF NOT EXISTS "+t.name+" (\n  "+strings.Join(t.columns, ",\n  ")+"\n)")
		indexes = append(indexes, t.indexes...)
	}
	out = append(out, strings.ReplaceAll(mapsSQL, "pkid TEXT NOT NULL PRIMARY KEY", "pkid "+pkid))
	return append(out, indexes...)
}
