package cluster

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// row is what a request says about one row: columns it does not name keep their
// value, or their default in an insert.
type row struct {
	cols []string
	vals []any
}

func (w *row) set(col string, val any) {
	if i := slices.Index(w.cols, col); i >= 0 {
		w.vals[i] = val
		return
	}
	w.cols, w.vals = append(w.cols, col), append(w.vals, val)
}

// get is a column's value and whether the request names it.
func (w *row) get(col string) (any, bool) {
	if i := slices.Index(w.cols, col); i >= 0 {
		return w.vals[i], true
	}
	return nil, false
}

// text is a column's value as text, "" when the request does not name it.
func (w *row) text(col string) string {
	v, _ := w.get(col)
	s, _ := v.(string)
	return s
}

func (w *row) insert(ctx context.Context, c *store.Conn, table string) error {
	marks := strings.Repeat(", ?", len(w.cols))[2:]
	_, err := c.Exec(ctx, "INSERT INTO "+table+" ("+strings.Join(w.cols, ", ")+") VALUES ("+marks+")", w.vals...)
	return err
}

func (w *row) update(ctx context.Context, c *store.Conn, table, id string) error {
	if len(w.cols) == 0 {
		return nil
	}
	_, err := c.Exec(ctx, "UPDATE "+table+" SET "+strings.Join(w.cols, " = ?, ")+" = ? WHERE pkid = ?",
		append(w.vals, id)...)
	return err
}

// collect turns the children of n into columns, references resolved. An absent
// child leaves its columns alone; an empty one means the schema's default, or
// clears. Nested groups are merged element by element.
//
// assumed: that an absent child of a group that is sent stays as it was.
func (r *request) collect(ctx context.Context, list []*schema.Element, op byte, n *soap.Node, w *row) error {
	for _, e := range list {
		if !e.In(op) || e.Code {
			continue
		}
		k := n.Kid(e.NameIn(op))
		if k == nil {
			continue
		}
		if e.Column == "" {
			if err := r.collect(ctx, e.Children, op, k, w); err != nil {
				return err
			}
			continue
		}
		val, err := r.column(ctx, e, k)
		if err != nil {
			return err
		}
		w.set(e.Column, val)
	}
	return nil
}

func (r *request) column(ctx context.Context, e *schema.Element, k *soap.Node) (any, error) {
	if e.Raw {
		return k.Inner(), nil
	}
	value := k.Text
	if value == "" && !k.Nil() {
		value = e.Default
	}
	switch e.Kind {
	case schema.FK, schema.Key:
		return r.reference(ctx, e, k)
	case schema.Bool:
		return store.Flag(value == "t" || value == "true" || value == "1"), nil
	case schema.TK:
		n, ok := store.Number(e.Arg, value)
		switch {
		case value == "":
			return nil, nil
		case !ok:
			return nil, soap.NotFound(value)
		}
		return n, nil
	case schema.Int:
		return strings.TrimSpace(value), nil
	case schema.Text, schema.UUID, schema.Enum, schema.Any, schema.Group:
	}
	return value, nil
}
