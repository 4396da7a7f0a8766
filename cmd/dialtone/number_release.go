package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const numberReleaseHelp = `Gives the number of a person back to its pool, where it cools. The person stays; what
belongs to the number goes as if the person left: line, device profile, phones. A line
that a colleague shares stays. The person may ask for a number again.`

func newNumberReleaseCommand(a *app) *cobra.Command {
	var back api.NumberGiveBack
	var o bulkOptions
	cmd := &cobra.Command{
		Use: "release DIGITS --reason TEXT", Short: "Give the number of a person who stays back to its pool",
		Long:    numberReleaseHelp + numberChangeHelp,
		Example: "  dialtone number release 4711 --reason \"works without a phone now\" --wait",
		Args:    digitsArg, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			if err := checkReason(back.NumberReason); err != nil {
				return err
			}
			return a.bulk(ctx, c, []ask{{
				UserID: args[0], Body: back,
				Send: func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
					return c.ReleaseNumber(ctx, args[0], back, "")
				},
			}}, o)
		}),
	}
	reasonFlags(cmd, &back.NumberReason)
	cmd.Flags().StringVar(&back.ServiceArea, "service-area", "", "only when no order knows the person: where to look")
	orderFlags(cmd, &o)
	return cmd
}
