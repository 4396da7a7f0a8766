package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// huntListRules keep the line groups of a hunt list, in table routelist. Source:
// AXL 15.0 XHuntList; public queries that join routelist with linegroup and device.
func huntListRules(o *schema.Object) rules {
	rl := membersOf("routelist", "fkdevice", "fklinegroup", "selectionorder", huntMember)
	rl.before = func(_ context.Context, _ *request, _ *soap.Node, row *row, id string) error {
		if id == "" {
			row.set("tkclass", store.MustNumber("typeclass", o.Class))
		}
		return nil
	}
	rl.read["members"] = readHuntMembers
	return rl
}

func huntMember(ctx context.Context, r *request, k *soap.Node) (any, string, error) {
	id, err := r.reference(ctx, &schema.Element{Arg: "linegroup"}, k.Kid("lineGroupName"))
	return id, k.Value("selectionOrder"), err
}

func readHuntMembers(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var place, group string
		if err := scan(&place, &group); err != nil {
			return err
		}
		r.out.Open("member")
		r.out.FK("lineGroupName", r.db.Name("linegroup", group), group)
		r.out.Leaf("selectionOrder", place)
		r.out.Close()
		return nil
	}, "SELECT selectionorder, fklinegroup FROM routelist WHERE fkdevice = ? AND fklinegroup IS NOT NULL ORDER BY selectionorder", id)
	r.out.Close()
	return err
}
