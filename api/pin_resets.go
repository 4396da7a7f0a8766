package api

import (
	"context"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

type createPINResetIn struct {
	Key
	Rehearsal
	Body uc.PINReset
}

// createPINReset opens the order that gives a person a new PIN. It is refused when
// these settings name nobody who could bring it to the person.
func (s *server) createPINReset(ctx context.Context, in *createPINResetIn) (*createdOut, error) {
	r := in.Body
	trim(&r.UserID)
	if problems := r.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	if s.noPINDelivery {
		return nil, kindProblem(uc.Invalid, uc.PINDeliveryMissing)
	}
	at, err := s.staying(ctx, r.UserID)
	if err != nil {
		return nil, err
	}
	if at.settled() && at.person.Services == nil {
		return nil, fieldConflict("userId", r.UserID, "user %s has no services: there is no PIN to reset", at.person.UserID)
	}
	n := db.NewOrder{DryRun: in.DryRun, Kind: uc.PINOrder, UserID: r.UserID, State: uc.Running}
	if n.ServiceArea, n.CallProcessor, err = s.placeOf(ctx, at.person); err != nil {
		return nil, err
	}
	return s.submit(ctx, n, in.IdempotencyKey, r)
}

// placeOf is where a person has services, or is about to.
func (s *server) placeOf(ctx context.Context, p uc.Person) (area, callProcessor string, err error) {
	area = p.Joiner.ServiceArea
	if p.Services != nil {
		return area, p.Services.CallProcessor, nil
	}
	place, err := s.db.GetPlacement(ctx, area)
	if err != nil {
		return "", "", s.areaProblem(ctx, area, err)
	}
	return area, place.Area.CallProcessor, nil
}
