package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtone/dialtone/uc"
)

const (
	defaultMaxConns = 100
	// oldServerGone is how long a server whose owner was killed may take to end.
	oldServerGone = 20 * time.Second
	// recovery is how long crash recovery may take before the start counts as failed.
	recovery = 5 * time.Minute
	poll     = 10 * time.Millisecond
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
	dir, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
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
	if prog.account.setuid {
		if err := prog.account.enter(dir); err != nil {
			return nil, err
		}
	}
	if err := prepare(ctx, dir, prog, opt.Fast); err != nil {
		return nil, err
	}
	p := &Postgres{dir: dir}
	if p.socket, p.short, err = socketDir(dir, prog.account); err != nil {
		return nil, err
	}
	if err := turnLog(p.logFile()); err != nil {
		return nil, err
	}
	p.child, err = p.start(ctx, opt, prog)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// start starts the server, again and again while the one before is still ending.
func (p *Postgres) start(ctx context.Context, opt PostgresOptions, prog program) (*Child, error) {
	deadline := time.Now().Add(oldServerGone)
	for {
		mark := p.logSize()
		child, err := StartChild(ctx, ChildOptions{
			Name:         systemPostgres,
			Command:      func() (*exec.Cmd, error) { return p.command(opt, prog), nil },
			Ready:        p.answers,
			StartTimeout: recovery,
			StopSignal:   syscall.SIGINT, // fast shutdown: open transactions are rolled back
			Grace:        30 * time.Second,
			LogFile:      p.logFile(),
			OnChange:     opt.OnChange,
		})
		if err == nil {
			return child, nil
		}
		said := p.logSince(mark)
		if !occupied(said) {
			return nil, p.explain(err, said)
		}
		if time.Now().After(deadline) {
			return nil, startError(uc.Conflict, systemPostgres, "another PostgreSQL runs on "+p.dir+": "+lastLine(said), err)
		}
		select {
		case <-ctx.Done():
			return nil, startError(uc.Unavailable, systemPostgres, "another PostgreSQL still runs on "+p.dir, ctx.Err())
		case <-time.After(20 * poll):
		}
	}
}

// command is one start of the server. The memory settings are fixed and small: it
// serves one Dialtone and one Temporal on a laptop.
func (p *Postgres) command(opt PostgresOptions, prog program) *exec.Cmd {
	conns := opt.MaxConns
	if conns == 0 {
		conns = defaultMaxConns
	}
	settings := []string{
		"listen_addresses=", "port=5432",
		"unix_socket_directories=" + p.socket, "unix_socket_permissions=0700",
		"max_connections=" + strconv.Itoa(conns),
		"shared_buffers=128MB", "work_mem=4MB", "maintenance_work_mem=32MB", "huge_pages=off",
		"max_wal_size=512MB", "jit=off", "max_parallel_workers_per_gather=0",
		"timezone=UTC", "log_timezone=UTC", "log_checkpoints=off", "lc_messages=C", "logging_collector=off",
	}
	if opt.Fast {
		settings = append(settings, "fsync=off", "full_page_writes=off", "synchronous_commit=off",
			"wal_level=minimal", "max_wal_senders=0")
	}
	args := []string{"-D", filepath.Join(p.dir, "data")}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := exec.Command(filepath.Join(prog.bin, "postgres"), args...)
	cmd.Dir, cmd.Env = p.dir, serverEnv()
	prog.account.apply(cmd)
	return cmd
}

// answers returns once the server takes a query. A server that recovers from a
// crash says so and is waited for.
func (p *Postgres) answers(ctx context.Context) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code != "57P03" && refused.Code != "53300" {
			return startError(uc.Unavailable, systemPostgres, refused.Message, err)
		}
		select {
		case <-ctx.Done():
			return startError(uc.Unavailable, systemPostgres, "the server did not become ready in time", err)
		case <-tick.C:
		}
	}
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
	if errors.As(err, &refused) && (refused.Code == "42P04" || refused.Code == "23505") {
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

func (p *Postgres) logFile() string { return filepath.Join(p.dir, "postgres.log") }

func (p *Postgres) logSize() int64 {
	info, err := os.Stat(p.logFile())
	if err != nil {
		return 0
	}
	return info.Size()
}

func (p *Postgres) logSince(mark int64) string {
	b, err := os.ReadFile(p.logFile())
	if err != nil || int64(len(b)) < mark {
		return ""
	}
	return string(b[mark:])
}

// explain adds what the server said to the failure of its start.
func (p *Postgres) explain(err error, said string) error {
	for line := range strings.Lines(said) {
		if _, fatal, ok := strings.Cut(line, "FATAL:"); ok {
			return startError(uc.KindOf(err), systemPostgres, strings.TrimSpace(fatal)+" (log: "+p.logFile()+")", err)
		}
	}
	return err
}

// occupied says whether the server did not start because another one has not ended yet.
func occupied(said string) bool {
	for _, sign := range []string{
		`lock file "postmaster.pid" already exists`,
		"pre-existing shared memory block",
		"could not bind Unix address",
		".lock\" already exists",
	} {
		if strings.Contains(said, sign) {
			return true
		}
	}
	return false
}
