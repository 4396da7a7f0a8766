package api

import (
	"cmp"
	"context"
	"fmt"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

type createNumberRequestIn struct {
	Key
	Rehearsal
	Body uc.NumberRequest
}

// createNumberRequest opens the order that gives a person a number. A person who has
// the number already is answered with the order that gave it.
func (s *server) createNumberRequest(ctx context.Context, in *createNumberRequestIn) (*createdOut, error) {
	r := in.Body
	trim(&r.UserID, &r.Pool, &r.Number)
	if problems := r.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	at, err := s.staying(ctx, r.UserID)
	if err != nil {
		return nil, err
	}
	place, err := s.db.GetPlacement(ctx, at.person.Joiner.ServiceArea)
	if err != nil {
		return nil, s.areaProblem(ctx, at.person.Joiner.ServiceArea, err)
	}
	if err := s.poolOf(ctx, r, place); err != nil {
		return nil, err
	}
	if at.settled() && at.person.Number().Digits != "" {
		if out, found, err := s.hasNumber(ctx, at.person, r); err != nil || found {
			return out, err
		}
	}
	n := db.NewOrder{
		DryRun: in.DryRun,
		Kind:   uc.NumberRequestOrder, UserID: r.UserID, NumberRequest: &r, State: uc.Running,
		ServiceArea: place.Area.Name, CallProcessor: place.Area.CallProcessor,
	}
	out, err := s.submit(ctx, n, in.IdempotencyKey, r)
	if err == nil && out.Body.ID == "" && r.Number != "" {
		err = s.numberFree(ctx, r, cmp.Or(r.Pool, place.Pool.Name))
	}
	return out, err
}

// numberFree refuses the rehearsal of a request whose order would not get the number that
// it names. Whether something else uses it is for the call processor to say, later.
func (s *server) numberFree(ctx context.Context, r uc.NumberRequest, pool string) error {
	err := s.db.RehearseReserve(ctx, db.ReserveRequest{OrderID: "rehearsal", Pool: pool, UserID: r.UserID, Digits: r.Number})
	if err == nil {
		return nil
	}
	p := s.problem(ctx, err)
	if p.Kind == uc.Conflict || p.Kind == uc.NotFound {
		p.Errors = []Violation{{Location: "body.number", Message: p.Detail, Value: r.Number}}
	}
	return p
}

// poolOf refuses a pool that does not exist, or whose numbers are of another call
// processor than the person's.
func (s *server) poolOf(ctx context.Context, r uc.NumberRequest, place uc.Placement) error {
	if r.Pool == "" || r.Pool == place.Pool.Name {
		return nil
	}
	pool, err := s.db.GetPool(ctx, r.Pool)
	if err != nil {
		p := s.problem(ctx, err)
		if p.Kind == uc.NotFound {
			p.Errors = []Violation{{Location: "body.pool", Message: p.Detail, Value: r.Pool}}
		}
		return p
	}
	if pool.CallProcessor != place.Area.CallProcessor {
		return fieldConflict("pool", r.Pool, "pool %s is of call processor %s, and user %s is on %s: move the person first",
			r.Pool, pool.CallProcessor, r.UserID, place.Area.CallProcessor)
	}
	return nil
}

// hasNumber answers for a person who has a number: with the order behind it when that
// number is asked for, or any, and otherwise with a 409.
func (s *server) hasNumber(ctx context.Context, p uc.Person, r uc.NumberRequest) (*createdOut, bool, error) {
	has := p.Number()
	if r.Number != "" && r.Number != has.Digits && r.Number != p.Services.E164 {
		return nil, false, fieldConflict("number", r.Number,
			"user %s has the number %s already: a move gives another one in its place", p.UserID, has)
	}
	out, found, err := s.again(ctx, p, "user %s has the number %s already", p.UserID, has)
	if err == nil && !found {
		err = kindProblem(uc.Conflict, fmt.Sprintf("user %s has a number already", p.UserID))
	}
	return out, found, err
}
