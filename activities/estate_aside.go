package activities

import (
	"context"
	"time"
)

// What a reading that nobody waits for leaves to orders that are carried out: the call
// processor, our database and the processors of this machine for two thirds of the
// time, in turns that are short.
const (
	asideTimes  = 2
	asideAtMost = 5 * time.Second
	asideRows   = 500 // of a page
)

// aside does a part of a reading. While orders are carried out on the call processor the
// part is told to be small, and a pause follows that is longer than it was.
func (a *Estate) aside(ctx context.Context, callProcessor string, part func(small bool) error) error {
	orders, err := a.DB.OrdersRun(ctx, callProcessor)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := part(orders); err != nil || !orders {
		return err
	}
	return wait(ctx, min(asideTimes*time.Since(began), asideAtMost))
}
