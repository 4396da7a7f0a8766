// Package worker runs the stories and their effects: one task queue per call
// processor and directory with its own rate, errors classified and steps recorded
// around every effect. It holds no story and speaks no vendor's protocol.
package worker

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	tlog "go.temporal.io/sdk/log"
	sdk "go.temporal.io/sdk/worker"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/clients/mail"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/workflows"
)

// Options is what a worker serves.
type Options struct {
	Client         client.Client
	Namespace      string // of the client
	Log            *zap.Logger
	DB             *db.DB
	CallProcessors []CallProcessor
	Directories    map[string]*directory.Client
	Mail           *mail.Client // nil = no mail is sent
	HR             map[string]*hr.Client
	PINs           *hr.Client // brings new PINs to people; nil = none is reset
}

// CallProcessor is one call processor that a worker serves.
type CallProcessor struct {
	Name        string
	Client      *axl.Client
	PerSecond   float64 // effects a second over all workers, enforced by Temporal; 0 = no limit
	Concurrency int     // effects at once in this worker; 0 = 4

	Sync       activities.SyncSwitches // what of it is read, and what becomes of numbers
	WatchEvery time.Duration           // between two looks at what changed on it; 0 = nobody looks
}

// The concurrency of what is not a call processor, and the time that running
// effects get to finish when the worker is told to stop.
const (
	storyConcurrency     = 100
	defaultConcurrency   = 4
	directoryConcurrency = 8
	notifierConcurrency  = 8
	// Two kinds of a sync, and beside them what changed and a person who is refreshed.
	syncConcurrency = 3
	drain           = 35 * time.Second
)

// Logger is how Temporal's SDK writes into the program's log.
func Logger(log *zap.Logger) tlog.Logger {
	return tlog.NewStructuredLogger(slog.New(zapslog.NewHandler(log.Core())))
}

// Run serves until the context ends, then lets running effects finish. Fails when
// the namespace cannot be prepared or a queue cannot be served.
func Run(ctx context.Context, o Options) error {
	if err := Bootstrap(ctx, o.Client, o.Namespace); err != nil {
		return err
	}
	workers := o.workers()
	for i, w := range workers {
		if err := w.Start(); err != nil {
			stop(workers[:i])
			return fmt.Errorf("starting a worker: %w", err)
		}
	}
	var beside sync.WaitGroup
	beside.Go(func() { sweep(ctx, o.Client, o.DB, o.Log) })
	for _, p := range o.CallProcessors {
		beside.Go(func() { keepWatch(ctx, o.Client, p, o.Log) })
	}
	o.Log.Info("the worker serves", zap.Int("queues", len(workers)))
	<-ctx.Done()
	beside.Wait()
	stop(workers)
	return nil
}

// stop drains all queues at once.
func stop(workers []sdk.Worker) {
	done := make(chan struct{})
	for _, w := range workers {
		go func() { w.Stop(); done <- struct{}{} }()
	}
	for range workers {
		<-done
	}
}

func (o Options) workers() []sdk.Worker {
	intercept := Interceptor(o.DB, o.Log)
	base := sdk.Options{WorkerStopTimeout: drain}
	base.Interceptors = append(base.Interceptors, intercept)

	stories := base
	stories.MaxConcurrentWorkflowTaskExecutionSize = storyConcurrency
	stories.MaxConcurrentLocalActivityExecutionSize = storyConcurrency
	main := sdk.New(o.Client, workflows.TaskQueue, stories)
	for _, story := range workflows.Stories() {
		main.RegisterWorkflow(story)
	}
	main.RegisterActivity(&activities.Inventory{DB: o.DB})
	all := []sdk.Worker{main}

	effects := func(queue string, concurrency int, perSecond float64, activities any) {
		opts := base
		opts.DisableWorkflowWorker = true
		opts.MaxConcurrentActivityExecutionSize = concurrency
		opts.TaskQueueActivitiesPerSecond = perSecond
		w := sdk.New(o.Client, queue, opts)
		w.RegisterActivity(activities)
		all = append(all, w)
	}
	effects(workflows.NotifierQueue, notifierConcurrency, 0, &activities.Notifier{Mail: o.Mail, HR: o.HR, DB: o.DB})
	for name := range o.Directories {
		effects(workflows.DirectoryQueue(name), directoryConcurrency, 0,
			&activities.Directory{Clients: o.Directories, DB: o.DB})
	}
	clients, switches := map[string]*axl.Client{}, map[string]activities.SyncSwitches{}
	for _, p := range o.CallProcessors {
		clients[p.Name], switches[p.Name] = p.Client, p.Sync
	}
	for _, p := range o.CallProcessors {
		effects(workflows.CallProcessorQueue(p.Name), cmp.Or(p.Concurrency, defaultConcurrency), p.PerSecond,
			&activities.CallProcessor{Clients: clients, DB: o.DB, PINs: o.PINs})
		effects(workflows.SyncQueue(p.Name), syncConcurrency, 0,
			&activities.Estate{Clients: clients, DB: o.DB, Switches: switches})
	}
	return all
}
