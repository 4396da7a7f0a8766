package main

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// sentRow is what came of one row.
type sentRow struct {
	Row      int       `json:"row,omitempty"`
	UserID   string    `json:"userId"`
	Order    *uc.Order `json:"order,omitempty"`
	Existing bool      `json:"existing,omitempty"` // an earlier request had made the order
	Problem  string    `json:"problem,omitempty"`  // why there is no order

	code  int      // the exit code that the problem leads to
	texts []string // the problem, one thing at a time
}

// contradictions marks the rows whose person stands in an earlier row with something
// else: which of them came first would decide. The same twice is the same order.
func contradictions(asks []ask) {
	first := map[string]ask{}
	for i := range asks {
		key := (uc.User{ID: asks[i].UserID}).Key()
		before, seen := first[key]
		switch {
		case key == "" || len(asks[i].Problems) > 0:
		case !seen:
			first[key] = asks[i]
		case !reflect.DeepEqual(before.Body, asks[i].Body):
			asks[i].Problems = []uc.Problem{{
				Field: "userId", Value: asks[i].UserID,
				Fix: fmt.Sprintf("row %d says something else about this person: keep one of them", before.Row),
			}}
		}
	}
}

// maxParallel is how many rows are sent at once at most.
const maxParallel = 64

// sendAll sends so many rows at once as was asked for and reports what is wrong with
// them in their order. It stops when the API is away: the rows after that are not in
// the results.
func (a *app) sendAll(ctx context.Context, c *apiclient.Client, asks []ask, o bulkOptions) ([]sentRow, error) {
	var results []sentRow
	show := newProgress(a.errOut)
	show.pace = &pace{total: len(asks)}
	if err := show.say(0, "sent"); err != nil {
		return nil, err
	}
	for batch := range slices.Chunk(asks, max(1, min(o.parallel, maxParallel))) {
		sent := make([]sentRow, len(batch))
		var wg sync.WaitGroup
		for i, row := range batch {
			wg.Go(func() { sent[i] = send(ctx, c, row) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			// Whether these were accepted is not known: they are not rejected.
			sent = slices.DeleteFunc(sent, func(r sentRow) bool { return r.Order == nil && r.code == exitUnavailable })
		}
		results = append(results, sent...)
		if err := show.end(); err != nil {
			return results, err
		}
		for _, r := range sent {
			if err := a.reportRow(r); err != nil {
				return results, err
			}
		}
		if err := show.say(len(results), "sent"); err != nil {
			return results, err
		}
		away := func(r sentRow) bool { return r.code == exitUnavailable }
		if ctx.Err() != nil || slices.ContainsFunc(sent, away) {
			break
		}
	}
	return results, show.end()
}

// send sends one row.
func send(ctx context.Context, c *apiclient.Client, row ask) sentRow {
	out := sentRow{Row: row.Row, UserID: row.UserID}
	if len(row.Problems) > 0 {
		return out.rejected(exitUsage, problemTexts(row.Problems))
	}
	o, existing, err := row.Send(ctx, c)
	if err != nil {
		return out.rejected(exitCode(err), apiTexts(err))
	}
	out.Order, out.Existing = &o, existing
	return out
}

func (r sentRow) rejected(code int, texts []string) sentRow {
	if r.Row == 0 { // of no file: there are no columns
		for i := range texts {
			texts[i] = strings.TrimPrefix(texts[i], "column ")
		}
	}
	r.code, r.texts, r.Problem = code, texts, strings.Join(texts, "; ")
	return r
}

// reportRow says what is wrong with a row on the error output, one line for each thing.
func (a *app) reportRow(r sentRow) error {
	for _, text := range r.placed() {
		if _, err := fmt.Fprintln(a.errOut, plain(text)); err != nil {
			return err
		}
	}
	return nil
}

// placed are the problems of the row, each with its row.
func (r sentRow) placed() []string {
	texts := slices.Clone(r.texts)
	for i := range texts {
		if r.Row > 0 {
			texts[i] = fmt.Sprintf("row %d, %s", r.Row, texts[i])
		}
	}
	return texts
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
		texts = append(texts, "column "+fieldText(v))
	}
	return texts
}

// fieldText is what is wrong with a field, which it begins with.
func fieldText(v api.Violation) string {
	text, field := strings.TrimPrefix(v.Message, "user."), bodyField(v.Location)
	if !strings.HasPrefix(text, field) {
		text = field + ": " + text
	}
	return text
}

// bodyField is the column of a place in a request: body.user.mail is mail.
func bodyField(location string) string {
	return strings.TrimPrefix(strings.TrimPrefix(location, "body."), "user.")
}
