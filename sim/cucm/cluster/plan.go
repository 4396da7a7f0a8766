package cluster

import (
	"context"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// plan is a SELECT and how its columns become elements.
type plan struct {
	table  string
	cols   []string
	shapes []shape
}

// shape is one element of an answer; at is its column, -1 for groups and for
// elements answered by code.
type shape struct {
	e    *schema.Element
	at   int
	kids []shape
}

// newPlan selects what the returned tags ask for; nil asks for everything. The
// pkid is always column 0.
func newPlan(o *schema.Object, op schema.Op, tags *soap.Node) *plan {
	p := &plan{table: o.Table, cols: []string{"t.pkid"}}
	p.shapes = p.choose(o.Elements, op, tags)
	return p
}

func (p *plan) choose(list []*schema.Element, op schema.Op, tags *soap.Node) []shape {
	if tags != nil && len(tags.Kids) == 0 {
		tags = nil
	}
	out := make([]shape, 0, len(list))
	for _, e := range list {
		if !op.Has(e) {
			continue
		}
		var sub *soap.Node
		if tags != nil {
			if sub = tags.Kid(e.Name); sub == nil {
				continue
			}
		}
		s := shape{e: e, at: -1}
		switch {
		case e.Code:
		case e.Column == "":
			s.kids = p.choose(e.Children, op, sub)
		default:
			s.at = p.column(e)
		}
		out = append(out, s)
	}
	return out
}

// column adds an element's column; a reference to a big table brings the name in
// the column behind it.
func (p *plan) column(e *schema.Element) int {
	p.cols = append(p.cols, "t."+e.Column)
	at := len(p.cols) - 1
	if col, isBig := nameColumns[e.Arg]; isBig {
		p.cols = append(p.cols, "(SELECT "+col+" FROM "+e.Arg+" WHERE pkid = t."+e.Column+")")
	}
	return at
}

func (p *plan) query(rest string) string {
	return "SELECT " + strings.Join(p.cols, ", ") + " FROM " + p.table + " t " + rest
}

// values are scan targets for one row.
func (p *plan) values() []any {
	_, targets := store.Cells(len(p.cols))
	return targets
}

// text is a scanned value as text, "" for NULL.
func text(v any) string {
	if p, ok := v.(*any); ok {
		v = *p
	}
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case []byte:
		return string(v)
	}
	return ""
}

// number is a scanned value as a number, -1 for NULL.
func number(v any) int {
	if p, ok := v.(*any); ok {
		v = *p
	}
	if n, ok := v.(int64); ok {
		return int(n)
	}
	return -1
}

func (r *request) writeShapes(ctx context.Context, rl rules, shapes []shape, vals []any, id string) error {
	for i := range shapes {
		s := &shapes[i]
		switch {
		case s.at >= 0:
			r.writeValue(s.e, vals, s.at)
		case s.e.Code:
			if read := rl.read[s.e.Name]; read != nil {
				if err := read(ctx, r, id, s.e); err != nil {
					return err
				}
			}
		default:
			r.out.Open(s.e.Name)
			if err := r.writeShapes(ctx, rl, s.kids, vals, id); err != nil {
				return err
			}
			r.out.Close()
		}
	}
	return nil
}

func (r *request) writeValue(e *schema.Element, vals []any, at int) {
	v := text(vals[at])
	if e.Raw {
		r.out.Open(e.Name)
		r.out.Raw(v)
		r.out.Close()
		return
	}
	switch e.Kind {
	case schema.Bool:
		r.out.Leaf(e.Name, strconv.FormatBool(v == "t"))
	case schema.FK:
		r.out.FK(e.Name, r.nameOf(e, v, vals, at), v)
	case schema.Key:
		r.out.Leaf(e.Name, r.nameOf(e, v, vals, at))
	case schema.TK:
		r.out.Leaf(e.Name, store.Word(e.Arg, number(vals[at])))
	default:
		r.out.Leaf(e.Name, v)
	}
}

func (r *request) nameOf(e *schema.Element, id string, vals []any, at int) string {
	switch {
	case id == "":
		return ""
	case store.InMemory(e.Arg):
		return r.db.Name(e.Arg, id)
	}
	return text(vals[at+1])
}
