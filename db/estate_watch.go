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

// SetEstateWatch keeps where the watcher stands. When changes were missed before it,
// kinds that are not read completely from then on stay as old as they were.
func (d *DB) SetEstateWatch(ctx context.Context, w EstateWatch, missed bool) error {
	_, err := exec(ctx, d.pool, "set estate watch", `
		INSERT INTO estate_watches AS w (call_processor, queue, next_change, heard_at, gap_at)
		VALUES (@call_processor, @queue, @next, @heard, CASE WHEN @missed THEN @heard::timestamptz END)
		ON CONFLICT (call_processor) DO UPDATE SET queue = excluded.queue, next_change = excluded.next_change,
			heard_at = excluded.heard_at, gap_at = coalesce(excluded.gap_at, w.gap_at),
			gap_from = CASE WHEN NOT @missed OR EXISTS (SELECT FROM estate_kinds k
					WHERE k.call_processor = w.call_processor AND k.read_at < w.gap_at)
				THEN w.gap_from ELSE w.heard_at END`, pgx.NamedArgs{
		"call_processor": w.CallProcessor, "queue": w.Queue, "next": w.NextChange, "heard": w.HeardAt, "missed": missed,
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
