package main

import (
	"context"
	"fmt"
	"strconv"
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
	flags.StringVar((*string)(&q.Kind), "kind", "",
		"only orders of this kind: joiner, leaver, mover, number_request, phone, pin_reset, number_release")
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
	l := listing{header: []string{"ORDER", "KIND", "USER", "SERVICE AREA", "STATE", "NUMBER", "E164", "CREATED AT", "DETAIL"}}
	for _, o := range orders {
		number, e164 := heldNumber(o)
		l.add(o.ID, string(o.Kind), o.UserID, o.ServiceArea, string(o.State), number, e164, moment(&o.CreatedAt), orderDetail(o))
	}
	return l
}

// heldNumber is the order's number unless it was given back, which is what a leaver is
// for.
func heldNumber(o uc.Order) (number, e164 string) {
	if o.State == uc.Failed || o.State == uc.Cancelled || o.Kind == uc.LeaverOrder && o.State == uc.Done {
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
	var startAt, leaveAt string
	cmd := a.orderAction(tell{
		"reschedule", "Move the date of a scheduled joiner or leaver",
		func(c *apiclient.Client, ctx context.Context, id string) (uc.Order, error) {
			at, err := parseStart(startAt + leaveAt)
			if err != nil {
				return uc.Order{}, err
			}
			if leaveAt != "" {
				return c.RescheduleLeaver(ctx, id, at)
			}
			return c.Reschedule(ctx, id, at)
		}, isScheduled,
	})
	cmd.Flags().StringVar(&startAt, "start-at", "", "the new start date of a joiner: 2006-01-02 or RFC 3339")
	cmd.Flags().StringVar(&leaveAt, "leave-at", "", "the new date of a leaver")
	oneOf(cmd, "start-at", "leave-at")
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
