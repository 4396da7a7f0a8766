package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/dialtone/dialtone/uc"
)

const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 10 * time.Second
	// steady is how long a child must have lived for its next death to count as the first.
	steady = time.Minute
	// drain is how long output is read after the child ended: a grandchild may hold the pipe.
	drain = 2 * time.Second
)

// ChildOptions say how one server process is started, watched and ended.
type ChildOptions struct {
	Name string // in messages, "temporal"

	// Command makes a fresh command for each start. Its SysProcAttr may hold
	// credentials; process group and death signal are set by Child.
	Command func() (*exec.Cmd, error)

	// Ready returns once the server serves as the process pid. nil: the child prints
	// a line that begins with READY on its standard output.
	Ready func(ctx context.Context, pid int) error

	StartTimeout time.Duration  // until Ready; 0 = 1 minute
	StopSignal   syscall.Signal // asks it to end; 0 = SIGTERM
	Grace        time.Duration  // from StopSignal to SIGKILL; 0 = 15 s
	Log          io.Writer      // standard output and error, but not the READY line; nil = dropped

	// LogFile takes standard output and error instead of Log: it is written by the
	// child itself and complete even when this process is killed. Needs Ready.
	LogFile string

	// OnChange is told, from the supervising goroutine, that the child died by
	// itself and that it is back. It must return soon. nil = nobody is told.
	OnChange func(ChildEvent)
}

// ChildEvent is a death nobody asked for, a failed restart, or a restart.
type ChildEvent struct {
	Name    string        // of the child
	Up      bool          // it serves again
	PID     int           // of the new process when Up
	Err     error         // why it is down; nil when Up
	RetryIn time.Duration // until the next start; 0 when Up
}

// Child is a server process that ends with this process and is started again,
// with a growing pause, when it ends by itself.
type Child struct {
	opt  ChildOptions
	stop chan struct{}
	once sync.Once
	done chan struct{}

	mu  sync.Mutex
	cur *life
}

// life is one process of a Child.
type life struct {
	cmd    *exec.Cmd
	ready  chan struct{}
	exited chan struct{}
	err    error // set before exited is closed
	began  time.Time
}

// StartChild returns once the child serves. It fails with uc.Unavailable when the
// child ends or does not serve in time, and leaves nothing running then.
func StartChild(ctx context.Context, opt ChildOptions) (*Child, error) {
	if opt.StartTimeout == 0 {
		opt.StartTimeout = time.Minute
	}
	if opt.StopSignal == 0 {
		opt.StopSignal = syscall.SIGTERM
	}
	if opt.Grace == 0 {
		opt.Grace = 15 * time.Second
	}
	if opt.Log == nil {
		opt.Log = io.Discard
	}
	c := &Child{opt: opt, stop: make(chan struct{}), done: make(chan struct{})}
	l, err := c.launch(ctx)
	if err != nil {
		return nil, err
	}
	c.cur = l
	go c.supervise(l)
	return c, nil
}

// PID is the process id of the child's current or last process.
func (c *Child) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cur.cmd.Process.Pid
}

// Stop asks the child to end, kills it after the grace time or when ctx ends, and
// returns when it is gone. Calling it again is harmless.
func (c *Child) Stop(ctx context.Context) error {
	c.once.Do(func() { close(c.stop) })
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	l := c.cur
	c.mu.Unlock()
	l.kill()
	<-c.done
	return nil
}

func (c *Child) supervise(l *life) {
	defer close(c.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-c.stop
		cancel()
	}()
	pause := firstBackoff
	for {
		select {
		case <-c.stop:
			l.end(c.opt)
			return
		case <-l.exited:
		}
		if time.Since(l.began) > steady {
			pause = firstBackoff
		}
		cause := fmt.Errorf("%s ended by itself: %w", c.opt.Name, l.reason())
		for {
			c.tell(ChildEvent{Err: cause, RetryIn: pause})
			select {
			case <-c.stop:
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, lastBackoff)
			next, err := c.launch(ctx)
			if err == nil {
				l = next
				break
			}
			if ctx.Err() != nil {
				return
			}
			cause = err
		}
		c.mu.Lock()
		c.cur = l
		c.mu.Unlock()
		c.tell(ChildEvent{Up: true, PID: l.cmd.Process.Pid})
	}
}

func (c *Child) tell(e ChildEvent) {
	if c.opt.OnChange != nil {
		e.Name = c.opt.Name
		c.opt.OnChange(e)
	}
}

// launch starts one process and waits until it serves.
func (c *Child) launch(ctx context.Context) (*life, error) {
	cmd, err := c.opt.Command()
	if err != nil {
		return nil, err
	}
	l := &life{cmd: cmd, ready: make(chan struct{}), exited: make(chan struct{}), began: time.Now()}
	if err := c.start(l); err != nil {
		return nil, err
	}
	go func() {
		l.err = cmd.Wait()
		close(l.exited)
	}()
	if err := c.await(ctx, l); err != nil {
		l.end(c.opt)
		return nil, err
	}
	return l, nil
}

// start connects the process's input and output and starts it.
func (c *Child) start(l *life) error {
	if c.opt.LogFile != "" {
		f, err := os.OpenFile(c.opt.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("opening the log of %s: %w", c.opt.Name, err)
		}
		l.cmd.Stdout, l.cmd.Stderr = f, f
		return errors.Join(c.spawn(l), f.Close()) // the child has its own copy
	}
	out := &lines{to: c.opt.Log}
	l.cmd.Stdout, l.cmd.Stderr = &readyLine{ready: l.ready, rest: out}, out
	return c.spawn(l)
}

func (c *Child) spawn(l *life) error {
	l.cmd.WaitDelay = drain
	tether(l.cmd, c.opt.StopSignal)
	// The write end stays open as long as this process lives: a child that reads
	// its standard input learns of our end even where Pdeathsig does not reach.
	if _, err := l.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("making the pipe to %s: %w", c.opt.Name, err)
	}
	if err := spawn(l.cmd); err != nil {
		return startError(uc.Unavailable, c.opt.Name, "the program "+l.cmd.Path+" does not start", err)
	}
	return nil
}

// await returns nil when the process serves.
func (c *Child) await(ctx context.Context, l *life) error {
	ctx, cancel := context.WithTimeout(ctx, c.opt.StartTimeout)
	defer cancel()
	probed := make(chan error, 1)
	if c.opt.Ready != nil {
		go func() { probed <- c.opt.Ready(ctx, l.cmd.Process.Pid) }()
	}
	select {
	case <-l.ready:
		return nil
	case err := <-probed:
		return err
	case <-l.exited:
		return startError(uc.Unavailable, c.opt.Name, "the server ended while it started", l.reason())
	case <-ctx.Done():
		return startError(uc.Unavailable, c.opt.Name, "the server did not become ready in time", ctx.Err())
	}
}

// end asks the process to end, kills it after the grace time, and waits for it.
func (l *life) end(opt ChildOptions) {
	select {
	case <-l.exited:
		return
	default:
	}
	if err := l.cmd.Process.Signal(opt.StopSignal); err != nil {
		l.kill()
	}
	select {
	case <-l.exited:
	case <-time.After(opt.Grace):
		l.kill()
		<-l.exited
	}
}

// kill ends the process and what it started, unless it has ended already.
func (l *life) kill() {
	select {
	case <-l.exited:
	default:
		// An error means the group is gone already, which is what is wanted.
		if err := syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL); err != nil {
			return
		}
	}
}

// reason says how the process ended.
func (l *life) reason() error {
	if l.err != nil {
		return l.err
	}
	return errors.New("exit status 0")
}
