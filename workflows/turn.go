package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// preempts reports whether an order ends the other one instead of waiting for it:
// who leaves needs nothing else any more, and who is hired again does not leave.
// A leaver's story that has removed something does not listen.
func preempts(kind, ahead uc.OrderKind) bool {
	return kind == uc.LeaverOrder && ahead != uc.LeaverOrder || kind == uc.JoinerOrder && ahead == uc.LeaverOrder
}

// takeTurn waits until the person's earlier orders have ended: two stories of one
// person never run at once.
func (s *story) takeTurn(ctx workflow.Context) error {
	said := ""
	for looks := 0; ; looks++ {
		ahead, err := local(ctx, inventory.TakeTurn, activities.TurnIn{OrderID: s.orderID})
		if err != nil {
			return err
		}
		if ahead.OrderID == s.orderID {
			return nil
		}
		if said != ahead.OrderID {
			said = ahead.OrderID
			if err := s.giveWay(ctx, ahead); err != nil {
				return err
			}
		}
		if err := s.waitForTurn(ctx, looks); err != nil {
			return err
		}
		if err := s.grown(ctx); err != nil {
			return err
		}
	}
}

// giveWay says for which order this one waits, and ends that one when this one takes
// its place.
func (s *story) giveWay(ctx workflow.Context, ahead activities.TurnOut) error {
	detail := fmt.Sprintf("it comes after order %s (%s) of the person", ahead.OrderID, ahead.Kind)
	if preempts(s.kind, ahead.Kind) && ahead.Stage != uc.AtRemoval.String() {
		detail = fmt.Sprintf("it takes the place of order %s (%s) of the person, which is being undone", ahead.OrderID, ahead.Kind)
		if err := workflow.RequestCancelExternalWorkflow(ctx, ahead.WorkflowID, "").Get(ctx, nil); err != nil {
			// It has just ended, or has not begun yet: the next look shows which.
			workflow.GetLogger(ctx).Info("an order to take the place of is not there",
				"order", s.orderID, "ahead", ahead.OrderID, "detail", err.Error())
		}
	}
	return s.set(ctx, waiting("", detail, "TakeTurn"))
}

// waitForTurn returns when the order ahead has ended or it is time to look again,
// for a signal may be lost.
func (s *story) waitForTurn(ctx workflow.Context, looks int) error {
	timerCtx, stop := workflow.WithCancel(ctx)
	defer stop()
	sel := workflow.NewSelector(ctx)
	for _, name := range []string{signalTurn, signalResume} {
		sel.AddReceive(workflow.GetSignalChannel(ctx, name), func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
	}
	sel.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	pause := min(firstTurn<<min(looks, 10), lastLook)
	timer := workflow.NewTimerWithOptions(timerCtx, pause, workflow.TimerOptions{Summary: "look whose turn it is"})
	sel.AddFuture(timer, func(workflow.Future) {})
	sel.Select(ctx)
	return ctx.Err()
}

// firstTurn is the first pause between two looks at the line of a person's orders.
const firstTurn = 10 * time.Second

// wake tells the person's next order that its turn has come.
func (s *story) wake(ctx workflow.Context, next activities.TurnOut) {
	if next.WorkflowID == "" {
		return
	}
	err := workflow.SignalExternalWorkflow(ctx, next.WorkflowID, "", signalTurn, s.orderID).Get(ctx, nil)
	if err != nil {
		// It has not begun yet, or has just ended: it looks by itself.
		workflow.GetLogger(ctx).Info("the next order was not told that its turn has come",
			"order", s.orderID, "next", next.OrderID, "detail", err.Error())
	}
}
