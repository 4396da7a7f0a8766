// Package bench measures the joiner against floors that the same machine gives in
// the same run. `make bench` prints the ratios; nothing here fails for being slow.
package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/stack/stacktest"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
	"github.com/dialtone/dialtone/workflows"
)

const (
	joiners           = 300 // of the rate without a throttle
	throttledJoiners  = 1000
	effectConcurrency = 16
)

// BenchmarkJoiners prints joiners and leavers a second, and their ratio to empty
// workflows with as many activities as a joiner has, on the same Temporal, PostgreSQL
// and machine.
func BenchmarkJoiners(b *testing.B) {
	c := dial(b)
	w := world.New(b, world.Options{CUCM: cucm.Options{Limits: cucm.NoLimits()}})
	apply(b, w)
	stop := serve(b, c, w, 0)
	defer stop()
	for b.Loop() {
		floor := rate(b, joiners, func(ctx context.Context, i int) error {
			starting <- struct{}{}
			run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: fmt.Sprintf("floor-%d", i), TaskQueue: floorQueue},
				empty, "x")
			<-starting
			if err != nil {
				return err
			}
			return run.Get(ctx, nil)
		})
		people := people(b, w, joiners)
		got := rate(b, joiners, func(ctx context.Context, i int) error { return join(ctx, c, w, people[i]) })
		b.ReportMetric(floor, "floor/s")
		b.ReportMetric(got, "joiners/s")
		b.ReportMetric(got/floor, "ratio")
		gone := rate(b, joiners, func(ctx context.Context, i int) error { return leave(ctx, c, w, people[i]) })
		b.ReportMetric(gone, "leavers/s")
		b.ReportMetric(gone/floor, "leaver-ratio")
	}
}

// BenchmarkThrottledJoiners prints the writes a second that a call processor with
// the real write throttle took, and their ratio to what the throttle lets through.
// No order may fail and no write may be lost; the same for everybody who leaves again.
func BenchmarkThrottledJoiners(b *testing.B) {
	c := dial(b)
	limits := cucm.RealLimits()
	w := world.New(b, world.Options{CUCM: cucm.Options{Limits: limits}})
	apply(b, w)
	stop := serve(b, c, w, 0)
	defer stop()
	for b.Loop() {
		people := people(b, w, throttledJoiners)
		w.CUCM.Load(limits.MaxOutstandingChanges) // as on a cluster that is busy already
		before := w.CUCM.Stats().Writes
		began := time.Now()
		rate(b, throttledJoiners, func(ctx context.Context, i int) error { return join(ctx, c, w, people[i]) })
		writes, took := float64(w.CUCM.Stats().Writes-before), time.Since(began).Seconds()
		b.ReportMetric(writes/took, "writes/s")
		b.ReportMetric(writes/(took*limits.DrainPerSecond), "ratio")
		b.ReportMetric(float64(w.CUCM.Stats().Throttled), "503s")
		before, began = w.CUCM.Stats().Writes, time.Now()
		rate(b, throttledJoiners, func(ctx context.Context, i int) error { return leave(ctx, c, w, people[i]) })
		b.ReportMetric(float64(w.CUCM.Stats().Writes-before)/(time.Since(began).Seconds()*limits.DrainPerSecond), "leaver-ratio")
		if left := lines(b, w); left != 0 {
			b.Errorf("%d lines are left of people who have left", left)
		}
	}
}

func dial(b *testing.B) client.Client {
	b.Helper()
	server := stacktest.Temporal(b)
	c, err := client.DialContext(b.Context(), client.Options{HostPort: server.HostPort, Logger: worker.Logger(zap.NewNop())})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// serve starts the product's worker, which looks so often at what changes on the call
// processor, 0 = never, and the floor's.
func serve(b *testing.B, c client.Client, w *world.World, watch time.Duration) (stop func()) {
	b.Helper()
	clients, err := w.Endpoints.Clients(nil)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, worker.Options{
			Client: c, Namespace: "default", Log: zap.NewNop(), DB: w.DB,
			CallProcessors: []worker.CallProcessor{{
				Name: world.CUCM, Client: clients.CUCM, Concurrency: effectConcurrency, WatchEvery: watch,
			}},
			Directories: map[string]*directory.Client{world.Directory: clients.Directory},
			Mail:        clients.Mail, HR: map[string]*hr.Client{world.HR: clients.HR},
		})
	}()
	floor, err := floorWorkers(c)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		for _, f := range floor {
			f.Stop()
		}
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

// rate starts n at once and counts from the first start to the last end.
func rate(b *testing.B, n int, one func(ctx context.Context, i int) error) float64 {
	b.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := one(b.Context(), i); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(began).Seconds()
}

var round int

// people are so many joiners who are in the directory.
func people(b *testing.B, w *world.World, n int) []uc.Joiner {
	b.Helper()
	round++
	out := make([]uc.Joiner, n)
	for i := range out {
		out[i] = w.Person(b, fmt.Sprintf("r%du%04d", round, i), world.Berlin)
	}
	return out
}

// starting bounds how many are started at once, as an API's connections do.
var starting = make(chan struct{}, 16)

// join accepts the order, starts its story and waits for its end.
func join(ctx context.Context, c client.Client, w *world.World, j uc.Joiner) error {
	if err := begin(ctx, c, w, j); err != nil {
		return err
	}
	var out workflows.Joined
	if err := c.GetWorkflow(ctx, workflows.StoryID(uc.JoinerOrder, j.User.ID), "").Get(ctx, &out); err != nil {
		return err
	}
	if out.Outcome != uc.NumberGiven {
		return fmt.Errorf("%s ended with %s", j.User.ID, out.Outcome)
	}
	return nil
}

func begin(ctx context.Context, c client.Client, w *world.World, j uc.Joiner) error {
	starting <- struct{}{}
	defer func() { <-starting }()
	o, _, err := w.DB.OpenOrder(ctx, db.NewOrder{
		ID: "o-" + j.User.ID, Kind: uc.JoinerOrder, UserID: j.User.ID, Joiner: &j,
		WorkflowID:  workflows.StoryID(uc.JoinerOrder, j.User.ID),
		ServiceArea: j.ServiceArea, CallProcessor: world.CUCM, CreatedBy: "bench", State: uc.Running,
	})
	if err != nil {
		return err
	}
	if err := workflows.Start(ctx, c, o); err != nil {
		return err
	}
	return w.DB.MarkStarted(ctx, o.ID)
}
