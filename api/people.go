package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Person is everything that is known about one person.
type Person struct {
	UserID string   `json:"userId"`
	User   *uc.User `json:"user,omitempty" doc:"As the latest order described the person"`

	State       uc.PersonState `json:"state,omitempty" enum:"active,leaving,left" doc:"Absent while no order has made anything for the person"`
	Domain      string         `json:"domain,omitempty"`
	ServiceArea string         `json:"serviceArea,omitempty" doc:"Where the person is"`
	Joiner      *uc.Joiner     `json:"joiner,omitempty" doc:"What was asked for, with every later change"`
	Has         *uc.Services   `json:"has,omitempty" doc:"What the person has now, as the last done order left it"`

	Numbers  []Number   `json:"numbers" doc:"Numbers that the person holds or held last, with history"`
	Services []Service  `json:"services" doc:"What orders made for the person on outside systems since the person left last, without phones that the person has no more"`
	Orders   []uc.Order `json:"orders" doc:"Every order of the person, newest first"`
}

// Service is one object on an outside system.
type Service struct {
	System  string `json:"system" doc:"The call processor, or the kind of system"`
	Type    string `json:"type" example:"phone"`
	Key     string `json:"key" doc:"Its name on that system" example:"CSFANN"`
	OrderID string `json:"orderId" doc:"The last order that made or changed it"`
	Adopted bool   `json:"adopted,omitempty" doc:"It was there before the person's orders"`
}

type (
	personIn struct {
		UserID string `path:"userId" maxLength:"128" doc:"In any case"`
	}
	personOut struct{ Body Person }
)

func (s *server) getPerson(ctx context.Context, in *personIn) (*personOut, error) {
	orders, err := s.db.OrdersOf(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	held, err := s.db.NumbersOf(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 && len(held) == 0 {
		return nil, kindProblem(uc.NotFound, fmt.Sprintf("nothing is known about a person %q", in.UserID))
	}
	p := Person{UserID: in.UserID, Orders: list(orders), Services: []Service{}}
	if len(orders) > 0 {
		p.UserID = orders[0].UserID
	}
	if i := slices.IndexFunc(orders, func(o uc.Order) bool { return o.Joiner != nil }); i >= 0 {
		p.User = &orders[i].Joiner.User
	}
	if err := s.present(ctx, &p); err != nil {
		return nil, err
	}
	if p.Numbers, err = s.histories(ctx, held); err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.Kind == uc.LeaverOrder && o.State == uc.Done {
			break // what earlier orders made is gone
		}
		if p.Services, err = s.services(ctx, o, p.Has, p.Services); err != nil {
			return nil, err
		}
	}
	return &personOut{p}, nil
}

// present adds where the person stands and what the person has now.
func (s *server) present(ctx context.Context, p *Person) error {
	now, err := s.db.GetPerson(ctx, p.UserID)
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p.UserID, p.User, p.State, p.Domain = now.UserID, &now.Joiner.User, now.State, now.Domain
	p.ServiceArea, p.Joiner, p.Has = now.Joiner.ServiceArea, &now.Joiner, shown(now.Services)
	return nil
}

// shown are the services with lists that are never null.
func shown(has *uc.Services) *uc.Services {
	if has != nil {
		has.Phones = list(has.Phones)
	}
	return has
}

type listPeopleIn struct {
	Domain      string         `query:"domain" maxLength:"128"`
	ServiceArea string         `query:"serviceArea" maxLength:"128"`
	State       uc.PersonState `query:"state" enum:"active,leaving,left"`
	EmployeeID  string         `query:"employeeId" maxLength:"128" doc:"HR's key of the person"`
	Page
}

// ListedPerson is a person as the last done order left it.
type ListedPerson struct{ uc.Person }

// PersonList is one part of a list of people.
type PersonList struct {
	Items []ListedPerson `json:"items"`
	Next  string         `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

type listPeopleOut struct{ Body PersonList }

func (s *server) listPeople(ctx context.Context, in *listPeopleIn) (*listPeopleOut, error) {
	found, next, err := s.db.ListPeople(ctx, db.PersonFilter{
		Domain: in.Domain, ServiceArea: in.ServiceArea, State: in.State, EmployeeID: in.EmployeeID,
	}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := PersonList{Items: make([]ListedPerson, len(found)), Next: next}
	for i, p := range found {
		p.Services = shown(p.Services)
		out.Items[i] = ListedPerson{p}
	}
	return &listPeopleOut{out}, nil
}

// histories adds to each number what happened to it.
func (s *server) histories(ctx context.Context, held []uc.Number) ([]Number, error) {
	out := make([]Number, 0, len(held))
	for _, n := range held {
		same, err := s.history(ctx, n.Digits)
		if err != nil {
			return nil, err
		}
		for _, h := range same {
			if h.Directory() == n.Directory() {
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// things are the objects that a person has; orders keep notes of other types.
var things = []string{
	uc.PlannedUser, uc.PlannedPhone, uc.PlannedProfile, uc.PlannedLine, uc.PlannedPerson, uc.PlannedEvent,
	uc.PlannedRemoteDestination, uc.PlannedDestinationProfile,
}

// services adds what the order made to what later orders made or changed; a failed or
// cancelled order has undone it. Of the phones that done orders made, the person may have
// given some away.
func (s *server) services(ctx context.Context, o uc.Order, has *uc.Services, to []Service) ([]Service, error) {
	if o.State == uc.Failed || o.State == uc.Cancelled {
		return to, nil
	}
	objects, err := s.db.ListObjects(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range objects {
		if !slices.Contains(things, x.Type) {
			continue
		}
		later := slices.IndexFunc(to, func(s Service) bool { return s.System == x.System && s.Type == x.Type && s.Key == x.Key })
		if later >= 0 {
			to[later].Adopted = to[later].Adopted && x.Before != nil
			continue
		}
		if x.Type == uc.PlannedPhone && o.State == uc.Done && has != nil && !hasPhone(*has, x) {
			continue
		}
		to = append(to, Service{System: x.System, Type: x.Type, Key: x.Key, OrderID: o.ID, Adopted: x.Before != nil})
	}
	return to, nil
}

func hasPhone(has uc.Services, x db.Object) bool {
	return x.System == has.CallProcessor && slices.ContainsFunc(has.Phones, func(p uc.Phone) bool { return strings.EqualFold(p.Name, x.Key) })
}
