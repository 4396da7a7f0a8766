package cluster

import (
	"context"
	"strconv"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// notOnDevice refuses a primary extension.
//
// assumed: the code and the text; that it is refused is known from public
// clients, which all associate the device first and set it in a second request.
func notOnDevice(pattern string) error {
	return soap.Faultf(soap.CodeDenied, "Primary extension %s is not a line of a device associated with the user", pattern)
}

// number finds a directory number by pattern and partition; fault 5007 names the
// pattern when there is none.
func (r *request) number(ctx context.Context, pattern string, partition any) (string, error) {
	var id string
	found, err := r.conn.Get(ctx, []any{&id}, `SELECT pkid FROM numplan WHERE dnorpattern = ?
		AND fkroutepartition IS ? AND sim_object = 'line'`, pattern, partition)
	if err == nil && !found {
		err = soap.NotFound(pattern)
	}
	return id, err
}

// partition resolves a partition's name; nil for none.
func (r *request) partition(ctx context.Context, name string) (any, error) {
	if name == "" {
		return nil, nil
	}
	return r.byName(ctx, "routepartition", name)
}

// setPrimaryExtension sets or, with an empty pattern, clears it. The number must
// be on a device that was associated before this request.
func (r *request) setPrimaryExtension(ctx context.Context, id string, n *soap.Node) error {
	pattern := n.Value("pattern")
	if pattern == "" {
		_, err := r.conn.Exec(ctx, "DELETE FROM endusernumplanmap WHERE fkenduser = ? AND tkdnusage = 1", id)
		return err
	}
	part, err := r.partition(ctx, n.Value("routePartitionName"))
	if err != nil {
		return err
	}
	line, err := r.number(ctx, pattern, part)
	if err != nil {
		return err
	}
	var there int
	found, err := r.conn.Get(ctx, []any{&there},
		`SELECT 1 FROM devicenumplanmap l JOIN enduserdevicemap a ON a.fkdevice = l.fkdevice
		WHERE l.fknumplan = ? AND a.fkenduser = ? LIMIT 1`, line, id)
	if err != nil {
		return err
	}
	if !found {
		return notOnDevice(pattern)
	}
	return r.setNumber(ctx, id, line, primaryNumber)
}

func (r *request) setNumber(ctx context.Context, user string, line any, usage int) error {
	_, err := r.conn.Exec(ctx, `INSERT INTO endusernumplanmap (pkid, fkenduser, fknumplan, tkdnusage)
		VALUES (?, ?, ?, ?) ON CONFLICT (fkenduser, tkdnusage) DO UPDATE SET fknumplan = excluded.fknumplan`,
		store.NewID(), user, line, usage)
	return err
}

// number of a user, by its usage.
type userNumber struct{ id, pattern, partition string }

// numbersOf are the user's numbers by usage, read once a request.
func (r *request) numbersOf(ctx context.Context, user string) (map[int]userNumber, error) {
	if r.numbers != nil && r.numbersUser == user {
		return r.numbers, nil
	}
	r.numbers, r.numbersUser = map[int]userNumber{}, user
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var n userNumber
		var usage int
		err := scan(&usage, &n.id, &n.pattern, &n.partition)
		r.numbers[usage] = n
		return err
	}, `SELECT m.tkdnusage, n.pkid, n.dnorpattern, ifnull(n.fkroutepartition, '')
		FROM endusernumplanmap m JOIN numplan n ON n.pkid = m.fknumplan WHERE m.fkenduser = ?`, user)
	return r.numbers, err
}

func readPrimaryExtension(ctx context.Context, r *request, id string, e *schema.Element) error {
	all, err := r.numbersOf(ctx, id)
	if err != nil {
		return err
	}
	r.out.Open(e.Name)
	if n, ok := all[primaryNumber]; ok {
		r.out.Leaf("pattern", n.pattern)
		r.out.Leaf("routePartitionName", r.db.Name("routepartition", n.partition))
	}
	r.out.Close()
	return nil
}

// writeIPCC sets the contact centre extension. Its partition stands in a sibling.
func writeIPCC(ctx context.Context, r *request, id string, n *soap.Node) error {
	if n.Text == "" {
		_, err := r.conn.Exec(ctx, "DELETE FROM endusernumplanmap WHERE fkenduser = ? AND tkdnusage = 2", id)
		return err
	}
	all := r.in
	if inner := all.Kid("user"); inner != nil {
		all = inner
	}
	part, err := r.partition(ctx, all.Value("ipccRoutePartition"))
	if err != nil {
		return err
	}
	line, err := r.number(ctx, n.Text, part)
	if err != nil {
		return err
	}
	return r.setNumber(ctx, id, line, ipccNumber)
}

func readIPCC(ctx context.Context, r *request, id string, e *schema.Element) error {
	all, err := r.numbersOf(ctx, id)
	if err != nil {
		return err
	}
	if n := all[ipccNumber]; e.Name == "ipccRoutePartition" {
		r.out.FK(e.Name, r.db.Name("routepartition", n.partition), n.partition)
	} else {
		r.out.FK(e.Name, n.pattern, n.id)
	}
	return nil
}

// writeExtensions replaces, adds to or removes from the user's further extensions.
func writeExtensions(replace, put bool) func(context.Context, *request, string, *soap.Node) error {
	return func(ctx context.Context, r *request, id string, n *soap.Node) error {
		if replace {
			if _, err := r.conn.Exec(ctx, "DELETE FROM sim_userextension WHERE fkenduser = ?", id); err != nil {
				return err
			}
		}
		for i, k := range n.Kids {
			part := k.Value("partition")
			if part == "" {
				part = k.Value("routePartition")
			}
			pid, err := r.partition(ctx, part)
			if err != nil {
				return err
			}
			line, err := r.number(ctx, k.Value("pattern"), pid)
			if err != nil {
				return err
			}
			if !put {
				if _, err := r.conn.Exec(ctx, "DELETE FROM sim_userextension WHERE fkenduser = ? AND fknumplan = ?", id, line); err != nil {
					return err
				}
				continue
			}
			order, err := strconv.Atoi(k.Value("sortOrder"))
			if err != nil {
				order = i
			}
			if _, err := r.conn.Exec(ctx, `INSERT OR REPLACE INTO sim_userextension
				(pkid, fkenduser, fknumplan, sortorder, lineprimaryuri)
				VALUES (?, ?, ?, ?, ?)`, store.NewID(), id, line, order, k.Value("linePrimaryUri")); err != nil {
				return err
			}
		}
		return nil
	}
}

func readExtensions(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var order, line, pattern, part, uri string
		if err := scan(&order, &line, &pattern, &part, &uri); err != nil {
			return err
		}
		name := r.db.Name("routepartition", part)
		r.out.Open("extension")
		r.out.Leaf("sortOrder", order)
		r.out.FK("pattern", pattern, line)
		r.out.Leaf("routePartition", name)
		r.out.Leaf("linePrimaryUri", uri)
		r.out.FK("partition", name, part)
		r.out.Close()
		return nil
	}, `SELECT x.sortorder, n.pkid, n.dnorpattern, ifnull(n.fkroutepartition, ''), x.lineprimaryuri
		FROM sim_userextension x JOIN numplan n ON n.pkid = x.fknumplan WHERE x.fkenduser = ?
		ORDER BY x.sortorder, x.rowid`, id)
	r.out.Close()
	return err
}
