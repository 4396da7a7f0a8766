package db

import (
	"context"

	"github.com/dialtone/dialtone/uc"
)

// CountOrders returns how many orders are in each state; every state has a count.
func (d *DB) CountOrders(ctx context.Context) (map[uc.OrderState]int, error) {
	type count struct {
		State uc.OrderState
		Total int
	}
	counts, err := list[count](ctx, d.pool, "count orders", `SELECT state, count(*) AS total FROM orders GROUP BY state`, nil)
	if err != nil {
		return nil, err
	}
	out := map[uc.OrderState]int{
		uc.Scheduled: 0, uc.Running: 0, uc.Waiting: 0, uc.Done: 0, uc.Failed: 0, uc.Cancelled: 0,
	}
	for _, c := range counts {
		out[c.State] = c.Total
	}
	return out, nil
}
