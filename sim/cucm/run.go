package cucm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/dialtone/dialtone/sim"
)

// Cluster is one cluster of a command line or a file, in words.
type Cluster struct {
	Name     string            `json:"name"`               // path in the admin endpoint; "" = "cucm"
	Listen   string            `json:"listen"`             // host:port
	Path     string            `json:"path,omitempty"`     // SQLite file; "" = in memory
	Mode     Mode              `json:"mode,omitempty"`     // strict (default) or lenient
	Version  string            `json:"version,omitempty"`  // "15.0" (default) …
	Accounts []Account         `json:"accounts,omitempty"` // see ParseAccount
	Users    int               `json:"users,omitempty"`
	Phones   int               `json:"phones,omitempty"`
	Lines    int               `json:"lines,omitempty"`
	Seed     int64             `json:"seed,omitempty"`
	Limits   string            `json:"limits,omitempty"`  // "real" (default) or "none"
	Latency  map[string]string `json:"latency,omitempty"` // per operation, "*" = all others: "20ms"
}

// ParseAccount reads USER:PASSWORD[:read-only].
func ParseAccount(s string) (Account, error) {
	user, rest, ok := strings.Cut(s, ":")
	secret, readOnly := strings.CutSuffix(rest, ":read-only")
	if !ok || user == "" || secret == "" {
		return Account{}, errors.New("an account is USER:PASSWORD or USER:PASSWORD:read-only")
	}
	return Account{User: user, Password: secret, ReadOnly: readOnly}, nil
}

// Options are the cluster's, every mistake in them reported at once.
func (c *Cluster) Options() (Options, error) {
	o := Options{
		Path: c.Path, Version: c.Version, Mode: c.Mode, Accounts: c.Accounts, Latency: map[string]time.Duration{},
		Model: Model{Users: c.Users, Phones: c.Phones, Lines: c.Lines, Seed: c.Seed},
	}
	var errs []error
	switch c.Limits {
	case "", "real":
		o.Limits = RealLimits()
	case "none":
		o.Limits = NoLimits()
	default:
		errs = append(errs, fmt.Errorf("limits %q are neither real nor none", c.Limits))
	}
	for op, text := range c.Latency {
		d, err := time.ParseDuration(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("latency of %s: %w", op, err))
		}
		o.Latency[op] = d
	}
	errs = append(errs, o.normalise())
	if err := errors.Join(errs...); err != nil {
		return Options{}, fmt.Errorf("cluster %s: %w", cmp.Or(c.Name, "cucm"), err)
	}
	return o, nil
}

// RunOptions are what the command needs to serve clusters.
type RunOptions struct {
	Clusters []Cluster
	Admin    string    // host:port of the admin endpoint, plain HTTP; "" = none
	CADir    string    // where the CA is kept; "" = a new one each time, printed nowhere
	Out      io.Writer // gets one line a cluster and READY
}

// stopTime is how long requests under way may take after the context ended.
const stopTime = 5 * time.Second

// Run serves the clusters until ctx ends, then stops them cleanly and returns
// nil. It writes "READY" to Out when all of them serve.
func Run(ctx context.Context, o RunOptions) (err error) {
	ca, err := loadCA(o.CADir)
	if err != nil {
		return err
	}
	var stops []func(context.Context) error
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		for _, stop := range stops {
			err = errors.Join(err, stop(ctx))
		}
	}()
	admin := NewAdmin()
	say := func(format string, args ...any) error {
		_, err := fmt.Fprintf(o.Out, format+"\n", args...)
		return err
	}
	for _, c := range o.Clusters {
		if c.Name == "" {
			c.Name = "cucm"
		}
		opts, err := c.Options()
		if err != nil {
			return err
		}
		running, err := Start(ctx, opts, c.Listen, ca)
		if err != nil {
			return fmt.Errorf("cluster %s: %w", c.Name, err)
		}
		stops = append(stops, running.Stop)
		if err := errors.Join(admin.Add(c.Name, running.Server),
			say("cucm %s %s %s %s", c.Name, opts.Version, opts.Mode, running.URL)); err != nil {
			return err
		}
	}
	if o.Admin != "" {
		stop, addr, err := serveAdmin(ctx, admin, o.Admin)
		if err != nil {
			return err
		}
		stops = append(stops, stop)
		if err := say("admin http://%s", addr); err != nil {
			return err
		}
	}
	if err := say("READY"); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func loadCA(dir string) (*sim.CA, error) {
	if dir == "" {
		return sim.NewCA()
	}
	return sim.LoadOrCreateCA(dir)
}

func serveAdmin(ctx context.Context, a *Admin, addr string) (stop func(context.Context) error, at string, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, "", fmt.Errorf("admin endpoint: %w", err)
	}
	srv := &http.Server{Handler: a, ReadHeaderTimeout: stopTime}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	return func(ctx context.Context) error {
		err := srv.Shutdown(ctx)
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, l.Addr().String(), nil
}
