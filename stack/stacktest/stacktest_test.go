package stacktest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/stack/stacktest"
)

func TestPostgresIsSharedByTheProcess(t *testing.T) {
	t.Parallel()
	server := stacktest.Postgres(t)
	if again := stacktest.Postgres(t); again != server {
		t.Fatalf("two calls gave two servers: %p and %p", server, again)
	}
	for range 2 {
		if err := server.CreateDatabase(t.Context(), `odd "name"`); err != nil {
			t.Fatalf("making a database is idempotent: %v", err)
		}
	}
	conn, err := pgx.Connect(t.Context(), server.URL(`odd "name"`))
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := conn.QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if name != `odd "name"` {
		t.Errorf("the URL of a database leads to %q", name)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
