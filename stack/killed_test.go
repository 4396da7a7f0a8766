package stack_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/stack"
)

func TestKilledParentLeavesNothingAndBlocksNothing(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	parent, reports := startParent(t, dir)
	var up upReport
	select {
	case up = <-reports:
	case <-time.After(2 * time.Minute):
		t.Fatal("the parent did not come up")
	}
	var running *stack.ErrRunning
	if _, err := stack.Lock(dir); !errors.As(err, &running) || running.PID != parent.Process.Pid || running.URLs["temporal"] == "" {
		t.Errorf("a second start is told who runs where: got %v, want process %d", err, parent.Process.Pid)
	}
	conn, err := pgx.Connect(t.Context(), up.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "create table kept as select 'still here'::text as it"); err != nil {
		t.Fatal(err)
	}
	startWorkflow(t, up.HostPort, "kept")
	// The connection stays open: the server must end although somebody uses it.
	kill9(t, parent, dir)
	if err := conn.Close(t.Context()); err != nil {
		t.Logf("closing a connection to a server that is gone: %v", err)
	}

	lock, err := stack.Lock(dir)
	if err != nil {
		t.Fatalf("the lock of a killed process blocks the next start: %v", err)
	}
	defer func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	}()
	db := startPostgres(t, stack.PostgresOptions{Dir: dir})
	if got := query(t, db.URL("postgres"), "select it from kept"); got != "still here" {
		t.Errorf("got %q, want the row written before", got)
	}
	server := startTemporal(t, stack.TemporalOptions{Postgres: db})
	c := dial(t, server.HostPort)
	if _, err := c.DescribeWorkflowExecution(t.Context(), "kept", ""); err != nil {
		t.Errorf("the workflow started before is gone: %v", err)
	}
}

// TestKilledAtAnyInstantOfTheFirstStart kills the parent while it makes the cluster,
// the databases and the namespace.
func TestKilledAtAnyInstantOfTheFirstStart(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{50, 400, 800, 1200, 1600} {
		after *= time.Millisecond
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			parent, reports := startParent(t, dir)
			select {
			case <-reports:
			case <-time.After(after):
			}
			// No wait for the children here: the next start comes at once.
			if err := parent.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			db := startPostgres(t, stack.PostgresOptions{Dir: dir})
			server := startTemporal(t, stack.TemporalOptions{Postgres: db})
			startWorkflow(t, server.HostPort, "first")
			if err := parent.Wait(); err == nil {
				t.Error("the parent ended before it was killed")
			}
		})
	}
}

func startTemporal(t *testing.T, opt stack.TemporalOptions) *stack.Temporal {
	t.Helper()
	if opt.Log == nil {
		opt.Log = t.Output()
	}
	s, err := stack.StartTemporal(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

func dial(t *testing.T, hostPort string) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{HostPort: hostPort})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// startWorkflow starts a workflow that nobody runs.
func startWorkflow(t *testing.T, hostPort, id string) {
	t.Helper()
	_, err := dial(t, hostPort).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, "nothing")
	if err != nil {
		t.Fatalf("a server that is ready accepts a start: %v", err)
	}
}
