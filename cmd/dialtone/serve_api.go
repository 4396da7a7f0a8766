package main

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func newAPICommand(a *app) *cobra.Command {
	return a.serveCommand(&cobra.Command{
		Use: "api", Short: "Serve the HTTP API",
		Long: "Serves the HTTP API against the Postgres and Temporal of the settings. Any number of these processes may run; " +
			"an interrupt lets the requests in flight finish.",
	}, serveAPI)
}

func serveAPI(ctx context.Context, p process) error {
	l, err := listenAPI(ctx, p.settings.API)
	if err != nil {
		return err
	}
	p.log.Info("the API serves", zap.String("address", l.Addr().String()), zap.Bool("tls", p.settings.API.CertFile != ""))
	return api.Serve(ctx, l, api.New(apiOptions(p.settings, p.db, p.temporal, p.log)), p.log)
}

func apiOptions(c config.Config, d *db.DB, t client.Client, log *zap.Logger) api.Options {
	return api.Options{
		DB: d, Temporal: t, Log: log, Version: version, Metrics: processMetrics(), Systems: systemNames(c),
		// An API whose settings hold no call processor leaves it to the worker's.
		NoPINDelivery: len(c.CallProcessors) > 0 && c.PINDelivery.URL == "",
		Ready:         []func(context.Context) error{func(ctx context.Context) error { return temporalHealth(ctx, t) }},
	}
}

func temporalHealth(ctx context.Context, t client.Client) error {
	if _, err := t.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return &uc.Error{Kind: uc.Unavailable, System: "temporal", Op: "health", Detail: err.Error(), Err: err}
	}
	return nil
}

// processMetrics are the memory, garbage and file handles of this process.
func processMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// listenAPI opens the listener of the settings, with TLS when they name a certificate.
func listenAPI(ctx context.Context, c config.API) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, &uc.Error{Kind: uc.Conflict, Detail: "api.listen: " + err.Error(), Err: err}
	}
	if c.CertFile == "" {
		return l, nil
	}
	// Read again for every connection: a renewed certificate needs no restart.
	if _, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err != nil {
		return nil, &uc.Error{Kind: uc.Invalid, Detail: "api.certFile and api.keyFile do not belong together: " + err.Error(), Err: err}
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
			return &pair, err
		},
	}), nil
}

// systemNames are the systems that a catalog may name. An API whose settings hold
// none of a kind does not check that kind: only the worker's settings do.
func systemNames(c config.Config) (names uc.Systems) {
	for _, p := range c.CallProcessors {
		names.CallProcessors = append(names.CallProcessors, p.Name)
	}
	for _, d := range c.Directories {
		names.Directories = append(names.Directories, d.Name)
	}
	for _, h := range c.HR {
		names.HR = append(names.HR, h.Name)
	}
	return names
}
