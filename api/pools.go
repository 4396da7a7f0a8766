package api

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// Pool is a number pool and how many numbers it has in each state.
type Pool struct {
	uc.NumberPool
	Counts   map[uc.NumberState]int `json:"counts" doc:"Numbers by state"`
	Eligible int                    `json:"eligible" doc:"Numbers that can be given now: available, or cooling past their retention"`
}

// PoolList is every number pool, by name.
type PoolList struct {
	Items []Pool `json:"items"`
}

type (
	listPoolsOut struct{ Body PoolList }
	poolOut      struct{ Body Pool }
	poolIn       struct {
		Name string `path:"name" maxLength:"128"`
	}
	putPoolIn struct {
		Name string `path:"name" maxLength:"128"`
		Body uc.NumberPool
	}
)

func toPool(p db.PoolCounts) Pool {
	out := Pool{NumberPool: p.NumberPool, Counts: map[uc.NumberState]int{}, Eligible: p.Eligible}
	for _, state := range uc.NumberStates {
		out.Counts[state] = p.Counts[state]
	}
	return out
}

func (s *server) listPools(ctx context.Context, _ *struct{}) (*listPoolsOut, error) {
	pools, err := s.db.ListPools(ctx)
	if err != nil {
		return nil, err
	}
	out := &listPoolsOut{PoolList{Items: make([]Pool, len(pools))}}
	for i, p := range pools {
		out.Body.Items[i] = toPool(p)
	}
	return out, nil
}

func (s *server) getPool(ctx context.Context, in *poolIn) (*poolOut, error) {
	pool, err := s.pool(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &poolOut{pool}, nil
}

func (s *server) pool(ctx context.Context, name string) (Pool, error) {
	pools, err := s.db.ListPools(ctx)
	if err != nil {
		return Pool{}, err
	}
	for _, p := range pools {
		if p.Name == name {
			return toPool(p), nil
		}
	}
	return Pool{}, kindProblem(uc.NotFound, fmt.Sprintf("number pool %q does not exist", name))
}

func (s *server) putPool(ctx context.Context, in *putPoolIn) (*poolOut, error) {
	if in.Body.Name != in.Name {
		return nil, invalid(Violation{"body.name", "the name differs from the one in the path", in.Body.Name})
	}
	catalog := uc.Catalog{Pools: []uc.NumberPool{in.Body}}
	if problems := append(catalog.Problems(), catalog.UnknownSystems(s.systems)...); len(problems) > 0 {
		return nil, catalogProblem(problems, "pools[0].")
	}
	if err := s.db.SavePool(ctx, in.Body); err != nil {
		return nil, err
	}
	pool, err := s.pool(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	s.wake(ctx, pool.Name, pool.Eligible)
	return &poolOut{pool}, nil
}

// The bounds of waking orders within one request; those that it does not reach
// look for numbers by themselves.
const (
	wakeAtMost  = 1000
	wakeTimeout = 10 * time.Second
)

// wake tells waiting orders of the pool, oldest first, that so many numbers came in.
func (s *server) wake(ctx context.Context, pool string, numbers int) {
	if numbers <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wakeTimeout)
	defer cancel()
	orders, err := s.db.WaitingForNumber(ctx, pool, min(numbers, wakeAtMost))
	for _, o := range orders {
		if err = workflows.Resume(ctx, s.temporal, o); err != nil {
			break
		}
	}
	if err != nil {
		s.log.Warn("orders not woken: they look for numbers by themselves",
			zap.String("request", requestID(ctx)), zap.String("pool", pool), zap.Error(err))
	}
}
