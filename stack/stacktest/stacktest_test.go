package stacktest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

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

func TestTemporalRunsAWorkflow(t *testing.T) {
	t.Parallel()
	server := stacktest.Temporal(t)
	c, err := client.Dial(client.Options{HostPort: server.HostPort, Namespace: server.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := worker.New(c, t.Name(), worker.Options{})
	w.RegisterWorkflowWithOptions(func(_ workflow.Context, name string) (string, error) { return "hello " + name, nil },
		workflow.RegisterOptions{Name: "greet"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: t.Name()}, "greet", "Ann")
	if err != nil {
		t.Fatalf("a started server accepts a workflow: %v", err)
	}
	var got string
	if err := run.Get(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if want := "hello Ann"; got != want {
		t.Errorf("the workflow answered %q, want %q", got, want)
	}
}
