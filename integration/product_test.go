// Package integration tests the stories as their users meet them: through HTTP,
// with a real PostgreSQL, a real Temporal server, and the vendors played over their
// real protocols.
package integration

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/stack/stacktest"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// TestMain lets the test binary be a worker that a test may kill.
func TestMain(m *testing.M) {
	if spec := os.Getenv(workerEnv); spec != "" {
		os.Exit(runWorker(spec))
	}
	os.Exit(m.Run())
}

// product is the whole product on a world.
type product struct {
	*world.World
	api       *apiclient.Client
	temporal  client.Client
	namespace string
	record    func(op string, envelope []byte)
	log       *zap.Logger
	watch     time.Duration // between two looks at what changed on the call processor; 0 = nobody looks
}

var namespaces atomic.Int64

// start starts the API; a test starts the workers that it wants. Each product has a
// Temporal namespace of its own, so that tests never see one another.
func start(t *testing.T, o world.Options) *product {
	t.Helper()
	p := &product{World: world.New(t, o), log: zap.NewNop()}
	p.namespace = fmt.Sprintf("t%d-%d", os.Getpid(), namespaces.Add(1))
	p.temporal = dial(t, p.namespace)
	token, err := p.DB.CreateToken(t.Context(), "test", uc.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:           api.New(api.Options{DB: p.DB, Temporal: p.temporal, Log: p.log, Version: "test"}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	p.api, err = apiclient.New(apiclient.Options{URL: "http://" + l.Addr().String(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.api.Close)
	return p
}

// dial registers the namespace and returns a client once it accepts starts.
func dial(t testing.TB, namespace string) client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	options := client.Options{HostPort: stacktest.Temporal(t).HostPort, Namespace: namespace, Logger: worker.Logger(zap.NewNop())}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	every(t, ctx, func() bool {
		return worker.Bootstrap(ctx, c, namespace) == nil && accepts(ctx, c)
	})
	return c
}

// accepts reports whether the namespace is known to the whole server.
func accepts(ctx context.Context, c client.Client) bool {
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "probe", TaskQueue: "probe"}, "probe")
	if err != nil {
		return false
	}
	return c.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "the namespace accepts starts") == nil
}

// every looks again and again until the condition holds or the context ends.
func every(t testing.TB, ctx context.Context, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %v", ctx.Err())
		case <-ticker.C:
		}
	}
}

// work starts a worker in this process that ends with the test.
func (p *product) work(t *testing.T) {
	t.Helper()
	clients, err := p.Endpoints.Clients(p.record)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	options := workerOptions(p.temporal, p.namespace, p.DB, clients, p.log)
	options.CallProcessors[0].WatchEvery = p.watch
	go func() { done <- worker.Run(ctx, options) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// join posts a joiner.
func (p *product) join(t *testing.T, j uc.Joiner) uc.Order {
	t.Helper()
	o, _, err := p.api.CreateJoiner(t.Context(), j, "key-"+j.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// leave posts a leaver who leaves now.
func (p *product) leave(t *testing.T, user string) uc.Order {
	t.Helper()
	o, _, err := p.api.CreateLeaver(t.Context(), uc.Leaver{UserID: user}, "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// move posts a mover.
func (p *product) move(t *testing.T, m uc.Mover) uc.Order {
	t.Helper()
	o, _, err := p.api.CreateMover(t.Context(), m, "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// until waits until the order is in one of the states and returns it.
func (p *product) until(t *testing.T, id string, within time.Duration, states ...uc.OrderState) uc.Order {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var o uc.Order
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		if now, err := p.DB.GetOrder(ctx, id); err == nil {
			o = now
			if slices.Contains(states, o.State) {
				return o
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("order %s is %s (%s %s) after %s, want %v; steps: %s", id, o.State, o.FailureKind, o.Detail,
				within, states, describe(o.Steps))
		case <-ticker.C:
		}
	}
}

func describe(steps []uc.Step) string {
	out := ""
	for _, s := range steps {
		out += fmt.Sprintf("\n  %s %s attempts=%d %s", s.Name, s.State, s.Attempts, s.Detail)
	}
	return out
}
