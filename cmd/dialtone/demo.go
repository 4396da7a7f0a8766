package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/uc"
)

// demo is one run of the example company through the HTTP API.
type demo struct {
	*running
	e       *example
	api     *apiclient.Client
	facts   *facts
	results []sentRow      // of the first sending, by row
	rows    []joinRow      // what was sent
	expect  map[int]string // by line of the file
	said    []string       // what is wrong, besides the table
}

// stuckAfter is how long nothing may change before the demo ends as failed.
const stuckAfter = 2 * time.Minute

// demo applies the catalog, imports numbers, lets everybody join, and shows what
// every system says about it. Fails unless every order ended as the file expects
// and every system agrees.
func (r *running) demo(ctx context.Context, e *example) error {
	began := time.Now()
	found, err := config.LoadClient(config.ClientFlags{Data: r.dir, URL: r.client.URL, TokenFile: filepath.Join(r.dir, tokenFile)})
	if err != nil {
		return err
	}
	client, err := apiclient.New(apiclient.Options{URL: found.URL, Token: found.Token})
	if err != nil {
		return err
	}
	defer client.Close()
	d := &demo{running: r, e: e, api: client, expect: map[int]string{}}
	if d.facts, err = openFacts(r.settings, e.catalog, r.world); err != nil {
		return err
	}
	defer d.facts.close()
	for _, row := range e.people {
		d.expect[row.line] = row.col["expect"]
	}
	for _, step := range []func(context.Context) error{d.prepare, d.send, d.sendAgain, d.watch, d.table, d.later, d.life} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if len(d.said) > 0 {
		return &codeError{exitFailed, "the demo did not end as expected: " + strings.Join(d.said, "; ")}
	}
	r.say("Everything is as the file expects, %s after the start of the demo.\n", seconds(time.Since(began)))
	r.sayPages()
	return nil
}

// prepare sends the catalog and the numbers.
func (d *demo) prepare(ctx context.Context) error {
	plan, err := d.api.ApplyCatalog(ctx, d.e.catalog, false)
	if err != nil {
		return err
	}
	d.say("Catalog: %d changes, %d service areas.", len(plan.Changes), len(d.e.catalog.ServiceAreas))
	for _, n := range d.e.numbers {
		if !n.later {
			if err := d.importNumbers(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *demo) importNumbers(ctx context.Context, n exampleNumbers) error {
	body, err := json.Marshal(map[string][]string{"numbers": {n.numbers}})
	if err != nil {
		return err
	}
	report, err := d.api.ImportNumbers(ctx, n.pool, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	d.say("Pool %s: %d numbers added (%s).", n.pool, report.Added, n.numbers)
	if report.Rejected > 0 {
		d.wrong("pool %s: %d rows rejected", n.pool, report.Rejected)
	}
	return nil
}

// send starts a joiner for each row, in the order of the file.
func (d *demo) send(ctx context.Context) (err error) {
	d.rows, err = parseJoiners("joiners.csv", bytes.NewReader(d.e.joiners))
	if err != nil {
		return err
	}
	d.say("\nSending joiners.csv: %d people.", len(d.rows))
	for _, row := range d.rows {
		d.results = append(d.results, d.a.joinOne(ctx, d.api, row))
	}
	return ctx.Err()
}

// sendAgain sends the same file a second time: every row must lead to the order
// that it led to before.
func (d *demo) sendAgain(ctx context.Context) error {
	same := 0
	for i, row := range d.rows {
		if len(row.Problems) > 0 {
			continue
		}
		again := d.a.joinOne(ctx, d.api, row)
		switch first := d.results[i].Order; {
		case first == nil || again.Order == nil:
			d.wrong("%s: sent twice, there is no order", row.Joiner.User.ID)
		case again.Order.ID != first.ID || !again.Existing:
			d.wrong("%s: sent twice, there are two orders", row.Joiner.User.ID)
		default:
			same++
		}
	}
	d.say("Sending the same file again: %d orders were there already, nothing is doubled.\n", same)
	return ctx.Err()
}

// watch shows the orders going on until each is where the file expects it, or
// nothing has changed for two minutes.
func (d *demo) watch(ctx context.Context) error { return d.watchRows(ctx, d.all()) }

// all are the rows of the file.
func (d *demo) all() []int {
	out := make([]int, len(d.results))
	for i := range out {
		out[i] = i
	}
	return out
}

func (d *demo) watchRows(ctx context.Context, rows []int) error {
	var ids []string
	rowOf := map[string]int{}
	for _, i := range rows {
		if r := d.results[i]; r.Order != nil {
			ids, rowOf[r.Order.ID] = append(ids, r.Order.ID), i
		}
	}
	shown := map[string]string{}
	changed := time.Now()
	w := newWatch(d.api, ids, func(o uc.Order) bool {
		if text := watchText(o); shown[o.ID] != text {
			shown[o.ID], changed = text, time.Now()
		}
		return !o.State.Open() || outcome(o) == d.expect[d.results[rowOf[o.ID]].Row] || time.Since(changed) > stuckAfter
	})
	if err := w.run(ctx, newProgress(d.a.out)); err != nil {
		return err
	}
	for id, o := range w.orders {
		d.results[rowOf[id]].Order = &o
	}
	if time.Since(changed) > stuckAfter {
		d.wrong("nothing changed for %s", stuckAfter)
	}
	return nil
}

// outcome is an order's state in the words of the expect column.
func outcome(o uc.Order) string {
	if o.State == uc.Done && o.Outcome == uc.NumberUnmade {
		return "no number"
	}
	return string(o.State)
}

// later imports the numbers that somebody waits for, and shows that the order goes
// on by itself.
func (d *demo) later(ctx context.Context) error {
	for _, n := range d.e.numbers {
		if !n.later {
			continue
		}
		if err := d.importNumbers(ctx, n); err != nil {
			return err
		}
		for i, r := range d.results {
			if r.Order == nil || r.Order.State != uc.Waiting || d.facts.place(r.Order.ServiceArea).Pool.Name != n.pool {
				continue
			}
			d.expect[r.Row] = string(uc.Done)
			if err := d.watchRows(ctx, []int{i}); err != nil {
				return err
			}
			if err := d.tableOf(ctx, []int{i}); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrong remembers what will fail the demo.
func (d *demo) wrong(format string, args ...any) {
	d.said = append(d.said, fmt.Sprintf(format, args...))
}

// table shows everybody.
func (d *demo) table(ctx context.Context) error {
	if err := d.tableOf(ctx, d.all()); err != nil {
		return err
	}
	return d.distinct()
}

// distinct checks that nobody shares a number.
func (d *demo) distinct() error {
	var seen []string
	for _, r := range d.results {
		if r.Order == nil || r.Order.Number == "" {
			continue
		}
		place := d.facts.place(r.Order.ServiceArea)
		number := uc.DirectoryNumber{CallProcessor: place.Pool.CallProcessor, Partition: place.Pool.Partition, Digits: r.Order.Number}.String()
		if slices.Contains(seen, number) {
			d.wrong("%s was given twice", number)
		}
		seen = append(seen, number)
	}
	if len(seen) == 0 {
		return errors.New("nobody got a number")
	}
	return nil
}
