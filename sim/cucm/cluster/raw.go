package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// editRaw adds members to, or takes them out of, a list that is kept as text.
// Members are equal when their XML is.
func editRaw(table, column string, put bool) func(context.Context, *request, string, *soap.Node) error {
	return func(ctx context.Context, r *request, id string, n *soap.Node) error {
		var kept string
		if _, err := r.conn.Get(ctx, []any{&kept}, "SELECT "+column+" FROM "+table+" WHERE pkid = ?",
			id); err != nil {
			return err
		}
		have, err := soap.Parse([]byte("<list>" + kept + "</list>"))
		if err != nil {
			return err
		}
		out := &soap.Node{}
		for _, k := range have.Kids {
			if !holds(n, k) {
				out.Kids = append(out.Kids, k)
			}
		}
		if put {
			out.Kids = append(out.Kids, n.Kids...)
		}
		_, err = r.conn.Exec(ctx, "UPDATE "+table+" SET "+column+" = ? WHERE pkid = ?", out.Inner(), id)
		return err
	}
}

func holds(list, k *soap.Node) bool {
	for _, o := range list.Kids {
		if o.Name == k.Name && o.Inner() == k.Inner() {
			return true
		}
	}
	return false
}
