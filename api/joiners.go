package api

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

type createJoinerIn struct {
	Key
	Rehearsal
	Body uc.Joiner
}

// startTimeout bounds how long a request waits for its story to begin; the worker
// begins those that did not.
const startTimeout = 5 * time.Second

// createJoiner opens the order of a joiner. A person who has exactly what is asked
// for is answered with the order that made it.
func (s *server) createJoiner(ctx context.Context, in *createJoinerIn) (*createdOut, error) {
	joiner := normalize(in.Body)
	if problems := joiner.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, joinerField)
	}
	placement, err := s.db.GetPlacement(ctx, joiner.ServiceArea)
	if err != nil {
		return nil, s.areaProblem(ctx, joiner.ServiceArea, err)
	}
	if in.IdempotencyKey == "" {
		if out, found, err := s.joinedAlready(ctx, joiner); err != nil || found {
			return out, err
		}
	}
	if err := s.sameEmployee(ctx, joiner); err != nil {
		return nil, err
	}
	n := db.NewOrder{
		DryRun: in.DryRun,
		Kind:   uc.JoinerOrder, UserID: joiner.User.ID, Joiner: &joiner, State: uc.Running,
		ServiceArea: placement.Area.Name, CallProcessor: placement.Area.CallProcessor,
	}
	begin := joiner.StartAt.Add(-time.Duration(placement.Domain.LeadTime))
	if !joiner.StartAt.IsZero() && begin.After(s.now()) {
		n.State, n.StartAt = uc.Scheduled, &begin
	}
	return s.submit(ctx, n, in.IdempotencyKey, joiner)
}

// joinedAlready finds the order that gave the person what is asked for, if nothing
// has changed since. Fails with a 409 when the person has a number somewhere else.
func (s *server) joinedAlready(ctx context.Context, j uc.Joiner) (*createdOut, bool, error) {
	p, err := s.db.GetPerson(ctx, j.User.ID)
	if errors.Is(err, uc.NotFound) {
		return nil, false, nil
	}
	if err != nil || p.State == uc.Left {
		return nil, false, err
	}
	if p.Services != nil && p.Joiner.ServiceArea != j.ServiceArea && !j.StartAt.After(s.now()) {
		return nil, false, elsewhere(p, j.ServiceArea)
	}
	if p.State == uc.Leaving {
		return nil, false, nil // joining again recalls the person
	}
	had := p.Joiner
	j, _ = j.Filled(had)                                              // what it does not say stays as it is
	had.User.ID, had.User.DirectoryID = j.User.ID, j.User.DirectoryID // the systems' own spelling and id
	if !j.StartAt.After(s.now()) {
		had.StartAt = j.StartAt // the person has started
	}
	if j.DeskPhone == "" || uc.DeskPhoneName(j.DeskPhone) == uc.DeskPhoneName(had.DeskPhone) {
		had.DeskPhone = j.DeskPhone // one that was assigned since is no reason to join again
	}
	if !reflect.DeepEqual(normalize(had), j) {
		return nil, false, nil
	}
	return s.nothingToDo(ctx, p.OrderID)
}

// elsewhere refuses a joiner of somebody who has a number in another service area. It
// is refused here, too, for a joiner would end a leaver's order before it finds out.
func elsewhere(p uc.Person, area string) error {
	instead := fmt.Sprintf("move the person to %s instead", area)
	if p.State == uc.Leaving {
		instead = "the person is leaving: recall the person and then move, or join again when the person has left"
	}
	return kindProblem(uc.Conflict, fmt.Sprintf("user %s has number %s in service area %s: %s",
		p.UserID, p.Services.Number, p.Joiner.ServiceArea, instead))
}

// sameEmployee refuses a joiner whose employee id is that of a person with another
// user id: a changed user id is a rename, not a new person.
func (s *server) sameEmployee(ctx context.Context, j uc.Joiner) error {
	p, err := s.db.PersonOfEmployee(ctx, j.User.EmployeeID)
	if errors.Is(err, uc.NotFound) || err == nil && (uc.User{ID: p.UserID}).Key() == j.User.Key() {
		return nil
	}
	if err != nil {
		return err
	}
	detail := fmt.Sprintf("employee id %s is user %s already: change that person's user id instead of joining a new one",
		j.User.EmployeeID, p.UserID)
	problem := kindProblem(uc.Conflict, detail)
	problem.Errors = []Violation{{Location: "body.user.employeeId", Message: detail, Value: j.User.EmployeeID}}
	return problem
}

// begin starts the order's story and records that it runs. It outlives the
// request: a client that goes away does not stop what it asked for.
func (s *server) begin(ctx context.Context, o uc.Order) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	err := workflows.Start(ctx, s.temporal, o)
	if err == nil {
		err = s.db.MarkStarted(ctx, o.ID)
	}
	if err != nil {
		s.log.Warn("story not started yet: the worker will start it", zap.String("request", requestID(ctx)),
			zap.String("order", o.ID), zap.String("user", o.UserID), zap.Error(err))
	}
}

// normalize writes the joiner in one form, so that requests which mean the same
// are the same.
func normalize(j uc.Joiner) uc.Joiner {
	u := &j.User
	trim(&u.ID, &u.EmployeeID, &u.DirectoryID, &u.FirstName, &u.LastName, &u.Mail, &u.Department, &u.Title,
		&j.ServiceArea, &j.DeskPhone)
	if !j.StartAt.IsZero() {
		j.StartAt = j.StartAt.UTC().Truncate(time.Second)
	}
	if len(j.Attributes) == 0 {
		j.Attributes = nil
	}
	return j
}

// joinerField is the path of a field in the body: those of the person are under user.
func joinerField(name string) string {
	switch name {
	case "userId", "employeeId", "directoryId", "firstName", "lastName", "mail", "department", "title":
		return "user." + name
	}
	return name
}
