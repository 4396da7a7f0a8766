package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const leaveHelp = `Starts a leaver: the person's number goes back to the pool, and what the service area's
policy says is removed, stage by stage. On a terminal the plan is shown first, with
what stops working, and is to be confirmed, as is the number of people in a file;
--yes does not ask, --plan only shows.

--cancel recalls a leaver of whom nothing was removed yet: the person gets back what
was taken away, with the same number. Afterwards joining again is the way back.

A file has a column userId, and as needed leaveAt and serviceArea (only of people whom
no order knows). Columns that describe a person, as a file for join has them, are
passed over.` + bulkHelp

// leaveForm are the columns of leavers.
var leaveForm = peopleForm{
	columns: []string{"userId", "leaveAt", "serviceArea"}, required: []string{"userId"}, attributes: "-",
	about:   []string{"employeeId", "firstName", "lastName", "mail", "department", "title"},
	example: []string{"abauer", "2027-03-31", ""},
}

// leaveOptions are the flags of leave.
type leaveOptions struct {
	bulkOptions
	at, area          string
	plan, yes, cancel bool
}

func newLeaveCommand(a *app) *cobra.Command {
	var o leaveOptions
	cmd := &cobra.Command{
		Use:   "leave USER [--at DATE] | USER --cancel | -f FILE",
		Short: "Start leavers: people's services end", Long: leaveHelp,
		Example: "  dialtone leave ann --plan\n  dialtone leave ann --at 2027-03-31\n" +
			"  dialtone leave ann --cancel\n  dialtone leave -f leavers.csv --wait --result result.csv",
		Args:              userOrFile(&o.file),
		ValidArgsFunction: a.userIDs(uc.Active, uc.Leaving),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			return a.leave(ctx, c, args, o)
		}),
	}
	a.bulkFlags(cmd, &o.bulkOptions, leaveForm, bulkParallel)
	flags := cmd.Flags()
	flags.StringVar(&o.at, "at", "", "when the person leaves: 2006-01-02 (its midnight in UTC) or RFC 3339; at once unless given")
	flags.StringVar(&o.area, "service-area", "", "where to look for what somebody has whom no order knows")
	flags.BoolVar(&o.plan, "plan", false, "only show what would be changed and removed, and what stops working")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
	flags.BoolVar(&o.cancel, "cancel", false, "recall: cancel the person's open leaver")
	apart(cmd, keepOne, "plan", "cancel", "file")
	apart(cmd, "a recall has no date, leave --at out", "at", "cancel")
	apart(cmd, fileSays, "at", "file")
	apart(cmd, fileSays, "service-area", "file")
	must(cmd.RegisterFlagCompletionFunc("service-area", a.serviceAreas()))
	return a.clientFlags(cmd)
}

// bulkParallel is how many rows are sent at once where their order decides nothing.
const bulkParallel = 8

// fileSays is the fix for a flag whose value a file has for each row.
const fileSays = "write it into a column of the file, or leave the file out"

// userOrFile wants one USER, or a file instead.
func userOrFile(file *string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if (len(args) == 1) == (*file == "") && len(args) < 2 {
			return nil
		}
		return wrongArgs(cmd, "either one USER or -f FILE", args)
	}
}

func (a *app) leave(ctx context.Context, c *apiclient.Client, args []string, o leaveOptions) error {
	if o.file != "" {
		people, err := a.people(o.bulkOptions, leaveForm)
		if err != nil {
			return err
		}
		asks := leaverAsks(people)
		if a.asks && !o.yes && !o.dryRun {
			if err := a.confirm(fmt.Sprintf("Let %d people leave?", len(asks))); err != nil {
				return err
			}
		}
		return a.bulk(ctx, c, asks, o.bulkOptions)
	}
	leaver := personRow{}
	leaver.add("userId", strings.TrimSpace(args[0]))
	leaver.add("leaveAt", o.at)
	leaver.add("serviceArea", o.area)
	asks := leaverAsks([]personRow{leaver})
	switch {
	case len(asks[0].Problems) > 0:
		return usageError(strings.Join(problemTexts(asks[0].Problems), "; "))
	case o.cancel:
		return a.recall(ctx, c, args[0], o)
	case o.plan:
		return a.showPlan(ctx, c, args[0], o.area)
	case a.asks && !o.yes && !o.dryRun:
		if err := a.confirmLeaver(ctx, c, args[0], o); err != nil {
			return err
		}
	}
	return a.bulk(ctx, c, asks, o.bulkOptions)
}

// leaverAsks reads the rows. Those of one file come together: the guard sees them as
// one burst.
func leaverAsks(people []personRow) []ask {
	asks := make([]ask, len(people))
	leavers := make([]uc.Leaver, len(people))
	together := 0
	for i, p := range people {
		l := &leavers[i]
		asks[i] = ask{Row: p.Row, Problems: p.Problems}
		for _, cell := range p.Cells {
			switch cell.Column {
			case "userId":
				l.UserID = cell.Text
			case "serviceArea":
				l.ServiceArea = cell.Text
			case "leaveAt":
				at, err := parseStart(cell.Text)
				if err != nil {
					asks[i].Problems = append(asks[i].Problems, uc.Problem{Field: "leaveAt", Value: cell.Text, Fix: dateFix})
				}
				l.LeaveAt = at
			}
		}
		asks[i].UserID, asks[i].Body = l.UserID, *l
		asks[i].Problems = append(asks[i].Problems, l.Problems()...)
		if len(asks[i].Problems) == 0 {
			together++
		}
	}
	for i := range asks {
		if len(asks) > 1 {
			leavers[i].Batch = together
		}
		asks[i].Send = func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
			return c.CreateLeaver(ctx, leavers[i], "")
		}
	}
	return asks
}

// confirmLeaver shows the plan and asks whether to go on.
func (a *app) confirmLeaver(ctx context.Context, c *apiclient.Client, user string, o leaveOptions) error {
	if err := a.showPlan(ctx, c, user, o.area); err != nil {
		return err
	}
	when := "now"
	if o.at != "" {
		when = "on " + o.at
	}
	return a.confirm(fmt.Sprintf("\nLet %s leave %s?", plain(user), plain(when)))
}

// confirm asks whether to go on. Fails unless the answer is yes.
func (a *app) confirm(question string) error {
	if _, err := fmt.Fprintf(a.errOut, "%s [y/N] ", question); err != nil {
		return err
	}
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && answer == "" {
		return &codeError{exitFailed, "nobody answered: nothing was ordered"}
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &codeError{exitFailed, "nothing was ordered"}
}
