// Package cluster plays the database side of a CUCM cluster: the AXL operations
// and the rules behind them, over the tables of package store. It knows no HTTP,
// no session and no limit on answers; package cucm does.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// Options say how the cluster behaves.
type Options struct {
	Strict         bool                     // hold requests against the schema
	Version        string                   // "15.0": getCCMVersion answers a release of it
	AllowSQLUpdate bool                     // executeSQLUpdate works; off it is refused
	ChangesOff     bool                     // listChange is refused
	SyncDuration   map[string]time.Duration // how long an LDAP agreement's sync takes
	SQLTimeout     time.Duration            // ends an executeSQLQuery; 0 = a minute
	ChangeRing     int                      // how many changes listChange remembers
	ReadOnlyText   string                   // fault text when an LDAP-owned field is sent; "" = a text of ours
}

// Cluster is one cluster's behaviour over its state. It is safe for concurrent use.
type Cluster struct {
	db   *store.DB
	opts Options
	ops  map[string]*Operation
	ring *ring
	done sync.WaitGroup
	mu   sync.Mutex // guards failed and syncing
	// failed is what went wrong in the background, for Close.
	failed error
	// syncing are the LDAP agreements whose sync runs, with what ends it.
	syncing map[string]context.CancelFunc
}

// Call is one request.
type Call struct {
	In *soap.Node // the operation's element
	// Version is the schema version of the request.
	Version string
	Rank    int  // user rank of the account, 1 = highest
	Loose   bool // not held against the schema, whatever the cluster's mode
}

// Operation is one AXL operation.
type Operation struct {
	Name   string
	Writes bool // changes the database, so that rights and throttle apply
	List   bool // answers rows, so that read limits suggest a row count
	// Gone says that the work ends when its client goes away.
	Gone   bool
	object *schema.Object
	run    func(context.Context, *request) error
}

// request is a call under way.
type request struct {
	*Cluster
	op      *Operation
	in      *soap.Node
	rank    int
	strict  bool
	version string
	conn    *store.Conn
	out     *soap.Writer
	rows    int // rows a list has answered so far
	total   func(context.Context) (int, error)
	changes []change
	// What is read once for the user an answer is about.
	devices     map[string][]association
	numbers     map[int]userNumber
	numbersUser string
	secrets     map[int]flagsOfSecret
	secretsUser string
}

// New makes a cluster over a database.
func New(db *store.DB, opts Options) *Cluster {
	c := &Cluster{
		db: db, opts: opts, ops: map[string]*Operation{}, syncing: map[string]context.CancelFunc{},
		ring: newRing(opts.ChangeRing),
	}
	for _, o := range schema.Objects() {
		c.objectOperations(o)
	}
	c.otherOperations()
	return c
}

// Close ends what runs in the background and returns what failed there.
func (c *Cluster) Close() error {
	c.mu.Lock()
	for _, cancel := range c.syncing {
		cancel()
	}
	c.mu.Unlock()
	c.done.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *Cluster) add(op *Operation) { c.ops[op.Name] = op }

// Lookup finds an operation, nil when the simulator has none of that name.
func (c *Cluster) Lookup(name string) *Operation { return c.ops[name] }

// Operations are the names of all operations, sorted.
func (c *Cluster) Operations() []string { return slices.Sorted(maps.Keys(c.ops)) }

// Key is the natural key of what a request is about: the user id, the device's
// name, the pattern; "" when it has none.
func (op *Operation) Key(in *soap.Node) string {
	n := in
	keys := []string{"name", "userid", "pattern", "deviceName", "userId"}
	if op.object != nil {
		keys = op.object.Keys
		if inner := in.Kid(op.object.Name); inner != nil {
			n = inner
		} else if c := in.Kid("searchCriteria"); c != nil {
			n = c
		}
	}
	for _, k := range append(keys, "uuid") {
		if v := strings.TrimSpace(n.Value(k)); v != "" {
			return v
		}
	}
	return ""
}

// TooLarge says that a list's answer was stopped after Rows rows of Bytes bytes;
// Total is how many rows match.
type TooLarge struct {
	Rows, Total int
	Bytes       int64
}

// Error names both numbers.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("answer stopped after %d of %d rows", e.Rows, e.Total)
}

// Read runs an operation that does not write, its answer going to out between
// Begin and End. Returns a *TooLarge when the sink stopped a list.
func (c *Cluster) Read(ctx context.Context, op *Operation, call Call, out *soap.Writer) error {
	return c.db.View(ctx, func(conn *store.Conn) error {
		r := &request{
			Cluster: c, op: op, in: call.In, rank: call.Rank, version: call.Version,
			strict: c.opts.Strict && !call.Loose, conn: conn, out: out,
		}
		err := op.run(ctx, r)
		if err != nil && out.Err() == nil {
			// Not flushed: nothing of a refused answer is sent, a fault comes instead.
			return err
		}
		out.Flush()
		if out.Err() == nil || r.total == nil {
			return err
		}
		total, err := r.total(ctx)
		if err != nil {
			return err
		}
		return errors.Join(out.Err(), &TooLarge{r.rows, total, out.Size()})
	})
}

// Write runs an operation that writes, in one transaction. It returns how many
// change notifications the commit caused.
func (c *Cluster) Write(ctx context.Context, op *Operation, call Call, out *soap.Writer) (int, error) {
	r := &request{
		Cluster: c, op: op, in: call.In, rank: call.Rank, version: call.Version,
		strict: c.opts.Strict && !call.Loose, out: out,
	}
	err := c.db.Update(ctx, func(conn *store.Conn) error {
		r.conn = conn
		return op.run(ctx, r)
	})
	if err != nil {
		return 0, err
	}
	c.ring.add(r.changes)
	return len(r.changes), nil
}

// answer writes the uuid of what was changed. Source: AXL 15.0, return = {UUID}.
func (r *request) answer(id string) error {
	r.out.Text(soap.Braced(id))
	return nil
}

func (r *request) changed(action byte, what, id string, tags ...string) {
	r.changes = append(r.changes, change{action: action, what: what, id: id, tags: tags})
}
