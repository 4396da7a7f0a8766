package api

import (
	"cmp"
	"context"
	"errors"
	"reflect"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

type createMoverIn struct {
	Key
	Rehearsal
	Body uc.Mover
}

// createMover opens the order of a mover. When nothing would change, the answer is
// the order that left the person so.
func (s *server) createMover(ctx context.Context, in *createMoverIn) (*createdOut, error) {
	m := plainMover(in.Body)
	if problems := m.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	at, err := s.staying(ctx, m.UserID)
	if err != nil {
		return nil, err
	}
	area := cmp.Or(m.ServiceArea, at.person.Joiner.ServiceArea)
	place, err := s.db.GetPlacement(ctx, area)
	if err != nil {
		return nil, s.areaProblem(ctx, area, err)
	}
	if in.IdempotencyKey == "" && at.settled() {
		if out, found, err := s.movedAlready(ctx, at.person, m); err != nil || found {
			return out, err
		}
	}
	if err := s.freeUserID(ctx, at.person, m.NewUserID); err != nil {
		return nil, err
	}
	n := db.NewOrder{
		DryRun: in.DryRun,
		Kind:   uc.MoverOrder, UserID: m.UserID, Mover: &m, State: uc.Running,
		ServiceArea: place.Area.Name, CallProcessor: place.Area.CallProcessor,
	}
	return s.submit(ctx, n, in.IdempotencyKey, sameMover(m))
}

// movedAlready finds the order that left the person as the move would. A new number
// is given once: the same request directly after it is the same one.
func (s *server) movedAlready(ctx context.Context, p uc.Person, m uc.Mover) (*createdOut, bool, error) {
	if !reflect.DeepEqual(normalize(m.Apply(p.Joiner)), normalize(p.Joiner)) {
		return nil, false, nil
	}
	if m.Number == uc.NumberNew {
		last, err := s.db.GetOrder(ctx, p.OrderID)
		if errors.Is(err, uc.NotFound) || err == nil && (last.Mover == nil || !reflect.DeepEqual(sameMover(*last.Mover), sameMover(m))) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		return s.again(ctx, p, "the last order of user %s was the same; send an Idempotency-Key for one more number", p.UserID)
	}
	return s.again(ctx, p, "user %s is as the request wants it", p.UserID)
}

// freeUserID refuses a rename to the user id of another person.
func (s *server) freeUserID(ctx context.Context, p uc.Person, to string) error {
	if to == "" || (uc.User{ID: to}).Key() == (uc.User{ID: p.UserID}).Key() {
		return nil
	}
	other, err := s.standing(ctx, to)
	if err != nil {
		return err
	}
	if other.known && other.person.State != uc.Left || len(other.open) > 0 {
		return fieldConflict("newUserId", to, "user id %s is another person's: choose one that nobody has", to)
	}
	return nil
}

// sameMover is what tells a mover from another one: not who else is in the file.
func sameMover(m uc.Mover) uc.Mover {
	m.Batch = 0
	return m
}

// plainMover writes the mover in one form, so that requests which mean the same are
// the same.
func plainMover(m uc.Mover) uc.Mover {
	trim(&m.UserID, &m.ServiceArea, &m.NewUserID)
	for _, text := range []**string{&m.FirstName, &m.LastName, &m.Mail, &m.Department, &m.Title} {
		if *text != nil {
			own := **text
			trim(&own)
			*text = &own
		}
	}
	if len(m.Attributes) == 0 {
		m.Attributes = nil
	}
	return m
}
