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

// What is measured: reservations of each side in a round, rounds, numbers in the table.
const (
	benchReserves = 3000
	benchRounds   = 7
	benchNumbers  = 100_000
	benchTarget   = 0.8
)

// bareSchema is the least that can hand out numbers: a table, its key, and an index
// over the free ones.
const bareSchema = `CREATE TABLE bare (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pool text COLLATE "C" NOT NULL,
	digits text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, order_id text COLLATE "C" NOT NULL);
CREATE INDEX bare_free ON bare (pool, digits) WHERE state = 'available'`

const bareReserve = `UPDATE bare SET state = 'reserved', order_id = $1 WHERE id = (
	SELECT id FROM bare WHERE pool = $2 AND state = 'available' ORDER BY digits LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING digits`

// TestReserveRatio compares Reserve with the bare statement on the same server and
// table size, in turns, and prints the median ratio for each number of clients.
func TestReserveRatio(t *testing.T) {
	for _, fast := range []bool{false} {
		server := benchServer(t, fast)
		for _, policy := range []uc.Policy{uc.Lowest} {
			for _, clients := range []int{1, 16, 64} {
				name := fmt.Sprintf("durable=%v/%s/%d_clients", !fast, policy, clients)
				t.Run(name, func(t *testing.T) { measureReserve(t, server, policy, clients) })
			}
		}
	}
}

func benchServer(t *testing.T, fast bool) *stack.Postgres {
	t.Helper()
	dir, err := os.MkdirTemp("", "dialtone-bench-")
	if err != nil {
		t.Fatal(err)
	}
	server, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir, Fast: fast, MaxConns: 200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return server
}

func measureReserve(t *testing.T, server *stack.Postgres, policy uc.Policy, clients int) {
	ctx := t.Context()
	name := fmt.Sprintf("bench_%s_%d", policy, clients)
	if err := server.CreateDatabase(ctx, name); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx, server.URL(name)); err != nil {
		t.Fatal(err)
	}
	d, err := db.OpenWith(ctx, db.Options{URL: server.URL(name), MaxConns: int32(clients)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	cfg, err := pgxpool.ParseConfig(server.URL(name))
	if err != nil {
		t.Fatal(err)
	}
	cfg.MaxConns = int32(clients)
	bare, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	fillBench(t, d, bare, policy)

	ours := func(i int64) string {
		r, err := d.Reserve(ctx, db.ReserveRequest{
			OrderID: fmt.Sprintf("order-%d", i), Pool: "p", UserID: fmt.Sprintf("user-%d", i),
		})
		if err != nil {
			t.Error(err)
		}
		return r.Digits
	}
	theirs := func(i int64) string {
		var digits string
		if err := bare.QueryRow(ctx, bareReserve, fmt.Sprintf("order-%d", i), "p").Scan(&digits); err != nil {
			t.Error(err)
		}
		return digits
	}
	oursRates, theirRates, ratios := []float64{}, []float64{}, []float64{}
	var next [2]atomic.Int64
	seen := [2]map[string]bool{{}, {}}
	for round := range benchRounds {
		if _, err := bare.Exec(ctx, "VACUUM bare, numbers"); err != nil {
			t.Fatal(err)
		}
		var rate [2]float64
		for turn := range 2 {
			side := (round + turn) % 2
			rate[side] = burst(t, clients, &next[side], []func(int64) string{ours, theirs}[side], seen[side])
		}
		if round == 0 {
			continue // connections, plans and caches
		}
		oursRates, theirRates = append(oursRates, rate[0]), append(theirRates, rate[1])
		ratios = append(ratios, rate[0]/rate[1])
	}
	ratio := median(ratios)
	t.Logf("reserve %.0f/s, bare statement %.0f/s, ratio %.2f (%.2f to %.2f, target %.1f), no duplicate",
		median(oursRates), median(theirRates), ratio, slices.Min(ratios), slices.Max(ratios), benchTarget)
	if ratio < benchTarget {
		t.Errorf("ratio %.2f is below %.1f", ratio, benchTarget)
	}
}

// fillBench puts the same numbers into both tables.
func fillBench(t *testing.T, d *db.DB, bare *pgxpool.Pool, policy uc.Policy) {
	t.Helper()
	ctx := t.Context()
	if err := d.SavePool(ctx, uc.NumberPool{Name: "p", CallProcessor: "cucm-1", Partition: "PT", Policy: policy}); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%06d-%06d", 0, benchNumbers-1)
	report, err := d.ImportNumbers(ctx, "p", func(yield func(int, string) bool) { yield(1, text) }, "bench")
	if err != nil || report.Added != benchNumbers {
		t.Fatalf("import: %+v, %v", report, err)
	}
	for _, sql := range []string{bareSchema, `INSERT INTO bare (pool, digits, state, order_id)
		SELECT pool, digits, state, '' FROM numbers ORDER BY digits`, "VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := bare.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
}

// burst reserves with so many clients at once and returns reservations per second.
// A number that was given before fails the test.
func burst(t *testing.T, clients int, next *atomic.Int64, reserve func(int64) string, seen map[string]bool) float64 {
	t.Helper()
	got := make([][]string, clients)
	left := atomic.Int64{}
	left.Store(benchReserves)
	var done sync.WaitGroup
	start := time.Now()
	for c := range clients {
		done.Go(func() {
			for left.Add(-1) >= 0 {
				got[c] = append(got[c], reserve(next.Add(1)))
			}
		})
	}
	done.Wait()
	took := time.Since(start)
	for _, digits := range slices.Concat(got...) {
		if seen[digits] {
			t.Errorf("number %s was given twice", digits)
		}
		seen[digits] = true
	}
	return benchReserves / took.Seconds()
}

func median(in []float64) float64 {
	s := slices.Sorted(slices.Values(in))
	return s[len(s)/2]
}
