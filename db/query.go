package db

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rewritten holds, by the text of a statement with named arguments, the text with
// numbered ones and their names in order. Reading the text anew for each call was
// a quarter of the price of a short statement. There are as many as the package
// has statements: texts are put together from its own parts only.
var rewritten sync.Map

type numbered struct {
	sql   string
	names []string
}

// number turns @name arguments into $1 arguments.
func number(ctx context.Context, sql string, args pgx.NamedArgs) (string, []any, error) {
	found, ok := rewritten.Load(sql)
	if !ok {
		marks := pgx.NamedArgs{}
		for name := range args {
			marks[name] = name
		}
		text, order, err := marks.RewriteQuery(ctx, nil, sql, nil)
		if err != nil {
			return "", nil, err
		}
		n := numbered{sql: text}
		for _, mark := range order {
			name, ok := mark.(string)
			if !ok {
				return "", nil, fmt.Errorf("the statement has an argument without a value: %s", sql)
			}
			n.names = append(n.names, name)
		}
		found, _ = rewritten.LoadOrStore(sql, n)
	}
	n := found.(numbered)
	values := make([]any, len(n.names))
	for i, name := range n.names {
		value, ok := args[name]
		if !ok {
			return "", nil, fmt.Errorf("argument %s has no value: %s", name, sql)
		}
		values[i] = value
	}
	return n.sql, values, nil
}

// query runs the statement with its named arguments.
func query(ctx context.Context, q querier, sql string, args pgx.NamedArgs) (pgx.Rows, error) {
	text, values, err := number(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return q.Query(ctx, text, values...)
}

// querier is what a statement runs on: the pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// list runs the query and returns its rows, each column in the field of its name.
func list[T any](ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) ([]T, error) {
	rows, err := query(ctx, q, sql, args)
	if err != nil {
		return nil, fail(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fail(op, err)
	}
	return out, nil
}

// one is list for the query that returns one row. Fails with NotFound when there
// is none.
func one[T any](ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) (T, error) {
	rows, err := query(ctx, q, sql, args)
	if err != nil {
		var zero T
		return zero, fail(op, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	return out, fail(op, err)
}

// column is list for the query that returns one column.
func column[T any](ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) ([]T, error) {
	rows, err := query(ctx, q, sql, args)
	if err != nil {
		return nil, fail(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		return nil, fail(op, err)
	}
	return out, nil
}

// exec runs the statement and returns how many rows it changed.
func exec(ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) (int64, error) {
	text, values, err := number(ctx, sql, args)
	if err != nil {
		return 0, fail(op, err)
	}
	tag, err := q.Exec(ctx, text, values...)
	return tag.RowsAffected(), fail(op, err)
}

// inTx runs the function in one transaction, which stands when it returns nil.
func (d *DB) inTx(ctx context.Context, op string, f func(pgx.Tx) error) error {
	return fail(op, pgx.BeginFunc(ctx, d.pool, f))
}
