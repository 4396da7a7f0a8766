package uc

import "time"

// PersonState is where a person stands.
type PersonState string

// The states of a person.
const (
	Active  PersonState = "active"
	Leaving PersonState = "leaving" // a leaver's order has begun, and nothing was removed yet
	Left    PersonState = "left"
)

// Person is what Dialtone knows of a person: who it is, where, and what the last
// done order left it with.
type Person struct {
	UserID    string      `json:"userId"` // as the call processor spells it
	Domain    string      `json:"domain"`
	State     PersonState `json:"state"`
	Joiner    Joiner      `json:"joiner"`             // with every later change
	Services  *Services   `json:"services,omitempty"` // what the person has; nil = nothing was made
	OrderID   string      `json:"orderId"`            // the order that wrote this last
	UpdatedAt time.Time   `json:"updatedAt"`
}

// Number is the person's number; the zero number for none.
func (p Person) Number() DirectoryNumber {
	if p.Services == nil {
		return DirectoryNumber{}
	}
	return p.Services.Number
}
