package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dialtone/dialtone/uc"
)

// standing is where a person stands when a request about the person comes.
type standing struct {
	person uc.Person  // of an unknown person who joins, as the joiner describes
	known  bool       // an order made something for the person, now or once
	open   []uc.Order // the person's open orders, newest first
}

// standing reads where the person stands. Somebody whose first joiner has not ended
// is a person too: what is asked for comes after it.
func (s *server) standing(ctx context.Context, userID string) (standing, error) {
	p, err := s.db.GetPerson(ctx, userID)
	at := standing{person: p, known: err == nil}
	if err != nil && !errors.Is(err, uc.NotFound) {
		return at, err
	}
	orders, err := s.db.OrdersOf(ctx, userID)
	at.open = slices.DeleteFunc(orders, func(o uc.Order) bool { return !o.State.Open() })
	if joins, found := at.has(uc.JoinerOrder); found && p.State != uc.Active {
		at.person = uc.Person{UserID: joins.UserID, State: uc.Active, Joiner: *joins.Joiner, OrderID: joins.ID}
	}
	return at, err
}

// has finds the person's open order of a kind.
func (at standing) has(kind uc.OrderKind) (uc.Order, bool) {
	i := slices.IndexFunc(at.open, func(o uc.Order) bool { return o.Kind == kind })
	if i < 0 {
		return uc.Order{}, false
	}
	return at.open[i], true
}

// settled reports whether what is known of the person is what it will be: no open
// order changes it.
func (at standing) settled() bool { return at.known && len(at.open) == 0 }

// staying is where a person stands who has services, or is about to. Fails with a 404
// when no order knows the person and with a 409 when the person leaves or has left.
func (s *server) staying(ctx context.Context, userID string) (standing, error) {
	at, err := s.standing(ctx, userID)
	if err == nil && at.person.State != uc.Active {
		_, err = s.activePerson(ctx, userID)
	}
	return at, err
}

// again answers with the order after which nothing is left to do, and says so. found
// is false when the caller may not see that order.
func (s *server) again(ctx context.Context, p uc.Person, format string, args ...any) (*createdOut, bool, error) {
	out, found, err := s.nothingToDo(ctx, p.OrderID)
	if err == nil && found && out.Body.Detail == "" {
		out.Body.Detail = "nothing to do: " + fmt.Sprintf(format, args...)
	}
	return out, found, err
}

// fieldConflict is a 409 about one field of the request.
func fieldConflict(field, value, format string, args ...any) *Problem {
	p := kindProblem(uc.Conflict, fmt.Sprintf(format, args...))
	p.Errors = []Violation{{Location: "body." + field, Message: p.Detail, Value: value}}
	return p
}
