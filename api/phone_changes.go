package api

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

type createPhoneChangeIn struct {
	Key
	Rehearsal
	Body uc.PhoneChange
}

// createPhoneChange opens the order that assigns, swaps or removes a phone of a
// person.
func (s *server) createPhoneChange(ctx context.Context, in *createPhoneChangeIn) (*createdOut, error) {
	c := in.Body
	trim(&c.UserID, &c.Phone, &c.New)
	if problems := c.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	at, err := s.staying(ctx, c.UserID)
	if err != nil {
		return nil, err
	}
	if at.settled() {
		if err := s.phoneFits(ctx, at.person, c); err != nil {
			return nil, err
		}
	}
	n := db.NewOrder{DryRun: in.DryRun, Kind: uc.PhoneOrder, UserID: c.UserID, PhoneChange: &c, State: uc.Running}
	if n.ServiceArea, n.CallProcessor, err = s.placeOf(ctx, at.person); err != nil {
		return nil, err
	}
	return s.submit(ctx, n, in.IdempotencyKey, c)
}

// phoneFits refuses what the order would refuse at once: a person without a number,
// and a phone that is none of the person's or none of the template's.
func (s *server) phoneFits(ctx context.Context, p uc.Person, c uc.PhoneChange) error {
	if p.Number().Digits == "" {
		return fieldConflict("userId", c.UserID, "%s", uc.NeedsNumber(p.UserID))
	}
	var err error
	switch c.Action {
	case uc.PhoneRemove:
		_, err = p.PhoneOf(c.Phone)
	case uc.PhoneSwap:
		_, _, err = p.SwapOf(c)
	case uc.PhoneAssign:
		place, readErr := s.db.GetPlacement(ctx, p.Joiner.ServiceArea)
		if readErr != nil {
			return readErr
		}
		_, err = uc.PlanPhone(c.Phone, p, place)
	}
	if err == nil {
		return nil
	}
	problem := s.problem(ctx, err)
	problem.Errors = []Violation{{Location: "body.phone", Message: strings.TrimSpace(problem.Detail), Value: c.Phone}}
	return problem
}
