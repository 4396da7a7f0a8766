package stack_test

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

func shell(script string) func() (*exec.Cmd, error) {
	return func() (*exec.Cmd, error) { return exec.Command("/bin/sh", "-c", script), nil }
}

func port(t *testing.T, hostPort string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(hostPort)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// output is a log that may be read while it is written.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func TestChildIsUpWhenItSaysReady(t *testing.T) {
	t.Parallel()
	var log output
	c, err := stack.StartChild(t.Context(), stack.ChildOptions{
		Name: "sh", Log: &log,
		Command: shell(`echo early; echo trouble >&2; printf 'REA'; echo 'DY now'; echo late; exec cat`),
	})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the output", func() bool { return strings.Contains(log.String(), "late") })
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"early\n", "trouble\n", "late\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %q", want, log.String())
		}
	}
	if strings.Contains(log.String(), "READY") {
		t.Errorf("READY is for us, not for the log: %q", log.String())
	}
}

func TestChildThatDoesNotStart(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		opt    stack.ChildOptions
		says   string
	}{
		"Ends": {
			reason: "a child that ends before READY has failed",
			opt:    stack.ChildOptions{Command: shell("exit 3")},
			says:   "the server ended while it started",
		},
		"Silent": {
			reason: "a child that never gets ready is ended",
			opt:    stack.ChildOptions{Command: shell("exec cat"), StartTimeout: 50 * time.Millisecond},
			says:   "did not become ready in time",
		},
		"Missing": {
			reason: "a program that is not there is named",
			opt:    stack.ChildOptions{Command: func() (*exec.Cmd, error) { return exec.Command("/nonexistent"), nil }},
			says:   "/nonexistent",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.opt.Name = "sh"
			_, err := stack.StartChild(t.Context(), tc.opt)
			if !errors.Is(err, uc.Unavailable) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: got %v, want %q", tc.reason, err, tc.says)
			}
		})
	}
}

func TestChildThatWillNotEndIsKilled(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		grace  time.Duration
		ctx    time.Duration
	}{
		"Grace":   {reason: "the grace time ends", grace: 50 * time.Millisecond, ctx: time.Minute},
		"Context": {reason: "the caller cannot wait", grace: time.Hour, ctx: 50 * time.Millisecond},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			// It ignores everything, and has a child of its own that does so, too.
			stubborn := `trap '' TERM; (while :; do sleep 1; done) & echo READY; while :; do sleep 1; done # ` + dir
			c, err := stack.StartChild(t.Context(), stack.ChildOptions{Name: "sh", Command: shell(stubborn), Grace: tc.grace})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), tc.ctx)
			defer cancel()
			if err := c.Stop(ctx); err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if left := living(t, dir); left != nil {
				t.Errorf("%s: left running: %q", tc.reason, left)
			}
		})
	}
}

func TestChildIsStartedAgainWithAGrowingPause(t *testing.T) {
	t.Parallel()
	events := make(chan stack.ChildEvent, 100)
	mark := filepath.Join(tempDir(t), "mark")
	// It serves, dies; fails twice; then stays.
	script := `n=$(cat ` + mark + ` 2>/dev/null || echo 0); echo $((n+1)) >` + mark + `
case $n in 0) echo READY; exit 7;; 1|2) exit 8;; *) echo READY; exec cat;; esac`
	c, err := stack.StartChild(t.Context(), stack.ChildOptions{
		Name: "sh", Command: shell(script), OnChange: func(e stack.ChildEvent) { events <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	var pause time.Duration
	for i, want := range []string{"exit status 7", "exit status 8", "exit status 8"} {
		e := <-events
		if e.Up || !strings.Contains(e.Err.Error(), want) && !strings.Contains(errors.Unwrap(e.Err).Error(), want) {
			t.Errorf("event %d: got %+v, want down with %q", i, e, want)
		}
		if e.RetryIn <= pause {
			t.Errorf("event %d: the pause does not grow: %v after %v", i, e.RetryIn, pause)
		}
		pause = e.RetryIn
	}
	if e := <-events; !e.Up || e.PID != c.PID() {
		t.Errorf("the last event is the restart: %+v, process %d", e, c.PID())
	}
}
