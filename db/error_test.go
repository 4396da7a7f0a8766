package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtone/dialtone/uc"
)

func TestFail(t *testing.T) {
	t.Parallel()
	pg := func(code string) error {
		return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: "it broke", Detail: "Key (a)=(1) exists."})
	}
	ours := &uc.Error{Kind: uc.Exhausted, System: system, Op: "reserve", Detail: "none"}
	cases := map[string]struct {
		reason string
		err    error
		want   uc.Kind
	}{
		"nothing":               {"no error", nil, ""},
		"ours":                  {"it has a kind", fmt.Errorf("x: %w", ours), uc.Exhausted},
		"unique":                {"unique_violation", pg("23505"), uc.Conflict},
		"foreign key":           {"foreign_key_violation", pg("23503"), uc.NotFound},
		"check":                 {"check_violation", pg("23514"), uc.Invalid},
		"not null":              {"not_null_violation", pg("23502"), uc.Internal},
		"data":                  {"character_not_in_repertoire", pg("22021"), uc.Invalid},
		"deadlock":              {"deadlock_detected: another try helps", pg("40P01"), uc.Unavailable},
		"too many connections":  {"too_many_connections", pg("53300"), uc.Unavailable},
		"shutdown":              {"admin_shutdown", pg("57P01"), uc.Unavailable},
		"starting":              {"cannot_connect_now", pg("57P03"), uc.Unavailable},
		"cancelled":             {"query_canceled", pg("57014"), uc.Unavailable},
		"standby":               {"read_only_sql_transaction: a fail-over is going on", pg("25006"), uc.Unavailable},
		"password":              {"invalid_password", pg("28P01"), uc.Denied},
		"rights":                {"insufficient_privilege", pg("42501"), uc.Denied},
		"syntax":                {"our bug", pg("42601"), uc.Internal},
		"no rows":               {"one was asked for", pgx.ErrNoRows, uc.NotFound},
		"no connection":         {"nobody listens", &net.OpError{Op: "dial", Err: errors.New("refused")}, uc.Unavailable},
		"cut":                   {"the server went away", io.ErrUnexpectedEOF, uc.Unavailable},
		"caller gone":           {"the caller went away", context.Canceled, uc.Unavailable},
		"deadline":              {"too late", context.DeadlineExceeded, uc.Unavailable},
		"anything else":         {"our bug", errors.New("cannot scan"), uc.Internal},
		"short code, no class":  {"never sent, must not panic", pg("4"), uc.Internal},
		"empty code, no class":  {"never sent, must not panic", pg(""), uc.Internal},
		"wrapped no connection": {"at any depth", fmt.Errorf("begin: %w", net.ErrClosed), uc.Unavailable},
	}
	for name, c := range cases {
		got := fail("op", c.err)
		if uc.KindOf(got) != c.want {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, uc.KindOf(got), c.want)
		}
		if c.err != nil && !errors.Is(got, c.err) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
	want := "db op: conflict: it broke: Key (a)=(1) exists"
	if got := fail("op", pg("23505")).Error(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
