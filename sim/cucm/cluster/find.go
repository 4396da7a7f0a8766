package cluster

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// afterKeys is the request without its leading key elements. In strict mode the
// keys come first, in order, and uuid excludes the others.
func (r *request) afterKeys(o *schema.Object) (*soap.Node, error) {
	var byUUID, byKey bool
	at, last := 0, -1
	for ; at < len(r.in.Kids); at++ {
		k := r.in.Kids[at]
		i := slices.Index(o.Keys, k.Name)
		if i < 0 && k.Name != "uuid" {
			break
		}
		byUUID = byUUID || i < 0
		byKey = byKey || i >= 0
		if r.strict {
			if k.Space != "" || i >= 0 && i <= last {
				return nil, soap.Invalid("Element '%s': This element is not expected here.", k.Name)
			}
			if i < 0 && !schema.IsUUID(k.Text) {
				return nil, soap.Invalid("Element 'uuid': The value '%s' is not a uuid in braces.", k.Text)
			}
		}
		last = max(last, i)
	}
	if r.strict && byUUID == byKey {
		return nil, soap.Invalid("Element '%s': Expected is exactly one of ( %s, uuid ).", r.op.Name,
			strings.Join(o.Keys, "+"))
	}
	rest := *r.in
	rest.Kids = r.in.Kids[at:]
	if !r.strict {
		rest.Kids = r.in.Kids
	}
	return &rest, nil
}

// findOnly is find for requests that hold nothing but the key.
func (r *request) findOnly(ctx context.Context, o *schema.Object) (string, error) {
	rest, err := r.afterKeys(o)
	if err != nil {
		return "", err
	}
	if r.strict && len(rest.Kids) > 0 {
		return "", soap.Invalid("Element '%s': This element is not expected.", rest.Kids[0].Name)
	}
	return r.find(ctx, o)
}

// find resolves the object a request names by uuid or by its keys; fault 5007
// when there is none.
func (r *request) find(ctx context.Context, o *schema.Object) (string, error) {
	where, args, err := r.findWhere(ctx, o)
	if err != nil {
		return "", err
	}
	var id string
	found, err := r.conn.Get(ctx, []any{&id}, "SELECT pkid FROM "+o.Table+" WHERE "+where, args...)
	if err == nil && !found {
		err = notFound(o, r.in)
	}
	return id, err
}

// findWhere is the condition that finds the object a request names.
func (r *request) findWhere(ctx context.Context, o *schema.Object) (string, []any, error) {
	where, args := "pkid = ?", []any{soap.Plain(r.in.Value("uuid"))}
	if r.in.Value("uuid") == "" {
		var err error
		if where, args, err = r.keyWhere(ctx, o, r.in); err != nil {
			return "", nil, err
		}
	}
	if o.Shared() {
		where, args = where+" AND sim_object = ?", append(args, o.Name)
	}
	return where, args, nil
}

// keyWhere is the condition that n's keys make. A pattern without a partition is
// the one in no partition; a group with a name may be given by the name alone.
func (r *request) keyWhere(ctx context.Context, o *schema.Object, n *soap.Node) (string, []any, error) {
	var where []string
	var args []any
	for _, key := range o.Keys {
		e, k := o.Element(key), n.Kid(key)
		switch {
		case e.Kind == schema.FK:
			if o.Keys[0] == "name" && (k == nil || n.Kid("name") != nil) {
				continue
			}
			part, err := r.reference(ctx, e, k)
			if err != nil {
				return "", nil, err
			}
			where, args = append(where, e.Column+" IS ?"), append(args, part)
		case k != nil:
			where, args = append(where, e.Column+" = ?"+fold(e.Column)), append(args, k.Text)
		case len(o.Keys) == 1 || key == "pattern" && n.Kid("name") == nil:
			return "", nil, soap.Invalid("Element '%s': Expected is exactly one of ( %s, uuid ).", r.op.Name,
				strings.Join(o.Keys, "+"))
		}
	}
	return strings.Join(where, " AND "), args, nil
}

// fold says which columns compare without case.
//
// assumed: user ids and device names do; no authoritative statement was found.
func fold(column string) string {
	if column == "userid" || column == "name" {
		return " COLLATE NOCASE"
	}
	return ""
}

// notFound is fault 5007 in the words of the object. Source: recorded faults
// ("The specified User", "The specified Line", otherwise the name).
func notFound(o *schema.Object, n *soap.Node) error {
	if o.Op == "User" || o.Op == "Line" {
		return soap.NotFound(o.Op)
	}
	for _, k := range append(o.Keys, "uuid") {
		if v := n.Value(k); v != "" {
			return soap.NotFound(v)
		}
	}
	return soap.NotFound(o.Op)
}

// reference resolves a foreign key element to a pkid; nil for an empty one, fault
// 5007 naming the value for an unknown one.
func (r *request) reference(ctx context.Context, e *schema.Element, k *soap.Node) (any, error) {
	if k == nil || k.Nil() {
		return nil, nil
	}
	name := k.Text
	if id := k.Attr("uuid"); id != "" && name == "" {
		return r.byUUID(ctx, e.Arg, soap.Plain(id))
	}
	if name == "" {
		return nil, nil
	}
	return r.byName(ctx, e.Arg, name)
}

func (r *request) byUUID(ctx context.Context, table, id string) (any, error) {
	var got string
	found, err := r.conn.Get(ctx, []any{&got}, "SELECT pkid FROM "+table+" WHERE pkid = ?", id)
	if err == nil && !found {
		err = soap.NotFound(soap.Braced(id))
	}
	return got, err
}

// nameColumns are the columns that name a row of a table too big for memory.
var nameColumns = map[string]string{"enduser": "userid", "device": "name", "numplan": "dnorpattern"}

func (r *request) byName(ctx context.Context, table, name string) (any, error) {
	if store.InMemory(table) {
		if id, ok := r.db.ID(table, name); ok {
			return id, nil
		}
		return nil, soap.NotFound(name)
	}
	var id string
	col := nameColumns[table]
	found, err := r.conn.Get(ctx, []any{&id}, "SELECT pkid FROM "+table+" WHERE "+col+" = ?"+fold(col), name)
	if err == nil && !found {
		err = soap.NotFound(name)
	}
	return id, err
}
