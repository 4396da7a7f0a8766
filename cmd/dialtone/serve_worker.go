package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

func newWorkerCommand(a *app) *cobra.Command {
	return a.serveCommand(&cobra.Command{
		Use: "worker", Short: "Run the orders: stories and their effects",
		Long: "Runs the orders against the systems of the settings. Any number of these processes may run: the rate of a call " +
			"processor is shared by all of them. An interrupt lets running effects finish; whatever is cut short is done again elsewhere.",
	}, serveWorker)
}

func serveWorker(ctx context.Context, p process) error {
	options, err := temporalOptions(p.settings.Temporal, p.log)
	if err != nil {
		return err
	}
	systems, err := openSystems(p.settings)
	if err != nil {
		return err
	}
	defer systems.close(p.log)
	// The health listener ends with the worker, whichever of the two ends first.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	health := make(chan error, 1)
	go func() { health <- serveHealth(ctx, p.settings.Worker.Listen, p.log); stop() }()
	err = worker.Run(ctx, systems.worker(p.temporal, namespaceOf(options), p.db, p.log))
	stop()
	return errors.Join(err, <-health)
}

// namespaceOf is the namespace of a client: the SDK's default for "".
func namespaceOf(o client.Options) string {
	if o.Namespace == "" {
		return client.DefaultNamespace
	}
	return o.Namespace
}

// serveHealth answers /healthz and /metrics until the context ends; at no address
// for "".
func serveHealth(ctx context.Context, address string, log *zap.Logger) error {
	if address == "" {
		<-ctx.Done()
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return &uc.Error{Kind: uc.Conflict, Detail: "worker.listen: " + err.Error(), Err: err}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /metrics", promhttp.HandlerFor(processMetrics(), promhttp.HandlerOpts{}))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: zap.NewStdLog(log)}
	context.AfterFunc(ctx, func() {
		if err := srv.Close(); err != nil {
			log.Info("closing the health listener", zap.Error(err))
		}
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
