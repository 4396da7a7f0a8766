package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const pinResetHelp = `Gives a person a new random PIN that must be changed at the first login. It goes to the
person alone, by the channel that pinDelivery in the settings names: nobody else sees
it, and it is kept nowhere. Ask again when it did not arrive: the last one counts.`

func newPINCommand(a *app) *cobra.Command {
	return a.clientFlags(group("pin", "Reset PINs", newPINResetCommand(a)))
}

func newPINResetCommand(a *app) *cobra.Command {
	var o bulkOptions
	cmd := &cobra.Command{
		Use: "reset USER", Short: "Give a person a new PIN, which reaches the person alone", Long: pinResetHelp,
		Example: "  dialtone pin reset ann --wait",
		Args:    exactArgs("USER"), ValidArgsFunction: a.userIDs(uc.Active),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			r := uc.PINReset{UserID: strings.TrimSpace(args[0])}
			return a.bulk(ctx, c, []ask{{
				UserID: r.UserID, Body: r, Problems: r.Problems(),
				Send: func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
					return c.CreatePINReset(ctx, r, "")
				},
			}}, o)
		}),
	}
	orderFlags(cmd, &o)
	return cmd
}
