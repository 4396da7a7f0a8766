package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// bulkHelp is what the commands that read a file of people have in common.
const bulkHelp = `

A CSV names its columns in the first line, in any order and case; commas, semicolons
and tabs separate; lines that begin with # are comments. Dates are 2006-01-02
(midnight UTC) or RFC 3339. A JSON or YAML file is a list of people with the same
names. --template shows a CSV to begin with.

--dry-run asks the API what would come of each row and changes nothing. A wrong row
is reported by row and column and the others go on. The same file sent again does
only what is missing: who is done stays as it is, what runs is found again, and what
failed or was cancelled is ordered anew. --result writes a CSV with the order, the
state and the error of each row.

With --wait the command ends when nobody's order runs any more, with exit code 7
unless every order is done or scheduled for later. Otherwise it ends with 0 when
every row has an order, and with the code of the first row's failure when not.`

// bulkOptions are the flags of every command that sends orders of people.
type bulkOptions struct {
	file     string
	template string
	result   string
	wait     bool
	dryRun   bool
	timeout  time.Duration
	parallel int
}

// bulkFlags gives the command the flags; parallel is how many rows it sends at once
// unless told otherwise.
func (a *app) bulkFlags(cmd *cobra.Command, o *bulkOptions, form peopleForm, parallel int) {
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "file", "f", "", "CSV, JSON or YAML file; - reads CSV from the standard input")
	flags.StringVar(&o.template, "template", "", "print a CSV to begin with, or write it to `FILE`, and end")
	flags.Lookup("template").NoOptDefVal = "-"
	flags.StringVar(&o.result, "result", "", "write what came of each row into this CSV file")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only say what would come of it")
	flags.BoolVar(&o.wait, "wait", false, "wait until nobody's order runs any more, and show progress")
	flags.DurationVar(&o.timeout, "timeout", 0, "how long --wait waits; 0 = as long as it takes")
	flags.IntVar(&o.parallel, "parallel", parallel,
		"send so many rows at once; with 1 the order of the file decides who comes first")
	must(cmd.MarkFlagFilename("file", "csv", "json", "yaml", "yml"))
	check, act := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if o.template != "" {
			return nil
		}
		return check(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.template == "-" && len(args) == 1 {
			o.template = args[0] // a flag whose value can be left out takes none after a blank
		}
		if o.template != "" {
			return a.writeTemplate(o.template, form)
		}
		return act(cmd, args)
	}
}

// writeTemplate writes the header of a CSV and a row that shows how it is filled in.
func (a *app) writeTemplate(to string, form peopleForm) (err error) {
	header := slices.Clone(form.columns)
	example := slices.Clone(form.example)
	if form.attributes != "-" {
		header, example = append(header, form.attributes+"costCenter"), append(example, "4200")
	}
	text := strings.Join(header, ",") + "\n#" + strings.Join(example, ",") + "\n"
	if to == "-" {
		_, err = io.WriteString(a.out, text)
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the caller names the file
	if err != nil {
		return usageError(fmt.Sprintf("template: %v", err))
	}
	_, err = io.WriteString(f, text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// people reads the file of people that the flags name.
func (a *app) people(o bulkOptions, form peopleForm) ([]personRow, error) {
	in, err := a.open(o.file)
	if err != nil {
		return nil, err
	}
	rows, err := parsePeople(o.file, in, form)
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	return rows, err
}

// ask is one order that is asked for: a row of a file, or what the flags describe.
type ask struct {
	Row      int // 0 = from the command line
	UserID   string
	Body     any // the request, as the API takes it
	Problems []uc.Problem
	Send     func(context.Context, *apiclient.Client) (o uc.Order, existing bool, err error)
}

// bulk sends the orders in the order of the rows, so that the order of a file decides
// who comes first, and then waits if that was asked for.
func (a *app) bulk(ctx context.Context, c *apiclient.Client, asks []ask, o bulkOptions) error {
	if o.dryRun {
		c, o.wait = c.DryRun(), false
	}
	contradictions(asks)
	results, err := a.sendAll(ctx, c, asks, o)
	if err != nil {
		return err
	}
	if err := a.writeResult(o, asks, results); err != nil {
		return err
	}
	code := exitOK
	if i := slices.IndexFunc(results, func(r sentRow) bool { return r.code != exitOK }); i >= 0 {
		code = results[i].code
	}
	if o.wait {
		notDone, err := a.waitFor(ctx, c, results, o.timeout)
		if err != nil {
			return err
		}
		if err := a.writeResult(o, asks, results); err != nil {
			return err
		}
		if notDone && code == exitOK {
			code = exitNotDone
		}
	}
	if err := a.print(results, bulkListing(results, o.dryRun)); err != nil {
		return err
	}
	if len(results) < len(asks) {
		return &codeError{max(code, exitFailed), fmt.Sprintf(
			"stopped after %d of %d people: send the file again later, nobody is doubled", len(results), len(asks))}
	}
	if code != exitOK {
		return &codeError{code: code}
	}
	return nil
}
