package cluster

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// criterion is a name and the expression it is held against.
type criterion struct{ name, expr string }

// view is a list operation over a SELECT of its own. Its columns are, in order,
// the pkid and one column per tag.
type view struct {
	element  string
	tags     []string
	criteria []criterion
	from     string // "FROM … WHERE …"
	columns  []string
	order    string
}

func (r *request) listView(ctx context.Context, v view) error {
	crit, tags := r.in.Kid("searchCriteria"), r.in.Kid("returnedTags")
	if crit == nil || tags == nil {
		return soap.Invalid("Element '%s': Missing child element(s). Expected is ( searchCriteria, returnedTags ).", r.op.Name)
	}
	if r.strict {
		if err := r.checkView(v); err != nil {
			return err
		}
	}
	limit, err := r.paging()
	if err != nil {
		return err
	}
	where, args, given := "", []any{}, 0
	for _, k := range crit.Kids {
		at := slices.IndexFunc(v.criteria, func(c criterion) bool { return c.name == k.Name })
		if at < 0 || k.Text == "" {
			continue
		}
		given++
		expr := v.criteria[at].expr
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
		r.writeView(v, cells, tags)
		r.rows++
		return r.out.Err()
	}, v.query(where)+" ORDER BY "+v.order+limit, args...)
}

func (v view) query(where string) string {
	return "SELECT t.pkid, " + strings.Join(v.columns, ", ") + " " + v.from + where
}

// writeView writes one row, the tags that were asked for.
func (r *request) writeView(v view, cells []any, tags *soap.Node) {
	r.out.Open(v.element, "uuid", soap.Braced(text(cells[0])))
	for i, tag := range v.tags {
		if tags == nil || len(tags.Kids) == 0 || tags.Kid(tag) != nil {
			r.out.Leaf(tag, text(cells[i+1]))
		}
	}
	r.out.Close()
}

// checkView holds a request against the schema: order of the request, of criteria
// and of tags.
func (r *request) checkView(v view) error {
	names := make([]string, len(v.criteria))
	for i, c := range v.criteria {
		names[i] = c.name
	}
	for _, part := range []struct {
		n     *soap.Node
		names []string
	}{
		{r.in, []string{"searchCriteria!", "returnedTags!", "skip", "first"}},
		{r.in.Kid("searchCriteria"), names},
		{r.in.Kid("returnedTags"), v.tags},
	} {
		if err := flat(part.n, part.names...); err != nil {
			return err
		}
	}
	return nil
}

// listRoutePlan answers every pattern of the cluster, whatever uses it. Source:
// AXL 15.0 listRoutePlan.
func listRoutePlan(ctx context.Context, r *request) error {
	return r.listView(ctx, view{
		element: "routePlan", tags: []string{"dnOrPattern", "partition", "type", "routeDetail"},
		criteria: []criterion{
			{"dnOrPattern", "t.dnorpattern"},
			{"partition", "ifnull(p.name, '')"},
			{"type", "u.name"},
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
		criteria: []criterion{{"name", "t.name"}, {"description", "t.description"}},
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
		criteria: []criterion{
			{"device", "t.name"},
			{"lastKnownIpAddress", "''"},
			{"lastKnownUcm", "''"},
			{"lastStatus", "''"},
		},
		columns: []string{"t.name", "''", "''", "''", "''", "''", "''", "''", "''"},
		from:    "FROM device t WHERE t.sim_object = 'phone' AND 1 = 0",
		order:   "t.rowid",
	})
}
