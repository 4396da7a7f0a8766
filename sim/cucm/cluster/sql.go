package cluster

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// sqlTimeout ends a query that would keep a processor for ever.
//
// assumed: CUCM's own limit is not public.
const sqlTimeout = time.Minute

// sqlQuery runs one SELECT in Informix's dialect on the tables as they are. It
// cannot write. Source: AXL 15.0 executeSQLQuery: rows with the columns in select
// order; NULL is an empty element.
func sqlQuery(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "sql!"); err != nil {
			return err
		}
	}
	q, err := store.Translate(r.in.Value("sql"))
	if err != nil {
		return err
	}
	limit := r.opts.SQLTimeout
	if limit <= 0 {
		limit = sqlTimeout
	}
	run := func(ctx context.Context, q string, fn func(*sql.Rows) error) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err := r.db.Query(ctx, q, fn)
		switch {
		case err == nil || r.out.Err() != nil && ctx.Err() == nil:
			return err
		case ctx.Err() != nil:
			return soap.Faultf(soap.CodeLimit, "The query took longer than %s", limit)
		}
		return store.SQLFault(err)
	}
	// The same connection counts as reads, since LIKE minds case there only.
	r.total = func(ctx context.Context) (n int, err error) {
		err = run(ctx, "SELECT count(*) FROM ("+q+")", func(rows *sql.Rows) error {
			if rows.Next() {
				return errors.Join(rows.Scan(&n), rows.Err())
			}
			return rows.Err()
		})
		return n, err
	}
	return run(ctx, q, r.writeRows)
}

func (r *request) writeRows(rows *sql.Rows) error {
	cols, err := rows.Columns()
	if err != nil {
		return err
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		// What the simulator keeps for itself is no column of CUCM.
		if !strings.HasPrefix(c, "sim_") {
			names[i] = store.ColumnName(c, i)
		}
	}
	cells, vals := store.Cells(len(cols))
	for rows.Next() {
		if err := rows.Scan(vals...); err != nil {
			return err
		}
		r.out.Open("row")
		for i, name := range names {
			if name != "" {
				r.out.Leaf(name, store.Cell(cells[i]))
			}
		}
		r.out.Close()
		if r.rows++; r.out.Err() != nil {
			return r.out.Err()
		}
	}
	return rows.Err()
}

// sqlUpdate runs one statement past every rule of AXL, when the cluster allows
// it: constraints alone hold. Source: public reports that it bypasses validation.
func sqlUpdate(ctx context.Context, r *request) error {
	if !r.opts.AllowSQLUpdate {
		return soap.Faultf(soap.CodeDenied, "executeSQLUpdate is switched off on this simulator (option AllowSQLUpdate)")
	}
	q := strings.TrimSpace(r.in.Value("sql"))
	verb, _, _ := strings.Cut(strings.ToLower(q), " ")
	if verb != "insert" && verb != "update" && verb != "delete" || strings.Contains(q, ";") {
		return soap.Faultf(soap.CodeSQL, "A syntax error has occurred.")
	}
	n, err := r.conn.Exec(ctx, q)
	if err != nil {
		var f *soap.Fault
		if errors.As(err, &f) {
			return err
		}
		return store.SQLFault(err)
	}
	r.conn.Renamed()
	r.out.Leaf("rowsUpdated", store.Cell(n))
	return nil
}
