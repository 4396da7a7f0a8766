// Package db keeps what the product knows in PostgreSQL: numbers, orders, the
// catalog, tokens. Constraints carry the invariants, so that no caller can break
// them; it starts no workflow and speaks to no other system.
package db

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtone/dialtone/uc"
)

// DB is a pool of connections to a migrated database. It is safe for concurrent use.
type DB struct {
	pool  *pgxpool.Pool
	nexts nextQueue
}

// Options say how to reach the database.
type Options struct {
	URL      string // postgres://… or key=value words
	MaxConns int32  // connections at most; 0 = 16
}

const defaultMaxConns = 16

// Open returns a DB for the address. It does not connect yet: Ping does. Fails
// with Invalid when the address cannot be read.
func Open(ctx context.Context, url string) (*DB, error) { return OpenWith(ctx, Options{URL: url}) }

// OpenWith is Open with more to say.
func OpenWith(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// The cause holds the address and the address may hold a password.
		return nil, &uc.Error{Kind: uc.Invalid, System: system, Op: "open", Detail: "the database address cannot be read"}
	}
	cfg.MaxConns = cmp.Or(o.MaxConns, defaultMaxConns)
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.RuntimeParams["application_name"] = cmp.Or(cfg.ConnConfig.RuntimeParams["application_name"], "dialtone")
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fail("open", err)
	}
	return &DB{
		pool:  pool,
		nexts: nextQueue{waiting: map[string][]*nextCall{}, leading: map[string]int{}},
	}, nil
}

// Close waits until every connection is returned and closes it.
func (d *DB) Close() { d.pool.Close() }

// Ping asks the database for an answer. Fails with Unavailable when it gives none
// and Denied when it refuses the credentials.
func (d *DB) Ping(ctx context.Context) error { return fail("ping", d.pool.Ping(ctx)) }
