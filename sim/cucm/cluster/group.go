package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// writeGroups replaces the user's access control groups.
func writeGroups(ctx context.Context, r *request, id string, n *soap.Node) error {
	if _, err := r.conn.Exec(ctx, "DELETE FROM enduserdirgroupmap WHERE fkenduser = ?", id); err != nil {
		return err
	}
	for _, k := range n.Kids {
		name := k.Value("name")
		if name == "" {
			continue
		}
		group, err := r.byName(ctx, "dirgroup", name)
		if err != nil {
			return err
		}
		if _, err := r.conn.Exec(ctx, "INSERT OR IGNORE INTO enduserdirgroupmap (pkid, fkenduser, fkdirgroup) VALUES (?, ?, ?)",
			store.NewID(), id, group); err != nil {
			return err
		}
	}
	return nil
}

func readGroups(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.eachName(ctx, func(name string) {
		r.out.Open("userGroup")
		r.out.Leaf("name", name)
		r.out.Leaf("userRoles", "")
		r.out.Close()
	}, "SELECT g.name FROM enduserdirgroupmap m JOIN dirgroup g ON g.pkid = m.fkdirgroup WHERE m.fkenduser = ? ORDER BY m.rowid", id)
	r.out.Close()
	return err
}
