package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const guardHelp = `A burst of leavers, number releases or moves is held before its first write: when
more orders of a kind than the domain's limit (50, or 5 % of its people) would pass
within its window (24h), the rest wait as one hold. One decision settles a hold:
approved orders go on, rejected ones are cancelled. No decision raises the limit.`

func newGuardCommand(a *app) *cobra.Command {
	cmd := group("guard", "See bursts of orders that are held, and decide about them",
		newGuardListCommand(a),
		a.guardDecision("approve", "Let the orders of a hold go on", (*apiclient.Client).ApproveGuardHold),
		a.guardDecision("reject", "Cancel the orders of a hold", (*apiclient.Client).RejectGuardHold))
	cmd.Long = guardHelp
	return a.clientFlags(cmd)
}

func newGuardListCommand(a *app) *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use: "list", Short: "List holds that wait for a decision", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			holds, err := c.GuardHolds(ctx, all)
			if err != nil {
				return err
			}
			return a.print(holds, guardListing(holds.Items))
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "decided ones, too")
	return cmd
}

func guardListing(holds []uc.GuardHold) listing {
	l := listing{header: []string{
		"HOLD", "KIND", "DOMAIN", "STATE", "ORDERS", "WAITING", "OPENED AT", "DECIDED AT", "DECIDED BY", "REASON", "DETAIL",
	}}
	for _, h := range holds {
		l.add(strconv.FormatInt(h.ID, 10), string(h.Kind), h.Domain, string(h.State), strconv.Itoa(h.Orders),
			strconv.Itoa(h.Waiting), moment(&h.OpenedAt), moment(h.DecidedAt), h.DecidedBy, h.Reason, h.Detail)
	}
	return l
}

// guardDecision is a command that settles one hold.
func (a *app) guardDecision(
	what, short string,
	decide func(c *apiclient.Client, ctx context.Context, id int64, reason string) (uc.GuardHold, error),
) *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: what + " HOLD --reason TEXT", Short: short, Long: short + ".\n\n" + guardHelp,
		Args: exactArgs("HOLD"), ValidArgsFunction: a.openHolds(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError(fmt.Sprintf("hold %q: write its number; dialtone guard list shows it", args[0]))
			}
			h, err := decide(c, ctx, id, reason)
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(h, guardListing([]uc.GuardHold{h}))
			}
			_, err = fmt.Fprintf(a.out, "hold %d (%s, domain %s) is %s: it held %d orders; `dialtone order list` shows how they go on\n",
				h.ID, h.Kind, plain(h.Domain), h.State, h.Orders)
			return err
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// openHolds completes the holds that wait for a decision.
func (a *app) openHolds() cobra.CompletionFunc {
	return a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		holds, err := c.GuardHolds(ctx, false)
		if err != nil {
			return nil, err
		}
		words := make([]string, len(holds.Items))
		for i, h := range holds.Items {
			words[i] = fmt.Sprintf("%d\t%s %s, %d orders", h.ID, h.Kind, h.Domain, h.Waiting)
		}
		return words, nil
	})
}
