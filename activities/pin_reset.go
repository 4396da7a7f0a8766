package activities

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/uc"
)

// PINResetIn is the input of ResetPIN.
type PINResetIn struct {
	On
	User   uc.User `json:"user"`
	Digits int     `json:"digits"` // of the new PIN
	Number string  `json:"number"` // the person's: no part of the PIN
}

// pinEvent is the kind of event by which the receiver is told a PIN.
const pinEvent = "pin.reset"

// pinData is what the receiver is told. A later event of the same order takes the
// place of one that has not reached the person yet.
type pinData struct {
	OrderID       string `json:"orderId"`
	UserID        string `json:"userId"`
	EmployeeID    string `json:"employeeId,omitempty"`
	Mail          string `json:"mail,omitempty"`
	CallProcessor string `json:"callProcessor"`
	PIN           string `json:"pin"`
}

// ResetPIN gives the user a new random PIN that conforms to the policy and must be
// changed, and hands it to the configured receiver. The PIN exists in this call only:
// it is in no error. Repeating it sets and delivers another one, so that the PIN that
// was delivered last is the one that is valid. Fails with Invalid, before anything is
// changed, when no receiver is configured; with Denied when the receiver refuses what
// it is told: then nobody knows the PIN until the order goes on.
func (a *CallProcessor) ResetPIN(ctx context.Context, in PINResetIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	if a.PINs == nil {
		return &uc.Error{Kind: uc.Invalid, Detail: uc.PINDeliveryMissing}
	}
	if _, err := c.GetUser(ctx, in.User.ID); err != nil {
		return err
	}
	if err := a.PINs.Check(ctx); err != nil {
		return err
	}
	pin, err := newPIN(in.Digits, in.Number)
	if err != nil {
		return err
	}
	event, err := newPINEvent(in, pin)
	if err != nil {
		return err
	}
	if err := c.UpdateUser(ctx, newPINOf(in.User.ID, pin)); err != nil {
		return withoutPIN(err, pin)
	}
	return undelivered(withoutPIN(a.PINs.Post(ctx, event), pin))
}

// newPINEvent is an event of its own for each PIN: a receiver takes a repeated id for
// the same PIN, and would leave the person with one that is void.
func newPINEvent(in PINResetIn, pin string) (hr.Event, error) {
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		return hr.Event{}, fmt.Errorf("drawing an event id: %w", err)
	}
	return hr.Event{
		ID: in.OrderID + "." + hex.EncodeToString(b), Type: pinEvent, Timestamp: time.Now().UTC(),
		Data: pinData{
			OrderID: in.OrderID, UserID: in.User.ID, EmployeeID: in.User.EmployeeID, Mail: in.User.Mail,
			CallProcessor: in.CallProcessor, PIN: pin,
		},
	}, nil
}

// undelivered makes the order wait over a receiver that will never take the event:
// the PIN has been changed, and a failed order would leave it unknown.
func undelivered(err error) error {
	var e *uc.Error
	if err == nil || !errors.As(err, &e) || e.Kind.Disposition() != uc.Fail {
		return err
	}
	waits := *e
	waits.Kind = uc.Denied
	waits.Detail += "; the new PIN is set and nobody knows it: correct pinDelivery and resume, or reset the PIN again"
	return &waits
}

// withoutPIN makes sure that no system has put the PIN into its error.
func withoutPIN(err error, pin string) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(fmt.Sprintf("%+v", e), pin) {
			return &uc.Error{Kind: uc.KindOf(err), Detail: "a failure whose words hold the PIN, and are therefore not told"}
		}
	}
	return err
}
