package stack

import (
	"context"
	"errors"
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
	// oldServerGone is how long a server whose owner was killed may take to end; one
	// that still answers after oldServerEnds is not going to.
	oldServerGone = 20 * time.Second
	oldServerEnds = 3 * time.Second
	// recovery is how long crash recovery may take before the start counts as failed.
	recovery = 5 * time.Minute
	poll     = 10 * time.Millisecond

	// Refusals that pass.
	startingUp         = "57P03"
	tooManyConnections = "53300"
)

// start starts the server, again and again while the one before is still ending.
func (p *Postgres) start(ctx context.Context, opt PostgresOptions, prog program) (*Child, error) {
	began := time.Now()
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
		removed, staleErr := p.removeStale()
		if staleErr != nil {
			return nil, staleErr
		}
		if removed {
			continue
		}
		past := time.Since(began)
		if past > oldServerGone || (past > oldServerEnds && p.ping(ctx) == nil) {
			return nil, startError(uc.Conflict, systemPostgres, "another PostgreSQL runs on "+p.dir+": "+fatal(said), err)
		}
		select {
		case <-ctx.Done():
			return nil, startError(uc.Unavailable, systemPostgres, "another PostgreSQL still runs on "+p.dir, ctx.Err())
		case <-time.After(20 * poll):
		}
	}
}

// removeStale removes the lock files of a server that is gone although a process of
// its number lives: after a reboot or in a restarted container the number soon
// belongs to another program, and PostgreSQL would refuse for ever.
func (p *Postgres) removeStale() (bool, error) {
	data := filepath.Join(p.dir, "data")
	home, err := os.Stat(data)
	if err != nil {
		return false, err
	}
	removed := false
	for _, path := range []string{
		filepath.Join(data, "postmaster.pid"),
		filepath.Join(p.socket, ".s.PGSQL.5432.lock"),
	} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // gone meanwhile
		}
		pid, _, _ := strings.Cut(string(b), "\n")
		// Every process of a server works in its data directory.
		cwd, err := os.Stat(filepath.Join("/proc", strings.TrimSpace(pid), "cwd"))
		if err != nil || os.SameFile(cwd, home) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return false, err
		}
		removed = true
	}
	return removed, nil
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

// answers returns once the server of that process takes a query: the socket may
// still be that of an older one. A server that recovers from a crash says so and is
// waited for.
func (p *Postgres) answers(ctx context.Context, pid int) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		err := errNotOurs
		if p.serves(pid) {
			err = p.ping(ctx)
		}
		if err == nil {
			return nil
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code != startingUp && refused.Code != tooManyConnections {
			return startError(uc.Unavailable, systemPostgres, refused.Message, err)
		}
		select {
		case <-ctx.Done():
			return startError(uc.Unavailable, systemPostgres, "the server did not become ready in time", err)
		case <-tick.C:
		}
	}
}

var errNotOurs = errors.New("the server has not written its process id yet")

// serves says whether the server of the data directory is that process.
func (p *Postgres) serves(pid int) bool {
	b, err := os.ReadFile(filepath.Join(p.dir, "data", "postmaster.pid"))
	return err == nil && strings.HasPrefix(string(b), strconv.Itoa(pid)+"\n")
}

func (p *Postgres) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
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
	if why := fatal(said); why != "" {
		return startError(uc.KindOf(err), systemPostgres, why+" (log: "+p.logFile()+")", err)
	}
	return err
}

// fatal is why the server ended, in its own words; "" when it does not say.
func fatal(said string) string {
	for line := range strings.Lines(said) {
		if _, why, ok := strings.Cut(line, "FATAL:"); ok {
			return strings.TrimSpace(why)
		}
	}
	return ""
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
