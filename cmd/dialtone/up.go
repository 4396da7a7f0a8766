package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/stack"
)

const upHelp = `Starts the whole product on this machine and stays up: a private PostgreSQL, a
Temporal server with its web UI, simulated call processors, a directory, a mail
server and an HR receiver that keep to themselves, the API and a worker. Nothing
outside of this machine is touched. Ctrl-C stops everything in order; the state
stays in the data folder and the next start goes on with it.

With --demo it then lets the people of the example file join and shows what came
of it, read back from every system.`

func newUpCommand(a *app) *cobra.Command {
	var demo, once bool
	var examples string
	cmd := &cobra.Command{
		Use: "up", Short: "Start everything on this machine, on embedded parts", Long: upHelp, Args: exactArgs(),
	}
	cmd.Flags().BoolVar(&demo, "demo", false, "let the people of the example file join, and check the result")
	cmd.Flags().BoolVar(&once, "once", false, "stop when everything was started, or the demo has ended")
	cmd.Flags().StringVar(&examples, "examples", "", "folder with catalog.yaml and joiners.csv (default: those in the program)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.up(cmd.Context(), upOptions{demo: demo, once: once, examples: examples})
	}
	return cmd
}

type upOptions struct {
	demo, once bool
	examples   string
}

// part is something that up started.
type part struct {
	name string
	stop func(context.Context) error
}

// running is what up has started so far.
type running struct {
	a        *app
	dir      string // absolute
	log      *zap.Logger
	lock     *stack.DirLock
	parts    []part // in the order of their start
	broken   chan error
	urls     map[string]string // web addresses by name, for people
	pages    []page            // the same, in the order in which they are shown
	settings config.Config
	host     string // of the simulated systems
	fixed    bool   // they have ports of their own
	world    *world // the simulated systems
	saying   sync.Mutex
	mute     bool // nobody reads what is said
	client   config.ClientFile
}

// page is one web address with its meaning.
type page struct{ what, url string }

// stopTimeout bounds the end of one part; a child that takes longer is killed.
const stopTimeout = 45 * time.Second

func (a *app) up(ctx context.Context, o upOptions) error {
	example, err := loadExample(o.examples)
	if err != nil {
		return err
	}
	return a.onData(func(r *running) error {
		if o.demo {
			if err := r.freshDemo(); err != nil {
				return err
			}
		}
		return r.logged(ctx, "up", func() error {
			began := time.Now()
			r.say("Dialtone %s, state in %s, log in %s", version, short(r.dir), short(filepath.Join(r.dir, logName)))
			if err := r.start(ctx, example); err != nil {
				return r.explain(ctx, err)
			}
			r.say("Ready after %s.\n", seconds(time.Since(began)))
			r.sayPages()
			return r.serve(ctx, o, example)
		})
	})
}

// onData runs something on the data folder, which nobody else may use meanwhile. When
// somebody does already it says so and does nothing.
func (a *app) onData(run func(*running) error) (err error) {
	dir, err := filepath.Abs(a.dataDir())
	if err != nil {
		return err
	}
	lock, err := stack.Lock(dir)
	var other *stack.ErrRunning
	if errors.As(err, &other) {
		return a.sayRunning(other)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return run(&running{
		a: a, dir: dir, host: "127.0.0.1", lock: lock, broken: make(chan error, 8), urls: map[string]string{},
	})
}

// logged runs with a log in the data folder, and stops at the end what was started.
func (r *running) logged(ctx context.Context, process string, run func() error) (err error) {
	log, err := r.openLog(process)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	defer func() { err = errors.Join(err, r.stop(ctx)) }()
	return run()
}

// serve runs the demo and then stays until the context or a part ends.
func (r *running) serve(ctx context.Context, o upOptions, e *example) error {
	if o.demo {
		if err := r.demo(ctx, e); err != nil && (o.once || ctx.Err() != nil) {
			return r.explain(ctx, err)
		} else if err != nil {
			r.say("dialtone: %s", sentence(err))
		}
	}
	if o.once {
		if o.demo {
			r.say("This stops now and keeps its state. To look around: %s up --data %s", os.Args[0], short(r.dir))
		}
		return nil
	}
	r.say("Ctrl-C stops everything; the state stays in %s.", short(r.dir))
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.broken:
		return err
	}
}

// explain makes an interrupt while something starts no failure of its own.
func (r *running) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		r.log.Info("interrupted", zap.Error(err))
		return &codeError{code: exitFailed, text: "interrupted"}
	}
	return err
}

// stop ends everything, what started last first: work before its servers,
// PostgreSQL at the very end.
func (r *running) stop(ctx context.Context) error {
	if len(r.parts) == 0 {
		return nil
	}
	began := time.Now()
	r.say("Stopping.")
	var failed []error
	for _, p := range slices.Backward(r.parts) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		if err := p.stop(ctx); err != nil {
			r.log.Error("stopping", zap.String("system", p.name), zap.Error(err))
			failed = append(failed, fmt.Errorf("stopping %s: %w", p.name, err))
		}
		cancel()
	}
	r.parts = nil
	r.say("Stopped after %s.", seconds(time.Since(began)))
	return errors.Join(failed...)
}

// freshDemo makes a demo begin with nothing: it removes what an earlier demo left,
// and refuses a folder with anything else in it.
func (r *running) freshDemo() error {
	mark := filepath.Join(r.dir, "demo")
	old := filepath.Join(r.dir, postgresDir)
	_, marked := os.Stat(mark)
	if _, err := os.Stat(old); err == nil && marked != nil {
		return usageError(short(r.dir) + " holds the state of `dialtone up`: give the demo a folder of its own with --data")
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	ours := []string{postgresDir, simsDir, temporalDir, "secrets", tokenFile, logName, config.ClientFileName, config.FileName}
	for _, e := range entries {
		if slices.Contains(ours, e.Name()) {
			if err := os.RemoveAll(filepath.Join(r.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(mark, []byte("the state of `dialtone up --demo`: the next demo removes it\n"), 0o600)
}

const (
	postgresDir = "postgres"
	simsDir     = "systems"
	temporalDir = "temporal"
	tokenFile   = "admin.token"
	logName     = "dialtone.log"
)

// maxLog is the size from which a start turns the log; the one before it stays.
const maxLog = 64 << 20

func (r *running) openLog(process string) (*os.File, error) {
	name := filepath.Join(r.dir, logName)
	if info, err := os.Stat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, name+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	r.log = newLogger(f, config.Log{Level: "info", Format: "json"}, process)
	return f, nil
}
