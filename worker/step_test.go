package worker

import (
	"context"
	"errors"
	"testing"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/uc"
)

// stepIn is the input of the effects of these tests.
type stepIn struct{ uc.StepRef }

// An effect's end is in the order's steps, whatever way it ended; a panic waits for a
// human like any mistake of ours.
func TestStepIsRecorded(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	tests := map[string]struct {
		reason string
		effect func(context.Context) error
		state  uc.StepState
		kind   uc.Kind
		retry  bool
	}{
		"done":        {"it succeeded", func(context.Context) error { return nil }, uc.StepDone, "", false},
		"conflict":    {"no other attempt follows", func(context.Context) error { return uc.Conflict }, uc.StepFailed, uc.Conflict, false},
		"unavailable": {"another attempt follows", func(context.Context) error { return uc.Unavailable }, uc.StepRetry, uc.Unavailable, true},
		"internal":    {"a few attempts follow", func(context.Context) error { return errors.New("boom") }, uc.StepRetry, uc.Internal, true},
		"panic":       {"it is a mistake of ours", func(context.Context) error { panic("boom") }, uc.StepRetry, uc.Internal, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, _, err := d.OpenOrder(t.Context(), db.NewOrder{
				ID: "order-" + name, Kind: uc.JoinerOrder, UserID: name,
				Joiner: &uc.Joiner{User: uc.User{ID: name, LastName: "L"}}, CreatedBy: "test", State: uc.Running,
			})
			if err != nil {
				t.Fatal(err)
			}
			err = execute(d, order.ID, func(ctx context.Context, _ stepIn) error { return tt.effect(ctx) })
			var app *temporal.ApplicationError
			if errors.As(err, &app) != (tt.kind != "") || app != nil && (uc.Kind(app.Type()) != tt.kind || app.NonRetryable() == tt.retry) {
				t.Errorf("the error is %v, want %s, retried %v: %s", err, tt.kind, tt.retry, tt.reason)
			}
			order, err = d.GetOrder(t.Context(), order.ID)
			if err != nil || len(order.Steps) != 1 {
				t.Fatalf("the order has the steps %+v, %v", order.Steps, err)
			}
			if s := order.Steps[0]; s.State != tt.state || s.Kind != tt.kind || s.EndedAt == nil {
				t.Errorf("the step is %s (%s), ended %v, want %s (%s): %s", s.State, s.Kind, s.EndedAt, tt.state, tt.kind, tt.reason)
			}
		})
	}
}

// execute runs an activity of the order as a worker does.
func execute(d *db.DB, orderID string, activity func(context.Context, stepIn) error) error {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(Logger(zap.NewNop()))
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(sdk.Options{Interceptors: []interceptor.WorkerInterceptor{Interceptor(d, zap.NewNop())}})
	env.RegisterActivity(activity)
	_, err := env.ExecuteActivity(activity, stepIn{uc.StepRef{OrderID: orderID}})
	return err
}
