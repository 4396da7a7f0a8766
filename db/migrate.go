package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that goose speaks through
	"github.com/pressly/goose/v3"

	"github.com/dialtone/dialtone/db/migrations"
	"github.com/dialtone/dialtone/uc"
)

// migrateLock is the advisory lock that one migrating process holds: "dialtone" in ASCII.
const migrateLock = 0x6469616c746f6e65

// Migrate brings the database to the newest schema. Any number of processes may
// call it at once: one works, the others wait and find nothing to do. Fails with
// Unavailable when the database gives no answer.
func Migrate(ctx context.Context, url string) (err error) {
	const op = "migrate"
	pool, err := sql.Open("pgx", url)
	if err != nil {
		return refuse(uc.Invalid, op, "the database address cannot be read")
	}
	defer func() { err = errors.Join(err, fail(op, pool.Close())) }()
	// The lock belongs to a session: hold one connection for it alone. Closing the
	// pool ends the session and the lock with it.
	locked, err := pool.Conn(ctx)
	if err != nil {
		return fail(op, err)
	}
	defer func() { err = errors.Join(err, fail(op, unlock(ctx, locked))) }()
	if _, err := locked.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return fail(op, err)
	}
	steps, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.FS)
	if err != nil {
		return fail(op, err)
	}
	if _, err := steps.Up(ctx); err != nil {
		return fail(op, err)
	}
	return nil
}

// unlock gives the lock back even when the caller's context has ended.
func unlock(ctx context.Context, locked *sql.Conn) error {
	_, err := locked.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrateLock))
	return errors.Join(err, locked.Close())
}

// MigrationVersion returns the version of the schema that the database has, 0 when
// it is empty, and the one that this program wants.
func (d *DB) MigrationVersion(ctx context.Context) (have, want int64, err error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) == 0 {
		return 0, 0, refuse(uc.Internal, "migration version", fmt.Sprintf("no migrations in the program: %v", err))
	}
	want, err = goose.NumericComponent(files[len(files)-1])
	if err != nil {
		return 0, 0, fail("migration version", err)
	}
	found, err := column[int64](ctx, d.pool, "migration version",
		"SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied", nil)
	if err != nil {
		if pgCode(err) == undefinedTable {
			return 0, want, nil
		}
		return 0, want, err
	}
	return found[0], want, nil
}
