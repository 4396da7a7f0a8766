// Package stacktest gives tests real servers: one PostgreSQL and one Temporal per
// test process, started at the first call and gone with the process. It must never
// be imported by the product.
package stacktest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/stack"
)

// startTime is how long a server may take: other packages' tests use the machine too.
const startTime = 2 * time.Minute

// shared is one server of this process and why it could not be started.
type shared[T any] struct {
	once   sync.Once
	server T
	err    error
}

func (s *shared[T]) get(t testing.TB, start func(context.Context) (T, error)) T {
	t.Helper()
	s.once.Do(func() {
		// Not the test's context: the server outlives the test that started it.
		ctx, cancel := context.WithTimeout(context.Background(), startTime)
		defer cancel()
		s.server, s.err = start(ctx)
	})
	if s.err != nil {
		t.Fatalf("%v (run `make setup`, then try again)", s.err)
	}
	return s.server
}

var postgres shared[*stack.Postgres]

// Postgres returns the PostgreSQL server of this test process. Tests make their own
// databases on it. A missing PostgreSQL fails the test in a sentence naming `make setup`.
func Postgres(t testing.TB) *stack.Postgres {
	t.Helper()
	return postgres.get(t, func(ctx context.Context) (*stack.Postgres, error) {
		dir, err := ProcessDir("test", filepath.Join("pg", "data", "postmaster.pid"))
		if err != nil {
			return nil, err
		}
		return stack.StartPostgres(ctx, stack.PostgresOptions{Dir: filepath.Join(dir, "pg"), Fast: true, MaxConns: 200})
	})
}

var temporal shared[*stack.Temporal]

// Temporal returns the Temporal server of this test process, its state on
// Postgres(t). Tests use task queues and workflow ids of their own. A server that
// is not built fails the test in a sentence naming `make setup`.
func Temporal(t testing.TB) *stack.Temporal {
	t.Helper()
	server := Postgres(t)
	return temporal.get(t, func(ctx context.Context) (*stack.Temporal, error) {
		return stack.StartTemporal(ctx, stack.TemporalOptions{Postgres: server, SearchAttributes: SearchAttributes})
	})
}

// SearchAttributes are registered on the Temporal server. A test package that needs
// some sets them, in an init function, before the first call of Temporal.
var SearchAttributes map[string]string
