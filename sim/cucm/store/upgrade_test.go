package store

import (
	"context"
	"path/filepath"
	"testing"
)

// TestOldStateIsBroughtUp opens a state file as it was made before columns and
// type numbers got the names and numbers of the data dictionary.
func TestOldStateIsBroughtUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cucm.db")
	run := func(statements ...string) {
		t.Helper()
		d, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Update(t.Context(), func(c *Conn) error {
			for _, q := range statements {
				if _, err := c.conn.ExecContext(t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run("INSERT INTO enduser (pkid, userid) VALUES ('u', 'jdoe')",
		"INSERT INTO device (pkid, name, sim_object, tkclass) VALUES ('d', 'UDP_jdoe', 'deviceProfile', 254), ('r', 'RDP_jdoe', 'remoteDestinationProfile', 20)",
		"INSERT INTO typeuserassociation (enum, name) VALUES (4, 'Profile Available'), (6, 'CTI Controlled Profile')",
		"INSERT INTO enduserdevicemap (pkid, fkenduser, fkdevice, tkuserassociation) VALUES ('a', 'u', 'd', 4), ('b', 'u', 'd', 6)",
		"INSERT INTO remotedestination (pkid, destination, fkdevice_remotedestinationtemplate) VALUES ('x', '0170123', 'r')",
		"ALTER TABLE remotedestination RENAME COLUMN fkdevice_remotedestinationtemplate TO fkdevice_rdp",
		"ALTER TABLE pickupgroup RENAME COLUMN fknumplan_pickup TO fknumplan")
	for range 2 {
		d, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.View(t.Context(), func(c *Conn) error { return holds(t.Context(), t, c) }); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func holds(ctx context.Context, t *testing.T, c *Conn) error {
	t.Helper()
	for q, want := range map[string]int{
		"SELECT count(*) FROM remotedestination WHERE fkdevice_remotedestinationtemplate = 'r'": 1,
		"SELECT count(fknumplan_pickup) FROM pickupgroup":                                       0,
		"SELECT sum(tkuserassociation) FROM enduserdevicemap":                                   12,
	} {
		var got int
		if _, err := c.Get(ctx, []any{&got}, q); err != nil {
			return err
		}
		if got != want {
			t.Errorf("%s: %d, want %d", q, got, want)
		}
	}
	return nil
}
