//go:build bench

package db_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

// What is measured: reservations of each side in a round, rounds, numbers in a table.
const (
	benchReserves = 600
	benchRounds   = 25
	benchNumbers  = 100_000
	benchTarget   = 0.8
)

// ledgerReserve is the bare statement on the ledger's own table: it pays for its
// rows, indexes and rules, but knows no order that comes again, no person who has a
// number, no retention, no history.
const ledgerReserve = `UPDATE numbers SET state = 'reserved', order_id = $1, user_id = $1, user_key = $1,
	turn = NULL, prior_state = 'available' WHERE id = (
	SELECT id FROM numbers WHERE pool = $2 AND turn IS NOT NULL ORDER BY turn, length(digits), digits
	LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING digits`

// plainSchema is the least that can hand out numbers: four columns, a key, and an
// index over the free ones.
const plainSchema = `CREATE TABLE plain (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pool text COLLATE "C" NOT NULL,
	digits text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, order_id text COLLATE "C" NOT NULL);
CREATE INDEX plain_free ON plain (pool, digits) WHERE state = 'available';
INSERT INTO plain (pool, digits, state, order_id)
	SELECT pool, digits, state::text, '' FROM numbers ORDER BY digits`

const plainReserve = `UPDATE plain SET state = 'reserved', order_id = $1 WHERE id = (
	SELECT id FROM plain WHERE pool = $2 AND state = 'available' ORDER BY digits
	LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING digits`

// TestReserveRatio compares Reserve with the bare SKIP LOCKED statement on the same
// server, on the ledger's table and on the plainest one of the same size, in turns,
// and prints the median ratios for each number of clients. The server syncs to disk
// as in production; BENCH_FAST=1 measures without.
func TestReserveRatio(t *testing.T) {
	server := benchServer(t, os.Getenv("BENCH_FAST") != "")
	for _, policy := range []uc.Policy{uc.Lowest, uc.LongestIdle} {
		for _, clients := range []int{1, 16, 64} {
			t.Run(fmt.Sprintf("%s/%d_clients", policy, clients), func(t *testing.T) {
				measureReserve(t, server, policy, clients)
			})
		}
	}
}

func benchServer(t testing.TB, fast bool) *stack.Postgres {
	t.Helper()
	dir, err := os.MkdirTemp("", "dialtone-bench-")
	must(t, err)
	server, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir, Fast: fast, MaxConns: 250})
	must(t, err)
	t.Cleanup(func() {
		must(t, server.Stop(context.Background()))
		must(t, os.RemoveAll(dir))
	})
	return server
}

// side is one way to reserve: it returns the digits that it got.
type side struct {
	name    string
	reserve func(i int64) (string, error)
	next    atomic.Int64
	given   map[string]bool
	rates   []float64
}

func measureReserve(t *testing.T, server *stack.Postgres, policy uc.Policy, clients int) {
	ctx := t.Context()
	d, _ := benchDatabase(t, server, fmt.Sprintf("ours_%s_%d", policy, clients), policy, clients)
	_, sql := benchDatabase(t, server, fmt.Sprintf("bare_%s_%d", policy, clients), policy, clients)
	for _, statement := range []string{plainSchema, "VACUUM ANALYZE", "CHECKPOINT"} {
		_, err := sql.Exec(ctx, statement)
		must(t, err)
	}
	bare := func(statement string) func(int64) (string, error) {
		return func(i int64) (digits string, err error) {
			err = sql.QueryRow(ctx, statement, fmt.Sprintf("order-%d", i), "p").Scan(&digits)
			return digits, err
		}
	}
	sides := []*side{
		{name: "Reserve", reserve: func(i int64) (string, error) {
			r, err := d.Reserve(ctx, db.ReserveRequest{
				OrderID: fmt.Sprintf("order-%d", i), Pool: "p", UserID: fmt.Sprintf("user-%d", i),
			})
			return r.Digits, err
		}},
		{name: "ledger", reserve: bare(ledgerReserve)},
		{name: "plain", reserve: bare(plainReserve)},
	}
	for round := range benchRounds {
		for turn := range sides {
			s := sides[(round+turn)%len(sides)]
			rate := s.burst(t, clients)
			if round > 0 { // the first makes connections, plans and caches
				s.rates = append(s.rates, rate)
			}
		}
	}
	t.Logf("Reserve %.0f/s, no duplicate; of the bare statement on the ledger's table (%.0f/s) %s; on a plain table (%.0f/s) %s",
		median(sides[0].rates), median(sides[1].rates), verdict(ratio(sides[0], sides[1])),
		median(sides[2].rates), verdict(ratio(sides[0], sides[2])))
}

// verdict is the ratio and whether it reaches the target. A missed target is said
// and does not fail: a busy machine moves it. A duplicate fails.
func verdict(ratio float64) string {
	if ratio < benchTarget {
		return fmt.Sprintf("%.2f (missed %.1f)", ratio, benchTarget)
	}
	return fmt.Sprintf("%.2f (reached %.1f)", ratio, benchTarget)
}

// benchDatabase makes a database with a full pool.
func benchDatabase(t *testing.T, server *stack.Postgres, name string, policy uc.Policy, clients int) (*db.DB, *pgxpool.Pool) {
	t.Helper()
	ctx := t.Context()
	must(t, server.CreateDatabase(ctx, name))
	must(t, db.Migrate(ctx, server.URL(name)))
	d, err := db.OpenWith(ctx, db.Options{URL: server.URL(name), MaxConns: int32(clients)})
	must(t, err)
	t.Cleanup(d.Close)
	cfg, err := pgxpool.ParseConfig(server.URL(name))
	must(t, err)
	cfg.MaxConns = int32(clients)
	sql, err := pgxpool.NewWithConfig(ctx, cfg)
	must(t, err)
	t.Cleanup(sql.Close)
	must(t, d.SavePool(ctx, uc.NumberPool{Name: "p", CallProcessor: "cucm-1", Partition: "PT", Policy: policy}))
	text := fmt.Sprintf("%06d-%06d", 0, benchNumbers-1)
	report, err := d.ImportNumbers(ctx, "p", slices.All([]string{text}), "bench")
	if err != nil || report.Added != benchNumbers {
		t.Fatalf("import: %+v, %v", report, err)
	}
	_, err = sql.Exec(ctx, "VACUUM ANALYZE")
	must(t, err)
	return d, sql
}

// burst reserves with so many clients at once and returns reservations per second.
// A number that was given before fails the test.
func (s *side) burst(t *testing.T, clients int) float64 {
	t.Helper()
	got := make([][]string, clients)
	left := atomic.Int64{}
	left.Store(benchReserves)
	var done sync.WaitGroup
	start := time.Now()
	for c := range clients {
		done.Go(func() {
			for left.Add(-1) >= 0 {
				digits, err := s.reserve(s.next.Add(1))
				if err != nil {
					t.Error(err)
					return
				}
				got[c] = append(got[c], digits)
			}
		})
	}
	done.Wait()
	took := time.Since(start)
	if s.given == nil {
		s.given = map[string]bool{}
	}
	for _, digits := range slices.Concat(got...) {
		if s.given[digits] {
			t.Errorf("%s gave number %s twice", s.name, digits)
		}
		s.given[digits] = true
	}
	return benchReserves / took.Seconds()
}

// ratio is the median over the rounds: each compares neighbours in time.
func ratio(a, b *side) float64 {
	out := make([]float64, len(a.rates))
	for i := range a.rates {
		out[i] = a.rates[i] / b.rates[i]
	}
	return median(out)
}

func median(in []float64) float64 {
	s := slices.Sorted(slices.Values(in))
	return s[len(s)/2]
}
