package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/dialtone/dialtone/uc"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		err    error
		kind   uc.Kind
		retry  bool
		delay  time.Duration
		text   string
	}{
		"invalid":     {"can never succeed", &uc.Error{Kind: uc.Invalid, System: "cucm", Op: "addUser", Detail: "x"}, uc.Invalid, false, 0, "cucm addUser: invalid: x"},
		"not found":   {"a name is missing", &uc.Error{Kind: uc.NotFound, System: "cucm", Detail: "x"}, uc.NotFound, false, 0, "cucm: not_found: x"},
		"conflict":    {"somebody else's", &uc.Error{Kind: uc.Conflict, Detail: "x"}, uc.Conflict, false, 0, "x"},
		"exhausted":   {"the order waits", &uc.Error{Kind: uc.Exhausted, System: "db", Op: "reserve", Detail: "none"}, uc.Exhausted, false, 0, "none"},
		"denied":      {"accounts get locked by retries", &uc.Error{Kind: uc.Denied, System: "mail", Detail: "x"}, uc.Denied, false, 0, "mail: denied: x"},
		"unavailable": {"it comes back, when it said", &uc.Error{Kind: uc.Unavailable, System: "hr", RetryAfter: time.Minute, Detail: "x"}, uc.Unavailable, true, time.Minute, "hr: unavailable: x"},
		"throttled":   {"at least as long as it asked", &uc.Error{Kind: uc.Throttled, System: "cucm", RetryAfter: 5 * time.Second, Detail: "x"}, uc.Throttled, true, 5 * time.Second, "cucm: throttled: x"},
		"unknown":     {"our bug: retried, but not for ever", errors.New("boom"), uc.Internal, true, 0, "boom"},
		"wrapped":     {"the kind is found at any depth", fmt.Errorf("reading: %w", &uc.Error{Kind: uc.Conflict, System: "cucm", Detail: "x"}), uc.Conflict, false, 0, "reading: cucm: conflict: x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			var got *temporal.ApplicationError
			env.RegisterActivityWithOptions(func(ctx context.Context) error {
				if !errors.As(classify(ctx, tt.err), &got) {
					return errors.New("the classified error is no application error")
				}
				return nil
			}, activity.RegisterOptions{Name: "classify"})
			if _, err := env.ExecuteActivity("classify"); err != nil {
				t.Fatal(err)
			}
			if got.Type() != string(tt.kind) || got.NonRetryable() == tt.retry || got.Message() != tt.text {
				t.Errorf("type %s, retryable %v, %q; want %s, %v, %q: %s",
					got.Type(), !got.NonRetryable(), got.Message(), tt.kind, tt.retry, tt.text, tt.reason)
			}
			if d := got.NextRetryDelay(); d < tt.delay || d > tt.delay+tt.delay/4+1 {
				t.Errorf("the next try comes after %s, want %s: %s", d, tt.delay, tt.reason)
			}
		})
	}
}

func TestPauseGrows(t *testing.T) {
	t.Parallel()
	e := &uc.Error{Kind: uc.Throttled, RetryAfter: 5 * time.Second}
	for attempt, least := range map[int32]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 4: 15 * time.Second, 9: 15 * time.Second, 99: 15 * time.Second} {
		if got := pause(e, attempt); got < least || got > least+least/4+1 {
			t.Errorf("after try %d the pause is %s, want about %s", attempt, got, least)
		}
	}
	long := &uc.Error{Kind: uc.Throttled, RetryAfter: time.Hour}
	if got := pause(long, 3); got < time.Hour {
		t.Errorf("the pause is %s although the system asked for an hour", got)
	}
}
