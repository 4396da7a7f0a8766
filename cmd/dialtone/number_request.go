package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const numberRequestHelp = `Gives a person who has no number one, with everything that belongs to it. --number asks
for that number and no other: the order fails with the reason when somebody has it, when
it cools, is held for somebody else or blocked, when something else uses it on the call
processor, or when it is in no pool of the service area. --dry-run says so at once, but
for what only the call processor knows.`

func newNumberRequestCommand(a *app) *cobra.Command {
	var r uc.NumberRequest
	var o bulkOptions
	cmd := &cobra.Command{
		Use: "request USER [--pool POOL | --number DIGITS]", Short: "Ask for a number for a person who has none",
		Long:    numberRequestHelp,
		Example: "  dialtone number request ann --wait\n  dialtone number request ann --number 4711",
		Args:    exactArgs("USER"), ValidArgsFunction: a.userIDs(uc.Active),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			r.UserID = strings.TrimSpace(args[0])
			return a.bulk(ctx, c, []ask{{
				UserID: r.UserID, Body: r, Problems: r.Problems(),
				Send: func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
					return c.CreateNumberRequest(ctx, r, "")
				},
			}}, o)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&r.Pool, "pool", "", "from this pool; the service area's unless given")
	flags.StringVar(&r.Number, "number", "", "this number: digits as dialled inside, or +E.164")
	orderFlags(cmd, &o)
	must(cmd.RegisterFlagCompletionFunc("pool", a.pools()))
	return cmd
}
