package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

const (
	// maintenance is the database every cluster has.
	maintenance = "postgres"
	// lockPatience is how long a killed server's session may take to end.
	lockPatience = 5 * time.Second
	// lockWatch is how often the session that holds the lock is asked whether it lives.
	lockWatch = 5 * time.Second
	retryIn   = 200 * time.Millisecond
)

// errTaken means that two servers would write to one database.
var errTaken = errors.New("another Temporal server runs on this database")

// postgres is where the state is.
type postgres struct {
	host           string // directory of the unix socket, or host:port
	user, password string
	database       string
	conns          int
}

func (p *postgres) visibility() string { return p.database + "_visibility" }

// sql is the server's configuration of one database. The plugin writes the address
// into a URL, where a socket directory cannot stand; as an attribute it can.
func (p *postgres) sql(database string, conns int) *config.SQL {
	c := &config.SQL{
		PluginName: postgresql.PluginNamePGX, ConnectProtocol: "tcp", ConnectAddr: p.host,
		User: p.user, Password: p.password, DatabaseName: database,
		MaxConns: conns, MaxIdleConns: conns, MaxConnLifetime: time.Hour,
		ConnectAttributes: map[string]string{},
	}
	if strings.HasPrefix(p.host, "/") {
		c.ConnectProtocol, c.ConnectAddr = "unix", "localhost"
		c.ConnectAttributes["host"], c.ConnectAttributes["port"] = p.host, "5432"
	}
	return c
}

func (p *postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig("sslmode=disable dbname=" + maintenance)
	if err != nil {
		return nil, err
	}
	c.Host, c.Port, c.User, c.Password = p.host, 5432, p.user, p.password
	if host, port, err := net.SplitHostPort(p.host); err == nil {
		c.Host = host
		if _, err := fmt.Sscan(port, &c.Port); err != nil {
			return nil, fmt.Errorf("the port of %s: %w", p.host, err)
		}
	}
	return pgx.ConnectConfig(ctx, c)
}

// lock makes this the only server of the database for as long as it runs. The
// channel gets one error when that is no longer so.
func (p *postgres) lock(ctx context.Context) (<-chan error, error) {
	limit, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	conn, err := p.take(limit)
	if err != nil {
		return nil, err
	}
	lost := make(chan error, 1)
	go func() {
		if err := p.hold(ctx, conn); ctx.Err() == nil {
			lost <- err
		}
	}()
	return lost, nil
}

// take tries until it has the lock or ctx ends.
func (p *postgres) take(ctx context.Context) (*pgx.Conn, error) {
	var last error
	for {
		conn, err := p.tryLock(ctx)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return nil, last
		case <-time.After(retryIn):
		}
	}
}

func (p *postgres) tryLock(ctx context.Context) (*pgx.Conn, error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	h.Write([]byte("temporald " + p.database))
	var got bool
	err = conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(h.Sum64())).Scan(&got)
	if err == nil && got {
		return conn, nil
	}
	if err == nil {
		err = errTaken
	}
	return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

// hold watches the session that holds the lock and takes it again after the
// database was restarted. It returns when another server has it.
func (p *postgres) hold(ctx context.Context, conn *pgx.Conn) error {
	tick := time.NewTicker(lockWatch)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), conn.Close(context.WithoutCancel(ctx)))
		case <-tick.C:
		}
		for conn == nil || conn.Ping(ctx) != nil {
			next, err := p.tryLock(ctx)
			if errors.Is(err, errTaken) || ctx.Err() != nil {
				return err
			}
			if conn = next; err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(retryIn):
			}
		}
	}
}

// migrate brings both databases to this server's schema, making them first when
// they are missing. Idempotent, and harmless when it is killed: a database appears
// under its name only when it is complete.
func (p *postgres) migrate(ctx context.Context) error {
	conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for database, name := range map[string]string{
		p.database:     "postgresql/v12/temporal",
		p.visibility(): "postgresql/v12/visibility",
	} {
		if err := p.migrateOne(ctx, conn, database, name); err != nil {
			return fmt.Errorf("bringing database %s to the schema of this server: %w", database, err)
		}
	}
	return nil
}

func (p *postgres) migrateOne(ctx context.Context, conn *pgx.Conn, database, schemaName string) error {
	var exists bool
	err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&exists)
	if err != nil {
		return err
	}
	if exists {
		return update(p.sql(database, 2), schemaName)
	}
	unfinished := database + "_new"
	final, draft := pgx.Identifier{database}.Sanitize(), pgx.Identifier{unfinished}.Sanitize()
	for _, stmt := range []string{"drop database if exists " + draft + " with (force)", "create database " + draft} {
		if _, err := conn.Exec(ctx, stmt); err != nil {
			return err
		}
	}
	// The schema's version is recorded under the database's name: only the
	// connection leads to the draft.
	c := p.sql(database, 2)
	c.ConnectAttributes["dbname"] = unfinished
	if err := setUp(c); err != nil {
		return err
	}
	if err := update(c, schemaName); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "alter database "+draft+" rename to "+final)
	return err
}

// setUp makes the tables that record the schema's version.
func setUp(c *config.SQL) error {
	conn, err := sqltool.NewConnection(c, log.NewNoopLogger())
	if err != nil {
		return err
	}
	defer conn.Close()
	return schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, log.NewNoopLogger()).Run()
}

// update runs the migrations that come with the server module.
func update(c *config.SQL, schemaName string) error {
	conn, err := sqltool.NewConnection(c, log.NewNoopLogger())
	if err != nil {
		return err
	}
	defer conn.Close()
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: schemaName}, log.NewNoopLogger()).Run()
}
