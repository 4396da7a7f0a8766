package activities

import (
	"context"
	"fmt"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Inventory holds the effects on what Dialtone itself knows: the ledger and the
// orders. They are quick and run as local activities.
type Inventory struct {
	DB *db.DB
}

// PlacementIn is the input of ReadPlacement.
type PlacementIn struct {
	OrderID     string `json:"orderId"`
	ServiceArea string `json:"serviceArea"`
	Pool        string `json:"pool,omitempty"` // another than the service area's
}

// ReadPlacement reads the service area with its domain, pool and template. Fails
// with NotFound when one is missing, and with Conflict when the order has ended: a
// story that was started twice must not do anew what the first one has taken back.
// Another pool takes the place of the service area's; it fails with Conflict when
// that is on another call processor.
func (a *Inventory) ReadPlacement(ctx context.Context, in PlacementIn) (uc.Placement, error) {
	o, err := a.DB.GetOrder(ctx, in.OrderID)
	if err != nil {
		return uc.Placement{}, err
	}
	if !o.State.Open() {
		return uc.Placement{}, &uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf("order %s is %s already", o.ID, o.State)}
	}
	p, err := a.DB.GetPlacement(ctx, in.ServiceArea)
	if err != nil || in.Pool == "" || in.Pool == p.Pool.Name {
		return p, err
	}
	if p.Pool, err = a.DB.GetPool(ctx, in.Pool); err != nil {
		return uc.Placement{}, err
	}
	if p.Pool.CallProcessor != p.Area.CallProcessor {
		return uc.Placement{}, &uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf(
			"number pool %q is on %s and service area %q on %s", in.Pool, p.Pool.CallProcessor, in.ServiceArea, p.Area.CallProcessor)}
	}
	return p, nil
}

// NumberIn is the input of the effects on the ledger.
type NumberIn struct {
	uc.StepRef
	Pool   string `json:"pool,omitempty"`
	UserID string `json:"userId,omitempty"`
	Reason string `json:"reason,omitempty"`
	Digits string `json:"digits,omitempty"` // this number and no other; "" = by the pool's policy

	Another bool `json:"another,omitempty"` // not a number that the person has

	Number uc.DirectoryNumber `json:"number,omitzero"` // of SkipNumber
}

// NumberOut is a number of the ledger.
type NumberOut struct {
	Digits string `json:"digits"`
	E164   string `json:"e164"`
	Made   bool   `json:"made"` // false: the person had it before this order
}

// ReserveNumber gives the order a number of the pool by its policy. The same order
// gets the same number again; two orders never get the same one. With Digits it is
// that number or none. Fails with Exhausted when none is eligible; with Conflict and
// the reason when the digits are not free, NotFound when the pool does not have them.
func (a *Inventory) ReserveNumber(ctx context.Context, in NumberIn) (NumberOut, error) {
	r, err := a.DB.Reserve(ctx, db.ReserveRequest{
		OrderID: in.OrderID, Pool: in.Pool, UserID: in.UserID, Digits: in.Digits, Another: in.Another,
	})
	return NumberOut{Digits: r.Digits, E164: r.E164, Made: r.Made}, err
}

// ReturnNumber takes back ReserveNumber and PublishNumber. A number that was never
// published goes back to where it was, a published one cools.
func (a *Inventory) ReturnNumber(ctx context.Context, in NumberIn) error {
	return a.DB.ReleaseReservation(ctx, in.OrderID, in.Reason)
}

// PublishNumber makes the reserved number the person's.
func (a *Inventory) PublishNumber(ctx context.Context, in NumberIn) error {
	_, err := a.DB.Publish(ctx, in.OrderID)
	return err
}

// SkipNumber records that the reserved number is in use on the call processor and
// takes it from the order, which may reserve another.
func (a *Inventory) SkipNumber(ctx context.Context, in NumberIn) error {
	return a.DB.MarkForeign(ctx, in.Number, in.OrderID, in.Reason)
}

// OrderIn is the input of SetOrder.
type OrderIn struct {
	OrderID string         `json:"orderId"`
	Change  uc.OrderChange `json:"change"`
}

// SetOrder writes what became of the order.
func (a *Inventory) SetOrder(ctx context.Context, in OrderIn) error {
	return a.DB.SetOrder(ctx, in.OrderID, in.Change)
}
