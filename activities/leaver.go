package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// LeaverIn is the input of ReadLeaver.
type LeaverIn struct {
	OrderID     string `json:"orderId,omitempty"` // "" = of nobody's order: a preview
	UserID      string `json:"userId"`
	ServiceArea string `json:"serviceArea,omitempty"` // of a person that no order knows
}

// LeaverOut is everything that Dialtone knows of who leaves.
type LeaverOut struct {
	PersonOfOut
	Place   uc.Placement `json:"place"`
	Numbers []uc.Number  `json:"numbers"` // the person's in the ledger, on every call processor
}

// Left reports whether there is nothing to do any more.
func (o LeaverOut) Left() bool { return o.Known && o.Person.State == uc.Left }

// ReadLeaver reads who leaves, the person's service area and numbers. Fails with
// Invalid when no order knows the person and no service area is named, and with
// Conflict when the order has ended.
func (a *Inventory) ReadLeaver(ctx context.Context, in LeaverIn) (LeaverOut, error) {
	out := LeaverOut{PersonOfOut: PersonOfOut{UserID: in.UserID}}
	area := in.ServiceArea
	var err error
	if in.OrderID == "" {
		out.PersonOfOut, err = a.person(ctx, in.UserID)
	} else {
		out.PersonOfOut, area, err = a.personOfOrder(ctx, in)
	}
	if err != nil || out.Left() {
		return out, err
	}
	if out.Known {
		area = out.Person.Joiner.ServiceArea
	}
	if area == "" {
		return out, &uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf(
			"no order has made anything for a person %q: name the service area", in.UserID)}
	}
	if out.Place, err = a.DB.GetPlacement(ctx, area); err != nil {
		return out, err
	}
	numbers, err := a.DB.NumbersOf(ctx, out.UserID)
	for _, n := range numbers {
		if n.State == uc.Assigned {
			out.Numbers = append(out.Numbers, n)
		}
	}
	return out, err
}

func (a *Inventory) person(ctx context.Context, userID string) (PersonOfOut, error) {
	p, err := a.DB.GetPerson(ctx, userID)
	if errors.Is(err, uc.NotFound) {
		return PersonOfOut{UserID: userID}, nil
	}
	return PersonOfOut{UserID: userID, Known: err == nil, Person: p}, err
}

// personOfOrder is the person of the order, and where to look for what the person has
// when no order is done: a joiner may have been ended by this order.
func (a *Inventory) personOfOrder(ctx context.Context, in LeaverIn) (PersonOfOut, string, error) {
	p, err := a.ReadPerson(ctx, TurnIn{OrderID: in.OrderID})
	if err != nil || in.ServiceArea != "" {
		return p, in.ServiceArea, err
	}
	o, err := a.DB.GetOrder(ctx, in.OrderID)
	return p, o.ServiceArea, err
}

// PlanIn is the input of SavePlan.
type PlanIn struct {
	uc.StepRef
	Plan uc.LeaverPlan `json:"plan"`
}

// SavePlan keeps the plan of the order for everybody to see. The first one stays.
func (a *Inventory) SavePlan(ctx context.Context, in PlanIn) error {
	return a.DB.SavePlan(ctx, in.OrderID, in.Plan)
}

// PersonStateIn is the input of SetPersonState.
type PersonStateIn struct {
	uc.StepRef
	UserID string         `json:"userId"`
	State  uc.PersonState `json:"state"`
}

// SetPersonState says where the person stands.
func (a *Inventory) SetPersonState(ctx context.Context, in PersonStateIn) error {
	return a.DB.SetPersonState(ctx, in.UserID, in.State)
}

// ReleaseIn is the input of ReleaseNumber.
type ReleaseIn struct {
	uc.StepRef
	Number uc.DirectoryNumber `json:"number"`
	UserID string             `json:"userId"` // who has it
	Reason string             `json:"reason"`
}

// ReleaseNumber gives a number of the person back: it cools for its pool's retention.
// A number that is somebody else's by now is left alone.
func (a *Inventory) ReleaseNumber(ctx context.Context, in ReleaseIn) error {
	return a.DB.Release(ctx, db.ReleaseRequest{
		Number: in.Number, UserID: in.UserID, OrderID: in.OrderID, Actor: "order", Reason: in.Reason,
	})
}
