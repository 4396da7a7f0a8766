package world

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// EstateDiffers compares every object of the kinds of a subscriber sync, by the hash of
// its content, as the copy has it and as it stands in the tables of the simulator: those
// are read from its file, no client of the product has a part in it. It returns how many
// objects there are, and a line for each of the first that differ. Of the kinds that
// people share it compares ids and names. Needs Options.CUCM.Path; the model must be at
// rest.
func (w *World) EstateDiffers(ctx context.Context, simulator string, most int) (objects int, differ []string, err error) {
	there, err := sql.Open("sqlite", "file:"+simulator+"?_pragma=query_only(ON)&_pragma=busy_timeout(10000)")
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	r := estateReader{sim: there, db: w.DB, names: map[string]map[string]string{}}
	kinds := make([]uc.EstateKind, 0, len(everything))
	for kind := range everything {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		n, ids, err := r.compare(ctx, kind)
		if objects += n; err != nil {
			return objects, differ, fmt.Errorf("comparing %s: %w", kind, err)
		}
		if len(ids) > 0 {
			lines, err := r.explain(ctx, kind, ids[:min(most, len(ids))])
			differ = append(append(differ, fmt.Sprintf("%d objects of kind %s differ", len(ids), kind)), lines...)
			if err != nil {
				return objects, differ, err
			}
		}
	}
	return objects, differ, nil
}

// estateReader reads both sides.
type estateReader struct {
	sim   *sql.DB
	db    *db.DB
	names map[string]map[string]string // of a table: the name by the key
}

// content is an object in a form that is the same for equal objects.
type content struct {
	Name, Partition string
	Attributes      map[string]any
}

func (c content) text() (string, error) {
	for _, v := range c.Attributes {
		if entries, ok := v.([]any); ok {
			slices.SortFunc(entries, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	out, err := json.Marshal(c)
	return string(out), err
}

// compare returns the ids of the objects whose hashes differ, or that one side only has.
func (r *estateReader) compare(ctx context.Context, kind uc.EstateKind) (n int, ids []string, err error) {
	hashes := map[string][sha256.Size]byte{}
	err = r.simulated(ctx, kind, func(id, text string) { hashes[id] = sha256.Sum256([]byte(text)) })
	if err != nil {
		return 0, nil, err
	}
	n = len(hashes)
	err = r.copied(ctx, kind, func(id, text string) {
		if want, ok := hashes[id]; !ok || want != sha256.Sum256([]byte(text)) {
			ids = append(ids, id)
		}
		delete(hashes, id)
	})
	for id := range hashes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return n, ids, err
}

// explain says how the objects are on either side.
func (r *estateReader) explain(ctx context.Context, kind uc.EstateKind, ids []string) (lines []string, err error) {
	there, here := map[string]string{}, map[string]string{}
	if err := r.simulated(ctx, kind, func(id, text string) { there[id] = text }); err != nil {
		return nil, err
	}
	if err := r.copied(ctx, kind, func(id, text string) { here[id] = text }); err != nil {
		return nil, err
	}
	for _, id := range ids {
		lines = append(lines, fmt.Sprintf("%s %s\n  call processor %s\n  copy           %s", kind, id,
			cmp.Or(there[id], "has none"), cmp.Or(here[id], "has none")))
	}
	return lines, nil
}

// copied hands over the objects of the copy, as its readers see them.
func (r *estateReader) copied(ctx context.Context, kind uc.EstateKind, each func(id, text string)) error {
	for cursor := ""; ; {
		page, err := r.db.ListEstate(ctx, db.EstateFilter{Kind: kind, CallProcessor: CUCM}, cursor, mostObjects)
		if err != nil {
			return err
		}
		for _, o := range page.Objects {
			c := content{Name: o.Name, Partition: o.Partition}
			if !everything[kind].nameAndIDOnly {
				if err := json.Unmarshal(o.Attributes, &c.Attributes); err != nil {
					return err
				}
			}
			text, err := c.text()
			if err != nil {
				return err
			}
			each(o.UUID, text)
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// mostObjects is how many the copy hands over at once.
const mostObjects = 1000

// simulated hands over the objects of the simulator.
func (r *estateReader) simulated(ctx context.Context, kind uc.EstateKind, each func(id, text string)) error {
	o := everything[kind]
	lists := map[string]map[string]any{} // by id
	for _, l := range o.lists {
		err := r.table(ctx, l.table, l.where, parseFields(l.fields), []string{l.mine, l.theirs}, func(keys []string, entry map[string]any) error {
			entry["uuid"] = keys[1]
			if lists[keys[0]] == nil {
				lists[keys[0]] = map[string]any{}
			}
			have, _ := lists[keys[0]][l.attribute].([]any)
			lists[keys[0]][l.attribute] = append(have, entry)
			return nil
		})
		if err != nil {
			return err
		}
	}
	partition := cmp.Or(o.partition, "''")
	partitions, err := r.nameOf(ctx, "routepartition")
	if err != nil {
		return err
	}
	return r.table(ctx, o.table, o.where, parseFields(o.fields), []string{"pkid", o.name, partition}, func(keys []string, a map[string]any) error {
		maps.Copy(a, lists[keys[0]])
		if o.nameAndIDOnly {
			a = nil
		}
		text, err := content{strings.TrimPrefix(keys[1], `\`), partitions[keys[2]], a}.text()
		each(keys[0], text)
		return err
	})
}

// table hands over the keys and the fields of each row of a table.
func (r *estateReader) table(
	ctx context.Context, table, where string, fields []field, keys []string, each func(keys []string, values map[string]any) error,
) (err error) {
	columns := slices.Clone(keys)
	for _, f := range fields {
		if f.names != "" {
			if _, err := r.nameOf(ctx, f.names); err != nil {
				return err
			}
		}
		columns = append(columns, f.column)
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + table + " t WHERE " + cmp.Or(where, "1") //nolint:gosec // names of our own
	rows, err := r.sim.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		key := make([]string, len(keys))
		for i := range keys {
			key[i] = cells[i].String
		}
		values := map[string]any{}
		for i, f := range fields {
			r.put(values, f, cells[len(keys)+i].String)
		}
		if err := each(key, values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// put keeps a value that is not empty.
func (r *estateReader) put(values map[string]any, f field, value string) {
	switch {
	case value == "":
		return
	case f.flag:
		values[f.attribute] = fmt.Sprint(value == "t")
	case f.names != "":
		if name := r.names[f.names][value]; name != "" {
			values[f.attribute] = name
		}
		if f.id {
			values[f.attribute+"_uuid"] = value
		}
	case f.column == "tkdnusage":
		values[f.attribute] = cmp.Or(usages[value], value)
	default:
		values[f.attribute] = value
	}
}

// nameOf returns the names of a table's rows by their keys.
func (r *estateReader) nameOf(ctx context.Context, table string) (map[string]string, error) {
	if names, ok := r.names[table]; ok {
		return names, nil
	}
	names := map[string]string{}
	r.names[table] = names
	key, name := "pkid", "name"
	switch {
	case table == "enduser":
		name = "userid"
	case strings.HasPrefix(table, "type"):
		key = "enum"
	}
	return names, r.table(ctx, table, "", nil, []string{key, name}, func(keys []string, _ map[string]any) error {
		names[keys[0]] = keys[1]
		return nil
	})
}
