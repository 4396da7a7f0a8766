package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// tableOf shows what the systems hold for these rows, read from each of them now.
func (d *demo) tableOf(ctx context.Context, rows []int) error {
	l := listing{header: []string{
		"PERSON", "NUMBER", "DEVICE PROFILE", "LINE", "DIRECTORY", "MAIL", "HR", "ORDER", "EXPECTED", "OK",
	}}
	var notes []string
	for _, i := range rows {
		r := d.results[i]
		person := d.rows[i].Joiner.User
		name := strings.TrimSpace(fmt.Sprintf("%s (%s)", person.Name(), person.ID))
		expected := d.expect[r.Row]
		if r.Order == nil {
			ok := "yes"
			if expected != "rejected" {
				ok = "NO"
				d.wrong("%s: %s", person.ID, r.Problem)
			}
			l.add(name, "", "", "", "", "", "", "rejected", expected, ok)
			notes = append(notes, fmt.Sprintf("%s: row %d: %s", person.ID, r.Row, r.Problem))
			continue
		}
		f, err := d.facts.of(ctx, *r.Order, oneMail)
		if err != nil {
			return err
		}
		f.must(outcome(*r.Order) == expected, "the order is %s, not %s", outcome(*r.Order), expected)
		ok := "yes"
		if len(f.wrong) > 0 {
			ok = "NO"
			d.wrong("%s: %s", person.ID, strings.Join(f.wrong, ", "))
		}
		l.add(name, f.number, f.profile, f.line, f.directory, f.mail, f.hr, outcome(*r.Order), expected, ok)
		notes = append(notes, d.notes(i, *r.Order, f)...)
	}
	if err := writeTable(d.a.out, l); err != nil {
		return err
	}
	if len(notes) > 0 {
		d.say("")
	}
	for _, n := range notes {
		d.say("  %s", plain(n))
	}
	d.say("")
	return nil
}

// notes explain a row: why an order is not done, what the file says about the
// person, and what is wrong.
func (d *demo) notes(i int, o uc.Order, f fact) []string {
	var out []string
	note := d.rows[i].Joiner.Attributes["note"]
	if o.Detail != "" {
		out = append(out, fmt.Sprintf("%s: %s", o.UserID, o.Detail))
	} else if note != "" && note != "nothing special" {
		out = append(out, fmt.Sprintf("%s: %s", o.UserID, note))
	}
	for _, w := range f.wrong {
		out = append(out, fmt.Sprintf("%s: NOT AS EXPECTED: %s", o.UserID, w))
	}
	return out
}
