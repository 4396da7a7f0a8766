package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newOrderCommand(a *app) *cobra.Command {
	return a.clientFlags(group("order", "See and steer orders",
		newOrderListCommand(a), newOrderGetCommand(a), newOrderWatchCommand(a),
		a.orderAction(tell{"resume", "Let a waiting order try again", (*apiclient.Client).Resume, isWaiting}),
		a.orderAction(tell{"cancel", "End an open order and undo what it made", (*apiclient.Client).Cancel, isOpen}),
		newOrderRescheduleCommand(a)))
}

func isWaiting(s uc.OrderState) bool   { return s == uc.Waiting }
func isOpen(s uc.OrderState) bool      { return s.Open() }
func isScheduled(s uc.OrderState) bool { return s == uc.Scheduled }

// orderIDs completes orders in a state in which the command makes sense.
func (a *app) orderIDs(fits func(uc.OrderState) bool) cobra.CompletionFunc {
	return a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		orders, err := c.Orders(ctx, apiclient.OrderQuery{Limit: 100})
		if err != nil {
			return nil, err
		}
		var words []string
		for _, o := range orders.Items {
			if fits(o.State) {
				words = append(words, fmt.Sprintf("%s\t%s %s", o.ID, o.UserID, o.State))
			}
		}
		return words, nil
	})
}

func newOrderListCommand(a *app) *cobra.Command {
	var q apiclient.OrderQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List orders, newest first", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := listOrders(ctx, c, q)
			if err != nil {
				return err
			}
			return a.print(list, orderListing(list.Items))
		}),
	}
	flags := cmd.Flags()
	flags.StringVar((*string)(&q.State), "state", "",
		"only orders in this state: scheduled, running, waiting, done, failed, cancelled")
	flags.StringVar(&q.User, "user", "", "only orders of this person")
	flags.StringVar(&q.ServiceArea, "service-area", "", "only orders of this service area")
	flags.IntVar(&q.Limit, "limit", 50, "at most so many; 0 = all")
	return cmd
}

// maxPage is the most that the API gives at once.
const maxPage = 500

// listOrders reads as many parts as the limit asks for.
func listOrders(ctx context.Context, c *apiclient.Client, q apiclient.OrderQuery) (api.OrderList, error) {
	out := api.OrderList{Items: []uc.Order{}}
	left := q.Limit
	for {
		q.Limit = maxPage
		if left > 0 {
			q.Limit = min(left, maxPage)
		}
		list, err := c.Orders(ctx, q)
		if err != nil {
			return out, err
		}
		out.Items, out.Next = append(out.Items, list.Items...), list.Next
		if left > 0 {
			if left -= len(list.Items); left <= 0 {
				return out, nil
			}
		}
		if list.Next == "" {
			return out, nil
		}
		q.Cursor = list.Next
	}
}

func orderListing(orders []uc.Order) listing {
	l := listing{header: []string{"ORDER", "USER", "SERVICE AREA", "STATE", "NUMBER", "E164", "CREATED AT", "DETAIL"}}
	for _, o := range orders {
		number, e164 := heldNumber(o)
		l.add(o.ID, o.UserID, o.ServiceArea, string(o.State), number, e164, moment(&o.CreatedAt), orderDetail(o))
	}
	return l
}

// heldNumber is the order's number unless it was given back.
func heldNumber(o uc.Order) (number, e164 string) {
	if o.State == uc.Failed || o.State == uc.Cancelled {
		return "", ""
	}
	return o.Number, o.E164
}

// orderDetail is the order's detail; of a scheduled one, when it begins.
func orderDetail(o uc.Order) string {
	if o.State == uc.Scheduled && o.Detail == "" {
		return "begins " + moment(o.StartAt)
	}
	return o.Detail
}

func newOrderGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get ORDER", Short: "Show one order with its steps, and what to do when it waits or failed",
		Args: exactArgs("ORDER"), ValidArgsFunction: a.orderIDs(func(uc.OrderState) bool { return true }),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			o, err := c.Order(ctx, args[0])
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(o, stepListing(o.Steps))
			}
			if _, err := fmt.Fprintln(a.out, orderText(o)); err != nil {
				return err
			}
			if len(o.Steps) == 0 {
				return nil
			}
			return writeTable(a.out, stepListing(o.Steps))
		}),
	}
}

func stepListing(steps []uc.Step) listing {
	l := listing{header: []string{"STEP", "STATE", "ATTEMPTS", "TOOK", "KIND", "DETAIL"}}
	for _, s := range steps {
		name, took := s.Name, ""
		if s.Undo {
			name = "undo: " + name
		}
		if s.EndedAt != nil {
			took = s.EndedAt.Sub(s.StartedAt).Round(time.Millisecond).String()
		}
		l.add(name, string(s.State), strconv.Itoa(s.Attempts), took, string(s.Kind), s.Detail)
	}
	return l
}

// orderText is the order in words.
func orderText(o uc.Order) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-15s %s\n", name, plain(value))
		}
	}
	line("Order", o.ID)
	line("Person", o.UserID)
	if o.Joiner != nil {
		line("Name", o.Joiner.User.Name())
	}
	line("Service area", o.ServiceArea)
	line("State", stateText(o))
	number, e164 := heldNumber(o)
	line("Number", number)
	line("E.164", e164)
	if o.State != uc.Failed && o.State != uc.Cancelled {
		line("Device profile", o.DeviceProfile)
	}
	line("Begins", moment(o.StartAt))
	line("Asked for by", o.CreatedBy+", "+moment(&o.CreatedAt))
	line("Ended", moment(o.EndedAt))
	line("Why", o.Detail)
	line("What to do", advice(o))
	return b.String()
}

func stateText(o uc.Order) string {
	switch {
	case o.State == uc.Waiting && o.WaitingStep != "":
		return fmt.Sprintf("waiting at %s (%s)", o.WaitingStep, o.FailureKind)
	case o.State == uc.Failed && o.FailureKind != "":
		return fmt.Sprintf("failed (%s), %s", o.FailureKind, undoText(o.Steps))
	case o.State == uc.Done && o.Outcome == uc.NumberUnmade:
		return "done, no number"
	}
	return string(o.State)
}

// undoText says whether the steps that take something back did.
func undoText(steps []uc.Step) string {
	for _, s := range steps {
		if s.Undo && s.State != uc.StepDone {
			return "not everything it made could be undone: see the steps"
		}
	}
	return "everything it made was undone"
}

// advice is what a person can do about an order that waits or failed, in the words
// of docs/errors.md.
func advice(o uc.Order) string {
	if o.State != uc.Waiting && o.State != uc.Failed {
		return ""
	}
	const again = "then send the person again with `dialtone join --again`"
	switch o.FailureKind {
	case uc.Exhausted:
		return "add numbers with `dialtone pool import`; the order goes on by itself"
	case uc.Denied:
		return "put the account or its rights on that system in order, then `dialtone order resume " + o.ID + "`"
	case uc.Invalid:
		return "correct the request, the catalog or the template, " + again
	case uc.NotFound:
		return "make what is missing, or correct its name in the catalog, " + again
	case uc.Conflict:
		return "clear what stands in the way on that system, " + again
	case uc.Throttled, uc.Unavailable:
		return "nothing: it is tried again by itself; look at that system when it lasts"
	case uc.Internal:
		return "look at the worker's log under this order, then `dialtone order resume " + o.ID + "`"
	}
	return ""
}

// tell is something that an order can be told.
type tell struct {
	what, short string
	act         func(c *apiclient.Client, ctx context.Context, id string) (uc.Order, error)
	fits        func(uc.OrderState) bool
}

// orderAction is a command that tells one order something.
func (a *app) orderAction(t tell) *cobra.Command {
	return &cobra.Command{
		Use: t.what + " ORDER", Short: t.short, Args: exactArgs("ORDER"), ValidArgsFunction: a.orderIDs(t.fits),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			o, err := t.act(c, ctx, args[0])
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(o, orderListing([]uc.Order{o}))
			}
			begins := ""
			if t.what == "reschedule" && o.StartAt != nil {
				begins = ", it begins " + moment(o.StartAt)
			}
			_, err = fmt.Fprintf(a.out, "order %s of %s: %s is accepted%s; `dialtone order watch %s` shows how it goes on\n",
				o.ID, plain(o.UserID), t.what, begins, o.ID)
			return err
		}),
	}
}

func newOrderRescheduleCommand(a *app) *cobra.Command {
	var startAt string
	cmd := a.orderAction(tell{
		"reschedule", "Move the start date of a scheduled order",
		func(c *apiclient.Client, ctx context.Context, id string) (uc.Order, error) {
			at, err := parseStart(startAt)
			if err != nil {
				return uc.Order{}, err
			}
			return c.Reschedule(ctx, id, at)
		}, isScheduled,
	})
	cmd.Flags().StringVar(&startAt, "start-at", "", "the new start date: 2006-01-02 or RFC 3339")
	must(cmd.MarkFlagRequired("start-at"))
	return cmd
}

// parseStart reads a date, midnight in UTC, or a moment.
func parseStart(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError(fmt.Sprintf("date %q: write it like 2006-01-02 or 2006-01-02T08:00:00+01:00", text))
}
