package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// showPlan shows what a leaver's order would change and remove.
func (a *app) showPlan(ctx context.Context, c *apiclient.Client, user, area string) error {
	plan, err := c.LeaverPlan(ctx, user, area)
	if err != nil {
		return err
	}
	if a.output != formatTable {
		return a.print(plan, planListing(plan))
	}
	if len(plan.Objects) == 0 {
		_, err := fmt.Fprintf(a.out, "Nothing is changed or removed when %s leaves: there is nothing of the person.\n", plain(plan.UserID))
		return err
	}
	if _, err := fmt.Fprintf(a.out, "What happens when %s leaves:\n\n", plain(plan.UserID)); err != nil {
		return err
	}
	return writeTable(a.out, planListing(plan))
}

func planListing(p uc.LeaverPlan) listing {
	l := listing{header: []string{"ACTION", "OBJECT", "SYSTEM", "WHEN", "WHY", "AFFECTS"}}
	for _, o := range p.Objects {
		when := ""
		if o.Stage != "" {
			when = o.Stage.String()
		}
		l.add(string(o.Action), objectText(o), o.System, when, o.Why, strings.Join(o.Affects, ", "))
	}
	return l
}

// objectText names an object: "line 4711 in PT_Berlin".
func objectText(o uc.PlannedObject) string {
	text := strings.ReplaceAll(o.Type, "_", " ") + " " + o.Key
	if o.Partition != "" {
		text += " in " + o.Partition
	}
	return text
}

// recall cancels the person's open leaver.
func (a *app) recall(ctx context.Context, c *apiclient.Client, user string, o leaveOptions) error {
	order, err := openLeaver(ctx, c, user)
	if err != nil {
		return err
	}
	if order, err = c.Cancel(ctx, order.ID); err != nil {
		return err
	}
	if o.wait {
		if order, err = a.untilRecalled(ctx, c, order, o); err != nil {
			return err
		}
	}
	if a.output != formatTable {
		err = a.print(order, orderListing([]uc.Order{order}))
	} else if order.State.Open() {
		_, err = fmt.Fprintf(a.out, "order %s of %s: recall is accepted; `dialtone order watch %s` shows how it goes on\n",
			order.ID, plain(order.UserID), order.ID)
	} else {
		err = writeTable(a.out, orderListing([]uc.Order{order}))
	}
	if err == nil && o.wait && order.State != uc.Cancelled {
		err = &codeError{code: exitNotDone}
	}
	return err
}

// openLeaver finds the leaver that can be recalled. Fails with uc.NotFound.
func openLeaver(ctx context.Context, c *apiclient.Client, user string) (uc.Order, error) {
	page, err := c.Orders(ctx, apiclient.OrderQuery{Kind: uc.LeaverOrder, User: user, Limit: 1})
	if err != nil {
		return uc.Order{}, err
	}
	for _, o := range page.Items { // the newest: a person has one open leaver at most
		if o.State.Open() {
			return o, nil
		}
	}
	return uc.Order{}, &uc.Error{Kind: uc.NotFound, Detail: fmt.Sprintf(
		"user %s is not leaving: there is no open leaver's order to recall", user)}
}

// untilRecalled waits until the order has ended, and returns it.
func (a *app) untilRecalled(ctx context.Context, c *apiclient.Client, order uc.Order, o leaveOptions) (uc.Order, error) {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	w := newWatch(c, []string{order.ID}, func(o uc.Order) bool { return !o.State.Open() })
	err := w.run(ctx, newProgress(a.errOut))
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // the order as it was seen last says that it goes on
	}
	if last, seen := w.orders[order.ID]; seen {
		order = last
	}
	return order, err
}
