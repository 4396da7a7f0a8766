package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
)

func newNumberCommand(a *app) *cobra.Command {
	return a.clientFlags(group("number", "See numbers and their history, hold and block them, ask for one",
		newNumberRequestCommand(a), newNumberReleaseCommand(a),
		newNumberGetCommand(a), newNumberListCommand(a), newNumberHoldCommand(a),
		a.numberAction("unhold", "End the hold of a number", (*apiclient.Client).UnholdNumber),
		a.numberAction("block", "Keep a number from being handed out; a hold rests meanwhile", (*apiclient.Client).BlockNumber),
		a.numberAction("unblock", "Let a blocked number be handed out again; a hold that rested goes on", (*apiclient.Client).UnblockNumber)))
}

func newNumberGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get DIGITS", Short: "Show a number in every partition that has it, and its history",
		Long: "Shows a number in every partition that has it, and its history.\n" +
			"DIGITS are as dialled inside, or in E.164 form.",
		Args: digitsArg, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			list, err := c.Numbers(ctx, apiclient.NumberQuery{Digits: args[0]})
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(list, historyListing(list.Items))
			}
			return a.printNumbers(list.Items)
		}),
	}
}

func newNumberListCommand(a *app) *cobra.Command {
	var q apiclient.NumberQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List numbers", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := c.Numbers(ctx, q)
			if err != nil {
				return err
			}
			if err := a.print(list, numberListing(list.Items)); err != nil {
				return err
			}
			if list.Next != "" && a.output == formatTable {
				_, err = fmt.Fprintf(a.errOut, "there are more: --limit shows up to %d, --cursor %s the next\n",
					maxPage, list.Next)
			}
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&q.Pool, "pool", "", "only numbers of this pool")
	flags.StringVar((*string)(&q.State), "state", "",
		"only numbers in this state: available, reserved, assigned, cooling, held, blocked, foreign")
	flags.StringVar(&q.User, "user", "", "only numbers of this person")
	flags.StringVar(&q.Cursor, "cursor", "", "go on after an earlier list")
	flags.IntVar(&q.Limit, "limit", 50, "at most so many")
	return cmd
}

func numberListing(numbers []api.Number) listing {
	l := listing{header: []string{
		"DIGITS", "PARTITION", "CALL PROCESSOR", "E164", "POOL", "STATE", "USER", "UNTIL", "REASON",
	}}
	for _, n := range numbers {
		l.add(n.Digits, n.Partition, n.CallProcessor, n.E164, n.Pool, string(n.State), n.UserID,
			moment(n.Until), n.Reason)
	}
	return l
}

// historyListing has one row for each event of each number.
func historyListing(numbers []api.Number) listing {
	l := listing{header: []string{
		"DIGITS", "PARTITION", "CALL PROCESSOR", "AT", "FROM", "TO", "USER", "ORDER", "ACTOR", "REASON",
	}}
	for _, n := range numbers {
		for _, e := range n.Events {
			l.add(n.Digits, n.Partition, n.CallProcessor, moment(&e.At), string(e.From), string(e.To),
				e.UserID, e.OrderID, e.Actor, e.Reason)
		}
	}
	return l
}

// printNumbers shows each number and below it what happened to it.
func (a *app) printNumbers(numbers []api.Number) error {
	for i, n := range numbers {
		gap := ""
		if i > 0 {
			gap = "\n"
		}
		if _, err := fmt.Fprintf(a.out, "%s%s, %s\n", gap, plain(n.Directory().String()), numberText(n)); err != nil {
			return err
		}
		l := listing{header: []string{"  AT", "FROM", "TO", "USER", "ORDER", "ACTOR", "REASON"}}
		for _, e := range n.Events {
			l.add("  "+moment(&e.At), string(e.From), string(e.To), e.UserID, e.OrderID, e.Actor, e.Reason)
		}
		if err := writeTable(a.out, l); err != nil {
			return err
		}
	}
	return nil
}

// numberText says where the number stands: "assigned to ann, +493012344711, pool berlin".
func numberText(n api.Number) string {
	text := n.Standing()
	if n.E164 != "" {
		text += ", " + n.E164
	}
	return plain(text + ", pool " + n.Pool)
}
