// Package store keeps a simulated cluster's state in SQLite under the table names
// of CUCM's data dictionary, so that constraints and SQL are real. It knows no
// SOAP envelope and no HTTP.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	// The driver registers itself as "sqlite".
	sqlite "modernc.org/sqlite"
)

// readers is how many reads go on at once; the machine has few cores.
const readers = 4

// DB is the state of one cluster. It is safe for concurrent use: one writer at a
// time, reads beside it see the last commit.
type DB struct {
	write   *sql.DB
	read    *sql.DB
	query   *sql.DB // for executeSQLQuery: LIKE minds case there
	mu      sync.Mutex
	writer  *Conn
	free    chan *Conn
	names   names
	private string // directory to remove at Close, "" when the caller owns the file
}

// Open opens or makes the database file; "" makes one of its own that is gone
// after Close.
func Open(ctx context.Context, path string) (*DB, error) {
	d := &DB{free: make(chan *Conn, readers)}
	if path == "" {
		dir, err := os.MkdirTemp("", "cucm-")
		if err != nil {
			return nil, fmt.Errorf("making a place for the state: %w", err)
		}
		d.private, path = dir, filepath.Join(dir, "cucm.db")
	}
	if err := d.open(ctx, path); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

const pragmas = "&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=foreign_keys(ON)" +
	"&_pragma=busy_timeout(10000)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32768)"

func (d *DB) open(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("opening the state: %w", err)
	}
	base := (&url.URL{Scheme: "file", Path: abs}).String() + "?" + pragmas[1:]
	for _, p := range []struct {
		db   **sql.DB
		more string
		open int
	}{
		{&d.write, "", 1},
		{&d.read, "&_pragma=query_only(ON)", readers},
		{&d.query, "&_pragma=query_only(ON)&_pragma=case_sensitive_like(ON)&_pragma=temp_store(FILE)", readers},
	} {
		if *p.db, err = sql.Open("sqlite", base+p.more); err != nil {
			return fmt.Errorf("opening the state: %w", err)
		}
		(*p.db).SetMaxOpenConns(p.open)
		if p.db == &d.write {
			if err := d.prepare(ctx); err != nil {
				return err
			}
		}
	}
	for range readers {
		c, err := newConn(ctx, d.read)
		if err != nil {
			return err
		}
		d.free <- c
	}
	return d.Reload(ctx)
}

// prepare makes the tables and the type words.
func (d *DB) prepare(ctx context.Context) error {
	var err error
	if d.writer, err = newConn(ctx, d.write); err != nil {
		return err
	}
	return d.Update(ctx, func(c *Conn) error {
		if err := c.rename(ctx); err != nil {
			return fmt.Errorf("renaming the columns of an old state: %w", err)
		}
		for _, q := range ddl() {
			if _, err := c.conn.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("making the tables: %w\n%s", err, q)
			}
		}
		for name, order := range types().order {
			for _, n := range order {
				if _, err := c.Exec(ctx, "INSERT OR IGNORE INTO "+name+" (enum, name) VALUES (?, ?)", n,
					Word(name, n)); err != nil {
					return err
				}
			}
		}
		return c.renumber(ctx)
	})
}

// Close releases everything; a private database is deleted.
func (d *DB) Close() error {
	var errs []error
	if d.writer != nil {
		errs = append(errs, d.writer.close())
	}
	for len(d.free) > 0 {
		errs = append(errs, (<-d.free).close())
	}
	for _, db := range []*sql.DB{d.query, d.read, d.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if d.private != "" {
		errs = append(errs, os.RemoveAll(d.private))
	}
	return errors.Join(errs...)
}

// View runs reads on one connection.
func (d *DB) View(ctx context.Context, fn func(*Conn) error) error {
	var c *Conn
	select {
	case c = <-d.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { d.free <- c }()
	return fn(c)
}

// Update runs one transaction; it is committed when fn returns nil and rolled
// back otherwise. Broken constraints come back as soap faults with Informix's
// codes.
func (d *DB) Update(ctx context.Context, fn func(*Conn) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.writer
	c.renamed = false
	if _, err := c.Exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := fn(c)
	if err == nil {
		_, err = c.Exec(ctx, "COMMIT")
	}
	if err != nil {
		if _, undo := c.Exec(ctx, "ROLLBACK"); undo != nil {
			return errors.Join(err, undo)
		}
		return err
	}
	if c.renamed {
		return d.reload(ctx, c)
	}
	return nil
}

// maxText is the longest text a query of a caller's own may make.
const maxText = 16 << 20

// The numbers of SQLite's run-time limits.
const limitLength = 0

// Query runs one SELECT of a caller's own on a connection that cannot write, and
// hands its rows to fn. It ends when ctx does.
func (d *DB) Query(ctx context.Context, q string, fn func(*sql.Rows) error) (err error) {
	c, err := d.query.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := sqlite.Limit(c, limitLength, maxText); err != nil {
		return err
	}
	rows, err := c.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return errors.Join(fn(rows), rows.Err())
}
