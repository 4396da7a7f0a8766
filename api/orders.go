package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

type listOrdersIn struct {
	State       uc.OrderState `query:"state" enum:"scheduled,running,waiting,done,failed,cancelled"`
	Kind        uc.OrderKind  `query:"kind" enum:"joiner,leaver,mover,number_request,number_release,phone,pin_reset"`
	User        string        `query:"user" maxLength:"128" doc:"The user id, in any case"`
	ServiceArea string        `query:"serviceArea" maxLength:"128"`
	WaitingKind uc.Kind       `query:"waitingKind" maxLength:"32" doc:"Only orders that wait for this kind of failure"`
	Page
}

// Page is how a list is read in parts.
type Page struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"next of the answer before; empty for the first part"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most"`
}

// OrderList is one part of a list of orders.
type OrderList struct {
	Items []uc.Order `json:"items"`
	Next  string     `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

type listOrdersOut struct{ Body OrderList }

func (s *server) listOrders(ctx context.Context, in *listOrdersIn) (*listOrdersOut, error) {
	filter := db.OrderFilter{
		State: in.State, Kind: in.Kind, UserID: in.User, ServiceArea: in.ServiceArea, WaitingKind: in.WaitingKind,
	}
	if who := callerOf(ctx); who.role == uc.RoleHR {
		filter.CreatedBy = who.name
	}
	orders, next, err := s.db.ListOrders(ctx, filter, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &listOrdersOut{OrderList{Items: list(orders), Next: next}}, nil
}

// list makes an empty list of none: clients read [] and never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

type orderIn struct {
	ID string `path:"id" maxLength:"128"`
}

type orderOut struct{ Body uc.Order }

func (s *server) getOrder(ctx context.Context, in *orderIn) (*orderOut, error) {
	o, err := s.order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &orderOut{o}, nil
}

// order reads an order that the caller may see; one that it may not see does not
// exist for it.
func (s *server) order(ctx context.Context, id string) (uc.Order, error) {
	o, err := s.db.GetOrder(ctx, id)
	if err == nil && !callerOf(ctx).owns(o) || errors.Is(err, uc.NotFound) {
		return uc.Order{}, kindProblem(uc.NotFound, fmt.Sprintf("order %q does not exist", id))
	}
	return o, err
}

// orderProblem is a problem about one order.
func (s *server) orderProblem(ctx context.Context, o uc.Order, err error) error {
	p := *s.problem(ctx, err)
	p.Order = o.ID
	return &p
}

// refused says why the order's state does not allow what was asked.
func refused(o uc.Order, can string) *Problem {
	p := kindProblem(uc.Conflict, fmt.Sprintf("order %s is %s: %s", o.ID, o.State, can))
	p.Order = o.ID
	return p
}

func (s *server) resumeOrder(ctx context.Context, in *orderIn) (*orderOut, error) {
	o, err := s.order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if o.State != uc.Waiting {
		return nil, refused(o, "only a waiting order can be resumed")
	}
	return s.told(ctx, o, workflows.Resume(ctx, s.temporal, o))
}

func (s *server) cancelOrder(ctx context.Context, in *orderIn) (*orderOut, error) {
	o, err := s.order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !o.State.Open() {
		return nil, refused(o, "it has ended and cannot be cancelled")
	}
	if err := beyondRecall(o); err != nil {
		return nil, err
	}
	return s.told(ctx, o, workflows.Cancel(ctx, s.temporal, o))
}

type rescheduleIn struct {
	ID   string `path:"id" maxLength:"128"`
	Body Reschedule
}

// Reschedule asks for another date; which one, the kind of the order says.
type Reschedule struct {
	StartAt *time.Time `json:"startAt,omitempty" doc:"Of a joiner: the person's new start date; the order begins the domain's lead time before it"`
	LeaveAt *time.Time `json:"leaveAt,omitempty" doc:"Of a leaver: when the order begins"`
}

func (s *server) rescheduleOrder(ctx context.Context, in *rescheduleIn) (*orderOut, error) {
	o, err := s.order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if o.State != uc.Scheduled {
		return nil, refused(o, "only a scheduled order can be rescheduled")
	}
	begin, err := s.newBegin(ctx, o, in.Body)
	if err != nil {
		return nil, err
	}
	out, err := s.told(ctx, o, workflows.Reschedule(ctx, s.temporal, o, begin))
	if err == nil && out.Body.State == uc.Scheduled {
		out.Body.StartAt = &begin // the story writes the same when it has read the signal
	}
	return out, err
}

// newBegin is when the order begins by its new date: a joiner the domain's lead time
// before the start date, a leaver when the person leaves.
func (s *server) newBegin(ctx context.Context, o uc.Order, to Reschedule) (time.Time, error) {
	at, other, field := to.StartAt, to.LeaveAt, "startAt"
	if o.Kind == uc.LeaverOrder {
		at, other, field = to.LeaveAt, to.StartAt, "leaveAt"
	}
	if at == nil || other != nil {
		p := invalid(Violation{
			Location: "body." + field, Message: fmt.Sprintf("order %s is a %s: give %s, and nothing else", o.ID, o.Kind, field),
		})
		p.Order = o.ID
		return time.Time{}, p
	}
	begin := at.UTC().Truncate(time.Second)
	if o.Kind == uc.LeaverOrder {
		return begin, nil
	}
	place, err := s.db.GetPlacement(ctx, o.ServiceArea)
	if err != nil {
		return time.Time{}, s.orderProblem(ctx, o, err)
	}
	return begin.Add(-time.Duration(place.Domain.LeadTime)), nil
}

// told answers after an order's story was told something: the story acts on its
// own time, so the answer is the order as it stands now.
func (s *server) told(ctx context.Context, o uc.Order, err error) (*orderOut, error) {
	if errors.Is(err, uc.NotFound) {
		return nil, s.notTold(ctx, o)
	}
	if err != nil {
		return nil, s.orderProblem(ctx, o, err)
	}
	if o, err = s.order(ctx, o.ID); err != nil {
		return nil, err
	}
	return &orderOut{o}, nil
}

// notTold explains why no story runs: the order ended meanwhile, or its story has
// not begun yet.
func (s *server) notTold(ctx context.Context, o uc.Order) error {
	now, err := s.order(ctx, o.ID)
	if err != nil {
		return err
	}
	if !now.State.Open() {
		return refused(now, "it ended in this moment")
	}
	p := statusProblem(http.StatusServiceUnavailable,
		fmt.Sprintf("the story of order %s has not begun yet: try again in a minute", o.ID))
	p.Order, p.retryAfter = o.ID, time.Minute
	return p
}
