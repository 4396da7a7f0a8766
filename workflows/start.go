package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/uc"
)

// orderMemo is the memo field that tells which order a workflow runs for.
const orderMemo = "order"

// Start starts the order's story. It is idempotent: a story of the same order that
// runs already is success. Fails with Conflict when the person has another story of
// the kind running, Unavailable when Temporal does not answer.
func Start(ctx context.Context, c client.Client, o uc.Order) error {
	tell, err := storyOf(o)
	if err != nil {
		return err
	}
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: o.WorkflowID, TaskQueue: TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            summary(tell.summary),
		Memo:                                     map[string]any{orderMemo: o.ID},
		TypedSearchAttributes: temporal.NewSearchAttributes(orderAttribute.ValueSet(o.ID),
			userAttribute.ValueSet(o.UserID), kindAttribute.ValueSet(string(o.Kind)),
			areaAttribute.ValueSet(o.ServiceArea)),
	}, tell.workflow, tell.input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if !errors.As(err, &started) {
		return temporalError("start", err)
	}
	return sameOrder(ctx, c, o.WorkflowID, o)
}

// telling is how an order's story is started.
type telling struct {
	workflow any
	input    any
	summary  string // one line for Temporal's web UI
}

// Stories are the workflows that a worker registers.
func Stories() []any {
	return []any{
		CallProcessorSync, ChangeWatch, Joiner, Leaver, LeaverPreview, Mover, NumberRequest, NumberRelease, PhoneChange, PINReset,
		RefreshPerson, ScheduledSync,
	}
}

// storyOf is the story of an order. Fails with Internal when there is none.
func storyOf(o uc.Order) (telling, error) {
	switch {
	case o.Kind == uc.JoinerOrder && o.Joiner != nil:
		return telling{
			Joiner,
			JoinerInput{OrderID: o.ID, Joiner: *o.Joiner},
			fmt.Sprintf("%s joins %s", o.Joiner.User.Name(), o.ServiceArea),
		}, nil
	case o.Kind == uc.NumberRequestOrder && o.NumberRequest != nil:
		return telling{
			NumberRequest,
			NumberRequestInput{OrderID: o.ID, NumberRequest: *o.NumberRequest},
			fmt.Sprintf("%s asks for a number", o.UserID),
		}, nil
	case o.Kind == uc.NumberReleaseOrder && o.NumberRelease != nil:
		return telling{
			NumberRelease,
			NumberReleaseInput{OrderID: o.ID, NumberRelease: *o.NumberRelease},
			fmt.Sprintf("%s gives %s back", o.UserID, o.NumberRelease.Number),
		}, nil
	case o.Kind == uc.MoverOrder && o.Mover != nil:
		return telling{Mover, MoverInput{OrderID: o.ID, Mover: *o.Mover}, fmt.Sprintf("%s moves to %s", o.UserID, o.ServiceArea)}, nil
	case o.Kind == uc.PhoneOrder && o.PhoneChange != nil:
		return telling{
			PhoneChange,
			PhoneChangeInput{OrderID: o.ID, PhoneChange: *o.PhoneChange},
			fmt.Sprintf("%s: %s %s", o.UserID, o.PhoneChange.Action, o.PhoneChange.Phone),
		}, nil
	case o.Kind == uc.PINOrder:
		return telling{PINReset, PINResetInput{OrderID: o.ID}, o.UserID + " gets a new PIN"}, nil
	case o.Kind == uc.LeaverOrder && o.Leaver != nil:
		return telling{Leaver, LeaverInput{OrderID: o.ID, Leaver: *o.Leaver}, o.UserID + " leaves " + o.ServiceArea}, nil
	}
	return telling{}, &uc.Error{Kind: uc.Internal, Detail: fmt.Sprintf("order %s of kind %q has no story", o.ID, o.Kind)}
}

// sameOrder succeeds when the running workflow is the order's own.
func sameOrder(ctx context.Context, c client.Client, id string, o uc.Order) error {
	running, _, err := runningOrder(ctx, c, id)
	if err != nil || running == o.ID {
		return err
	}
	return &uc.Error{
		Kind: uc.Conflict, System: "temporal", Op: "start",
		Detail: fmt.Sprintf("order %s of user %s is still running", running, o.UserID),
	}
}

// runningOrder tells for which order the newest run of a workflow is, and its run.
func runningOrder(ctx context.Context, c client.Client, id string) (order, run string, err error) {
	d, err := c.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return "", "", temporalError("describe", err)
	}
	info := d.GetWorkflowExecutionInfo()
	if p := info.GetMemo().GetFields()[orderMemo]; p != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(p, &order); err != nil {
			return "", "", &uc.Error{Kind: uc.Internal, System: "temporal", Op: "describe", Detail: "reading the memo", Err: err}
		}
	}
	return order, info.GetExecution().GetRunId(), nil
}

// ownRun is the run of the order's own story: what is meant for one order never
// reaches another of the same person.
func ownRun(ctx context.Context, c client.Client, o uc.Order) (string, error) {
	order, run, err := runningOrder(ctx, c, o.WorkflowID)
	if err == nil && order != o.ID {
		err = &uc.Error{
			Kind: uc.NotFound, System: "temporal", Op: "describe",
			Detail: fmt.Sprintf("no story of order %s runs", o.ID),
		}
	}
	return run, err
}

// Resume lets a waiting order try again at once. Fails with NotFound when its story
// does not run.
func Resume(ctx context.Context, c client.Client, o uc.Order) error {
	return signal(ctx, c, o, signalResume, nil)
}

// Cancel makes the order's story undo what it made and end. Fails with NotFound
// when its story does not run.
func Cancel(ctx context.Context, c client.Client, o uc.Order) error {
	run, err := ownRun(ctx, c, o)
	if err != nil {
		return err
	}
	return temporalError("cancel", c.CancelWorkflow(ctx, o.WorkflowID, run))
}

// Reschedule moves the time at which a scheduled order begins, the lead time before
// the start date. Fails with NotFound when its
// story does not run.
func Reschedule(ctx context.Context, c client.Client, o uc.Order, at time.Time) error {
	return signal(ctx, c, o, signalReschedule, at)
}

func signal(ctx context.Context, c client.Client, o uc.Order, name string, arg any) error {
	run, err := ownRun(ctx, c, o)
	if err != nil {
		return err
	}
	return temporalError("signal", c.SignalWorkflow(ctx, o.WorkflowID, run, name, arg))
}

// temporalError gives an error of the Temporal service its kind.
func temporalError(op string, err error) error {
	if err == nil {
		return nil
	}
	kind := uc.Unavailable
	var missing *serviceerror.NotFound
	var refused *serviceerror.PermissionDenied
	var bad *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &missing):
		kind = uc.NotFound
	case errors.As(err, &refused):
		kind = uc.Denied
	case errors.As(err, &bad):
		kind = uc.Internal
	}
	return &uc.Error{Kind: kind, System: "temporal", Op: op, Detail: err.Error(), Err: err}
}
