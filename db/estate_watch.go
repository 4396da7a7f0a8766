package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// EstateWatch is where the change watcher of a call processor stands.
type EstateWatch struct {
	CallProcessor string
	Queue         string    // of the call processor's change notification; another one = changes were lost
	NextChange    int64     // the first change that was not yet seen
	HeardAt       time.Time // when the call processor last answered
}

// SetEstateWatch keeps where the watcher stands.
func (d *DB) SetEstateWatch(ctx context.Context, w EstateWatch) error {
	_, err := exec(ctx, d.pool, "set estate watch", `INSERT INTO estate_watches (call_processor, queue, next_change, heard_at)
		VALUES (@call_processor, @queue, @next, @heard)
		ON CONFLICT (call_processor) DO UPDATE SET queue = excluded.queue, next_change = excluded.next_change,
			heard_at = excluded.heard_at`, pgx.NamedArgs{
		"call_processor": w.CallProcessor, "queue": w.Queue, "next": w.NextChange, "heard": w.HeardAt,
	})
	return err
}

// GetEstateWatch returns where the watcher stands; found is false when there never was
// one.
func (d *DB) GetEstateWatch(ctx context.Context, callProcessor string) (w EstateWatch, found bool, err error) {
	watches, err := list[EstateWatch](ctx, d.pool, "get estate watch", `SELECT call_processor, queue, next_change, heard_at
		FROM estate_watches WHERE call_processor = @call_processor`, pgx.NamedArgs{"call_processor": callProcessor})
	return first(watches), len(watches) > 0, err
}
