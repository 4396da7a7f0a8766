package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// lived is one event of life.csv and what came of it.
type lived struct {
	row    exampleRow
	before string // the person's number
	order  *uc.Order
}

// life lets people leave, move and come back, in the rounds of life.csv, and shows
// what every system says afterwards and how each number came around.
func (d *demo) life(ctx context.Context) error {
	var numbers []string
	for round := 1; ; round++ {
		var events []lived
		for _, row := range d.e.life {
			if row.col["round"] == fmt.Sprint(round) {
				events = append(events, lived{row: row})
			}
		}
		if len(events) == 0 {
			return d.histories(ctx, numbers)
		}
		if err := d.liveRound(ctx, events, &numbers); err != nil {
			return err
		}
	}
}

// liveRound sends the events, follows them to their end and shows them.
func (d *demo) liveRound(ctx context.Context, events []lived, numbers *[]string) error {
	var ids []string
	for i := range events {
		e := &events[i]
		p, err := d.api.Person(ctx, e.row.col["userId"])
		if err != nil {
			return err
		}
		if p.Has != nil {
			e.before = p.Has.Number.Digits
		}
		o, err := d.happen(ctx, e.row, p)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", e.row.col["event"], p.UserID, err)
		}
		e.order, ids = &o, append(ids, o.ID)
	}
	w := newWatch(d.api, ids, func(o uc.Order) bool { return !o.State.Open() })
	if err := w.run(ctx, newProgress(d.a.out)); err != nil {
		return err
	}
	for i := range events {
		o := w.orders[events[i].order.ID]
		events[i].order = &o
	}
	return d.lifeTable(ctx, events, numbers)
}

// happen sends one event.
func (d *demo) happen(ctx context.Context, row exampleRow, p api.Person) (o uc.Order, err error) {
	user := p.UserID
	switch row.col["event"] {
	case "leave":
		o, _, err = d.api.CreateLeaver(ctx, uc.Leaver{UserID: user}, "")
	case "number":
		o, _, err = d.api.CreateNumberRequest(ctx, uc.NumberRequest{UserID: user}, "")
	case "move":
		o, _, err = d.api.CreateMover(ctx, uc.Mover{UserID: user, ServiceArea: row.col["to"]}, "")
	case "change":
		_, name, _ := strings.Cut(row.col["to"], "=")
		o, _, err = d.api.CreateMover(ctx, uc.Mover{UserID: user, LastName: &name}, "")
	case "rehire":
		if p.Joiner == nil {
			return o, fmt.Errorf("%s has never joined", user)
		}
		o, _, err = d.api.CreateJoiner(ctx, *p.Joiner, "")
	default:
		err = fmt.Errorf("life.csv: the event %q is unknown", row.col["event"])
	}
	return o, err
}

// lifeTable shows what the systems hold for the people of the events.
func (d *demo) lifeTable(ctx context.Context, events []lived, numbers *[]string) error {
	l := listing{header: []string{
		"PERSON", "EVENT", "NUMBER BEFORE", "NUMBER NOW", "DEVICE PROFILE", "LINE", "DIRECTORY", "HR", "ORDER", "EXPECTED", "OK",
	}}
	var notes []string
	for _, e := range events {
		p, err := d.api.Person(ctx, e.row.col["userId"])
		if err != nil {
			return err
		}
		f, err := d.facts.of(ctx, standing(p), anyMails)
		if err != nil {
			return err
		}
		expected := e.row.col["expect"]
		f.must(string(e.order.State) == expected, "the order is %s, not %s", e.order.State, expected)
		ok := "yes"
		if len(f.wrong) > 0 {
			ok = "NO"
			d.wrong("%s: %s", p.UserID, strings.Join(f.wrong, ", "))
		}
		l.add(fmt.Sprintf("%s (%s)", p.User.Name(), p.UserID), e.row.col["event"], e.before, f.number, f.profile, f.line,
			f.directory, f.hr, string(e.order.State), expected, ok)
		notes = append(notes, fmt.Sprintf("%s: %s", p.UserID, e.row.col["note"]))
		if e.order.State != uc.Done {
			notes = append(notes, fmt.Sprintf("%s: %s", p.UserID, e.order.Detail))
		}
		for _, digits := range []string{e.before, f.number} {
			if digits != "" && !slices.Contains(*numbers, digits) {
				*numbers = append(*numbers, digits)
			}
		}
	}
	d.say("")
	if err := writeTable(d.a.out, l); err != nil {
		return err
	}
	d.say("")
	for _, n := range notes {
		d.say("  %s", plain(n))
	}
	d.say("")
	return nil
}

// standing is the order that would have led to what a person has now.
func standing(p api.Person) uc.Order {
	o := uc.Order{
		State: uc.Done, Outcome: uc.NumberUnmade, UserID: p.UserID, ServiceArea: p.ServiceArea, Joiner: p.Joiner,
	}
	if p.Has != nil {
		o.Outcome, o.Number = uc.NumberGiven, p.Has.Number.Digits
	}
	return o
}

// histories shows how the numbers came around.
func (d *demo) histories(ctx context.Context, digits []string) error {
	d.say("How these numbers came around:\n")
	var all []api.Number
	for _, n := range digits {
		found, err := d.api.Numbers(ctx, apiclient.NumberQuery{Digits: n})
		if err != nil {
			return err
		}
		for _, same := range found.Items {
			if len(same.Events) > 1 { // the same digits stand unused in another partition
				all = append(all, same)
			}
		}
	}
	if err := d.a.printNumbers(all); err != nil {
		return err
	}
	d.say("")
	return nil
}
