package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// infraRules are those of shared objects: patterns are held against all patterns,
// devices get their class, groups keep their members.
func infraRules(o *schema.Object) rules {
	switch {
	case o.Op == "Css":
		return membersOf("callingsearchspacemember", "fkcallingsearchspace", "fkroutepartition", "sortorder",
			cssMember)
	case o.Op == "LineGroup":
		return membersOf("linegroupnumplanmap", "fklinegroup", "fknumplan", "lineselectionorder", lineMember)
	case o.Op == "HuntList":
		return huntListRules(o)
	case o.Op == "CallPickupGroup":
		return pickupRules
	case o.Op == "PhoneButtonTemplate":
		return rules{before: fromBase}
	case o.Table == "numplan":
		return rules{before: func(ctx context.Context, r *request, _ *soap.Node, row *row, id string) error {
			return r.checkPattern(ctx, row, id, o.Usage)
		}}
	case o.Table == "device":
		return rules{before: func(_ context.Context, _ *request, _ *soap.Node, row *row, id string) error {
			if id == "" {
				row.set("tkclass", store.MustNumber("typeclass", o.Class))
			}
			return nil
		}}
	}
	return rules{}
}

// pickupRules keep a pickup group's pattern in numplan, where it meets all other
// patterns. Source: the recorded fault "A Call Pick Up Group exists …".
var pickupRules = rules{
	read: map[string]func(context.Context, *request, string, *schema.Element) error{
		"usage": func(_ context.Context, r *request, _ string, e *schema.Element) error {
			r.out.Leaf(e.Name, "Call Pick Up Group")
			return nil
		},
	},
	before: func(ctx context.Context, r *request, _ *soap.Node, row *row, id string) error {
		pattern, part := row.text("pattern"), any(nil)
		if p, ok := row.get("fkroutepartition"); ok {
			part = p
		}
		if id != "" {
			return r.movePickup(ctx, row, id)
		}
		if err := patternText(pattern); err != nil {
			return err
		}
		number := store.MustNumber("typepatternusage", "Call Pick Up Group")
		if err := r.conflict(ctx, pattern, part, "", number); err != nil {
			return err
		}
		plan := store.NewID()
		row.set("fknumplan_pickup", plan)
		_, err := r.conn.Exec(ctx, `INSERT INTO numplan
			(pkid, dnorpattern, fkroutepartition, tkpatternusage, sim_object)
			VALUES (?, ?, ?, ?, 'callPickupGroup')`, plan, pattern, part, number)
		return err
	},
	remove: func(ctx context.Context, r *request, id string) error {
		_, err := r.conn.Exec(ctx, `UPDATE numplan SET fkpickupgroup = NULL WHERE fkpickupgroup = ?`, id)
		if err != nil {
			return err
		}
		_, err = r.conn.Exec(ctx, "DELETE FROM numplan WHERE pkid = (SELECT fknumplan_pickup FROM pickupgroup WHERE pkid = ?)", id)
		return err
	},
}

func (r *request) movePickup(ctx context.Context, row *row, id string) error {
	var plan, pattern string
	var part any
	if _, err := r.conn.Get(ctx, []any{&plan, &pattern, &part},
		"SELECT fknumplan_pickup, pattern, fkroutepartition FROM pickupgroup WHERE pkid = ?", id); err != nil {
		return err
	}
	if p := row.text("pattern"); p != "" {
		pattern = p
	}
	if p, ok := row.get("fkroutepartition"); ok {
		part = p
	}
	if err := patternText(pattern); err != nil {
		return err
	}
	if err := r.conflict(ctx, pattern, part, plan,
		store.MustNumber("typepatternusage", "Call Pick Up Group")); err != nil {
		return err
	}
	_, err := r.conn.Exec(ctx, "UPDATE numplan SET dnorpattern = ?, fkroutepartition = ? WHERE pkid = ?",
		pattern, part, plan)
	return err
}

// fromBase gives a button template the product and protocol of its base.
func fromBase(ctx context.Context, r *request, n *soap.Node, row *row, id string) error {
	if id != "" {
		return nil
	}
	base, err := r.reference(ctx, &schema.Element{Arg: "phonetemplate"}, n.Kid("basePhoneTemplateName"))
	if err != nil {
		return err
	}
	var model, protocol any
	if _, err := r.conn.Get(ctx, []any{&model, &protocol},
		"SELECT tkmodel, tkdeviceprotocol FROM phonetemplate WHERE pkid = ?", base); err != nil {
		return err
	}
	row.set("tkmodel", model)
	row.set("tkdeviceprotocol", protocol)
	return nil
}

// member resolves one member of a group: what it points to, and its place.
type member func(ctx context.Context, r *request, k *soap.Node) (id any, place string, err error)

func cssMember(ctx context.Context, r *request, k *soap.Node) (any, string, error) {
	id, err := r.reference(ctx, &schema.Element{Arg: "routepartition"}, k.Kid("routePartitionName"))
	return id, k.Value("index"), err
}

func lineMember(ctx context.Context, r *request, k *soap.Node) (any, string, error) {
	id, pattern, _, _, err := r.dirn(ctx, k.Kid("directoryNumber"))
	if err == nil && id == "" {
		err = soap.NotFound(pattern)
	}
	return id, k.Value("lineSelectionOrder"), err
}

// membersOf are the rules of a group kept in a map table.
func membersOf(table, owner, points, order string, resolve member) rules {
	put := func(ctx context.Context, r *request, id string, n *soap.Node) error {
		for _, k := range n.Kids {
			to, place, err := resolve(ctx, r, k)
			if err != nil {
				return err
			}
			if _, err := r.conn.Exec(ctx, "INSERT INTO "+table+" (pkid, "+owner+", "+points+", "+order+") VALUES (?, ?, ?, ?)",
				store.NewID(), id, to, place); err != nil {
				return err
			}
		}
		return nil
	}
	return rules{
		write: map[string]func(context.Context, *request, string, *soap.Node) error{
			"addMembers": put,
			"members": func(ctx context.Context, r *request, id string, n *soap.Node) error {
				if _, err := r.conn.Exec(ctx, "DELETE FROM "+table+" WHERE "+owner+" = ?", id); err != nil {
					return err
				}
				return put(ctx, r, id, n)
			},
			"removeMembers": func(ctx context.Context, r *request, id string, n *soap.Node) error {
				for _, k := range n.Kids {
					to, _, err := resolve(ctx, r, k)
					if err != nil {
						return err
					}
					if _, err := r.conn.Exec(ctx,
						"DELETE FROM "+table+" WHERE "+owner+" = ? AND "+points+" = ?", id, to); err != nil {
						return err
					}
				}
				return nil
			},
		},
		read: map[string]func(context.Context, *request, string, *schema.Element) error{
			"members": func(ctx context.Context, r *request, id string, e *schema.Element) error {
				return r.readMembers(ctx, id, e, table, owner, points, order)
			},
		},
	}
}

func (r *request) readMembers(ctx context.Context, id string, e *schema.Element, table, owner, points, order string) error {
	r.out.Open(e.Name)
	q := "SELECT m." + order + ", p.pkid, p.name, '', '' FROM " + table + " m JOIN routepartition p ON p.pkid = m." + points
	if points == "fknumplan" {
		q = "SELECT m." + order + ", n.pkid, n.dnorpattern, ifnull(p.pkid, ''), ifnull(p.name, '') FROM " + table +
			" m JOIN numplan n ON n.pkid = m." + points + " LEFT JOIN routepartition p ON p.pkid = n.fkroutepartition"
	}
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var place, to, name, part, partName string
		if err := scan(&place, &to, &name, &part, &partName); err != nil {
			return err
		}
		r.out.Open("member")
		if points == "fknumplan" {
			r.out.Leaf("lineSelectionOrder", place)
			r.out.Open("directoryNumber", "uuid", soap.Braced(to))
			r.out.Leaf("pattern", name)
			r.out.FK("routePartitionName", partName, part)
			r.out.Close()
		} else {
			r.out.FK("routePartitionName", name, to)
			r.out.Leaf("index", place)
		}
		r.out.Close()
		return nil
	}, q+" WHERE m."+owner+" = ? ORDER BY m."+order, id)
	r.out.Close()
	return err
}
