package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

type createJoinerIn struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" doc:"Sent again with the same body it leads to the same order, with another body to a 422. Without one the body itself is the key: send a new key to try a failed joiner again."`
	Body           uc.Joiner
}

type createJoinerOut struct {
	Location string `header:"Location" doc:"Where the order is read"`
	Replayed string `header:"Idempotency-Replayed" doc:"true when an earlier request had made the order"`
	Body     uc.Order
}

// keyPrefix keeps the keys of clients apart from those that are made of bodies.
const keyPrefix = "key:"

// startTimeout bounds how long a request waits for its story to begin; the worker
// begins those that did not.
const startTimeout = 5 * time.Second

// createJoiner stores an order and starts its story. The order is kept when the
// story cannot be started now: the worker's sweep starts it.
func (s *server) createJoiner(ctx context.Context, in *createJoinerIn) (*createJoinerOut, error) {
	joiner := normalize(in.Body)
	if problems := joiner.Problems(); len(problems) > 0 {
		return nil, joinerProblem(problems)
	}
	placement, err := s.db.GetPlacement(ctx, joiner.ServiceArea)
	if err != nil {
		return nil, s.areaProblem(ctx, joiner, err)
	}
	request, err := newJoinerOrder(joiner, placement, s.now())
	if err != nil {
		return nil, err
	}
	request.CreatedBy = callerOf(ctx).name
	if in.IdempotencyKey != "" {
		request.Key = keyPrefix + in.IdempotencyKey
	}
	order, created, err := s.db.OpenOrder(ctx, request)
	if err != nil {
		return nil, s.openProblem(ctx, request, err)
	}
	out := &createJoinerOut{Location: "/v1/orders/" + order.ID, Body: order}
	if created {
		s.begin(ctx, order)
	} else {
		out.Replayed = "true"
	}
	return out, nil
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

// newJoinerOrder is the order of a joiner; its fingerprint, and its key while the
// client sends none, come from the canonical form of the request.
func newJoinerOrder(j uc.Joiner, p uc.Placement, now time.Time) (db.NewOrder, error) {
	canonical, err := json.Marshal(j)
	if err != nil {
		return db.NewOrder{}, fmt.Errorf("canonical form of the joiner: %w", err)
	}
	sum := sha256.Sum256(canonical)
	id, err := uuid.NewV7()
	if err != nil {
		return db.NewOrder{}, fmt.Errorf("order id: %w", err)
	}
	o := db.NewOrder{
		ID: id.String(), Kind: uc.JoinerOrder, Joiner: j, State: uc.Running,
		Fingerprint: hex.EncodeToString(sum[:]), Key: "body:" + hex.EncodeToString(sum[:]),
		ServiceArea: p.Area.Name, CallProcessor: p.Area.CallProcessor,
	}
	if begin := j.StartAt.Add(-time.Duration(p.Domain.LeadTime)); !j.StartAt.IsZero() && begin.After(now) {
		o.State, o.StartAt = uc.Scheduled, &begin
	}
	return o, nil
}

// normalize writes the joiner in one form, so that requests which mean the same
// are the same.
func normalize(j uc.Joiner) uc.Joiner {
	u := &j.User
	for _, f := range []*string{
		&u.ID, &u.EmployeeID, &u.DirectoryID, &u.FirstName, &u.LastName, &u.Mail, &u.Department, &u.Title,
		&j.ServiceArea, &j.DeskPhone,
	} {
		*f = strings.TrimSpace(*f)
	}
	if !j.StartAt.IsZero() {
		j.StartAt = j.StartAt.UTC().Truncate(time.Second)
	}
	if len(j.Attributes) == 0 {
		j.Attributes = nil
	}
	return j
}

// joinerProblem places the problems of a joiner in the body of the request.
func joinerProblem(problems []uc.Problem) *Problem {
	violations := make([]Violation, len(problems))
	for i, p := range problems {
		violations[i] = Violation{Location: "body." + joinerField(p.Field), Message: p.String(), Value: p.Value}
	}
	return invalid(violations...)
}

// joinerField is the path of a field in the body: those of the person are under user.
func joinerField(name string) string {
	switch name {
	case "userId", "employeeId", "directoryId", "firstName", "lastName", "mail", "department", "title":
		return "user." + name
	}
	return name
}

// areaProblem points at the service area when it does not exist.
func (s *server) areaProblem(ctx context.Context, j uc.Joiner, err error) error {
	p := s.problem(ctx, err)
	if p.Status == http.StatusNotFound {
		p.Errors = []Violation{{Location: "body.serviceArea", Message: p.Detail, Value: j.ServiceArea}}
	}
	return p
}

// openProblem explains why no order was opened: the only request that is invalid by
// now is a key that came before with another body, the only conflict a person with
// an open order.
func (s *server) openProblem(ctx context.Context, n db.NewOrder, err error) error {
	p := s.problem(ctx, err)
	switch p.Kind {
	case uc.Invalid:
		if sent, ok := strings.CutPrefix(n.Key, keyPrefix); ok {
			p.Detail = strings.ReplaceAll(p.Detail, strconv.Quote(n.Key), strconv.Quote(sent))
			p.Errors = []Violation{{Location: "header.Idempotency-Key", Message: p.Detail, Value: sent}}
		}
	case uc.Conflict:
		p.Order, err = s.openOrder(ctx, n.Joiner.User.ID)
		if err != nil {
			return err
		}
		if p.Order == "" {
			p.Detail = "the person has an open order already: one order per person at a time"
		}
	case uc.NotFound, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal:
	}
	return p
}

// openOrder is the person's open order; "" when the caller may not see it.
func (s *server) openOrder(ctx context.Context, userID string) (string, error) {
	orders, err := s.db.OrdersOf(ctx, userID)
	if err != nil {
		return "", err
	}
	for _, o := range orders {
		if o.State.Open() && callerOf(ctx).owns(o) {
			return o.ID, nil
		}
	}
	return "", nil
}
