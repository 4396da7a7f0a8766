package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/stack/stacktest"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
	"github.com/dialtone/dialtone/workflows"
)

// childEnv makes the test binary the API and the worker in one process.
const childEnv = "DIALTONE_BENCH_CHILD"

// openOrders is how many orders wait while the memory is read.
const openOrders = 1000

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		return
	}
	// Known to the server before the first start.
	stacktest.SearchAttributes = map[string]string{}
	for name := range workflows.SearchAttributes() {
		stacktest.SearchAttributes[name] = "Keyword"
	}
	os.Exit(m.Run())
}

// childSpec is all that the child needs.
type childSpec struct {
	Endpoints world.Endpoints
	Temporal  string
	Record    string // file that gets the requests that read much; "" = none
}

func child(text string) error {
	var spec childSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.OpenWith(ctx, db.Options{URL: spec.Endpoints.Database, MaxConns: 16})
	if err != nil {
		return err
	}
	record, err := newRecorder(spec.Record)
	if err != nil {
		return err
	}
	clients, err := spec.Endpoints.Clients(record)
	if err != nil {
		return err
	}
	c, err := client.Dial(client.Options{HostPort: spec.Temporal, Logger: worker.Logger(zap.NewNop())})
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().String())
	served := make(chan error, 2)
	go func() {
		served <- api.Serve(ctx, l, api.New(api.Options{DB: d, Temporal: c, Log: zap.NewNop()}), zap.NewNop())
	}()
	go func() {
		served <- worker.Run(ctx, worker.Options{
			Client: c, Namespace: "default", Log: zap.NewNop(), DB: d,
			CallProcessors: []worker.CallProcessor{{Name: world.CUCM, Client: clients.CUCM}},
			Directories:    map[string]*directory.Client{world.Directory: clients.Directory},
			Mail:           clients.Mail, HR: map[string]*hr.Client{world.HR: clients.HR},
		})
	}()
	return <-served
}

// BenchmarkMemory prints the resident memory of the API and a worker while a
// thousand orders are open.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		w := world.New(b, world.Options{})
		w.Apply(b, nil)
		token, err := w.DB.CreateToken(b.Context(), "bench", uc.RoleAdmin)
		if err != nil {
			b.Fatal(err)
		}
		pid, addr := spawn(b, w, "")
		remote, err := apiclient.New(apiclient.Options{URL: "http://" + addr, Token: token})
		if err != nil {
			b.Fatal(err)
		}
		for _, j := range people(b, w, openOrders) {
			if _, _, err := remote.CreateJoiner(b.Context(), j, j.User.ID); err != nil {
				b.Fatal(err)
			}
		}
		allWait(b, w)
		b.ReportMetric(memory(b, pid, "VmRSS:"), "MB")
	}
}

// spawn starts the API and a worker in a process of their own, which ends with the
// benchmark.
func spawn(b *testing.B, w *world.World, record string) (pid int, addr string) {
	b.Helper()
	spec, err := json.Marshal(childSpec{Endpoints: w.Endpoints, Temporal: stacktest.Temporal(b).HostPort, Record: record})
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), childEnv+"="+string(spec)), os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err == nil {
			b.Error("the child ended by itself")
		}
	})
	addr, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return cmd.Process.Pid, strings.TrimSpace(addr)
}

func allWait(b *testing.B, w *world.World) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		waiting, err := w.DB.WaitingForNumber(ctx, world.BerlinPool, openOrders)
		if err != nil {
			b.Fatal(err)
		}
		if len(waiting) == openOrders {
			return
		}
		select {
		case <-ctx.Done():
			b.Fatalf("%d of %d orders wait", len(waiting), openOrders)
		case <-ticker.C:
		}
	}
}

// memory is the process's memory in MB: what it has, or had at its peak.
//
// Source: proc(5), VmRSS and VmHWM in kB.
func memory(b *testing.B, pid int, of string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, of); ok {
			kb, err := strconv.ParseFloat(strings.Fields(text)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("the process has no " + of)
	return 0
}
