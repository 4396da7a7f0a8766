package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/stack/stacktest"
	"github.com/dialtone/dialtone/worker"
)

// workerEnv carries the workerSpec to a child that is a worker.
const workerEnv = "DIALTONE_TEST_WORKER"

// workerSpec is all that a worker in another process needs.
type workerSpec struct {
	Endpoints world.Endpoints
	Temporal  string // host:port
	Namespace string
	CrashDir  string // plans of a crasher; "" = none
}

func workerOptions(c client.Client, namespace string, d *db.DB, clients world.Clients, log *zap.Logger) worker.Options {
	return worker.Options{
		Client: c, Namespace: namespace, Log: log, DB: d,
		CallProcessors: []worker.CallProcessor{{Name: world.CUCM, Client: clients.CUCM, Concurrency: 8}},
		Directories:    map[string]*directory.Client{world.Directory: clients.Directory},
		Mail:           clients.Mail, HR: map[string]*hr.Client{world.HR: clients.HR},
		PINs: clients.PINs,
	}
}

// runWorker is the child's main.
func runWorker(spec string) int {
	if err := serve(spec); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 1
	}
	return 0
}

func serve(text string) error {
	var spec workerSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.OpenWith(ctx, db.Options{URL: spec.Endpoints.Database, MaxConns: 16})
	if err != nil {
		return err
	}
	clients, err := spec.Endpoints.Clients(nil)
	if err != nil {
		return err
	}
	c, err := client.Dial(client.Options{
		HostPort: spec.Temporal, Namespace: spec.Namespace,
		Logger:       worker.Logger(zap.NewNop()),
		Interceptors: []interceptor.ClientInterceptor{&crasher{dir: spec.CrashDir}},
	})
	if err != nil {
		return err
	}
	return worker.Run(ctx, workerOptions(c, spec.Namespace, d, clients, zap.NewNop()))
}

// spawn starts a worker in a process of its own; it dies with the test process.
func (p *product) spawn(t *testing.T, crashDir string) *exec.Cmd {
	t.Helper()
	spec, err := json.Marshal(workerSpec{
		Endpoints: p.Endpoints, Temporal: stacktest.Temporal(t).HostPort, Namespace: p.namespace,
		CrashDir: crashDir,
	})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	cmd.Env = append(os.Environ(), workerEnv+"="+string(spec))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}
