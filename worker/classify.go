package worker

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/uc"
)

// internalTries is how often an internal error is retried before the order waits
// for a human.
const internalTries = 5

// classify gives the error of an activity the form that crosses the boundary: its
// kind as the type, whether another try can help, and when. This is the only place
// that does.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	// Only an error that the SDK itself acts on passes as it is.
	if temporal.IsCanceledError(err) || errors.Is(err, activity.ErrResultPending) {
		return err
	}
	kind := uc.KindOf(err)
	retry := retries(kind, activity.GetInfo(ctx).Attempt)
	// Without a cause: it would cross the boundary as the deepest error, with a Go type
	// where the kind must stand.
	options := temporal.ApplicationErrorOptions{NonRetryable: !retry}
	var e *uc.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		options.NextRetryDelay = pause(e, activity.GetInfo(ctx).Attempt)
	}
	return temporal.NewApplicationErrorWithOptions(words(err), string(kind), options)
}

// retries reports whether a failed attempt is followed by another.
func retries(kind uc.Kind, attempt int32) bool {
	return kind.Disposition() == uc.Retry || kind == uc.Internal && attempt < internalTries
}

// longestPause bounds the pause before an effect that was throttled is tried again,
// unless the system itself asked for a longer one.
const longestPause = 15 * time.Second

// pause is how long the next try waits: what the system asked for; of a throttled
// effect twice as long after each try, and up to a quarter more by chance, so that a
// thousand orders do not come back at once and keep a busy system busy.
func pause(e *uc.Error, attempt int32) time.Duration {
	if e.Kind != uc.Throttled {
		return e.RetryAfter
	}
	grown := min(e.RetryAfter<<min(attempt-1, 10), max(longestPause, e.RetryAfter))
	return grown + rand.N(grown/4+1) //nolint:gosec // spreads load, guards nothing
}

// words is what people read of an error: of our own ledger and rules the sentence
// alone, of a system also its name and operation.
func words(err error) string {
	var e *uc.Error
	if errors.As(err, &e) && (e.System == "" || e.System == "db") && e.Detail != "" {
		return e.Detail
	}
	return err.Error()
}

// classifier runs classify on every activity.
type classifier struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity classifies the activity's error.
func (c *classifier) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := c.Next.ExecuteActivity(ctx, in)
	return out, classify(ctx, err)
}
