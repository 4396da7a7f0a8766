package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// TurnIn is the input of TakeTurn.
type TurnIn struct {
	OrderID string `json:"orderId"`
}

// TurnOut is the first order in the line of a person's orders; empty for none.
type TurnOut struct {
	OrderID    string       `json:"orderId,omitempty"`
	WorkflowID string       `json:"workflowId,omitempty"`
	Kind       uc.OrderKind `json:"kind,omitempty"`
	Stage      string       `json:"stage,omitempty"` // of a story with several
}

func turn(o uc.Order) TurnOut {
	return TurnOut{OrderID: o.ID, WorkflowID: o.WorkflowID, Kind: o.Kind, Stage: o.Stage}
}

// TakeTurn puts the order in the line of its person's orders and returns the first
// one in it: the order itself when it is its turn. Fails with Conflict when the order
// has ended.
func (a *Inventory) TakeTurn(ctx context.Context, in TurnIn) (TurnOut, error) {
	o, err := a.DB.TakeTurn(ctx, in.OrderID)
	return turn(o), err
}

// ScheduledJoiner returns the joiner of a person who has nothing yet that was accepted
// before this order and has not begun; empty for none.
func (a *Inventory) ScheduledJoiner(ctx context.Context, in TurnIn) (TurnOut, error) {
	o, err := a.DB.ScheduledJoiner(ctx, in.OrderID)
	return turn(o), err
}

// EndOrder writes the order's last state and returns the person's next order, whose
// turn it is now.
func (a *Inventory) EndOrder(ctx context.Context, in OrderIn) (TurnOut, error) {
	if err := a.DB.SetOrder(ctx, in.OrderID, in.Change); err != nil {
		return TurnOut{}, err
	}
	o, err := a.DB.NextInTurn(ctx, in.OrderID)
	return turn(o), err
}

// PersonOfOut is the person of an order as it stands now.
type PersonOfOut struct {
	UserID string    `json:"userId"` // of the order, after every rename
	Known  bool      `json:"known"`  // false: no order has made anything for the person
	Person uc.Person `json:"person"`
	Pool   string    `json:"pool,omitempty"` // of the person's number; "" = there is none, or it is in no pool
}

// ReadPerson reads the person of an order and where the person's number is from. Fails with Conflict when the order has
// ended.
func (a *Inventory) ReadPerson(ctx context.Context, in TurnIn) (PersonOfOut, error) {
	o, err := a.DB.GetOrder(ctx, in.OrderID)
	if err != nil {
		return PersonOfOut{}, err
	}
	if !o.State.Open() {
		return PersonOfOut{}, &uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf("order %s is %s already", o.ID, o.State)}
	}
	p, err := a.DB.GetPerson(ctx, o.UserID)
	if errors.Is(err, uc.NotFound) {
		return PersonOfOut{UserID: o.UserID}, nil
	}
	out := PersonOfOut{UserID: o.UserID, Known: err == nil, Person: p}
	if err != nil || p.Number().Digits == "" {
		return out, err
	}
	n, err := a.DB.FindNumber(ctx, p.Number())
	out.Pool = n.Pool
	return out, gone(err)
}

// SavePersonIn is the input of SavePerson.
type SavePersonIn struct {
	uc.StepRef
	Person uc.Person `json:"person"`
}

// SavePerson writes what the person has now.
func (a *Inventory) SavePerson(ctx context.Context, in SavePersonIn) error {
	in.Person.OrderID = in.OrderID
	return a.DB.SavePerson(ctx, in.Person)
}

// RenamePersonIn is the input of the effects that give a person another user id.
type RenamePersonIn struct {
	uc.StepRef
	From    string          `json:"from"`
	To      string          `json:"to"`
	Objects []RenamedObject `json:"objects,omitempty"` // of the person, renamed by the order
}

// RenamedObject is an object that has another name now.
type RenamedObject struct {
	System string `json:"system"` // the call processor
	Type   string `json:"type"`   // uc.PlannedPhone, …
	From   string `json:"from"`
	To     string `json:"to"`
}

// CheckUserID fails with Conflict when the new user id is another person's. It
// changes nothing.
func (a *Inventory) CheckUserID(ctx context.Context, in RenamePersonIn) error {
	if same(in.From, in.To) {
		return nil
	}
	p, err := a.DB.GetPerson(ctx, in.To)
	switch {
	case err != nil:
		return gone(err)
	case p.State == uc.Left:
		return nil
	}
	return &uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf("user id %s is another person's already", p.UserID)}
}

// RenamePerson gives the person the new user id in all that Dialtone knows: numbers,
// orders, and the objects that orders made. Fails with Conflict when another person
// has it by now.
func (a *Inventory) RenamePerson(ctx context.Context, in RenamePersonIn) error {
	for _, o := range in.Objects {
		ref := db.ObjectRef{OrderID: in.OrderID, System: o.System, Type: o.Type, Key: o.From}
		if err := a.DB.RenameObject(ctx, ref, o.To); err != nil {
			return err
		}
	}
	return a.DB.RenamePerson(ctx, in.From, in.To)
}
