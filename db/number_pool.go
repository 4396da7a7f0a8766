package db

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

const poolColumns = `name, call_processor, partition, policy, retention, e164_mask`

// GetPool returns the pool. Fails with NotFound.
func (d *DB) GetPool(ctx context.Context, name string) (uc.NumberPool, error) {
	return getPool(ctx, d.pool, name)
}

func getPool(ctx context.Context, q querier, name string) (uc.NumberPool, error) {
	pools, err := list[uc.NumberPool](ctx, q, "get pool", `SELECT `+poolColumns+` FROM number_pools WHERE name = @name`,
		pgx.NamedArgs{"name": name})
	if err != nil {
		return uc.NumberPool{}, err
	}
	if len(pools) == 0 {
		return uc.NumberPool{}, refuse(uc.NotFound, "get pool", fmt.Sprintf("number pool %q does not exist", name))
	}
	return pools[0], nil
}

// SavePool makes the pool or changes it. A change of the policy or the E.164 mask
// holds for the numbers that are there; a change of the retention for those that
// are released from now on. Fails with Invalid when the pool is not one, and with
// Conflict when it has numbers and would move to another call processor or partition.
func (d *DB) SavePool(ctx context.Context, p uc.NumberPool) error {
	_, err := d.ApplyCatalog(ctx, uc.Catalog{Pools: []uc.NumberPool{p}}, false)
	return err
}

func savePool(ctx context.Context, tx pgx.Tx, p uc.NumberPool) error {
	const op = "save pool"
	p.Policy = cmp.Or(p.Policy, uc.Lowest)
	args := pgx.NamedArgs{
		"name": p.Name, "call_processor": p.CallProcessor, "partition": p.Partition, "policy": p.Policy,
		"retention": int64(p.Retention), "e164_mask": p.E164Mask,
	}
	_, err := exec(ctx, tx, op, `INSERT INTO number_pools (`+poolColumns+`)
		VALUES (@name, @call_processor, @partition, @policy, @retention, @e164_mask)
		ON CONFLICT (name) DO UPDATE SET call_processor = excluded.call_processor, partition = excluded.partition,
			policy = excluded.policy, retention = excluded.retention, e164_mask = excluded.e164_mask`, args)
	if violated(err, foreignKeyViolation) == "numbers_in_pool" {
		return refuse(uc.Conflict, op, fmt.Sprintf(
			"pool %q has numbers, so its call processor and partition cannot change: make another pool", p.Name))
	}
	if err != nil {
		return err
	}
	// Both are functions of the pool: the place in the queue and the E.164 form.
	_, err = exec(ctx, tx, op, `WITH wanted AS (
		SELECT id, CASE WHEN turn IS NULL THEN NULL WHEN @policy = 'lowest' THEN '-infinity'
				ELSE coalesce(released_at, '-infinity') END AS turn,
			CASE WHEN digits LIKE '+%' THEN digits WHEN @xs = 0 OR length(digits) < @xs THEN ''
				ELSE rtrim(@e164_mask, 'X') || right(digits, @xs) END AS e164
		FROM numbers WHERE pool = @name
	)
	UPDATE numbers n SET turn = wanted.turn, e164 = wanted.e164 FROM wanted
	WHERE n.id = wanted.id AND (n.turn IS DISTINCT FROM wanted.turn OR n.e164 <> wanted.e164)`,
		pgx.NamedArgs{"name": p.Name, "policy": p.Policy, "e164_mask": p.E164Mask, "xs": maskWidth(p)})
	return err
}

func maskWidth(p uc.NumberPool) int {
	n := 0
	for _, c := range p.E164Mask {
		if c == 'X' {
			n++
		}
	}
	return n
}

// PoolCounts is a pool and how many of its numbers are in which state.
type PoolCounts struct {
	uc.NumberPool
	Counts   map[uc.NumberState]int `json:"counts"`
	Eligible int                    `json:"eligible"` // could be reserved now: available, or past their date
}

// ListPools returns every pool with its counts, by name. Counts hold every state.
func (d *DB) ListPools(ctx context.Context) ([]PoolCounts, error) {
	const op = "list pools"
	pools, err := list[uc.NumberPool](ctx, d.pool, op, `SELECT `+poolColumns+` FROM number_pools ORDER BY name`, nil)
	if err != nil {
		return nil, err
	}
	type count struct {
		Pool        string
		State       uc.NumberState
		Total, Late int
	}
	counts, err := list[count](ctx, d.pool, op, `SELECT pool, state, count(*) AS total,
		count(*) FILTER (WHERE until <= now()) AS late FROM numbers GROUP BY pool, state`, nil)
	if err != nil {
		return nil, err
	}
	out := make([]PoolCounts, len(pools))
	at := map[string]*PoolCounts{}
	for i, p := range pools {
		out[i] = PoolCounts{NumberPool: p, Counts: map[uc.NumberState]int{}}
		for _, s := range uc.NumberStates {
			out[i].Counts[s] = 0
		}
		at[p.Name] = &out[i]
	}
	for _, c := range counts {
		if p := at[c.Pool]; p != nil {
			p.Counts[c.State] = c.Total
			p.Eligible += c.Late
			if c.State == uc.Available {
				p.Eligible += c.Total
			}
		}
	}
	return out, nil
}
