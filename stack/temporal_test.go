package stack_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

func TestTemporalIsReadyWhenItSaysSo(t *testing.T) {
	t.Parallel()
	db := startPostgres(t, stack.PostgresOptions{Dir: tempDir(t)})
	s := startTemporal(t, stack.TemporalOptions{
		Postgres: db, Namespace: "site", SearchAttributes: map[string]string{"OrderID": "Keyword", "Steps": "Int"},
	})
	c, err := client.DialContext(t.Context(), client.Options{HostPort: s.HostPort, Namespace: "site"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		TaskQueue: "nobody",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword("OrderID").ValueSet("42"), temporal.NewSearchAttributeKeyInt64("Steps").ValueSet(7)),
	}, "nothing")
	if err != nil {
		t.Fatalf("the first start after READY is accepted, with every search attribute: %v", err)
	}
	waitFor(t, "the workflow to be found by its order", func() bool {
		found, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "OrderID = '42'"})
		return err == nil && len(found.GetExecutions()) == 1
	})
	all, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{})
	if err != nil || len(all.GetExecutions()) != 1 {
		t.Errorf("the server's own check leaves nothing behind: %v, %v", all.GetExecutions(), err)
	}
	ns, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "site"})
	if err != nil {
		t.Fatal(err)
	}
	if got := ns.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != 72*time.Hour {
		t.Errorf("closed workflows are kept %v, want 72 h", got)
	}
	for _, path := range []string{"/", "/api/v1/namespaces"} {
		if got := status(t, s.UIURL+path); got != http.StatusOK {
			t.Errorf("the web UI answers %s with %d", path, got)
		}
	}
}

func status(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.StatusCode
}

func TestTemporalOutlivesCrashes(t *testing.T) {
	t.Parallel()
	events := make(chan stack.ChildEvent, 100)
	tell := func(e stack.ChildEvent) { events <- e }
	db := startPostgres(t, stack.PostgresOptions{Dir: tempDir(t), OnChange: tell})
	s := startTemporal(t, stack.TemporalOptions{Postgres: db, OnChange: tell, Log: io.Discard})
	c := dial(t, s.HostPort)
	startAgain := func(after string) {
		t.Helper()
		waitFor(t, "a start to be accepted after "+after, func() bool {
			_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "nobody"}, "nothing")
			return err == nil
		})
	}
	if err := syscall.Kill(db.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitUp(t, events, "postgres")
	startAgain("the database was killed")
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitUp(t, events, "temporal")
	startAgain("the server was killed")
}

func waitUp(t *testing.T, events <-chan stack.ChildEvent, name string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case e := <-events:
			if e.Up && e.Name == name {
				return
			}
		case <-limit:
			t.Fatalf("%s did not come back", name)
		}
	}
}

func TestTemporalRefuses(t *testing.T) {
	t.Parallel()
	db := startPostgres(t, stack.PostgresOptions{Dir: tempDir(t)})
	first := startTemporal(t, stack.TemporalOptions{Postgres: db, SearchAttributes: map[string]string{"OrderID": "Keyword"}})
	cases := map[string]struct {
		reason string
		opt    stack.TemporalOptions
		kind   uc.Kind
		says   string
	}{
		"SecondOnOneDatabase": {
			reason: "two servers would write to one database",
			opt:    stack.TemporalOptions{Postgres: db},
			kind:   uc.Unavailable, says: "another Temporal server runs on this database",
		},
		"PortInUse": {
			reason: "a given port is not exchanged for another",
			opt:    stack.TemporalOptions{Postgres: db, GRPCPort: port(t, first.HostPort)},
			kind:   uc.Conflict, says: "is in use",
		},
		"NotBuilt": {
			reason: "a missing program is named",
			opt:    stack.TemporalOptions{Postgres: db, Bin: "/nonexistent/temporald"},
			kind:   uc.NotFound, says: "/nonexistent/temporald",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := stack.StartTemporal(t.Context(), tc.opt)
			if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: got %v, want %s and %q", tc.reason, err, tc.kind, tc.says)
			}
		})
	}
}
