package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtone/dialtone/uc"
)

const (
	defaultMaxConns = 100

	// What create database says when the database is there already.
	databaseExists = "42P04"
	nameTaken      = "23505"
)

// PostgresOptions say where the private server keeps its data and how it runs.
type PostgresOptions struct {
	Dir      string // holds data/, run/ (socket) and postgres.log; made when missing, mode 0700
	Bin      string // directory of initdb and postgres; "" = as FindPostgres, of the major that wrote the data
	Fast     bool   // no fsync: a power cut loses the data; for tests and benchmarks
	MaxConns int    // connections; 0 = 100

	OnChange func(ChildEvent) // told of a death nobody asked for and of the restart; nil = nobody
}

// Postgres is a running private PostgreSQL server. It listens on a unix socket in
// a directory only its owner may enter, never on TCP.
type Postgres struct {
	dir    string
	socket string // directory
	short  bool   // the socket directory is ours to remove
	child  *Child
}

// StartPostgres returns once the server answers queries; a new directory gets a
// new cluster first. It waits for a server whose owner was killed to end. Fails
// with uc.NotFound when PostgreSQL is not installed, uc.Conflict when the data is
// of another major version or another server runs on it, uc.Denied when the
// directory belongs to somebody else, uc.Unavailable when the server does not start.
func StartPostgres(ctx context.Context, opt PostgresOptions) (*Postgres, error) {
	p, err := startPostgres(ctx, opt)
	return p, classified(systemPostgres, err)
}

func startPostgres(ctx context.Context, opt PostgresOptions) (*Postgres, error) {
	dir, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, err
	}
	// The account that the server runs under may have to pass through the parents.
	if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	major, err := dataMajor(filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	prog, err := pickProgram(opt.Bin, major)
	if err != nil {
		return nil, err
	}
	return startProgram(ctx, dir, opt, prog)
}

func startProgram(ctx context.Context, dir string, opt PostgresOptions, prog program) (*Postgres, error) {
	if err := prog.account.enter(dir); err != nil {
		return nil, err
	}
	if err := prepare(ctx, dir, prog, opt.Fast); err != nil {
		return nil, err
	}
	p := &Postgres{dir: dir}
	var err error
	if p.socket, p.short, err = socketDir(dir, prog.account); err != nil {
		return nil, err
	}
	if err := turnLog(p.logFile()); err != nil {
		return nil, err
	}
	if p.child, err = p.start(ctx, opt, prog); err != nil {
		return nil, err
	}
	return p, nil
}

// URL is the connection string of a database for pgx, over the unix socket. It
// creates nothing.
func (p *Postgres) URL(database string) string {
	q := url.Values{"host": {p.socket}, "port": {"5432"}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// CreateDatabase makes the database unless it exists. Idempotent, also at the same
// time from several processes.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return &uc.Error{Kind: uc.Unavailable, System: systemPostgres, Op: "create database", Detail: "the server does not answer", Err: err}
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	if closed := conn.Close(ctx); err == nil {
		err = closed
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == databaseExists || refused.Code == nameTaken) {
		return nil
	}
	if err != nil {
		return &uc.Error{Kind: uc.Unavailable, System: systemPostgres, Op: "create database", Detail: name, Err: err}
	}
	return nil
}

// PID is the process id of the server.
func (p *Postgres) PID() int { return p.child.PID() }

// Stop ends the server: open transactions are rolled back, everything committed
// is on disk. When ctx ends first the server is killed, and recovers at its next start.
func (p *Postgres) Stop(ctx context.Context) error {
	if err := p.child.Stop(ctx); err != nil {
		return err
	}
	if p.short {
		return os.RemoveAll(p.socket)
	}
	return nil
}
