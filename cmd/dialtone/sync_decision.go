package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newSyncCancelCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "cancel SYNC", Short: "End a sync; the copy stays as it was",
		Args: exactArgs("SYNC"), ValidArgsFunction: first(a.syncIDs(isUnfinished)),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := c.CancelSync(ctx, args[0])
			if err != nil {
				return err
			}
			return a.printTold(s, "cancel")
		}),
	}
}

// syncDecision is a command that decides about a sync that the guard holds.
func (a *app) syncDecision(what, short string,
	decide func(c *apiclient.Client, ctx context.Context, id, reason string) (uc.Sync, error),
) *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: what + " SYNC --reason TEXT", Short: short,
		Long: short + ".\nIts report says who decided so, and why.",
		Args: exactArgs("SYNC"), ValidArgsFunction: first(a.syncIDs(isHeld)),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := decide(c, ctx, args[0], reason)
			if err != nil {
				return err
			}
			return a.printTold(s, what)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the report")
	must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// printTold says that a sync was told something.
func (a *app) printTold(s uc.Sync, what string) error {
	if a.output != formatTable {
		return a.print(s, syncListing([]uc.Sync{s}))
	}
	_, err := fmt.Fprintf(a.out, "sync %s of %s: %s is accepted; `dialtone sync watch %s` shows how it goes on\n",
		s.ID, plain(s.CallProcessor), what, s.ID)
	return err
}
