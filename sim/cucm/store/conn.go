package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	sqlite "modernc.org/sqlite"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// maxStatements bounds the cache of prepared statements of a connection.
const maxStatements = 400

// Conn is one connection with its prepared statements. It is not safe for
// concurrent use; View and Update hand it out.
type Conn struct {
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	renamed bool // a table held in memory has changed
}

func newConn(ctx context.Context, db *sql.DB) (*Conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the state: %w", err)
	}
	return &Conn{conn: c, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *Conn) close() error {
	return errors.Join(c.forget(), c.conn.Close())
}

func (c *Conn) forget() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	clear(c.stmts)
	return errors.Join(errs...)
}

func (c *Conn) stmt(ctx context.Context, q string) (*sql.Stmt, error) {
	if s := c.stmts[q]; s != nil {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	s, err := c.conn.PrepareContext(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", q, err)
	}
	c.stmts[q] = s
	return s, nil
}

// Exec runs a statement and returns how many rows it touched. Broken constraints
// come back as soap faults.
func (c *Conn) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	s, err := c.stmt(ctx, q)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, informix(err, strings.HasPrefix(q, "DELETE"))
	}
	return res.RowsAffected()
}

// Get scans the first row into dest and reports whether there is one.
func (c *Conn) Get(ctx context.Context, dest []any, q string, args ...any) (bool, error) {
	s, err := c.stmt(ctx, q)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the state: %w", err)
	}
	return true, nil
}

// Each calls fn for every row with a scan function; it stops at the first error.
func (c *Conn) Each(ctx context.Context, fn func(scan func(...any) error) error, q string, args ...any) error {
	s, err := c.stmt(ctx, q)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// Cells are n values and the scan targets that fill them.
func Cells(n int) (cells, targets []any) {
	cells, targets = make([]any, n), make([]any, n)
	for i := range cells {
		targets[i] = &cells[i]
	}
	return cells, targets
}

// Renamed says that a table of names has changed, so that it is read again after
// the commit.
func (c *Conn) Renamed() { c.renamed = true }

// NewID makes a pkid.
func NewID() string { return uuid.NewString() }

// The extended result codes of SQLite that stand for Informix's.
const (
	uniqueViolation  = 2067
	primaryViolation = 1555
	notNullViolation = 1299
	foreignViolation = 787
)

// informix turns a broken constraint into the fault AXL answers with.
// Source: recorded faults for -239, -391, -691; assumed: the text of -692.
func informix(err error, deleting bool) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("writing the state: %w", err)
	}
	detail := e.Error()
	if i := strings.LastIndex(detail, "failed: "); i >= 0 {
		detail = detail[i+len("failed: "):]
	}
	detail, _, _ = strings.Cut(detail, " (")
	switch e.Code() {
	case uniqueViolation, primaryViolation:
		return &soap.Fault{Client: true, Code: soap.CodeDuplicate, Message: fmt.Sprintf(
			"Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:%s).", indexName(detail))}
	case notNullViolation:
		return soap.Faultf(soap.CodeNull, "Cannot insert a null into column (%s).", detail)
	case foreignViolation:
		if deleting {
			return soap.Faultf(soap.CodeReferenced,
				"Key value for constraint (informix.pk) is still being referenced.")
		}
		return soap.Faultf(soap.CodeReference,
			"Missing key in referenced table for referential constraint (informix.fk).")
	}
	return fmt.Errorf("writing the state: %w", err)
}

// indexName makes "u_enduser_userid" of "enduser.userid, …" and "index 'x'".
func indexName(detail string) string {
	if name, ok := strings.CutPrefix(detail, "index '"); ok {
		return strings.TrimSuffix(name, "'")
	}
	first, _, _ := strings.Cut(detail, ",")
	return "u_" + strings.ReplaceAll(strings.TrimSpace(first), ".", "_")
}
