// Package dbtest gives each test a database of its own, with the newest schema and
// nothing in it. It must never be imported by the product.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/stack/stacktest"
)

// New returns a DB on a fresh database; it is closed when the test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// URL returns the address of a fresh database, for tests that start processes or
// look into it themselves.
func URL(t testing.TB) string {
	t.Helper()
	server := stacktest.Postgres(t)
	if err := migrated(server); err != nil {
		t.Fatalf("making the template database: %v", err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), count.Add(1))
	template.copy.Lock()
	err := onServer(t.Context(), server, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template.name))
	template.copy.Unlock()
	if err != nil {
		t.Fatalf("making database %s: %v", name, err)
	}
	t.Cleanup(func() {
		// It would go with the server; many tests would fill the disk until then.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := onServer(ctx, server, "DROP DATABASE "+quote(name)+" WITH (FORCE)"); err != nil {
			t.Logf("database %s stays until the process ends: %v", name, err)
		}
	})
	return server.URL(name)
}

// Empty returns the address of a fresh database without the schema.
func Empty(t testing.TB) string {
	t.Helper()
	server := stacktest.Postgres(t)
	name := fmt.Sprintf("empty_%d_%d", os.Getpid(), count.Add(1))
	if err := server.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return server.URL(name)
}

var count atomic.Int64

var template struct {
	once sync.Once
	name string
	err  error
	copy sync.Mutex // a template is copied by one at a time
}

// migrated makes the template database, once per process.
func migrated(server *stack.Postgres) error {
	template.once.Do(func() {
		// Not a test's context: the template outlives the test that comes first.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		template.name = fmt.Sprintf("template_%d", os.Getpid())
		if template.err = server.CreateDatabase(ctx, template.name); template.err == nil {
			template.err = db.Migrate(ctx, server.URL(template.name))
		}
	})
	return template.err
}

// onServer runs the statement outside of any database of the tests.
func onServer(ctx context.Context, server *stack.Postgres, sql string) (err error) {
	conn, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
