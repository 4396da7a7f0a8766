package stack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/stack"
)

// parentEnv makes the test binary a parent that starts everything in the directory
// it names, says so, and waits to be killed.
const parentEnv = "STACK_TEST_PARENT_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentEnv); dir != "" {
		if err := beParent(dir); err != nil {
			fmt.Fprintln(os.Stderr, "parent:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// upReport is what a parent says once everything is up.
type upReport struct {
	PIDs     []int
	Postgres string
	HostPort string
}

func beParent(dir string) error {
	ctx := context.Background()
	lock, err := stack.Lock(dir)
	if err != nil {
		return err
	}
	db, err := stack.StartPostgres(ctx, stack.PostgresOptions{Dir: dir, Fast: true})
	if err != nil {
		return err
	}
	server, err := stack.StartTemporal(ctx, stack.TemporalOptions{Postgres: db, Log: os.Stderr})
	if err != nil {
		return err
	}
	if err := lock.Publish(map[string]string{"temporal": server.UIURL}); err != nil {
		return err
	}
	report := upReport{PIDs: []int{db.PID(), server.PID()}, Postgres: db.URL("postgres"), HostPort: server.HostPort}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return err
	}
	select {}
}

// startParent runs the test binary as a parent. The report arrives when it is up,
// or never.
func startParent(t *testing.T, dir string) (*exec.Cmd, <-chan upReport) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reports := make(chan upReport, 1)
	go func() {
		var r upReport
		if line, err := bufio.NewReader(out).ReadBytes('\n'); err == nil && json.Unmarshal(line, &r) == nil {
			reports <- r
		}
	}()
	return cmd, reports
}

// kill9 ends the parent as a power cut would and returns when everything that works
// in its directory is gone.
func kill9(t *testing.T, parent *exec.Cmd, dir string) {
	t.Helper()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var killed *exec.ExitError
	if err := parent.Wait(); !errors.As(err, &killed) {
		t.Fatalf("the parent ended before it was killed: %v", err)
	}
	waitFor(t, "the children of a killed parent to be gone", func() bool { return len(living(t, dir)) == 0 })
}

// living lists the processes whose command line or working directory is in dir.
func living(t *testing.T, dir string) []string {
	t.Helper()
	proc, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range proc {
		pid, err := strconv.Atoi(filepath.Base(p))
		if err != nil || pid == os.Getpid() {
			continue
		}
		// Errors mean that it ended meanwhile, or is not ours.
		line, err := os.ReadFile(filepath.Join(p, "cmdline"))
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join(p, "cwd"))
		if err != nil {
			cwd = ""
		}
		if strings.Contains(string(line), dir) || cwd == dir || strings.HasPrefix(cwd, dir+"/") {
			found = append(found, fmt.Sprintf("%d %s", pid, line))
		}
	}
	return found
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// tempDir is a directory whose path is short enough for a socket, which
// t.TempDir's is not with every test name.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "stack")
	if err != nil {
		t.Fatal(err)
	}
	// As root without user namespaces the server runs as another user.
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// startPostgres starts a server that is stopped when the test ends.
func startPostgres(t *testing.T, opt stack.PostgresOptions) *stack.Postgres {
	t.Helper()
	opt.Fast = true
	p, err := stack.StartPostgres(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return p
}
