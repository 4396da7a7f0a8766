package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const joinHelp = `Starts a joiner for each person of a file, or for the one that the flags describe.

A CSV names its columns in the first line: userId, lastName and serviceArea, and as
needed firstName, mail, employeeId, department, title, startAt, classOfService,
deskPhone, numberWanted; any other column is an attribute that the rules of the
domain can look at (a column expect is ignored). Commas, semicolons and tabs
separate. Dates are 2006-01-02 (midnight UTC) or RFC 3339. A JSON or YAML file is a
list of people with the same names.

A wrong row is reported by row and column and the others go on. The same person
sent twice leads to one order; --again makes a new one for those whose order failed
or was cancelled.

With --wait the command ends when nobody's order runs any more, with exit code 7
unless every order is done or scheduled for later.`

// joinOptions are the flags of join.
type joinOptions struct {
	file     string
	wait     bool
	again    bool
	timeout  time.Duration
	parallel int
	cells    map[string]*string // by column
}

func newJoinCommand(a *app) *cobra.Command {
	o := joinOptions{cells: map[string]*string{}}
	cmd := &cobra.Command{
		Use:   "join -f FILE | --user USER --last-name NAME --service-area AREA",
		Short: "Start joiners: people get services", Long: joinHelp,
		Example: "  dialtone join -f joiners.csv --wait\n" +
			"  dialtone join --user ann --first-name Ann --last-name Lee --service-area berlin",
		Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			rows, err := a.joinRows(o)
			if err != nil {
				return err
			}
			return a.join(ctx, c, rows, o)
		}),
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "file", "f", "", "CSV, JSON or YAML file; - reads CSV from the standard input")
	flags.BoolVar(&o.wait, "wait", false, "wait until nobody's order runs any more, and show progress")
	flags.BoolVar(&o.again, "again", false, "make a new order where the earlier one failed or was cancelled")
	flags.IntVar(&o.parallel, "parallel", 1,
		"send so many rows at once; with 1 the order of the file decides who comes first")
	flags.DurationVar(&o.timeout, "timeout", 0, "how long --wait waits; 0 = as long as it takes")
	for _, f := range [][3]string{
		{"user", "userId", "user id"},
		{"first-name", "firstName", "first name"},
		{"last-name", "lastName", "last name"},
		{"service-area", "serviceArea", "service area"},
		{"mail", "mail", "mail address"},
		{"employee-id", "employeeId", "HR's key of the person"},
		{"department", "department", "department"},
		{"title", "title", "title"},
		{"start-at", "startAt", "start date"},
		{"class-of-service", "classOfService", "local, national, mobile or international"},
		{"desk-phone", "deskPhone", "MAC address of a given desk phone"},
		{"number-wanted", "numberWanted", "true: the person asks for a number"},
	} {
		o.cells[f[1]] = flags.String(f[0], "", f[2])
	}
	return a.clientFlags(cmd)
}

// joinRows reads the file, or makes one row of the flags.
func (a *app) joinRows(o joinOptions) ([]joinRow, error) {
	var row joinRow
	described := false
	for column, cell := range o.cells {
		row.set(column, strings.TrimSpace(*cell))
		described = described || *cell != ""
	}
	if described == (o.file != "") {
		return nil, usageError("give either -f FILE, or --user, --last-name and --service-area of one person" +
			" (see `dialtone join --help`)")
	}
	if described {
		return []joinRow{row.checked()}, nil
	}
	in, err := a.open(o.file)
	if err != nil {
		return nil, err
	}
	rows, err := parseJoiners(o.file, in)
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	return rows, err
}

// joined is what came of one row.
type joined struct {
	Row      int       `json:"row,omitempty"`
	UserID   string    `json:"userId"`
	Order    *uc.Order `json:"order,omitempty"`
	Existing bool      `json:"existing,omitempty"` // an earlier request had made the order
	Problem  string    `json:"problem,omitempty"`  // why there is no order

	code  int      // the exit code that the problem leads to
	texts []string // the problem, one thing at a time
}

// join sends the rows in their order, so that the order of a file decides who comes
// first, and then waits if that was asked for.
func (a *app) join(ctx context.Context, c *apiclient.Client, rows []joinRow, o joinOptions) error {
	results, err := a.sendRows(ctx, c, rows, o)
	if err != nil {
		return err
	}
	code := exitOK
	for _, r := range results {
		if r.code != exitOK && code == exitOK {
			code = r.code
		}
	}
	if o.wait {
		notDone, err := a.waitFor(ctx, c, results, o.timeout)
		if err != nil {
			return err
		}
		if notDone && code == exitOK {
			code = exitNotDone
		}
	}
	if err := a.print(results, joinListing(results)); err != nil {
		return err
	}
	if len(results) < len(rows) {
		return &codeError{max(code, exitFailed), fmt.Sprintf(
			"stopped after %d of %d people: send the file again later, nobody is doubled", len(results), len(rows))}
	}
	if code != exitOK {
		return &codeError{code: code}
	}
	return nil
}

// sendRows sends so many rows at once as was asked for and reports what is wrong with
// them in their order. It stops when the API is away: the rows after that are not in
// the results.
func (a *app) sendRows(ctx context.Context, c *apiclient.Client, rows []joinRow, o joinOptions) ([]joined, error) {
	var results []joined
	for batch := range slices.Chunk(rows, max(1, min(o.parallel, maxParallel))) {
		sent := make([]joined, len(batch))
		var wg sync.WaitGroup
		for i, row := range batch {
			wg.Go(func() { sent[i] = sendRow(ctx, c, row, o.again) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			// Whether these were accepted is not known: they are not rejected.
			sent = slices.DeleteFunc(sent, func(r joined) bool { return r.Order == nil && r.code == exitUnavailable })
		}
		results = append(results, sent...)
		for _, r := range sent {
			if err := a.reportRow(r); err != nil {
				return results, err
			}
		}
		away := func(r joined) bool { return r.code == exitUnavailable }
		if ctx.Err() != nil || slices.ContainsFunc(sent, away) {
			break
		}
	}
	return results, nil
}

// maxParallel is how many rows are sent at once at most.
const maxParallel = 64

// joinOne sends one row and says on the error output what is wrong with it.
func (a *app) joinOne(ctx context.Context, c *apiclient.Client, row joinRow, again bool) joined {
	out := sendRow(ctx, c, row, again)
	if err := a.reportRow(out); err != nil {
		return out.rejected(exitFailed, append(out.texts, err.Error()))
	}
	return out
}

func sendRow(ctx context.Context, c *apiclient.Client, row joinRow, again bool) joined {
	out := joined{Row: row.Row, UserID: row.Joiner.User.ID}
	if len(row.Problems) > 0 {
		return out.rejected(exitUsage, problemTexts(row.Problems))
	}
	key, err := row.key()
	if err != nil {
		return out.rejected(exitFailed, []string{err.Error()})
	}
	for {
		o, existing, err := c.CreateJoiner(ctx, row.Joiner, key)
		if err != nil {
			return out.rejected(exitCode(err), apiTexts(err))
		}
		if existing && again && (o.State == uc.Failed || o.State == uc.Cancelled) {
			key += "+" + o.ID[max(0, len(o.ID)-12):] // the end of the id is its random part
			if len(key) < maxKey {
				continue
			}
		}
		out.Order, out.Existing = &o, existing
		return out
	}
}

// maxKey is the longest idempotency key that the API takes.
const maxKey = 255

func (r joined) rejected(code int, texts []string) joined {
	r.code, r.texts, r.Problem = code, texts, strings.Join(texts, "; ")
	return r
}

// reportRow says what is wrong with a row on the error output, one line for each thing.
func (a *app) reportRow(r joined) error {
	for _, text := range r.texts {
		if r.Row > 0 {
			text = fmt.Sprintf("row %d, %s", r.Row, text)
		}
		if _, err := fmt.Fprintln(a.errOut, plain(text)); err != nil {
			return err
		}
	}
	return nil
}

func problemTexts(problems []uc.Problem) []string {
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = "column " + p.String()
	}
	return texts
}

// apiTexts are the API's findings by column, or its one sentence.
func apiTexts(err error) []string {
	p := apiclient.Problem(err)
	if p == nil || len(p.Errors) == 0 {
		return []string{sentence(err)}
	}
	var texts []string
	for _, v := range p.Errors {
		texts = append(texts, "column "+bodyField(v.Location)+": "+v.Message)
	}
	return texts
}

// bodyField is the column of a place in a request: body.user.mail is mail.
func bodyField(location string) string {
	return strings.TrimPrefix(strings.TrimPrefix(location, "body."), "user.")
}

func joinListing(results []joined) listing {
	l := listing{header: []string{"ROW", "USER", "ORDER", "STATE", "NUMBER", "E164", "DETAIL"}}
	for _, r := range results {
		row := ""
		if r.Row > 0 {
			row = strconv.Itoa(r.Row)
		}
		if r.Order == nil {
			l.add(row, r.UserID, "", "rejected", "", "", r.Problem)
			continue
		}
		detail := orderDetail(*r.Order)
		if r.Existing && detail == "" {
			detail = "was ordered before"
		}
		number, e164 := heldNumber(*r.Order)
		l.add(row, r.UserID, r.Order.ID, string(r.Order.State), number, e164, detail)
	}
	return l
}
