package activities

import (
	"context"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// GuardIn is the input of PassGuard.
type GuardIn struct {
	OrderID string       `json:"orderId"`
	Kind    uc.GuardKind `json:"kind"`
	Domain  uc.Domain    `json:"domain"`
	Batch   int          `json:"batch,omitempty"` // how many orders came together with this one; 0 = alone
}

// GuardOut says whether the order may go on.
type GuardOut struct {
	Passed   bool   `json:"passed"`
	Rejected bool   `json:"rejected,omitempty"` // it never will pass
	Detail   string `json:"detail,omitempty"`   // why it did not pass, and what to do: one sentence
}

// PassGuard asks whether the order may go on, before its first write. An order that
// passed once passes again, and one that is held is not counted twice.
func (a *Inventory) PassGuard(ctx context.Context, in GuardIn) (GuardOut, error) {
	people, err := a.DB.CountPeople(ctx, in.Domain.Name)
	if err != nil {
		return GuardOut{}, err
	}
	out, err := a.DB.PassGuard(ctx, db.GuardRequest{
		OrderID: in.OrderID, Kind: in.Kind, Domain: in.Domain.Name, Limit: in.Domain.Guard, People: people, Batch: in.Batch,
	})
	return GuardOut{Passed: out.Passed, Rejected: out.Rejected, Detail: out.Detail}, err
}
