package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const numberChangeHelp = `

DIGITS are as dialled inside, or in E.164 form with its plus. When more than one
partition has them, nothing is changed and the candidates are listed: name one with
--partition and --call-processor. The change and its reason become part of the
number's history, in the name of the token.`

// digitsArg wants one number.
func digitsArg(cmd *cobra.Command, args []string) error {
	if err := exactArgs("DIGITS")(cmd, args); err != nil {
		return err
	}
	asked := uc.NumberRequest{UserID: "x", Number: args[0]}
	if problems := asked.Problems(); len(problems) > 0 {
		return usageError(problems[0].String())
	}
	return nil
}

// checkReason refuses a change without a reason.
func checkReason(why api.NumberReason) error {
	if strings.TrimSpace(why.Reason) == "" {
		return usageError(uc.Problem{Field: "reason", Fix: "say why, for the number's history"}.String())
	}
	return nil
}

// reasonFlags gives a command that changes a number its flags.
func reasonFlags(cmd *cobra.Command, why *api.NumberReason) {
	flags := cmd.Flags()
	flags.StringVar(&why.Reason, "reason", "", "why, for the number's history")
	flags.StringVar(&why.CallProcessor, "call-processor", "", "where the number is, when the digits exist more than once")
	flags.StringVar(&why.Partition, "partition", "", "where the number is, when the digits exist more than once")
	must(cmd.MarkFlagRequired("reason"))
}

// numberAction is a command that changes one number and only wants a reason.
func (a *app) numberAction(
	what, short string,
	act func(c *apiclient.Client, ctx context.Context, digits string, why api.NumberReason) (api.Number, error),
) *cobra.Command {
	var why api.NumberReason
	cmd := &cobra.Command{
		Use: what + " DIGITS --reason TEXT", Short: short, Long: short + "." + numberChangeHelp,
		Args: digitsArg, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			if err := checkReason(why); err != nil {
				return err
			}
			n, err := act(c, ctx, args[0], why)
			if err != nil {
				return err
			}
			return a.printChanged(n)
		}),
	}
	reasonFlags(cmd, &why)
	return cmd
}

const numberHoldHelp = `Keeps a number that nobody has for a person until a date: the person gets it, nobody
else does. Holding it again for the same person moves the date. A blocked number is
unblocked first.`

func newNumberHoldCommand(a *app) *cobra.Command {
	var hold api.NumberHold
	var until string
	cmd := &cobra.Command{
		Use: "hold DIGITS --for USER --until DATE --reason TEXT", Short: "Keep a number for a person until a date",
		Long:    numberHoldHelp + numberChangeHelp,
		Example: "  dialtone number hold 4711 --for ann --until 2027-03-01 --reason \"on parental leave\"",
		Args:    digitsArg, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			var err error
			if hold.Until, err = parseStart(until); err != nil {
				return err
			}
			if err := checkHold(hold, until); err != nil {
				return err
			}
			n, err := c.HoldNumber(ctx, args[0], hold)
			if err != nil {
				return err
			}
			return a.printChanged(n)
		}),
	}
	reasonFlags(cmd, &hold.NumberReason)
	cmd.Flags().StringVar(&hold.UserID, "for", "", "for whom: a user id")
	cmd.Flags().StringVar(&until, "until", "", "until when: 2006-01-02 (its midnight in UTC) or RFC 3339")
	must(cmd.MarkFlagRequired("for"))
	must(cmd.MarkFlagRequired("until"))
	return cmd
}

// checkHold refuses a hold of nobody, or that has passed.
func checkHold(hold api.NumberHold, until string) error {
	switch {
	case strings.TrimSpace(hold.UserID) == "":
		return usageError(uc.Problem{Field: "for", Fix: "name the user id of the person"}.String())
	case !hold.Until.After(time.Now()):
		return usageError(uc.Problem{Field: "until", Value: until, Fix: "give a date in the future"}.String())
	}
	return checkReason(hold.NumberReason)
}

// printChanged shows where a number stands now and the last line of its history;
// JSON and YAML hold all of it.
func (a *app) printChanged(n api.Number) error {
	last := n
	last.Events = n.Events[max(0, len(n.Events)-1):]
	if a.output != formatTable {
		return a.print(n, historyListing([]api.Number{last}))
	}
	return a.printNumbers([]api.Number{last})
}
