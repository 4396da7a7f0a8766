package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const phoneHelp = `Assigns, swaps and removes phones of a person who has a number. A desk phone is named by
its MAC address, with or without SEP and in any notation; a soft phone by its name, or
by the three letters of its type: csf, bot, tct, tab.

Each is an order of its own: tracked, undone when it fails, and seen with
dialtone order get.`

func newPhoneCommand(a *app) *cobra.Command {
	cmd := group("phone", "Give people phones, swap them, take them away",
		newPhoneAssignCommand(a), newPhoneSwapCommand(a), newPhoneRemoveCommand(a))
	cmd.Long = phoneHelp
	return a.clientFlags(cmd)
}

func newPhoneAssignCommand(a *app) *cobra.Command {
	return a.phoneAction(uc.PhoneAssign, &cobra.Command{
		Use: "assign USER MAC|NAME", Short: "Give a person a phone with the line on it",
		Long: `Puts the person's line on a desk phone that stands on the call processor and makes the
person its owner, or makes one of the soft phones that the template of the person's
service area has.`,
		Example: "  dialtone phone assign ann 00:11:22:33:44:55 --wait\n  dialtone phone assign ann tct",
		Args:    exactArgs("USER", "MAC|NAME"), ValidArgsFunction: a.userIDs(uc.Active),
	})
}

func newPhoneSwapCommand(a *app) *cobra.Command {
	return a.phoneAction(uc.PhoneSwap, &cobra.Command{
		Use: "swap USER OLD NEW", Short: "Put another desk phone in the place of a broken one",
		Long: `When the new phone is not on the call processor yet, the old one gets its name and keeps
lines and buttons; that is right for a phone of the same model. When it is there,
inserted before or registered by itself, and nobody's, the lines, speed dials, busy lamp
fields and services are carried over to it. Another model gets what it has buttons for,
and the order says what did not fit; its device pool, calling search space and settings
stay. The old phone stays as a bare one that is nobody's. Who is logged in to it is
logged out.`,
		Example: "  dialtone phone swap ann 00:11:22:33:44:55 00:11:22:aa:bb:cc --wait",
		Args:    exactArgs("USER", "OLD", "NEW"), ValidArgsFunction: a.phonesOfUser(func(p uc.Phone) bool { return p.Desk }),
	})
}

func newPhoneRemoveCommand(a *app) *cobra.Command {
	return a.phoneAction(uc.PhoneRemove, &cobra.Command{
		Use: "remove USER MAC|NAME", Short: "Take a phone away from a person",
		Long: `Removes a soft phone. A desk phone stays on the call processor: the person's line is
taken off, and it is nobody's.`,
		Example: "  dialtone phone remove ann csf\n  dialtone phone remove ann 00:11:22:33:44:55",
		Args:    exactArgs("USER", "MAC|NAME"), ValidArgsFunction: a.phonesOfUser(func(uc.Phone) bool { return true }),
	})
}

// phoneAction makes the command send the change that its arguments describe.
func (a *app) phoneAction(action uc.PhoneAction, cmd *cobra.Command) *cobra.Command {
	var o bulkOptions
	cmd.RunE = a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
		change := uc.PhoneChange{UserID: strings.TrimSpace(args[0]), Action: action, Phone: strings.TrimSpace(args[1])}
		if len(args) > 2 {
			change.New = strings.TrimSpace(args[2])
		}
		return a.bulk(ctx, c, []ask{{
			UserID: change.UserID, Body: change, Problems: change.Problems(),
			Send: func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
				return c.CreatePhoneChange(ctx, change, "")
			},
		}}, o)
	})
	orderFlags(cmd, &o)
	return cmd
}

// orderFlags gives a command that sends one order its flags.
func orderFlags(cmd *cobra.Command, o *bulkOptions) {
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "only say what would come of it")
	flags.BoolVar(&o.wait, "wait", false, "wait until the order does not run any more, and show progress")
	flags.DurationVar(&o.timeout, "timeout", 0, "how long --wait waits; 0 = as long as it takes")
}

// phonesOfUser completes people, and then the phones of the one.
func (a *app) phonesOfUser(fits func(uc.Phone) bool) cobra.CompletionFunc {
	people := a.userIDs(uc.Active)
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return people(cmd, args, typed)
		}
		return a.completeFlag(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
			p, err := c.Person(ctx, args[0])
			if err != nil || p.Has == nil {
				return nil, err
			}
			var words []string
			for _, phone := range p.Has.Phones {
				if fits(phone) {
					words = append(words, phone.Name)
				}
			}
			return words, nil
		})(cmd, args, typed)
	}
}
