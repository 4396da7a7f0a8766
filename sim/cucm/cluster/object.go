package cluster

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// rules are what an object needs beside its columns. Each part may be nil.
type rules struct {
	// before checks and completes a row; id is "" in an add.
	before func(ctx context.Context, r *request, n *soap.Node, row *row, id string) error
	// write keeps an element that is not a column; full says it replaces what was.
	write map[string]func(ctx context.Context, r *request, id string, n *soap.Node) error
	// read answers an element that is not a column.
	read map[string]func(ctx context.Context, r *request, id string, e *schema.Element) error
	// after finishes an add or update.
	after func(ctx context.Context, r *request, id string) error
	// remove runs before the row is deleted.
	remove func(ctx context.Context, r *request, id string) error
}

func rulesOf(o *schema.Object) rules {
	switch o.Op {
	case "User":
		return userRules
	case "Line":
		return lineRules
	case "Phone", "DeviceProfile", "RemoteDestinationProfile":
		return deviceRules
	case "RemoteDestination":
		return remoteDestinationRules
	}
	return infraRules(o)
}

func (c *Cluster) objectOperations(o *schema.Object) {
	rl := rulesOf(o)
	for verb, do := range map[string]func(*request, context.Context, *schema.Object, rules) error{
		"add": (*request).addObject, "update": (*request).updateObject, "remove": (*request).removeObject,
		"get": (*request).getObject, "list": (*request).listObjects,
	} {
		if strings.IndexByte(o.Ops, verb[0]) < 0 {
			continue
		}
		c.add(&Operation{
			Name: verb + o.Op, Writes: verb != "get" && verb != "list", List: verb == "list", object: o,
			run: func(ctx context.Context, r *request) error { return do(r, ctx, o, rl) },
		})
	}
}

func (r *request) addObject(ctx context.Context, o *schema.Object, rl rules) error {
	n := r.in.Kid(o.Name)
	if n == nil {
		return soap.Invalid("Element '%s': Missing child element(s). Expected is ( %s ).", r.op.Name, o.Name)
	}
	if r.strict {
		if len(r.in.Kids) != 1 || n.Space != "" {
			return soap.Invalid("Element '%s': Expected is ( %s ) in no namespace.", r.op.Name, o.Name)
		}
		if err := schema.Check(o.Elements, schema.Op{Verb: 'a', Version: r.version}, n); err != nil {
			return err
		}
	}
	row := &row{}
	if o.Shared() {
		row.set("sim_object", o.Name)
	}
	if err := r.collect(ctx, o.Elements, 'a', n, row); err != nil {
		return err
	}
	if rl.before != nil {
		if err := rl.before(ctx, r, n, row, ""); err != nil {
			return err
		}
	}
	id := store.NewID()
	row.set("pkid", id)
	if err := row.insert(ctx, r.conn, o.Table); err != nil {
		return err
	}
	if err := r.finish(ctx, o, rl, 'a', n, id); err != nil {
		return err
	}
	r.changed('a', o.Word(), id)
	return r.answer(id)
}

// finish runs what comes after the row: elements kept by code in their order, the
// object's own last rule, and a fresh copy of names.
func (r *request) finish(ctx context.Context, o *schema.Object, rl rules, op byte, n *soap.Node, id string) error {
	if store.InMemory(o.Table) {
		r.conn.Renamed()
	}
	for _, e := range o.Elements {
		if !e.Code || !e.In(op) || rl.write[e.Name] == nil {
			continue
		}
		k := n.Kid(e.Name)
		if k == nil {
			continue
		}
		if err := rl.write[e.Name](ctx, r, id, k); err != nil {
			return err
		}
	}
	if rl.after == nil {
		return nil
	}
	return rl.after(ctx, r, id)
}

func (r *request) updateObject(ctx context.Context, o *schema.Object, rl rules) error {
	rest, err := r.afterKeys(o)
	if err != nil {
		return err
	}
	if r.strict {
		if err := schema.Check(o.Elements, schema.Op{Verb: 'u', Version: r.version}, rest); err != nil {
			return err
		}
	}
	id, err := r.find(ctx, o)
	if err != nil {
		return err
	}
	row := &row{}
	if err := r.collect(ctx, o.Elements, 'u', rest, row); err != nil {
		return err
	}
	if rl.before != nil {
		if err := rl.before(ctx, r, rest, row, id); err != nil {
			return err
		}
	}
	if err := row.update(ctx, r.conn, o.Table, id); err != nil {
		return err
	}
	if err := r.finish(ctx, o, rl, 'u', rest, id); err != nil {
		return err
	}
	tags := make([]string, 0, 2*len(rest.Kids))
	for _, k := range rest.Kids {
		if len(k.Kids) == 0 && k.Name != "pin" && k.Name != "password" {
			tags = append(tags, k.Name, k.Text)
		}
	}
	r.changed('u', o.Word(), id, tags...)
	return r.answer(id)
}

func (r *request) removeObject(ctx context.Context, o *schema.Object, rl rules) error {
	id, err := r.findOnly(ctx, o)
	if err != nil {
		return err
	}
	if rl.remove != nil {
		if err := rl.remove(ctx, r, id); err != nil {
			return err
		}
	}
	if _, err := r.conn.Exec(ctx, "DELETE FROM "+o.Table+" WHERE pkid = ?", id); err != nil {
		return err
	}
	if store.InMemory(o.Table) {
		r.conn.Renamed()
	}
	r.changed('r', o.Word(), id)
	return r.answer(id)
}

// getObject answers one object with its uuid.
func (r *request) getObject(ctx context.Context, o *schema.Object, rl rules) error {
	tags := r.in.Kid("returnedTags")
	if r.strict {
		if err := r.checkGet(o, tags); err != nil {
			return err
		}
	}
	where, args, err := r.findWhere(ctx, o)
	if err != nil {
		return err
	}
	p := newPlan(o, schema.Op{Verb: 'g', Version: r.version}, tags)
	vals := p.values()
	found, err := r.conn.Get(ctx, vals, p.query("WHERE "+where), args...)
	if err != nil {
		return err
	}
	if !found {
		return notFound(o, r.in)
	}
	return r.writeObject(ctx, o, rl, p, vals)
}

func (r *request) checkGet(o *schema.Object, tags *soap.Node) error {
	rest, err := r.afterKeys(o)
	if err != nil {
		return err
	}
	for _, k := range rest.Kids {
		if k.Name != "returnedTags" || k.Space != "" {
			return soap.Invalid("Element '%s': This element is not expected. Expected is ( returnedTags ).", k.Name)
		}
	}
	if tags == nil || r.loose(o) {
		return nil
	}
	return schema.Check(o.Elements, schema.Op{Verb: 'g', Version: r.version, Tags: true}, tags)
}

// loose objects are infrastructure whose table holds a part of the fields only:
// other tags are accepted and not answered.
func (r *request) loose(o *schema.Object) bool {
	switch o.Op {
	case "User", "Line", "Phone", "DeviceProfile", "RemoteDestinationProfile", "RemoteDestination":
		return false
	}
	return true
}

func (r *request) writeObject(ctx context.Context, o *schema.Object, rl rules, p *plan, vals []any) error {
	id := text(vals[0])
	r.out.Open(o.Name, "uuid", soap.Braced(id))
	if err := r.writeShapes(ctx, rl, p.shapes, vals, id); err != nil {
		return err
	}
	r.out.Close()
	return r.out.Err()
}
