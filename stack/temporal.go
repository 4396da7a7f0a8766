package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

const (
	temporald = "temporald"
	// temporalStart covers the schema of a new database on a busy machine.
	temporalStart = 2 * time.Minute
	// portRaces is how often ports that were free a moment ago may turn out taken.
	portRaces = 3
)

// TemporalOptions say how the embedded Temporal server runs.
type TemporalOptions struct {
	Bin       string    // temporald; "" = beside the running program, else bin/ of the source tree in tests
	Postgres  *Postgres // holds its state, in the databases temporal and temporal_visibility
	Namespace string    // registered at the start; "" = default
	Dir       string    // working directory; "" = the Postgres directory

	UIPort   int // of 127.0.0.1; 0 = free
	GRPCPort int // of 127.0.0.1; 0 = free

	// SearchAttributes are registered at the start, type by name ("Order": "Keyword").
	SearchAttributes map[string]string

	Log      io.Writer        // the server's log, JSON lines; nil = dropped
	LogLevel string           // debug, info, warn, error; "" = warn
	OnChange func(ChildEvent) // told of a death nobody asked for and of the restart; nil = nobody
}

// Temporal is a running Temporal server with its web UI, on loopback only: neither
// asks who is calling.
type Temporal struct {
	HostPort  string // of the gRPC frontend
	UIURL     string // of the web UI
	Namespace string // that is registered
	child     *Child
}

// StartTemporal returns once a workflow start is accepted in the namespace, with
// every search attribute registered. Stop it before its Postgres. Fails with
// uc.NotFound when temporald is not built, uc.Conflict when a given port is in use,
// uc.Unavailable when the server does not start.
func StartTemporal(ctx context.Context, opt TemporalOptions) (*Temporal, error) {
	t, err := startTemporal(ctx, opt)
	return t, classified(systemTemporal, err)
}

func startTemporal(ctx context.Context, opt TemporalOptions) (*Temporal, error) {
	bin, err := findTemporald(opt.Bin)
	if err != nil {
		return nil, err
	}
	if opt.Namespace == "" {
		opt.Namespace = "default"
	}
	if opt.Dir == "" {
		opt.Dir = opt.Postgres.dir
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of the Temporal server: %w", err)
	}
	for try := 1; ; try++ {
		t, err := startOnPorts(ctx, bin, opt)
		if err == nil {
			return t, nil
		}
		if try == portRaces || !errors.Is(err, errPortTaken) {
			return nil, err
		}
	}
}

var errPortTaken = errors.New("a port was taken meanwhile")

func startOnPorts(ctx context.Context, bin string, opt TemporalOptions) (*Temporal, error) {
	grpc, err := freePort(ctx, opt.GRPCPort)
	if err != nil {
		return nil, err
	}
	ui, err := freePort(ctx, opt.UIPort)
	if err != nil {
		return nil, err
	}
	t := &Temporal{
		HostPort:  fmt.Sprintf("127.0.0.1:%d", grpc),
		UIURL:     fmt.Sprintf("http://127.0.0.1:%d", ui),
		Namespace: opt.Namespace,
	}
	args := temporaldArgs(opt, grpc, ui)
	said := &lines{to: opt.Log}
	if opt.Log == nil {
		said.to = io.Discard
	}
	t.child, err = StartChild(ctx, ChildOptions{
		Name: systemTemporal,
		Command: func() (*exec.Cmd, error) {
			cmd := exec.Command(bin, args...)
			cmd.Dir = opt.Dir
			cmd.Env = append(serverEnv(), "GOGC=200", "GOMEMLIMIT=1GiB")
			return cmd, nil
		},
		StartTimeout: temporalStart,
		Log:          said,
		OnChange:     opt.OnChange,
	})
	if err != nil {
		return nil, said.explain(err)
	}
	return t, nil
}

func temporaldArgs(opt TemporalOptions, grpc, ui int) []string {
	level := opt.LogLevel
	if level == "" {
		level = "warn"
	}
	args := []string{
		"-grpc-port", strconv.Itoa(grpc), "-ui-port", strconv.Itoa(ui),
		"-postgres", opt.Postgres.socket, "-postgres-user", superuser,
		"-namespace", opt.Namespace, "-log-level", level,
	}
	for _, name := range slices.Sorted(maps.Keys(opt.SearchAttributes)) {
		args = append(args, "-search-attribute", name+"="+opt.SearchAttributes[name])
	}
	return args
}

// PID is the process id of the server.
func (t *Temporal) PID() int { return t.child.PID() }

// Stop ends the server; its state stays in Postgres. When ctx ends first the server
// is killed, which loses nothing either.
func (t *Temporal) Stop(ctx context.Context) error { return t.child.Stop(ctx) }

// findTemporald returns the named program, or the one beside the running program,
// or, when a test runs, the one that make setup built in the source tree.
func findTemporald(named string) (string, error) {
	if named != "" {
		if !executable(named) {
			return "", startError(uc.NotFound, systemTemporal, named+" is not a program", nil)
		}
		return filepath.Abs(named)
	}
	var places []string
	if self, err := os.Executable(); err == nil {
		if self, err = filepath.EvalSymlinks(self); err == nil {
			places = append(places, filepath.Dir(self))
		}
	}
	if testing.Testing() {
		places = append(places, treeBin())
	}
	for _, dir := range places {
		if p := filepath.Join(dir, temporald); executable(p) {
			return p, nil
		}
	}
	return "", startError(uc.NotFound, systemTemporal, "the Temporal server (bin/temporald) is not built: run `make setup`", nil)
}

// treeBin is bin/ of the source tree that a test runs in.
func treeBin() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return filepath.Join(dir, "bin")
		}
		dir = filepath.Dir(dir)
	}
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
