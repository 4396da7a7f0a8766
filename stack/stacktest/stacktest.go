// Package stacktest gives tests real servers: one PostgreSQL and one Temporal per
// test process, started at the first call and gone with the process. It must never
// be imported by the product.
package stacktest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
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
		dir, err := processDir()
		if err != nil {
			return nil, err
		}
		return stack.StartPostgres(ctx, stack.PostgresOptions{Dir: filepath.Join(dir, "pg"), Fast: true, MaxConns: 200})
	})
}

// processDir is the one directory of this process's servers. It stays behind when
// the process ends, because nothing runs then that could remove it; the next one does.
var processDir = sync.OnceValues(func() (string, error) {
	prefix := filepath.Join(os.TempDir(), fmt.Sprintf("dialtone-test-%d-", os.Geteuid()))
	if err := sweep(prefix); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(prefix), filepath.Base(prefix)+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", err
	}
	// As root without user namespaces the server runs as another user.
	return dir, os.Chmod(dir, 0o711)
})

// sweep removes the directories of processes that are gone. A directory whose
// server is still ending is left to the next process.
func sweep(prefix string) error {
	dirs, err := filepath.Glob(prefix + "*")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(dir, prefix), "-")
		n, err := strconv.Atoi(pid)
		if err != nil || alive(n) || serving(dir) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing what an earlier test left: %w", err)
		}
	}
	return nil
}

// serving says whether a server still writes to the directory.
func serving(dir string) bool {
	b, err := os.ReadFile(filepath.Join(dir, "pg", "data", "postmaster.pid"))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	return err == nil && alive(pid)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }

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
