package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Snapshot is the whole state of a cluster in words: references by name, in a
// stable order, without uuids and times.
type Snapshot struct {
	Objects []Object `json:"objects"`
}

// Object is one row. Fields holds what is not empty.
type Object struct {
	Table  string            `json:"table"`
	Key    string            `json:"key"`
	Fields map[string]string `json:"fields"`
}

// unstable columns differ between two equal states.
var unstable = map[string]bool{
	"pkid": true, "ctiid": true, "timechanged": true, "logintime": true, "sim_syncstatus": true,
}

// rowNames are the expressions that name a row of a table, %s being its alias.
var rowNames = map[string]string{
	"enduser": "%s.userid",
	"numplan": "%s.dnorpattern || '@' || ifnull((SELECT name FROM routepartition WHERE pkid = %s.fkroutepartition), '')",
	"devicenumplanmap": "(SELECT name FROM device WHERE pkid = %s.fkdevice) || ' ' || " +
		"(SELECT dnorpattern FROM numplan WHERE pkid = %s.fknumplan)",
	"mgcp": "%s.domainname", "remotedestination": "%s.destination", "sim_ldapuser": "%s.agreement || ' ' || %s.userid",
	"sim_ldaprename": "%s.agreement || ' ' || %s.userid",
}

type reference struct{ table, to string }

// Snapshot reads the whole state.
func (d *DB) Snapshot(ctx context.Context) (Snapshot, error) {
	var out Snapshot
	err := d.View(ctx, func(c *Conn) error {
		var names []string
		if err := c.Each(ctx, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			if !strings.HasPrefix(name, "type") && name != "sim_meta" {
				names = append(names, name)
			}
			return err
		}, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"); err != nil {
			return err
		}
		for _, name := range names {
			rows, err := c.snapshotTable(ctx, name)
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			out.Objects = append(out.Objects, rows...)
		}
		return nil
	})
	return out, err
}

func (c *Conn) snapshotTable(ctx context.Context, name string) ([]Object, error) {
	refs := map[string]reference{}
	if err := c.Each(ctx, func(scan func(...any) error) error {
		var from string
		var ref reference
		err := scan(&from, &ref.table, &ref.to)
		refs[from] = ref
		return err
	}, "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?)", name); err != nil {
		return nil, err
	}
	var cols, exprs, keys []string
	hasName := false
	if err := c.Each(ctx, func(scan func(...any) error) error {
		var col string
		var must bool
		if err := scan(&col, &must); err != nil || unstable[col] {
			return err
		}
		expr := "t." + col
		if ref, ok := refs[col]; ok {
			expr = nameExpr(ref, expr)
			if must {
				keys = append(keys, expr)
			}
		}
		if col == "credentials" {
			expr = "CASE t.credentials WHEN '' THEN '' ELSE 'set' END"
		}
		hasName = hasName || col == "name"
		cols, exprs = append(cols, col), append(exprs, expr)
		return nil
	}, "SELECT name, \"notnull\" FROM pragma_table_info(?)", name); err != nil {
		return nil, err
	}
	key := "t.name"
	if expr, ok := rowNames[name]; ok {
		key = strings.ReplaceAll(expr, "%s", "t")
	} else if !hasName {
		key = strings.Join(keys, " || ' ' || ")
	}
	return c.rows(ctx, name, cols, "SELECT "+key+", "+strings.Join(exprs, ", ")+" FROM "+name+" t")
}

func nameExpr(ref reference, val string) string {
	expr, ok := rowNames[ref.table]
	if !ok {
		expr = "%s.name"
	}
	return "(SELECT " + strings.ReplaceAll(expr, "%s", "r") + " FROM " + ref.table + " r WHERE r." + ref.to + " = " + val + ")"
}

func (c *Conn) rows(ctx context.Context, table string, cols []string, q string) ([]Object, error) {
	var out []Object
	cells, vals := Cells(len(cols) + 1)
	err := c.Each(ctx, func(scan func(...any) error) error {
		if err := scan(vals...); err != nil {
			return err
		}
		o := Object{table, Cell(cells[0]), map[string]string{}}
		for i, col := range cols {
			if v := Cell(cells[i+1]); v != "" {
				o.Fields[col] = v
			}
		}
		out = append(out, o)
		return nil
	}, q)
	slices.SortFunc(out, func(a, b Object) int {
		if c := cmp.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return cmp.Compare(a.line(), b.line()) // dear, and seldom needed
	})
	for i, n := 1, 1; i < len(out); i++ {
		if n++; out[i].Key != out[i-1].Key {
			n = 1
			continue
		}
		out[i].Key += " (" + strconv.Itoa(n) + ")"
	}
	return out, err
}

func (o *Object) line() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(o.Fields)) {
		b.WriteString(" " + k + "=" + strconv.Quote(o.Fields[k]))
	}
	return b.String()
}

// Diff says line by line what is different in other: "+ table key …" is there
// only, "- table key …" is missing there, "~ table key column: old -> new" is
// changed. Equal states give none.
func (s Snapshot) Diff(other Snapshot) []string {
	var out []string
	a, b := s.Objects, other.Objects
	for len(a) > 0 || len(b) > 0 {
		switch order := compareHeads(a, b); {
		case order < 0:
			out = append(out, "- "+a[0].Table+" "+a[0].Key+a[0].line())
			a = a[1:]
		case order > 0:
			out = append(out, "+ "+b[0].Table+" "+b[0].Key+b[0].line())
			b = b[1:]
		default:
			out = append(out, a[0].changes(b[0])...)
			a, b = a[1:], b[1:]
		}
	}
	return out
}

func compareHeads(a, b []Object) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return cmp.Or(cmp.Compare(a[0].Table, b[0].Table), cmp.Compare(a[0].Key, b[0].Key))
}

func (o *Object) changes(n Object) []string {
	all := map[string]bool{}
	for k := range o.Fields {
		all[k] = true
	}
	for k := range n.Fields {
		all[k] = true
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if o.Fields[k] != n.Fields[k] {
			out = append(out, fmt.Sprintf("~ %s %s %s: %q -> %q", o.Table, o.Key, k, o.Fields[k], n.Fields[k]))
		}
	}
	return out
}
