// Package api is the HTTP interface of Dialtone: it checks who asks and what is
// asked, stores orders, starts and signals their stories, and reads what is known.
// It calls no outside system.
package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Options are what the API works with; DB, Temporal and Log are required.
type Options struct {
	DB       *db.DB
	Temporal client.Client
	Log      *zap.Logger
	Version  string                        // of the program, told by /healthz
	Metrics  prometheus.Gatherer           // shown by /metrics besides the API's own; nil = none
	Ready    []func(context.Context) error // what /readyz asks besides the database; a uc.Error names its system
	Now      func() time.Time              // nil = time.Now
	Systems  uc.Systems                    // what a catalog may name

	// NoPINDelivery says that the settings of this process name the systems and nobody
	// who brings PINs to people: a PIN reset is refused.
	NoPINDelivery bool
}

// server is what the handlers share.
type server struct {
	db       *db.DB
	temporal client.Client
	log      *zap.Logger
	version  string
	ready    []func(context.Context) error
	systems  uc.Systems
	gatherer prometheus.Gatherer
	requests *requestMetrics
	now      func() time.Time

	noPINDelivery bool
}

// New returns the API as an Echo: every route, ready to serve.
func New(o Options) *echo.Echo {
	e, _ := build(o)
	return e
}

// build also returns the document of the operations, from which openapi.yaml is made.
func build(o Options) (*echo.Echo, *huma.OpenAPI) {
	s := &server{
		db: o.DB, temporal: o.Temporal, log: o.Log, version: o.Version,
		ready: o.Ready, now: o.Now, systems: o.Systems,
		noPINDelivery: o.NoPINDelivery,
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.measure(o.Metrics)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.echoError
	e.Pre(s.observe)
	e.Use(unescape)
	config := document()
	api := humaecho.New(e, config)
	s.routes(api)
	s.plainRoutes(e, config.OpenAPI)
	return e, config.OpenAPI
}

// The limits of one connection. Reading and writing may take as long as the
// largest import is allowed to.
const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	drainTimeout      = 20 * time.Second
)

// Serve answers on the listener until ctx ends, then lets the requests in flight
// finish for up to 20 seconds. It returns nil after a clean end.
func Serve(ctx context.Context, l net.Listener, handler http.Handler, log *zap.Logger) error {
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
		ReadTimeout: importTimeout, WriteTimeout: importTimeout + readHeaderTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:    zap.NewStdLog(log),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := srv.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if ended := <-served; err == nil && !errors.Is(ended, http.ErrServerClosed) {
		err = ended
	}
	return err
}
