package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// PINResetInput is the input of a PIN reset's story.
type PINResetInput struct {
	OrderID string `json:"orderId"`
}

// PINReset gives a person a new PIN, which reaches the person alone and must be
// changed. The old one is unknown to everybody, so nothing is undone.
func PINReset(ctx workflow.Context, in PINResetInput) error {
	s := &story{orderID: in.OrderID, kind: uc.PINOrder}
	s.startOver = func(ctx workflow.Context) error { return workflow.NewContinueAsNewError(ctx, PINReset, in) }
	err := s.resetPIN(ctx)
	return s.end(ctx, doneSaying("a new PIN was sent to the person"), err)
}

func (s *story) resetPIN(ctx workflow.Context) error {
	person, err := s.activePerson(ctx)
	if err != nil {
		return err
	}
	has := person.Services
	if has == nil {
		return refused("user %s has no services: there is no PIN to reset", person.UserID)
	}
	if err := s.set(ctx, running()); err != nil {
		return err
	}
	in := activities.PINResetIn{
		On:   activities.On{StepRef: uc.StepRef{OrderID: s.orderID}, CallProcessor: has.CallProcessor},
		User: has.User.User, Digits: has.User.PINDigits, Number: has.Number.Digits,
	}
	return s.step(ctx, "ResetPIN", func(ctx workflow.Context) error {
		return do(remote(ctx, CallProcessorQueue(has.CallProcessor), "must be changed"), callProcessors.ResetPIN, in)
	})
}

// doneSaying is the end of an order that succeeded, in one sentence.
func doneSaying(detail string) uc.OrderChange {
	state, none := uc.Done, ""
	kind := uc.Kind("")
	return uc.OrderChange{State: &state, Detail: &detail, FailureKind: &kind, WaitingStep: &none}
}
