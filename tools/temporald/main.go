// Command temporald is a whole Temporal service with its web UI in one process, its
// state in a PostgreSQL it is given: the embedded default of the product. It binds
// loopback only, because nothing in it asks who is calling, and must not be used as
// the Temporal of a production installation.
//
// It prints a line that begins with READY on standard output once a workflow start
// is accepted, and ends on SIGINT, SIGTERM or the end of its standard input, so
// that it never outlives the process that started it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.uber.org/zap"
)

// host is the only address ever bound: there is no authorizer.
const host = "127.0.0.1"

// passwordEnv holds the password of PostgreSQL, which must not be an argument:
// everybody on the machine can read those.
const passwordEnv = "TEMPORALD_POSTGRES_PASSWORD"

// stopTime is how long an orderly end may take before the process ends anyway. The
// database is consistent at every instant.
const stopTime = 10 * time.Second

// options are the command line.
type options struct {
	grpcPort, uiPort int
	postgres         postgres
	namespace        string
	retention        time.Duration
	shards           int
	attributes       searchAttributes
	logLevel         zap.AtomicLevel
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "temporald:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	o := &options{attributes: searchAttributes{}, logLevel: zap.NewAtomicLevelAt(zap.WarnLevel)}
	f := flag.NewFlagSet("temporald", flag.ContinueOnError)
	f.IntVar(&o.grpcPort, "grpc-port", 7233, "frontend gRPC `port` on "+host)
	f.IntVar(&o.uiPort, "ui-port", 8233, "web UI `port` on "+host)
	f.StringVar(&o.postgres.host, "postgres", "", "PostgreSQL: the `directory` of its unix socket, or host:port")
	f.StringVar(&o.postgres.user, "postgres-user", "postgres", "PostgreSQL `user`, who may create databases")
	f.StringVar(&o.postgres.database, "database", "temporal", "`name` of the state database; the visibility database is NAME_visibility")
	f.IntVar(&o.postgres.conns, "postgres-conns", 20, "connections to the state database")
	passwordFile := f.String("postgres-password-file", "", "`file` that holds the password; else "+passwordEnv)
	f.StringVar(&o.namespace, "namespace", "default", "namespace to register")
	f.DurationVar(&o.retention, "retention", 72*time.Hour, "how long closed workflows are kept")
	f.IntVar(&o.shards, "shards", 4, "history shards; fixed for the life of the database")
	f.Var(o.attributes, "search-attribute", "`Name=Type` to register, e.g. Order=Keyword; may be repeated")
	f.TextVar(&o.logLevel, "log-level", o.logLevel, "debug, info, warn or error")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.postgres.host == "" {
		return nil, errors.New("-postgres is missing: say where the database is")
	}
	var err error
	o.postgres.password, err = password(*passwordFile)
	return o, err
}

func password(file string) (string, error) {
	if file == "" {
		return os.Getenv(passwordEnv), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading the password of PostgreSQL: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// searchAttributes are those the product uses, by name.
type searchAttributes map[string]enums.IndexedValueType

// String is the empty default.
func (s searchAttributes) String() string { return "" }

// Set reads one Name=Type.
func (s searchAttributes) Set(text string) error {
	name, kind, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is not Name=Type", text)
	}
	t, err := enums.IndexedValueTypeFromString(kind)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	s[name] = t
	return nil
}

// run serves until it is told to end, or until it may not go on.
func run(o *options) error {
	began := time.Now()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	go func() {
		// An error ends the input as well as its end does.
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, "temporald: standard input:", err)
		}
		cancel()
	}()
	lost, err := o.postgres.lock(ctx)
	if err != nil {
		return err
	}
	if err := o.postgres.migrate(ctx); err != nil {
		return err
	}
	s, err := start(o)
	if err != nil {
		return err
	}
	if err = bootstrap(ctx, o); err == nil {
		s.settings.serving.Store(true)
		fmt.Printf("READY grpc=%s ui=http://%s after %v\n",
			address(o.grpcPort), address(o.uiPort), time.Since(began).Round(time.Millisecond))
		select {
		case <-ctx.Done():
		case err = <-lost:
		}
	} else if ctx.Err() != nil {
		err = nil // told to end while starting
	}
	o.logLevel.SetLevel(zap.FatalLevel) // the services report each other's absence while they stop
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	select {
	case stopErr := <-stopped:
		return errors.Join(err, stopErr)
	case <-time.After(stopTime):
		return errors.Join(err, errors.New("the services did not stop in time"))
	}
}

func address(port int) string { return fmt.Sprintf("%s:%d", host, port) }
