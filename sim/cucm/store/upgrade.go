package store

import "context"

// renamed are columns that had another name in state files of before.
var renamed = []struct{ table, from, to string }{
	{"remotedestination", "fkdevice_rdp", "fkdevice_remotedestinationtemplate"},
	{"pickupgroup", "fknumplan", "fknumplan_pickup"},
}

// renumbered are type words that had another number in state files of before.
var renumbered = []string{
	"UPDATE OR IGNORE enduserdevicemap SET tkuserassociation = 5 WHERE tkuserassociation = 4",
	"UPDATE OR IGNORE enduserdevicemap SET tkuserassociation = 7 WHERE tkuserassociation = 6",
}

// rename brings the columns of an old state file to their names of now.
func (c *Conn) rename(ctx context.Context) error {
	for _, m := range renamed {
		var old int
		found, err := c.Get(ctx, []any{&old}, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", m.table, m.from)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if _, err := c.conn.ExecContext(ctx, "ALTER TABLE "+m.table+" RENAME COLUMN "+m.from+" TO "+m.to); err != nil {
			return err
		}
	}
	return nil
}

// renumber brings the type numbers of an old state file to those of now.
func (c *Conn) renumber(ctx context.Context) error {
	for _, q := range renumbered {
		if _, err := c.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
