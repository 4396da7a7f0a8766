package store

import (
	"context"
	"maps"
	"sync/atomic"
)

// names holds the tables of infrastructure in memory: references to them are
// resolved thousands of times a second and change rarely.
type names struct{ now atomic.Pointer[nameMaps] }

type nameMaps struct {
	ids   map[string]map[string]string // table, name → pkid
	names map[string]map[string]string // table, pkid → name
}

// InMemory reports whether a table's names are held in memory.
func InMemory(table string) bool { return !big[table] }

// ID is the pkid of a name in a table held in memory.
func (d *DB) ID(table, name string) (string, bool) {
	id, ok := d.names.now.Load().ids[table][name]
	return id, ok
}

// Name is the name of a pkid in a table held in memory, "" when there is none.
func (d *DB) Name(table, id string) string { return d.names.now.Load().names[table][id] }

// Names are all names of a table held in memory with their pkids. The caller must
// not change it.
func (d *DB) Names(table string) map[string]string { return d.names.now.Load().ids[table] }

// Reload reads the tables of names again, after someone changed them by SQL.
func (d *DB) Reload(ctx context.Context) error {
	return d.View(ctx, func(c *Conn) error { return d.reload(ctx, c) })
}

func (d *DB) reload(ctx context.Context, c *Conn) error {
	m := &nameMaps{ids: map[string]map[string]string{}, names: map[string]map[string]string{}}
	for _, t := range tables() {
		if big[t.name] || !t.has["name"] || t.name == "remotedestination" {
			continue
		}
		ids, back := map[string]string{}, map[string]string{}
		err := c.Each(ctx, func(scan func(...any) error) error {
			var id, name string
			if err := scan(&id, &name); err != nil {
				return err
			}
			ids[name], back[id] = id, name
			return nil
		}, "SELECT pkid, name FROM "+t.name)
		if err != nil {
			return err
		}
		m.ids[t.name], m.names[t.name] = maps.Clone(ids), back
	}
	d.names.now.Store(m)
	return nil
}
