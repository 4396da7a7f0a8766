package cluster

import (
	"context"
	"errors"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// sqlQuery runs one SELECT in Informix's dialect on the tables as they are. It
// cannot write. Source: AXL 15.0 executeSQLQuery: rows with the columns in select
// order; NULL is an empty element.
func sqlQuery(ctx context.Context, r *request) (err error) {
	if r.strict {
		if err := flat(r.in, "sql!"); err != nil {
			return err
		}
	}
	q, err := store.Translate(r.in.Value("sql"))
	if err != nil {
		return err
	}
	rows, err := r.db.Query(ctx, q)
	if err != nil {
		return store.SQLFault(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	cols, err := rows.Columns()
	if err != nil {
		return store.SQLFault(err)
	}
	for i, c := range cols {
		cols[i] = store.ColumnName(c, i)
	}
	r.total = func(ctx context.Context) (int, error) {
		var n int
		_, err := r.conn.Get(ctx, []any{&n}, "SELECT count(*) FROM ("+q+")")
		return n, err
	}
	cells, vals := store.Cells(len(cols))
	for rows.Next() {
		if err := rows.Scan(vals...); err != nil {
			return store.SQLFault(err)
		}
		r.out.Open("row")
		for i, c := range cols {
			r.out.Leaf(c, store.Cell(cells[i]))
		}
		r.out.Close()
		if r.rows++; r.out.Err() != nil {
			return r.out.Err()
		}
	}
	if rows.Err() != nil {
		return store.SQLFault(rows.Err())
	}
	return nil
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
