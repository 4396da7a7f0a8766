package db

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/dialtone/dialtone/uc"
)

const system = "db"

// fail gives the error of an operation its kind. It is the only place that reads
// what the driver says; a uc.Error passes as it is.
func fail(op string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*uc.Error)(nil); errors.As(err, &e) {
		return err
	}
	out := &uc.Error{Kind: uc.Internal, System: system, Op: op, Err: err}
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &pg):
		out.Kind, out.Detail = pgKind(pg.Code), pgDetail(pg)
	case errors.Is(err, pgx.ErrNoRows):
		out.Kind, out.Detail = uc.NotFound, "there is none"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		out.Kind, out.Detail = uc.Unavailable, "no answer in the time of the call"
	case errors.As(err, &connect):
		out.Kind, out.Detail = uc.Unavailable, "no connection to the database"
	case lost(err):
		out.Kind, out.Detail = uc.Unavailable, "the connection to the database was lost"
	default:
		out.Detail = err.Error()
	}
	return out
}

// lost reports whether the error says that no answer came.
func lost(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, puddle.ErrClosedPool) || pgconn.SafeToRetry(err)
}

// SQLSTATE codes that are looked at one by one.
const (
	uniqueViolation     = "23505"
	deadlock            = "40P01"
	foreignKeyViolation = "23503"
	undefinedTable      = "42P01"
)

// pgKind is the kind of a SQLSTATE code, by its class where the class is enough.
//
// Source: PostgreSQL documentation, appendix A, error codes.
func pgKind(code string) uc.Kind {
	switch code {
	case uniqueViolation, "23P01": // exclusion_violation
		return uc.Conflict
	case foreignKeyViolation:
		return uc.NotFound
	case "23514": // check_violation
		return uc.Invalid
	case "42501": // insufficient_privilege
		return uc.Denied
	case "57014", "25006", "3D000": // query_canceled, read_only_sql_transaction (a standby), invalid_catalog_name
		return uc.Unavailable
	}
	switch code[:min(2, len(code))] {
	case "22": // data exception
		return uc.Invalid
	case "28": // invalid authorization
		return uc.Denied
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, locks, operator, system
		return uc.Unavailable
	}
	return uc.Internal
}

// pgDetail is one sentence of the server's own words.
func pgDetail(pg *pgconn.PgError) string {
	if pg.Detail == "" {
		return pg.Message
	}
	return pg.Message + ": " + strings.TrimSuffix(pg.Detail, ".")
}

// violated returns the constraint that the error says was violated, "" when it
// says something else.
func violated(err error, code string) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == code {
		return pg.ConstraintName
	}
	return ""
}

// refuse makes an error of our own rules.
func refuse(kind uc.Kind, op, detail string) error {
	return &uc.Error{Kind: kind, System: system, Op: op, Detail: detail}
}

// pgCode returns the SQLSTATE code of the error, "" when the server sent none.
func pgCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
