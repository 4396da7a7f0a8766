package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// The texts of getLdapSyncStatus. Source: public clients that match them.
const (
	SyncInitiated = "Sync is initiated"
	SyncRunning   = "Sync is currently under process"
	SyncDone      = "Sync is performed successfully"
)

// AddLDAPUser puts a user into the directory behind an agreement, or changes it;
// the cluster sees that at the next sync. attributes are by column of enduser
// (firstname, lastname, mailid, telephonenumber, department, title, …).
func (c *Cluster) AddLDAPUser(ctx context.Context, agreement, userid string, attributes map[string]string) error {
	data, err := json.Marshal(attributes)
	if err != nil {
		return fmt.Errorf("keeping directory user %s: %w", userid, err)
	}
	return c.db.Update(ctx, func(conn *store.Conn) error {
		_, err := conn.Exec(ctx, "INSERT OR REPLACE INTO sim_ldapuser (agreement, userid, attributes) VALUES (?, ?, ?)", agreement, userid, string(data))
		return err
	})
}

// RemoveLDAPUser takes a user out of the directory; the next sync makes it
// inactive.
func (c *Cluster) RemoveLDAPUser(ctx context.Context, agreement, userid string) error {
	return c.db.Update(ctx, func(conn *store.Conn) error {
		_, err := conn.Exec(ctx, "DELETE FROM sim_ldapuser WHERE agreement = ? AND userid = ?", agreement, userid)
		return err
	})
}

// RenameLDAPUser gives a user of the directory another user id. The next sync knows
// the user by its stable id and renames it here, with everything that it has.
//
// assumed: that a sync goes by the directory's stable id; enduser has one.
func (c *Cluster) RenameLDAPUser(ctx context.Context, agreement, from, to string) error {
	return c.db.Update(ctx, func(conn *store.Conn) error {
		for _, q := range []string{
			"UPDATE sim_ldapuser SET userid = ?2 WHERE agreement = ?1 AND userid = ?3",
			"INSERT OR REPLACE INTO sim_ldaprename (agreement, userid, was) VALUES (?1, ?2, ?3)",
		} {
			if _, err := conn.Exec(ctx, q, agreement, to, from); err != nil {
				return err
			}
		}
		return nil
	})
}

// renameSynced applies the renames of the directory.
func (r *request) renameSynced(ctx context.Context, agreement, id string) error {
	if _, err := r.conn.Exec(ctx, `UPDATE enduser SET userid = (SELECT m.userid FROM sim_ldaprename m
			WHERE m.agreement = ?1 AND m.was = enduser.userid COLLATE NOCASE)
		WHERE fkdirectorypluginconfig = ?2 AND EXISTS (SELECT 1 FROM sim_ldaprename m
			WHERE m.agreement = ?1 AND m.was = enduser.userid COLLATE NOCASE)`, agreement, id); err != nil {
		return err
	}
	_, err := r.conn.Exec(ctx, "DELETE FROM sim_ldaprename WHERE agreement = ?", agreement)
	return err
}

var ldapObject = schema.Lookup("LdapDirectory")

// ldapSync starts or, with sync=false, stops the sync of an agreement.
//
// assumed: false stops; a second start while one runs does nothing.
func ldapSync(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "name", "uuid", "sync!"); err != nil {
			return err
		}
	}
	id, err := r.find(ctx, ldapObject)
	if err != nil {
		return err
	}
	name := r.db.Name("directorypluginconfig", id)
	r.mu.Lock()
	defer r.mu.Unlock()
	cancel, running := r.syncing[name]
	switch on := r.in.Value("sync"); {
	case on == "false" || on == "f" || on == "0":
		if running {
			cancel()
		}
		r.out.Text("Sync is cancelled")
		return nil
	case !running:
		r.startSync(ctx, name)
	}
	if _, err := r.conn.Exec(ctx, "UPDATE directorypluginconfig SET sim_syncstatus = ? WHERE pkid = ?",
		SyncInitiated, id); err != nil {
		return err
	}
	r.out.Text(SyncInitiated)
	return nil
}

// startSync runs a sync in the background; the caller holds r.mu.
func (c *Cluster) startSync(ctx context.Context, name string) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.syncing[name] = cancel
	c.done.Go(func() {
		defer cancel()
		t := time.NewTimer(c.opts.SyncDuration[name])
		defer t.Stop()
		select {
		case <-t.C:
			// A failed sync shows as one that never ends well, as on a cluster.
			if err := c.SyncLDAP(ctx, name); err != nil {
				c.setSyncStatus(ctx, name, "Sync is failed: "+err.Error())
			}
		case <-ctx.Done():
			c.setSyncStatus(context.WithoutCancel(ctx), name, "Sync is cancelled")
		}
		c.mu.Lock()
		delete(c.syncing, name)
		c.mu.Unlock()
	})
}

func (c *Cluster) setSyncStatus(ctx context.Context, name, status string) {
	err := c.db.Update(ctx, func(conn *store.Conn) error {
		_, err := conn.Exec(ctx, "UPDATE directorypluginconfig SET sim_syncstatus = ? WHERE name = ?", status,
			name)
		return err
	})
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failed = errors.Join(c.failed, err)
	}
}

// SyncLDAP brings the agreement's users into enduser at once: new ones are added,
// known ones get the directory's attributes, vanished ones become inactive
// (status 2). What the directory does not own stays. Source: administration
// guide; assumed: a local user of the same id becomes the directory's.
func (c *Cluster) SyncLDAP(ctx context.Context, agreement string) error {
	r := &request{Cluster: c}
	err := c.db.Update(ctx, func(conn *store.Conn) error {
		r.conn = conn
		id, ok := c.db.ID("directorypluginconfig", agreement)
		if !ok {
			return soap.NotFound(agreement)
		}
		users := map[string]map[string]string{}
		var order []string
		if err := conn.Each(ctx, func(scan func(...any) error) error {
			var userid, data string
			if err := scan(&userid, &data); err != nil {
				return err
			}
			order = append(order, userid)
			users[userid] = map[string]string{}
			into := users[userid]
			return json.Unmarshal([]byte(data), &into)
		}, "SELECT userid, attributes FROM sim_ldapuser WHERE agreement = ? ORDER BY userid", agreement); err != nil {
			return err
		}
		if err := r.renameSynced(ctx, agreement, id); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, `UPDATE enduser SET status = 2 WHERE fkdirectorypluginconfig = ?
			AND NOT EXISTS (SELECT 1 FROM sim_ldapuser l WHERE l.agreement = ?
				AND l.userid = enduser.userid COLLATE NOCASE)`, id, agreement); err != nil {
			return err
		}
		for _, userid := range order {
			if err := r.syncUser(ctx, id, userid, users[userid]); err != nil {
				return err
			}
		}
		_, err := conn.Exec(ctx, "UPDATE directorypluginconfig SET sim_syncstatus = ? WHERE pkid = ?", SyncDone,
			id)
		return err
	})
	if err == nil {
		c.ring.add(r.changes)
	}
	return err
}

func (r *request) syncUser(ctx context.Context, agreement, userid string, attributes map[string]string) error {
	row := &row{}
	row.set("fkdirectorypluginconfig", agreement)
	row.set("islocaluser", "f")
	row.set("status", 1)
	cols := make([]string, 0, len(attributes))
	for col := range attributes {
		cols = append(cols, col)
	}
	slices.Sort(cols)
	for _, col := range cols {
		if strings.Trim(col, "abcdefghijklmnopqrstuvwxyz") != "" {
			return fmt.Errorf("directory user %s: %q is no column of enduser", userid, col)
		}
		row.set(col, attributes[col])
	}
	var id string
	found, err := r.conn.Get(ctx, []any{&id}, "SELECT pkid FROM enduser WHERE userid = ? COLLATE NOCASE", userid)
	if err != nil {
		return err
	}
	if found {
		r.changed('u', "User", id)
		return row.update(ctx, r.conn, "enduser", id)
	}
	id = store.NewID()
	row.set("pkid", id)
	row.set("userid", userid)
	if err := r.standard(row, "fkmatrix_presence", "matrix", "Standard Presence group"); err != nil {
		return err
	}
	r.changed('a', "User", id)
	return row.insert(ctx, r.conn, "enduser")
}

func ldapStatus(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "name", "uuid"); err != nil {
			return err
		}
	}
	id, err := r.find(ctx, ldapObject)
	if err != nil {
		return err
	}
	var status string
	if _, err := r.conn.Get(ctx, []any{&status},
		"SELECT sim_syncstatus FROM directorypluginconfig WHERE pkid = ?", id); err != nil {
		return err
	}
	r.mu.Lock()
	_, running := r.syncing[r.db.Name("directorypluginconfig", id)]
	r.mu.Unlock()
	if running {
		status = SyncRunning
	}
	r.out.Text(status)
	return nil
}
