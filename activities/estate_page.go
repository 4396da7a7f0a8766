package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// place is where the next page of a kind begins. It stands in the database as text, so
// that any process goes on where another one ended.
type place struct {
	After axl.UUID       `json:"after,omitempty"` // of what is read by id: the last one so far
	Skip  int            `json:"skip,omitempty"`  // of a list: how many objects are behind us
	Tail  []axl.UUID     `json:"tail,omitempty"`  // of a list: the last ones of them
	Pass  int            `json:"pass,omitempty"`  // of a list: how often it was begun anew
	Odd   map[string]odd `json:"odd,omitempty"`   // unexpected elements so far, by name
}

// odd counts objects with an unexpected element.
type odd struct {
	Count   int    `json:"count"`
	Example string `json:"example"`
}

func parsePlace(cursor string) (p place, err error) {
	if cursor == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(cursor), &p); err != nil {
		return p, fmt.Errorf("reading where a page begins: %w", err)
	}
	return p, nil
}

func (p place) cursor() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // it holds nothing that has no JSON
	}
	return string(b)
}

// overlap is how many objects of a list a page at most reads again that the one before
// read last. A list has no key to go on behind: what is removed meanwhile shifts the rest
// forward, and as long as one of these is found nothing was left out.
const overlap = 50

// withoutID ends the name of what the client calls an object that it cannot hand over:
// it counts as an object of its page.
const withoutID = " without uuid"

// errShifted says that a list moved by more than the overlap between two pages.
var errShifted = errors.New("the list moved between two pages")

// errEnough ends an answer whose rows nobody takes any more.
var errEnough = errors.New("no more rows are taken")

// page is one page while it is read.
type page struct {
	c     *axl.Client
	kind  uc.EstateKind
	keep  func(axl.Object) bool
	at    place
	size  int // objects at most; 0 = all that are left
	total int // objects that there are; 0 = not known

	next  place
	last  bool
	odds  int // unexpected elements of this page
	known int // of a list: objects of the page before that were found again
	bytes int // of what is read by id: of the answer
	read  int // of what is read by id: objects in it
}

// rows reads the page: by the list of AXL, or by ids.
func (p *page) rows(ctx context.Context) iter.Seq2[db.EstateRow, error] {
	return func(yield func(db.EstateRow, error) bool) {
		p.next, p.odds, p.known = p.at, 0, 0
		p.next.Odd = maps.Clone(p.at.Odd)
		read := p.byID
		if object, ok := listed(p.kind); ok {
			read = func(ctx context.Context, each func(axl.Object) error) error { return p.list(ctx, object, each) }
		}
		err := read(ctx, func(o axl.Object) error {
			if p.keep(o) && !yield(rowOf(p.kind, o), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(db.EstateRow{}, err)
		}
	}
}

func (p *page) byID(ctx context.Context, each func(axl.Object) error) error {
	out, err := p.c.ReadEstate(ctx, axl.EstateQuery{Kind: p.kind, After: p.at.After, First: p.size}, each)
	p.next.After, p.last, p.bytes, p.read = out.Last, !out.More, out.Bytes, out.Rows
	p.surprises(out.Unexpected)
	return err
}

// list reads a page of a list from before where the last one ended.
func (p *page) list(ctx context.Context, object string, each func(axl.Object) error) error {
	back := overlap
	if p.size > 0 { // both have to fit into an answer
		back = max(1, min(overlap, p.size/2))
	}
	back = min(back, p.at.Skip)
	q := axl.ListQuery{Kind: object, Skip: p.at.Skip - back, First: p.size}
	if q.First > 0 {
		q.First = max(q.First, back+1)
	}
	p.next.Tail = slices.Clone(p.at.Tail)
	out, err := p.c.ListObjects(ctx, q, func(o axl.Object) error {
		if slices.Contains(p.at.Tail, o.UUID) {
			p.known++
			return nil
		}
		p.next.Tail = append(p.next.Tail, o.UUID)
		if over := len(p.next.Tail) - overlap; over > 0 {
			p.next.Tail = slices.Delete(p.next.Tail, 0, over)
		}
		return each(o)
	})
	if err == nil && back > 0 && p.known == 0 {
		return errShifted
	}
	strange := 0
	for _, u := range out.Unexpected {
		if strings.HasSuffix(u.Element, withoutID) {
			strange += u.Count
		}
	}
	p.next.Skip = q.Skip + out.Objects + strange
	p.last = q.First == 0 || out.Objects+strange < q.First
	p.surprises(out.Unexpected)
	return err
}

// surprises counts what the client did not know.
func (p *page) surprises(found []axl.Unexpected) {
	for _, u := range found {
		p.odds += u.Count
		if p.next.Odd == nil {
			p.next.Odd = map[string]odd{}
		}
		have, again := p.next.Odd[u.Element]
		if !again {
			have.Example = u.Example
		}
		have.Count += u.Count
		p.next.Odd[u.Element] = have
	}
}

// end is what is known once the rows are through.
func (p *page) end() db.PageEnd {
	end := db.PageEnd{Cursor: p.next.cursor(), Last: p.last, Total: p.total, Skipped: p.odds, Upto: string(p.next.After)}
	if !p.last {
		return end
	}
	for _, element := range slices.Sorted(maps.Keys(p.next.Odd)) {
		end.Lines = append(end.Lines, oddLine(element, p.next.Odd[element]))
	}
	return end
}

func oddLine(element string, o odd) uc.SyncLine {
	return uc.SyncLine{
		Severity: uc.SeverityWarning, Class: uc.DataLine, Object: o.Example, What: uc.WhatSkipped + " " + element,
		Why: fmt.Sprintf("%d answers have it and nobody here knows what it means; %q was the first", o.Count, o.Example),
		Do:  "nothing: everything else of these objects was read",
	}
}

func rowOf(kind uc.EstateKind, o axl.Object) db.EstateRow {
	if kind.IsRelation() {
		return db.EstateRow{UUID: string(o.Key), From: string(o.UUID), To: o.Name, Attributes: o.Attributes}
	}
	return db.EstateRow{UUID: string(o.UUID), Name: o.Name, Partition: o.Partition, Attributes: o.Attributes}
}
