package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newSyncWatchersCommand(a *app) *cobra.Command {
	callProcessor := ""
	cmd := &cobra.Command{
		Use: "watchers", Short: "Show whether what changes comes into the copies, until when, and why not",
		Long: "Shows the change watcher of each call processor. FOLLOWED UNTIL is when it last brought what changed into\n" +
			"the copy, LAST CHANGE when it last found one. States: following; starting; off: the call processor tells no\n" +
			"changes; lost: a full sync runs or begins, for changes were missed; failing: no answer; none: nobody watches.",
		Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := c.Watches(ctx, callProcessor)
			if err != nil {
				return err
			}
			return a.print(list, watchListing(list.Items, time.Now()))
		}),
	}
	cmd.Flags().StringVar(&callProcessor, "call-processor", "", "only of this call processor")
	must(cmd.RegisterFlagCompletionFunc("call-processor", a.callProcessors()))
	return cmd
}

func watchListing(watches []uc.Watch, now time.Time) listing {
	l := listing{header: []string{"CALL PROCESSOR", "STATE", "FOLLOWED UNTIL", "LAG", "LAST CHANGE", "DETAIL"}}
	for _, w := range watches {
		lag := ""
		if w.FollowedAt != nil {
			lag = ago(*w.FollowedAt, now)
		}
		l.add(w.CallProcessor, string(w.State), moment(w.FollowedAt), lag, moment(w.ChangedAt), w.Detail)
	}
	return l
}
