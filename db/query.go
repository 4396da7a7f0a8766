package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is what a statement runs on: the pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// list runs the query and returns its rows, each column in the field of its name.
func list[T any](ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) ([]T, error) {
	rows, err := q.Query(ctx, sql, args)
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
	rows, err := q.Query(ctx, sql, args)
	if err != nil {
		var zero T
		return zero, fail(op, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	return out, fail(op, err)
}

// column is list for the query that returns one column.
func column[T any](ctx context.Context, q querier, op, sql string, args pgx.NamedArgs) ([]T, error) {
	rows, err := q.Query(ctx, sql, args)
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
	tag, err := q.Exec(ctx, sql, args)
	return tag.RowsAffected(), fail(op, err)
}

// inTx runs the function in one transaction, which stands when it returns nil.
func (d *DB) inTx(ctx context.Context, op string, f func(pgx.Tx) error) error {
	return fail(op, pgx.BeginFunc(ctx, d.pool, f))
}
