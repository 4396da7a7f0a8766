package cluster

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// replaceLines puts exactly these lines on the device; attributes they do not
// name go back to their defaults. Source: public reports ("lines revert") and
// AXL's replacing lists.
func replaceLines(ctx context.Context, r *request, id string, n *soap.Node) error {
	if _, err := r.conn.Exec(ctx, "DELETE FROM devicenumplanmap WHERE fkdevice = ?", id); err != nil {
		return err
	}
	return addLines(ctx, r, id, n)
}

func addLines(ctx context.Context, r *request, id string, n *soap.Node) error {
	for i, k := range n.Kids {
		if k.Name == "lineIdentifier" {
			k = identified(k, i+1)
		}
		if err := r.putLine(ctx, id, k); err != nil {
			return err
		}
	}
	return nil
}

// identified makes a line of its short form, at the next index.
func identified(k *soap.Node, index int) *soap.Node {
	return &soap.Node{Name: "line", Kids: []*soap.Node{
		{Name: "index", Text: strconv.Itoa(index)},
		{Name: "dirn", Kids: []*soap.Node{
			{Name: "pattern", Text: k.Value("directoryNumber")},
			{Name: "routePartitionName", Text: k.Value("routePartitionName")},
		}},
	}}
}

// putLine puts one line on a device, making the number when the cluster has none
// such. Source: public samples that never call addLine.
func (r *request) putLine(ctx context.Context, device string, k *soap.Node) error {
	number, err := r.ensureNumber(ctx, k.Kid("dirn"))
	if err != nil {
		return err
	}
	row := &row{}
	if err := r.collect(ctx, store.LineElements(), 'a', k, row); err != nil {
		return err
	}
	if row.text("numplanindex") == "" {
		return soap.Faultf(soap.CodeNull, "Cannot insert a null into column (devicenumplanmap.numplanindex).")
	}
	id := store.NewID()
	row.set("pkid", id)
	row.set("fkdevice", device)
	row.set("fknumplan", number)
	if err := row.insert(ctx, r.conn, "devicenumplanmap"); err != nil {
		return err
	}
	users := k.Kid("associatedEndusers")
	if users == nil {
		return nil
	}
	for _, u := range users.Kids {
		if u.Value("userId") == "" {
			continue
		}
		user, err := r.byName(ctx, "enduser", u.Value("userId"))
		if err != nil {
			return err
		}
		if _, err := r.conn.Exec(ctx, "INSERT OR IGNORE INTO devicenumplanmapendusermap (pkid, fkdevicenumplanmap, fkenduser) VALUES (?, ?, ?)",
			store.NewID(), id, user); err != nil {
			return err
		}
	}
	return nil
}

// dirn is the number a dirn element names: its pkid when it exists.
func (r *request) dirn(ctx context.Context, k *soap.Node) (id, pattern string, part any, usage int, err error) {
	if k == nil {
		return "", "", nil, 0, soap.Invalid("Element 'line': Missing child element(s). Expected is ( dirn ).")
	}
	if u := k.Attr("uuid"); u != "" && k.Value("pattern") == "" {
		_, err = r.conn.Get(ctx, []any{&id, &pattern, &usage},
			"SELECT pkid, dnorpattern, tkpatternusage FROM numplan WHERE pkid = ?", soap.Plain(u))
		if err == nil && id == "" {
			err = soap.NotFound("Line")
		}
		return id, pattern, nil, usage, err
	}
	pattern = k.Value("pattern")
	if part, err = r.reference(ctx, &schema.Element{Arg: "routepartition"},
		k.Kid("routePartitionName")); err != nil {
		return "", "", nil, 0, err
	}
	_, err = r.conn.Get(ctx, []any{&id, &usage},
		"SELECT pkid, tkpatternusage FROM numplan WHERE dnorpattern = ? AND ifnull(fkroutepartition, '') = ifnull(?, '')", pattern, part)
	return id, pattern, part, usage, err
}

func (r *request) ensureNumber(ctx context.Context, k *soap.Node) (string, error) {
	id, pattern, part, usage, err := r.dirn(ctx, k)
	if err != nil {
		return "", err
	}
	device := store.MustNumber("typepatternusage", "Device")
	if id != "" {
		if usage != device {
			return "", patternConflict(usage)
		}
		return id, nil
	}
	if err := patternText(pattern); err != nil {
		return "", err
	}
	id = store.NewID()
	row := &row{}
	row.set("pkid", id)
	row.set("dnorpattern", pattern)
	row.set("fkroutepartition", part)
	row.set("tkpatternusage", device)
	row.set("sim_object", "line")
	if err := row.insert(ctx, r.conn, "numplan"); err != nil {
		return "", err
	}
	r.changed('a', "Line", id)
	return id, nil
}

// removeLines takes lines off a device by index and number; the numbers stay.
func removeLines(ctx context.Context, r *request, device string, n *soap.Node) error {
	for _, k := range n.Kids {
		if k.Name == "lineIdentifier" {
			k = identified(k, 0)
		}
		id, pattern, _, _, err := r.dirn(ctx, k.Kid("dirn"))
		if err != nil {
			return err
		}
		q, args := "DELETE FROM devicenumplanmap WHERE fkdevice = ? AND fknumplan = ?", []any{device, id}
		if index := strings.TrimSpace(k.Value("index")); index != "0" {
			q, args = q+" AND numplanindex = ?", append(args, index)
		}
		gone, err := r.conn.Exec(ctx, q, args...)
		if err != nil {
			return err
		}
		if gone == 0 {
			return soap.NotFound(pattern)
		}
	}
	return nil
}

var linePlan = sync.OnceValue(func() *plan {
	p := &plan{table: "devicenumplanmap", cols: []string{"t.pkid"}}
	p.shapes = p.choose(store.LineElements(), schema.Op{Verb: 'g', Version: "15.0"}, nil)
	return p
})

var appearanceRules = rules{read: map[string]func(context.Context, *request, string, *schema.Element) error{
	"dirn":               readDirn,
	"associatedEndusers": readEndusers,
}}

func readLines(ctx context.Context, r *request, device string, e *schema.Element) error {
	p := linePlan()
	vals := p.values()
	r.out.Open(e.Name)
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		if err := scan(vals...); err != nil {
			return err
		}
		id := text(vals[0])
		r.out.Open("line", "uuid", soap.Braced(id))
		if err := r.writeShapes(ctx, appearanceRules, p.shapes, vals, id); err != nil {
			return err
		}
		r.out.Close()
		return nil
	}, p.query("WHERE t.fkdevice = ? ORDER BY t.numplanindex"), device)
	r.out.Close()
	return err
}

func readDirn(ctx context.Context, r *request, id string, e *schema.Element) error {
	var number, pattern, part string
	if _, err := r.conn.Get(ctx, []any{&number, &pattern, &part},
		`SELECT n.pkid, n.dnorpattern, ifnull(n.fkroutepartition, '')
		FROM devicenumplanmap m JOIN numplan n ON n.pkid = m.fknumplan WHERE m.pkid = ?`, id); err != nil {
		return err
	}
	r.out.Open(e.Name, "uuid", soap.Braced(number))
	r.out.Leaf("pattern", pattern)
	r.out.FK("routePartitionName", r.db.Name("routepartition", part), part)
	r.out.Close()
	return nil
}

func readEndusers(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.eachName(ctx, func(name string) {
		r.out.Open("enduser")
		r.out.Leaf("userId", name)
		r.out.Close()
	}, `SELECT u.userid FROM devicenumplanmapendusermap m JOIN enduser u ON u.pkid = m.fkenduser
		WHERE m.fkdevicenumplanmap = ? ORDER BY m.rowid`, id)
	r.out.Close()
	return err
}
