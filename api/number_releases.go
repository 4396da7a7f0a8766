package api

import (
	"context"
	"fmt"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// NumberGiveBack asks to give a person's number back and says why.
type NumberGiveBack struct {
	NumberReason
	ServiceArea string `json:"serviceArea,omitempty" maxLength:"128" doc:"Only when no order knows the person: where to look for what belongs to the number"`
}

type releaseNumberIn struct {
	NumberPath
	Key
	Rehearsal
	Body NumberGiveBack
}

// releaseNumber opens the order that gives the number of a person back to its pool.
// The person stays. A number that nobody has is refused, and so is one of somebody who
// is leaving: it goes with the person.
func (s *server) releaseNumber(ctx context.Context, in *releaseNumberIn) (*createdOut, error) {
	found, err := s.db.FindNumber(ctx, uc.DirectoryNumber{
		CallProcessor: in.Body.CallProcessor, Partition: in.Body.Partition, Digits: in.Digits,
	})
	if err != nil {
		return nil, err
	}
	if found.State != uc.Assigned {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("number %s is %s: only a person's number can be released",
			found.Directory(), found.Standing()))
	}
	r := uc.NumberRelease{UserID: found.UserID, Number: found.Digits, Reason: in.Body.Reason, ServiceArea: in.Body.ServiceArea}
	trim(&r.Reason, &r.ServiceArea)
	leaver := uc.Leaver{UserID: r.UserID, ServiceArea: r.ServiceArea}
	at, err := s.standing(ctx, r.UserID)
	if err != nil {
		return nil, err
	}
	if at.person.State == uc.Leaving {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("user %s is leaving: the number goes with the person", r.UserID))
	}
	place, err := s.leaverPlace(ctx, at, &leaver)
	if err != nil {
		return nil, err
	}
	n := db.NewOrder{
		DryRun: in.DryRun,
		Kind:   uc.NumberReleaseOrder, UserID: r.UserID, NumberRelease: &r, State: uc.Running,
		ServiceArea: place.Area.Name, CallProcessor: place.Area.CallProcessor,
	}
	return s.submit(ctx, n, in.IdempotencyKey, r)
}
