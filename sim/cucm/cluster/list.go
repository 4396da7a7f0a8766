package cluster

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// listObjects answers every object that meets all criteria, in the order they
// were made, skip and first applied. Nothing found is <return/>.
func (r *request) listObjects(ctx context.Context, o *schema.Object, rl rules) error {
	crit, tags := r.in.Kid("searchCriteria"), r.in.Kid("returnedTags")
	if r.strict {
		if err := r.checkList(o); err != nil {
			return err
		}
	}
	if crit == nil || tags == nil {
		return soap.Invalid("Element '%s': Missing child element(s). Expected is ( searchCriteria, returnedTags ).", r.op.Name)
	}
	where, args, err := r.criteria(ctx, o, crit)
	if err != nil {
		return err
	}
	limit, err := r.paging()
	if err != nil {
		return err
	}
	r.total = func(ctx context.Context) (int, error) {
		var n int
		_, err := r.conn.Get(ctx, []any{&n}, "SELECT count(*) FROM "+o.Table+" t "+where, args...)
		return n, err
	}
	p := newPlan(o, schema.Op{Verb: 'l', Version: r.version}, tags)
	vals := p.values()
	return r.conn.Each(ctx, func(scan func(...any) error) error {
		if err := scan(vals...); err != nil {
			return err
		}
		if err := r.writeObject(ctx, o, rl, p, vals); err != nil {
			return err
		}
		r.rows++
		return nil
	}, p.query(where+" ORDER BY t.rowid"+limit), args...)
}

// checkList holds a list request against the schema: criteria, tags, skip, first.
func (r *request) checkList(o *schema.Object) error {
	order := []string{"searchCriteria", "returnedTags", "skip", "first"}
	at := 0
	for _, k := range r.in.Kids {
		i := slices.Index(order, k.Name)
		if i < at || k.Space != "" {
			return soap.Invalid("Element '%s': This element is not expected. Expected is one of ( %s ).",
				k.Name, strings.Join(order[at:], ", "))
		}
		at = i + 1
	}
	if crit := r.in.Kid("searchCriteria"); crit != nil {
		last := -1
		for _, k := range crit.Kids {
			i := slices.Index(o.Criteria, k.Name)
			if i <= last || k.Space != "" {
				return soap.Invalid("Element '%s': This element is not expected. Expected is one of ( %s ).",
					k.Name, strings.Join(o.Criteria[last+1:], ", "))
			}
			last = i
		}
	}
	tags := r.in.Kid("returnedTags")
	if tags == nil || r.loose(o) {
		return nil
	}
	return schema.Check(o.Elements, schema.Op{Verb: 'l', Version: r.version, Tags: true}, tags)
}

func (r *request) paging() (string, error) {
	first, skip := -1, 0
	for name, into := range map[string]*int{"first": &first, "skip": &skip} {
		k := r.in.Kid(name)
		if k == nil || k.Text == "" {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(k.Text), 10, 31)
		if err != nil {
			return "", soap.Invalid("Element '%s': The value '%s' is not a valid unsignedLong.", name, k.Text)
		}
		*into = int(n)
	}
	return " LIMIT " + strconv.Itoa(first) + " OFFSET " + strconv.Itoa(skip), nil
}

// criteria makes the condition of a list. At least one criterion is needed.
// Matching is SQL LIKE with % and _ and minds no case.
//
// assumed: the text of the fault; matching without case; a backslash is itself.
func (r *request) criteria(_ context.Context, o *schema.Object, crit *soap.Node) (string, []any, error) {
	var where []string
	var args []any
	given := 0
	if o.Shared() {
		where, args = append(where, "t.sim_object = ?"), append(args, o.Name)
	}
	for _, k := range crit.Kids {
		e := o.Element(k.Name)
		if k.Text == "" || e == nil || !slices.Contains(o.Criteria, k.Name) {
			continue
		}
		given++
		if k.Text == "%" || k.Text == "%%" {
			continue
		}
		cond, arg := r.criterion(e, k.Text)
		where, args = append(where, cond), append(args, arg...)
	}
	if given == 0 {
		return "", nil, soap.Faultf(soap.CodeDenied, "At least one search criterion is needed: %s",
			strings.Join(o.Criteria, ", "))
	}
	if len(where) == 0 {
		return "", nil, nil
	}
	return "WHERE " + strings.Join(where, " AND "), args, nil
}

func (r *request) criterion(e *schema.Element, value string) (string, []any) {
	col := "t." + e.Column
	switch {
	case e.Column == "":
		return "'' LIKE ?", []any{value}
	case e.Kind == schema.TK:
		return col + " IN (SELECT enum FROM " + e.Arg + " WHERE name LIKE ?)", []any{value}
	case e.Kind == schema.FK || e.Kind == schema.Key:
		name := "name"
		if !store.InMemory(e.Arg) {
			name = nameColumns[e.Arg]
		}
		return col + " IN (SELECT pkid FROM " + e.Arg + " WHERE " + name + " LIKE ?)", []any{value}
	case !strings.ContainsAny(value, "%_") && e.Column == "dnorpattern":
		return col + " = ?", []any{value}
	case !strings.ContainsAny(value, "%_"):
		return col + " = ? COLLATE NOCASE", []any{value}
	}
	return col + " LIKE ?", []any{value}
}
