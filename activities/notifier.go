package activities

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/clients/mail"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Notifier tells people and HR systems what was done.
type Notifier struct {
	Mail *mail.Client          // nil = no mail is configured: nothing is sent
	HR   map[string]*hr.Client // by the name of the HR receiver
	DB   *db.DB
}

// MailIn is the input of SendInstructions.
type MailIn struct {
	uc.StepRef
	User   uc.User            `json:"user"`
	Number uc.DirectoryNumber `json:"number"`
	E164   string             `json:"e164,omitempty"`
}

//go:embed instructions.txt
var instructionsText string

var instructions = template.Must(template.New("instructions").Parse(instructionsText))

// SendInstructions mails the person the number and how to set the PIN; never a
// PIN. Without an address, or without a mail server in the configuration, nothing
// is sent and the step says so. A mail whose answer was lost is sent again under the
// same Message-ID.
func (a *Notifier) SendInstructions(ctx context.Context, in MailIn) error {
	if in.User.Mail == "" {
		leftOut(ctx, "no mail was sent: the person has no address")
		return nil
	}
	if a.Mail == nil {
		leftOut(ctx, "no mail was sent: the settings name no mail server")
		return nil
	}
	var text strings.Builder
	if err := instructions.Execute(&text, in); err != nil {
		return fmt.Errorf("writing the instructions: %w", err)
	}
	subject, body, _ := strings.Cut(text.String(), "\n\n")
	return a.Mail.Send(ctx, mail.Message{
		ID: "joiner." + in.OrderID, To: in.User.Mail, Subject: strings.TrimPrefix(subject, "Subject: "), Text: body,
	})
}

// HRIn is the input of the effects on an HR receiver.
type HRIn struct {
	uc.StepRef
	HR     string             `json:"hr"`
	User   uc.User            `json:"user"`
	Number uc.DirectoryNumber `json:"number"`
	E164   string             `json:"e164,omitempty"`
	At     time.Time          `json:"at"` // of the event; the same in every attempt
}

// hrData is what the receiver is told: thin, and nothing that it did not know or
// ask for.
type hrData struct {
	OrderID    string `json:"orderId"`
	UserID     string `json:"userId"`
	EmployeeID string `json:"employeeId,omitempty"`
	Number     string `json:"number"`
	Partition  string `json:"partition"`
	E164       string `json:"e164,omitempty"`
}

// The events that HR receivers are told.
const (
	eventAssigned  = "number.assigned"
	eventWithdrawn = "number.withdrawn"
)

// WriteHR tells the HR receiver the person's number. The event's id is made of the
// order and the event, so a repeated one is known to the receiver as the same.
func (a *Notifier) WriteHR(ctx context.Context, in HRIn) error {
	if _, _, err := a.DB.Intend(ctx, a.ref(in), nil); err != nil {
		return err
	}
	return a.post(ctx, in, eventAssigned)
}

// WithdrawHR takes back WriteHR: the receiver is told that the number is not the
// person's after all, if it may have been told before.
func (a *Notifier) WithdrawHR(ctx context.Context, in HRIn) error {
	_, found, err := a.DB.ObjectOf(ctx, a.ref(in))
	if err != nil || !found {
		return err
	}
	return a.post(ctx, in, eventWithdrawn)
}

func (a *Notifier) ref(in HRIn) db.ObjectRef {
	return db.ObjectRef{OrderID: in.OrderID, System: in.HR, Type: objectEvent, Key: eventAssigned}
}

func (a *Notifier) post(ctx context.Context, in HRIn, event string) error {
	c, ok := a.HR[in.HR]
	if !ok {
		return &uc.Error{
			Kind: uc.NotFound, System: "hr",
			Detail: fmt.Sprintf("HR receiver %q is not in the configuration of this worker", in.HR),
		}
	}
	data, err := json.Marshal(hrData{
		OrderID: in.OrderID, UserID: in.User.ID, EmployeeID: in.User.EmployeeID,
		Number: in.Number.Digits, Partition: in.Number.Partition, E164: in.E164,
	})
	if err != nil {
		return fmt.Errorf("writing the event: %w", err)
	}
	return c.Post(ctx, hr.Event{
		ID: in.OrderID + "." + event, Type: event, Timestamp: in.At.UTC(),
		Data: json.RawMessage(data),
	})
}
