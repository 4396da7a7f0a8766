package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// Key is the idempotency key of a request for an order.
type Key struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" doc:"Sent again with the same body it leads to the same order, with another body to a 422. Without one, the same body leads to the same order while that is open, and to what is there when nothing is left to do."`
}

// Rehearsal lets a request only ask what would come of it.
type Rehearsal struct {
	DryRun bool `query:"dryRun" doc:"Make nothing: answer what would come of the request, with an order that has no id when it would be a new one"`
}

// createdOut answers a request for an order.
type createdOut struct {
	Location string `header:"Location" doc:"Where the order is read"`
	Replayed string `header:"Idempotency-Replayed" doc:"true when an earlier request had made the order"`
	Body     uc.Order
}

func created(o uc.Order, replayed bool) *createdOut {
	out := &createdOut{Location: "/v1/orders/" + o.ID, Body: o}
	if replayed {
		out.Replayed = "true"
	}
	return out
}

// submit opens the order and starts its story. body is the request in its canonical
// form; n carries all that differs by kind. The order is kept when the story cannot
// be started now: the worker's sweep starts it.
func (s *server) submit(ctx context.Context, n db.NewOrder, key string, body any) (*createdOut, error) {
	canonical, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("canonical form of the request: %w", err)
	}
	sum := sha256.Sum256(canonical)
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("order id: %w", err)
	}
	n.ID, n.Fingerprint, n.CreatedBy = id.String(), hex.EncodeToString(sum[:]), callerOf(ctx).name
	n.Key, n.WorkflowID = key, workflows.StoryID(n.Kind, n.UserID)
	order, isNew, err := s.db.OpenOrder(ctx, n)
	if err != nil {
		return nil, s.openProblem(ctx, n, err)
	}
	if isNew && n.DryRun {
		order.ID = ""
		return &createdOut{Body: order}, nil
	}
	if isNew {
		s.begin(ctx, order)
	}
	return created(order, !isNew), nil
}

// nothingToDo answers with the order that left the person as the request wants it;
// found is false when the caller may not see that order.
func (s *server) nothingToDo(ctx context.Context, orderID string) (out *createdOut, found bool, err error) {
	o, err := s.db.GetOrder(ctx, orderID)
	if errors.Is(err, uc.NotFound) || err == nil && !callerOf(ctx).owns(o) {
		return nil, false, nil
	}
	return created(o, true), err == nil, err
}

// activePerson is the person of a request about somebody who has services. Fails
// with a 404 when no order has made anything for the person and with a 409 when the
// person leaves or has left.
func (s *server) activePerson(ctx context.Context, userID string) (uc.Person, error) {
	p, err := s.db.GetPerson(ctx, userID)
	if err != nil {
		problem := s.problem(ctx, err)
		if problem.Kind == uc.NotFound {
			problem.Detail += ": check the user id, or let the person join first"
			problem.Errors = []Violation{{Location: "body.userId", Message: problem.Detail, Value: userID}}
		}
		return uc.Person{}, problem
	}
	switch p.State {
	case uc.Left:
		return uc.Person{}, fieldConflict("userId", userID, "user %s has left: let the person join again", p.UserID)
	case uc.Leaving:
		leaves, err := s.openOrder(ctx, db.NewOrder{Kind: uc.LeaverOrder, UserID: p.UserID})
		if err != nil {
			return uc.Person{}, err
		}
		problem := fieldConflict("userId", userID,
			"user %s is leaving: recall the person with `dialtone leave %s --cancel`, or let the person join again", p.UserID, p.UserID)
		problem.Order = leaves
		return uc.Person{}, problem
	case uc.Active:
	}
	return p, nil
}

// openProblem explains why no order was opened: the only request that is invalid by
// now is a key that came before with another body, the only conflict a person with
// an open order of the kind.
func (s *server) openProblem(ctx context.Context, n db.NewOrder, err error) error {
	p := s.problem(ctx, err)
	switch p.Kind {
	case uc.Invalid:
		p.Errors = []Violation{{Location: "header.Idempotency-Key", Message: p.Detail, Value: n.Key}}
	case uc.Conflict:
		p.Order, err = s.openOrder(ctx, n)
		if err != nil {
			return err
		}
		if p.Order == "" {
			p.Detail = fmt.Sprintf("the person has an open %s order already: one order of a kind per person at a time", n.Kind)
		}
	case uc.NotFound, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal:
	}
	return p
}

// openOrder is the person's open order of the kind; "" when the caller may not see it.
func (s *server) openOrder(ctx context.Context, n db.NewOrder) (string, error) {
	orders, err := s.db.OrdersOf(ctx, n.UserID)
	if err != nil {
		return "", err
	}
	for _, o := range orders {
		if o.Kind == n.Kind && o.State.Open() && callerOf(ctx).owns(o) {
			return o.ID, nil
		}
	}
	return "", nil
}

// requestProblem places the problems of a request in its body; path maps a field to its
// path where that differs.
func requestProblem(problems []uc.Problem, path func(string) string) *Problem {
	violations := make([]Violation, len(problems))
	for i, p := range problems {
		violations[i] = Violation{Location: "body." + path(p.Field), Message: p.String(), Value: p.Value}
	}
	return invalid(violations...)
}

// plainField is the path of a field that stands in the body itself.
func plainField(name string) string { return name }

// areaProblem points at the service area when it does not exist.
func (s *server) areaProblem(ctx context.Context, area string, err error) error {
	p := s.problem(ctx, err)
	if p.Status == http.StatusNotFound {
		p.Errors = []Violation{{Location: "body.serviceArea", Message: p.Detail, Value: area}}
	}
	return p
}

// trim removes the blanks around each text.
func trim(texts ...*string) {
	for _, t := range texts {
		*t = strings.TrimSpace(*t)
	}
}
