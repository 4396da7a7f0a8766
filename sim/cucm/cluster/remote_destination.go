package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

var remoteDestinationRules = rules{
	before: beforeRemoteDestination,
	write: map[string]func(context.Context, *request, string, *soap.Node) error{
		"lineAssociations":   writeLineAssociations,
		"addRingSchedule":    editRaw("remotedestination", "raw_ringschedule", true),
		"removeRingSchedule": editRaw("remotedestination", "raw_ringschedule", false),
	},
	read: map[string]func(context.Context, *request, string, *schema.Element) error{
		"lineAssociations": readLineAssociations,
	},
}

// beforeRemoteDestination demands exactly one carrier and an owner with mobility.
// Source: administration guide; AXL 11.5, where both names are required; from 12.5
// defect CSCvq98025; assumed: codes and texts.
func beforeRemoteDestination(ctx context.Context, r *request, n *soap.Node, row *row, id string) error {
	dual := n.Kid("dualModeDeviceName")
	if r.version < "12.5" {
		if id == "" && r.strict && (dual == nil || n.Kid("remoteDestinationProfileName") == nil) {
			return soap.Invalid("Element 'remoteDestination': Missing child element(s). Expected are ( remoteDestinationProfileName, dualModeDeviceName ).")
		}
	} else if dual != nil && dual.Text == "" && dual.Attr("uuid") == "" && n.Value("remoteDestinationProfileName") != "" {
		return soap.Faultf(soap.CodeDenied, "An empty dualModeDeviceName must not stand beside remoteDestinationProfileName")
	}
	if id != "" {
		return nil
	}
	carriers := 0
	for _, name := range []string{"remoteDestinationProfileName", "ctiRemoteDeviceName", "dualModeDeviceName"} {
		if n.Value(name) != "" || n.Kid(name).Attr("uuid") != "" {
			carriers++
		}
	}
	if carriers != 1 {
		return soap.Faultf(soap.CodeDenied, "Exactly one of remoteDestinationProfileName, ctiRemoteDeviceName and dualModeDeviceName is needed")
	}
	owner, _ := row.get("fkenduser")
	var mobility string
	if _, err := r.conn.Get(ctx, []any{&mobility}, "SELECT enablemobility FROM enduser WHERE pkid = ?",
		owner); err != nil {
		return err
	}
	if mobility != "t" {
		return soap.Faultf(soap.CodeDenied, "Mobility is not enabled for user %s", n.Value("ownerUserId"))
	}
	return nil
}

// writeLineAssociations replaces the lines that ring the destination: each must
// be on its profile already. Source: order of operations of public clients.
func writeLineAssociations(ctx context.Context, r *request, id string, n *soap.Node) error {
	if _, err := r.conn.Exec(ctx, "DELETE FROM sim_remotedestinationline WHERE fkremotedestination = ?",
		id); err != nil {
		return err
	}
	for _, k := range n.Kids {
		number := soap.Plain(k.Value("uuid"))
		if number == "" {
			part, err := r.reference(ctx, &schema.Element{Arg: "routepartition"}, k.Kid("routePartitionName"))
			if err != nil {
				return err
			}
			if number, err = r.number(ctx, k.Value("pattern"), part); err != nil {
				return err
			}
		}
		var line string
		found, err := r.conn.Get(ctx, []any{&line},
			`SELECT m.pkid FROM devicenumplanmap m JOIN remotedestination d
			ON m.fkdevice IN (d.fkdevice_remotedestinationtemplate, d.fkdevice_ctiremote, d.fkdevice_dualmode)
			WHERE d.pkid = ? AND (m.fknumplan = ? OR m.pkid = ?)`, id, number, number)
		if err != nil {
			return err
		}
		if !found {
			return soap.NotFound("Line")
		}
		if _, err := r.conn.Exec(ctx, "INSERT OR IGNORE INTO sim_remotedestinationline (pkid, fkremotedestination, fkdevicenumplanmap) VALUES (?, ?, ?)",
			store.NewID(), id, line); err != nil {
			return err
		}
	}
	return nil
}

func readLineAssociations(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var number, pattern, part, index string
		if err := scan(&number, &pattern, &part, &index); err != nil {
			return err
		}
		r.out.Open("lineAssociation")
		r.out.Leaf("uuid", soap.Braced(number))
		r.out.Leaf("pattern", pattern)
		r.out.FK("routePartitionName", r.db.Name("routepartition", part), part)
		r.out.Leaf("index", index)
		r.out.Close()
		return nil
	}, `SELECT n.pkid, n.dnorpattern, ifnull(n.fkroutepartition, ''), m.numplanindex FROM
		sim_remotedestinationline x
		JOIN devicenumplanmap m ON m.pkid = x.fkdevicenumplanmap JOIN numplan n ON n.pkid = m.fknumplan
		WHERE x.fkremotedestination = ? ORDER BY m.numplanindex`, id)
	r.out.Close()
	return err
}
