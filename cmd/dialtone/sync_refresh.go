package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newSyncRefreshCommand(a *app) *cobra.Command {
	var r api.RefreshRequest
	cmd := &cobra.Command{
		Use: "refresh USER", Short: "Read one person, and what is the person's, into the copy now",
		Args: exactArgs("USER"), ValidArgsFunction: a.userIDs(uc.Active, uc.Leaving, uc.Left),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			r.UserID = args[0]
			out, err := c.RefreshEstate(ctx, r)
			if err != nil {
				return err
			}
			l := listing{header: []string{"USER", "CALL PROCESSOR", "THERE", "ADDED", "CHANGED", "SAME", "GONE"}}
			for _, p := range out.Items {
				there := "yes"
				if !p.There {
					there = "no"
				}
				l.add(p.UserID, p.CallProcessor, there, strconv.Itoa(p.Added), strconv.Itoa(p.Changed), strconv.Itoa(p.Same), strconv.Itoa(p.Gone))
			}
			return a.print(out, l)
		}),
	}
	cmd.Flags().StringVar(&r.CallProcessor, "call-processor", "", "only on this call processor")
	must(cmd.RegisterFlagCompletionFunc("call-processor", a.callProcessors()))
	return cmd
}
