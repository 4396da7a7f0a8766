package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

type createLeaverIn struct {
	Key
	Rehearsal
	Body uc.Leaver
}

// createLeaver opens the order of a leaver. Somebody who has left already is answered
// with the order that did it.
func (s *server) createLeaver(ctx context.Context, in *createLeaverIn) (*createdOut, error) {
	asked := in.Body
	trim(&asked.UserID, &asked.ServiceArea)
	if !asked.LeaveAt.IsZero() {
		asked.LeaveAt = asked.LeaveAt.UTC().Truncate(time.Second)
	}
	if problems := asked.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	at, err := s.standing(ctx, asked.UserID)
	if err != nil {
		return nil, err
	}
	if at.person.State == uc.Left && len(at.open) == 0 {
		return s.leftAlready(ctx, at.person)
	}
	leaver := asked
	place, err := s.leaverPlace(ctx, at, &leaver)
	if err != nil {
		return nil, err
	}
	n := db.NewOrder{
		DryRun: in.DryRun,
		Kind:   uc.LeaverOrder, UserID: leaver.UserID, Leaver: &leaver, State: uc.Running,
		ServiceArea: place.Area.Name, CallProcessor: place.Area.CallProcessor,
	}
	if leaver.LeaveAt.After(s.now()) {
		n.State, n.StartAt = uc.Scheduled, &leaver.LeaveAt
	}
	asked.Batch = 0 // the same request, whoever else is in the file
	return s.submit(ctx, n, in.IdempotencyKey, asked)
}

// leaverPlace is where the leaver's services are. The request names the service area
// only of somebody whom no order has made anything for.
func (s *server) leaverPlace(ctx context.Context, at standing, l *uc.Leaver) (uc.Placement, error) {
	area := at.person.Joiner.ServiceArea
	switch {
	case area == "" && l.ServiceArea == "":
		p := kindProblem(uc.NotFound, fmt.Sprintf(
			"no order knows a person %q: check the user id, or name the service area in which to look for what the person has", l.UserID))
		p.Errors = []Violation{{Location: "body.serviceArea", Message: p.Detail}}
		return uc.Placement{}, p
	case area != "" && l.ServiceArea != "" && area != l.ServiceArea:
		return uc.Placement{}, fieldConflict("serviceArea", l.ServiceArea,
			"user %s is in service area %s, not in %s: leave the service area out", at.person.UserID, area, l.ServiceArea)
	case area == "":
		area = l.ServiceArea
	}
	place, err := s.db.GetPlacement(ctx, area)
	if err != nil {
		return uc.Placement{}, s.areaProblem(ctx, area, err)
	}
	if l.ServiceArea = area; at.known {
		l.ServiceArea = "" // where the person is when the story begins: a move may come before
	}
	return place, nil
}

type (
	planLeaverIn struct {
		User        string `query:"user" required:"true" minLength:"1" maxLength:"128" doc:"The user id, in any case"`
		ServiceArea string `query:"serviceArea" maxLength:"128" doc:"Only of a person whom no order knows: where to look"`
	}
	planLeaverOut struct{ Body uc.LeaverPlan }
)

// planLeaver says what a leaver's order would do now; it asks every system that the
// person may have something on.
func (s *server) planLeaver(ctx context.Context, in *planLeaverIn) (*planLeaverOut, error) {
	leaver := uc.Leaver{UserID: in.User, ServiceArea: in.ServiceArea}
	trim(&leaver.UserID, &leaver.ServiceArea)
	if problems := leaver.Problems(); len(problems) > 0 {
		return nil, invalid(Violation{Location: "query.user", Message: problems[0].String(), Value: in.User})
	}
	at, err := s.standing(ctx, leaver.UserID)
	if err != nil {
		return nil, err
	}
	if at.person.State == uc.Left {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("user %s has left already", at.person.UserID))
	}
	if _, err := s.leaverPlace(ctx, at, &leaver); err != nil {
		return nil, inQuery(err)
	}
	plan, err := workflows.PlanLeave(ctx, s.temporal, leaver)
	plan.Objects = list(plan.Objects)
	return &planLeaverOut{plan}, err
}

// inQuery places a problem of a body in the query instead.
func inQuery(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		for i := range p.Errors {
			p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.", "query.", 1)
		}
	}
	return err
}

// leftAlready answers a request for somebody who has left.
func (s *server) leftAlready(ctx context.Context, p uc.Person) (*createdOut, error) {
	out, found, err := s.again(ctx, p, "user %s has left already", p.UserID)
	if err == nil && !found {
		err = kindProblem(uc.Conflict, fmt.Sprintf("user %s has left already", p.UserID))
	}
	return out, err
}

// beyondRecall says why an order cannot be cancelled any more; nil when it can.
func beyondRecall(o uc.Order) error {
	if o.Stage != uc.AtRemoval.String() {
		return nil
	}
	back := "let the person join again to give it back"
	if o.Kind == uc.NumberReleaseOrder {
		back = "request the number again afterwards"
	}
	p := kindProblem(uc.Conflict, fmt.Sprintf(
		"order %s has begun to remove what user %s had, and goes on to the end: %s", o.ID, o.UserID, back))
	p.Order = o.ID
	return p
}
