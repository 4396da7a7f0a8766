package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// pollEvery is how often orders are looked at, pollAtMost how many each time.
const (
	pollEvery  = 700 * time.Millisecond
	pollAtMost = 40
)

const watchHelp = `Shows how orders go on. With an ORDER it ends when that order has ended, with exit
code 7 unless it is done; with --all it shows every open order until Ctrl-C.`

func newOrderWatchCommand(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "watch ORDER... | --all", Short: "Show how orders go on, until they end", Long: watchHelp,
		ValidArgsFunction: a.orderIDs(isOpen),
		Args:              someArgs("one or more ORDERs, or --all,", func(n int) bool { return all != (n > 0) }),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			w := newWatch(c, args, func(o uc.Order) bool { return !o.State.Open() })
			w.all = all
			err := w.run(ctx, newProgress(a.out))
			if all && ctx.Err() != nil {
				return nil //nolint:nilerr // Ctrl-C is how watching everything ends
			}
			if err == nil && w.notDone() {
				err = &codeError{code: exitNotDone}
			}
			return err
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "every open order, until Ctrl-C")
	return cmd
}

// settled says that nothing more happens to the order without somebody else: it
// ended, waits, or begins later. One that comes after another order of the person goes
// on by itself.
func settled(o uc.Order) bool {
	return o.State != uc.Running && (o.State != uc.Waiting || o.WaitingStep != "TakeTurn")
}

// waitFor watches the orders of the results until they are settled and puts their
// last state into the results. It reports whether one is neither done nor scheduled.
func (a *app) waitFor(
	ctx context.Context, c *apiclient.Client, results []sentRow, timeout time.Duration,
) (notDone bool, err error) {
	asked := ctx
	var ids []string
	for _, r := range results {
		if r.Order == nil {
			continue
		}
		if r.Order.State.Open() {
			ids = append(ids, r.Order.ID)
		} else if r.Order.State != uc.Done {
			notDone = true
		}
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	w := newWatch(c, ids, settled)
	show := newProgress(a.errOut)
	show.pace = &pace{total: len(ids)}
	err = w.run(ctx, show)
	for i := range results {
		if r := &results[i]; r.Order != nil {
			if o, ok := w.orders[r.Order.ID]; ok {
				r.Order = &o
			}
		}
	}
	if asked.Err() != nil {
		_, err = fmt.Fprintf(a.errOut, "interrupted: %d orders still run, and go on\n", w.open())
		return true, err
	}
	if timeout > 0 && errors.Is(err, context.DeadlineExceeded) {
		_, err = fmt.Fprintf(a.errOut, "%d orders still run after %s\n", w.open(), uc.Duration(timeout))
		return true, err
	}
	return notDone || w.notDone(), err
}

// watch follows orders by asking for them again and again.
type watch struct {
	client *apiclient.Client
	ids    []string
	all    bool // also orders that are opened meanwhile; never ends by itself
	ended  func(uc.Order) bool
	orders map[string]uc.Order // the last state of each
	turn   int                 // where the next look begins
}

func newWatch(c *apiclient.Client, ids []string, ended func(uc.Order) bool) *watch {
	return &watch{client: c, ids: ids, ended: ended, orders: map[string]uc.Order{}}
}

// run looks until every order has ended. An API that answered once and is away for
// a while only delays it; an order that does not exist, or a refusal, ends it.
func (w *watch) run(ctx context.Context, show *progress) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for answered := false; ; {
		err := w.look(ctx)
		passing := errors.Is(err, uc.Unavailable) || errors.Is(err, uc.Throttled)
		if err != nil && (!answered || !passing) {
			return errors.Join(show.end(), err)
		}
		answered = true
		if err := show.update(w.list()); err != nil {
			return err
		}
		if !w.all && w.open() == 0 {
			return show.end()
		}
		select {
		case <-ctx.Done():
			return errors.Join(show.end(), ctx.Err())
		case <-tick.C:
		}
	}
}

// look reads the orders that have not ended, a part of them when they are many.
func (w *watch) look(ctx context.Context) error {
	if w.all {
		if err := w.findOpen(ctx); err != nil {
			return err
		}
	}
	var due []string
	for i := range w.ids {
		id := w.ids[(w.turn+i)%len(w.ids)]
		if o, ok := w.orders[id]; !ok || !w.ended(o) {
			due = append(due, id)
		}
	}
	due = due[:min(len(due), pollAtMost)]
	for _, id := range due {
		o, err := w.client.Order(ctx, id)
		if err != nil {
			return err
		}
		w.orders[id] = o
	}
	if len(due) > 0 && len(w.ids) > 0 {
		w.turn = (w.turn + len(due)) % len(w.ids)
	}
	return nil
}

// findOpen adds the open orders that are not watched yet.
func (w *watch) findOpen(ctx context.Context) error {
	for _, state := range []uc.OrderState{uc.Running, uc.Waiting, uc.Scheduled} {
		list, err := listOrders(ctx, w.client, apiclient.OrderQuery{State: state})
		if err != nil {
			return err
		}
		for _, o := range list.Items {
			if _, known := w.orders[o.ID]; !known {
				w.ids = append(w.ids, o.ID)
				w.orders[o.ID] = o
			}
		}
	}
	return nil
}

// open counts the orders that have not ended as far as is known.
func (w *watch) open() int {
	n := 0
	for _, id := range w.ids {
		if o, known := w.orders[id]; !known || !w.ended(o) {
			n++
		}
	}
	return n
}

// notDone reports whether an order is neither done nor on its way.
func (w *watch) notDone() bool {
	for _, o := range w.orders {
		if o.State != uc.Done && !onItsWay(o) {
			return true
		}
	}
	return false
}

// onItsWay says that the order goes on by itself at a time that is known: it begins
// later, or the person has left and the removal comes when the policy says.
func onItsWay(o uc.Order) bool {
	return o.State == uc.Scheduled || o.State == uc.Waiting && o.Stage == uc.AtLeave.String() &&
		o.FailureKind == "" && o.WaitingStep == ""
}

func (w *watch) list() []uc.Order {
	var out []uc.Order
	for _, id := range w.ids {
		if o, ok := w.orders[id]; ok {
			out = append(out, o)
		}
	}
	return out
}

// watchText is one order in one line: person, state, and where it stands.
func watchText(o uc.Order) string {
	where := o.Detail
	switch o.State {
	case uc.Running:
		where = ""
		if n := len(o.Steps); n > 0 {
			s := o.Steps[n-1]
			where = s.Name
			if s.Attempts > 1 {
				where += fmt.Sprintf(" (attempt %d)", s.Attempts)
			}
		}
	case uc.Scheduled:
		where = "begins " + moment(o.StartAt)
	case uc.Waiting:
		where = strings.TrimPrefix(o.WaitingStep+": "+o.Detail, ": ")
	case uc.Done:
		if number, e164 := heldNumber(o); number != "" {
			where = strings.TrimSpace(number + " " + e164)
		}
	case uc.Failed, uc.Cancelled:
	}
	return plain(fmt.Sprintf("%-20s %-9s %s", o.UserID, o.State, where))
}
