package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram is the first argument by which the test binary becomes the program.
const asProgram = "run-as-dialtone"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asProgram {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		os.Exit(mainCode())
	}
	os.Exit(m.Run())
}

// program is one run of dialtone in a process of its own.
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *output
	done chan struct{}
	err  error
}

// output collects what a program says, while it says it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs dialtone with these arguments until it ends or the test does.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{t: t, out: &output{}, done: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], append([]string{asProgram}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		select {
		case <-p.done:
		default:
			p.signal(syscall.SIGKILL)
			<-p.done
		}
		if t.Failed() { // all of it: a failure that comes once in a hundred runs is not seen again
			t.Logf("dialtone %s (%v) said:\n%s", strings.Join(args, " "), p.err, p.out)
		}
	})
	return p
}

// dialtone runs one command to its end and returns what it said and its exit code.
func dialtone(t *testing.T, args ...string) (string, int) {
	t.Helper()
	p := start(t, args...)
	return p.end(time.Minute)
}

func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Error(err)
	}
}

// end waits for the program and returns what it said and its exit code.
func (p *program) end(limit time.Duration) (string, int) {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.t.Fatalf("it has not ended after %s:\n%s", limit, p.out)
	}
	return p.out.String(), p.cmd.ProcessState.ExitCode()
}

// await waits until the program has said a text.
func (p *program) await(text string) {
	p.t.Helper()
	eventually(p.t, time.Minute, func() error {
		if strings.Contains(p.out.String(), text) {
			return nil
		}
		select {
		case <-p.done:
			p.t.Fatalf("it ended (%v) before it said %q:\n%s", p.err, text, p.out)
		default:
		}
		return fmt.Errorf("it has not said %q:\n%s", text, p.out)
	})
}

// eventually asks until there is no error.
func eventually(t *testing.T, limit time.Duration, ask func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-tick.C:
		}
	}
}

// descendants are the living processes that the process started, and those that
// they started.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parent := map[int]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(fields) < 2 || fields[0] == "Z" {
			continue
		}
		if parent[child], err = strconv.Atoi(fields[1]); err != nil {
			t.Fatal(err)
		}
	}
	var out []int
	for child := range parent {
		for p := parent[child]; p > 1; p = parent[p] {
			if p == pid {
				out = append(out, child)
				break
			}
		}
	}
	return out
}

// gone waits until none of the processes lives.
func gone(t *testing.T, pids []int) {
	t.Helper()
	eventually(t, 30*time.Second, func() error {
		for _, pid := range pids {
			if err := syscall.Kill(pid, 0); err == nil {
				return fmt.Errorf("process %d is left behind", pid)
			}
		}
		return nil
	})
}
