package cluster

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// view is a list operation over a SELECT of its own. Its columns are, in order,
// the pkid and one column per tag.
type view struct {
	element  string
	tags     []string
	criteria map[string]string // criterion → expression
	from     string            // "FROM … WHERE …"
	columns  []string
	order    string
}

func (r *request) listView(ctx context.Context, v view) error {
	crit, tags := r.in.Kid("searchCriteria"), r.in.Kid("returnedTags")
	if crit == nil || tags == nil {
		return soap.Invalid("Element '%s': Missing child element(s). Expected is ( searchCriteria, returnedTags ).", r.op.Name)
	}
	limit, err := r.paging()
	if err != nil {
		return err
	}
	where, args, given := "", []any{}, 0
	for _, k := range crit.Kids {
		expr, known := v.criteria[k.Name]
		if !known && r.strict {
			return soap.Invalid("Element '%s': This element is not expected.", k.Name)
		}
		if !known || k.Text == "" {
			continue
		}
		given++
		op := " LIKE ?"
		if !strings.ContainsAny(k.Text, "%_") {
			op = " = ?"
		}
		if k.Text != "%" {
			where, args = where+" AND "+expr+op, append(args, k.Text)
		}
	}
	if given == 0 {
		return soap.Faultf(soap.CodeDenied, "At least one search criterion is needed")
	}
	for _, k := range tags.Kids {
		if r.strict && !slices.Contains(v.tags, k.Name) {
			return soap.Invalid("Element '%s': This element is not expected.", k.Name)
		}
	}
	r.total = func(ctx context.Context) (int, error) {
		var n int
		_, err := r.conn.Get(ctx, []any{&n}, "SELECT count(*) "+v.from+where, args...)
		return n, err
	}
	cells, vals := store.Cells(len(v.columns) + 1)
	return r.conn.Each(ctx, func(scan func(...any) error) error {
		if err := scan(vals...); err != nil {
			return err
		}
		r.out.Open(v.element, "uuid", soap.Braced(text(cells[0])))
		for i, tag := range v.tags {
			if len(tags.Kids) == 0 || tags.Kid(tag) != nil {
				r.out.Leaf(tag, text(cells[i+1]))
			}
		}
		r.out.Close()
		r.rows++
		return r.out.Err()
	}, "SELECT t.pkid, "+strings.Join(v.columns, ", ")+" "+v.from+where+" ORDER BY "+v.order+limit, args...)
}

// listRoutePlan answers every pattern of the cluster, whatever uses it. Source:
// AXL 15.0 listRoutePlan.
func listRoutePlan(ctx context.Context, r *request) error {
	return r.listView(ctx, view{
		element: "routePlan", tags: []string{"dnOrPattern", "partition", "type", "routeDetail"},
		criteria: map[string]string{
			"dnOrPattern": "t.dnorpattern", "partition": "ifnull(p.name, '')",
			"type": "u.name",
		},
		columns: []string{
			"t.dnorpattern", "ifnull(p.name, '')", "u.name",
			"ifnull((SELECT group_concat(d.name, ':') FROM devicenumplanmap m JOIN device d ON d.pkid = m.fkdevice WHERE m.fknumplan = t.pkid), '')",
		},
		from: `FROM numplan t JOIN typepatternusage u ON u.enum = t.tkpatternusage
			LEFT JOIN routepartition p ON p.pkid = t.fkroutepartition WHERE 1 = 1`,
		order: "t.rowid",
	})
}

// listUnassignedDevice answers phones without a line. Source: AXL 15.0; assumed:
// what makes a device unassigned, and deviceType and licenseType.
func listUnassignedDevice(ctx context.Context, r *request) error {
	return r.listView(ctx, view{
		element: "unassignedDevice", tags: []string{
			"name", "description", "deviceType", "licenseType",
			"extension",
		},
		criteria: map[string]string{"name": "t.name", "description": "t.description"},
		columns:  []string{"t.name", "t.description", "ifnull(y.name, '')", "'Enhanced'", "''"},
		from: `FROM device t LEFT JOIN typeproduct y ON y.enum = t.tkproduct WHERE t.sim_object = 'phone'
			AND t.fkenduser IS NULL AND NOT EXISTS (SELECT 1 FROM devicenumplanmap m WHERE m.fkdevice = t.pkid)`,
		order: "t.rowid",
	})
}

// listRegistrationDynamic answers no registration: no phone ever registers here.
// Its rows need a phone that is registered.
func listRegistrationDynamic(ctx context.Context, r *request) error {
	return r.listView(ctx, view{
		element: "registrationDynamic",
		tags: []string{
			"device", "lastKnownIpAddress", "lastSeen", "lastStatus", "lastKnownConfigVersion",
			"locationDetails", "endpointConnection", "portOrSsid", "lastKnownUcm",
		},
		criteria: map[string]string{
			"device": "t.name", "lastKnownIpAddress": "''", "lastKnownUcm": "''", "lastStatus": "''",
		},
		columns: []string{"t.name", "''", "''", "''", "''", "''", "''", "''", "''"},
		from:    "FROM device t WHERE t.sim_object = 'phone' AND 1 = 0",
		order:   "t.rowid",
	})
}
