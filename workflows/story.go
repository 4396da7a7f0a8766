package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// Activities are called by their methods' names; the receivers are never used.
var (
	inventory      *activities.Inventory
	callProcessors *activities.CallProcessor
	directories    *activities.Directory
	notifiers      *activities.Notifier
	estate         *activities.Estate
)

// story is what every kind of order has: its id, what is to be undone, and the way
// in which it waits.
type story struct {
	orderID string
	kind    uc.OrderKind
	undo    undo
	// startOver begins the story anew with an empty history. It is set while nothing
	// was done but what is found done again: a wait of months, and a search through
	// thousands of numbers, must not outgrow the history.
	startOver func(workflow.Context) error

	bound workflow.Context // the cancellable context of a story that only goes forward; nil = it can be undone
	left  []string         // what such a story has left undone
}

// bind makes the story go only forward from here: nothing is undone any more, and a
// step that fails waits, whatever its kind. A cancellation ends such a wait, and the
// step is left out and named. What follows runs on the context that is returned, which
// is not cancelled.
func (s *story) bind(ctx workflow.Context) (workflow.Context, workflow.CancelFunc) {
	s.undo, s.startOver, s.bound = undo{}, nil, ctx
	return workflow.NewDisconnectedContext(ctx)
}

// grown returns the error that begins the story anew when its history has grown long
// and that is possible, nil otherwise.
func (s *story) grown(ctx workflow.Context) error {
	if s.startOver == nil || !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		return nil
	}
	return s.startOver(ctx)
}

// set writes what became of the order.
func (s *story) set(ctx workflow.Context, change uc.OrderChange) error {
	return record(ctx, inventory.SetOrder, activities.OrderIn{OrderID: s.orderID, Change: change})
}

// step runs one effect. A failure that parks makes the order wait: for a resume,
// and for a number also for the next look at the pool. Then the effect is tried
// again; all that was done before stays.
func (s *story) step(ctx workflow.Context, name string, effect func(ctx workflow.Context) error) error {
	looks := 0
	said := ""
	for {
		err := effect(ctx)
		if !s.waits(err) {
			if said != "" && err == nil {
				return s.set(ctx, running())
			}
			return err
		}
		kind, detail := failure(err)
		if said != detail {
			if err := s.set(ctx, waiting(kind, detail, name)); err != nil {
				return err
			}
			workflow.GetLogger(ctx).Info("the order waits", "order", s.orderID, "step", name, "kind", string(kind))
			workflow.SetCurrentDetails(ctx, "Waiting at **"+name+"**: "+detail)
			said = detail
		}
		if s.bound != nil && s.bound.Err() != nil {
			s.left = append(s.left, name+" ("+detail+")")
			return nil //nolint:nilerr // the step is left out, and the order says so
		}
		again := ""
		if kind == uc.Exhausted {
			again = "look at the pool again"
		}
		if err := s.wait(ctx, again, looks); err != nil {
			return err
		}
		if err := s.grown(ctx); err != nil {
			return err
		}
		looks++
	}
}

// waits reports whether the order waits after the error of a step.
func (s *story) waits(err error) bool { return parks(err) || s.bound != nil && err != nil }

// wait returns when the order is resumed, when it is time for what is to be done
// again, "" = never, or with an error when it is cancelled.
func (s *story) wait(ctx workflow.Context, again string, looks int) error {
	timerCtx, stop := workflow.WithCancel(ctx)
	defer stop()
	sel := workflow.NewSelector(ctx)
	sel.AddReceive(workflow.GetSignalChannel(ctx, signalResume), func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, nil)
	})
	sel.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	if s.bound != nil {
		sel.AddReceive(s.bound.Done(), func(workflow.ReceiveChannel, bool) {})
	}
	if again != "" {
		pause := min(firstLook<<min(looks, 10), lastLook)
		timer := workflow.NewTimerWithOptions(timerCtx, pause, workflow.TimerOptions{Summary: again})
		sel.AddFuture(timer, func(workflow.Future) {})
	}
	sel.Select(ctx)
	return ctx.Err()
}

// await waits until the time, which a reschedule moves. An earlier time than now is
// no wait.
func (s *story) await(ctx workflow.Context, at time.Time) error {
	moved := workflow.GetSignalChannel(ctx, signalReschedule)
	for {
		pause := at.Sub(workflow.Now(ctx))
		if pause <= 0 {
			return ctx.Err()
		}
		timerCtx, stop := workflow.WithCancel(ctx)
		sel := workflow.NewSelector(ctx)
		due := false
		timer := workflow.NewTimerWithOptions(timerCtx, pause,
			workflow.TimerOptions{Summary: "starts " + at.UTC().Format(time.RFC3339)})
		sel.AddFuture(timer, func(workflow.Future) { due = true })
		sel.AddReceive(moved, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, &at) })
		sel.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
		sel.Select(ctx)
		stop()
		if err := ctx.Err(); err != nil {
			return err
		}
		if due {
			return nil
		}
		if err := s.set(ctx, uc.OrderChange{StartAt: &at}); err != nil {
			return err
		}
	}
}

// end writes the order's last state, after undoing when the story failed. It works
// when the story was cancelled. The story's own error is returned as it is.
func (s *story) end(ctx workflow.Context, done uc.OrderChange, err error) error {
	if workflow.IsContinueAsNewError(err) {
		return err
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	change := done
	if err != nil {
		left := s.undo.run(ctx, s)
		change = failed(err, left)
	}
	next, endErr := local(ctx, inventory.EndOrder, activities.OrderIn{OrderID: s.orderID, Change: change})
	if endErr != nil {
		return endErr
	}
	s.wake(ctx, next)
	return err
}

func running() uc.OrderChange {
	state, none := uc.Running, ""
	kind := uc.Kind("")
	return uc.OrderChange{State: &state, FailureKind: &kind, Detail: &none, WaitingStep: &none}
}

func waiting(kind uc.Kind, detail, step string) uc.OrderChange {
	state := uc.Waiting
	return uc.OrderChange{State: &state, FailureKind: &kind, Detail: &detail, WaitingStep: &step}
}

// failed is the end of a story that did not succeed; left says what undo could not
// take back.
func failed(err error, left string) uc.OrderChange {
	state, none := uc.Failed, ""
	kind, detail := failure(err)
	if temporal.IsCanceledError(err) {
		state, kind, detail = uc.Cancelled, "", "cancelled"
	}
	if left != "" {
		detail += "; left behind: " + left
	}
	return uc.OrderChange{
		State: &state, FailureKind: &kind, Detail: &detail, WaitingStep: &none,
		Number: &none, E164: &none, DeviceProfile: &none,
	}
}
