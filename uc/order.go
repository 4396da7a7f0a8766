package uc

import "time"

// OrderKind is the story of an order.
type OrderKind string

// The kinds of orders.
const (
	JoinerOrder        OrderKind = "joiner"
	LeaverOrder        OrderKind = "leaver"
	MoverOrder         OrderKind = "mover" // site, department, name or class of service change
	NumberRequestOrder OrderKind = "number_request"
	NumberReleaseOrder OrderKind = "number_release"
	PhoneOrder         OrderKind = "phone"     // a phone is assigned, swapped or removed
	PINOrder           OrderKind = "pin_reset" // the person gets a new PIN
)

// OrderState is where an order stands.
type OrderState string

// The states: scheduled → running ⇄ waiting → done | failed | cancelled.
const (
	Scheduled OrderState = "scheduled"
	Running   OrderState = "running"
	Waiting   OrderState = "waiting"
	Done      OrderState = "done"
	Failed    OrderState = "failed"
	Cancelled OrderState = "cancelled"
)

// Open reports whether the order is still going on.
func (s OrderState) Open() bool { return s == Scheduled || s == Running || s == Waiting }

// Outcome is how a done order ended.
type Outcome string

// The outcomes of a joiner, and of whatever else gives a number.
const (
	NumberGiven  Outcome = "number"    // the person has a number
	NumberUnmade Outcome = "no_number" // a rule says that the person needs none
)

// Order is one tracked request: its input, its state, and what came of it.
type Order struct {
	ID            string     `json:"id"`
	Kind          OrderKind  `json:"kind"`
	State         OrderState `json:"state"`
	Outcome       Outcome    `json:"outcome,omitempty"` // of a done order
	UserID        string     `json:"userId"`            // as the request wrote it
	ServiceArea   string     `json:"serviceArea"`
	CallProcessor string     `json:"callProcessor,omitempty"`
	Number        string     `json:"number,omitempty"` // directory number, once reserved
	E164          string     `json:"e164,omitempty"`   // its E.164 form
	DeviceProfile string     `json:"deviceProfile,omitempty"`
	FailureKind   Kind       `json:"failureKind,omitempty"` // of a failed or waiting order
	Detail        string     `json:"detail,omitempty"`      // why it failed, waits, or needed no number: one sentence
	WaitingStep   string     `json:"waitingStep,omitempty"` // the step that waits
	StartAt       *time.Time `json:"startAt,omitempty"`     // when a scheduled order begins
	CreatedBy     string     `json:"createdBy"`             // the name of the token
	CreatedAt     time.Time  `json:"createdAt"`
	UpdatedAt     time.Time  `json:"updatedAt"`
	EndedAt       *time.Time `json:"endedAt,omitempty"`
	WorkflowID    string     `json:"workflowId,omitempty"` // of its story in Temporal
	Stage         string     `json:"stage,omitempty"`      // of a story with several: "at leave", "removal"
	// The request, by kind; a PIN reset has none.
	Joiner        *Joiner        `json:"joiner,omitempty"`
	Leaver        *Leaver        `json:"leaver,omitempty"`
	Mover         *Mover         `json:"mover,omitempty"`
	NumberRequest *NumberRequest `json:"numberRequest,omitempty"`
	NumberRelease *NumberRelease `json:"numberRelease,omitempty"`
	PhoneChange   *PhoneChange   `json:"phoneChange,omitempty"`
	Plan          *LeaverPlan    `json:"plan,omitempty"`  // of a leaver, once it was made
	Steps         []Step         `json:"steps,omitempty"` // in the order in which they began; only of a single order
}

// OrderChange is what changes of an order; a nil field stays as it is.
type OrderChange struct {
	State         *OrderState
	Outcome       *Outcome
	Number        *string
	E164          *string
	DeviceProfile *string
	FailureKind   *Kind
	Detail        *string
	WaitingStep   *string
	StartAt       *time.Time
	Stage         *string
}

// StepState is where a step of an order stands.
type StepState string

// The states of a step.
const (
	StepRunning StepState = "running"
	StepDone    StepState = "done"
	StepRetry   StepState = "retrying" // the last attempt failed, another follows
	StepFailed  StepState = "failed"
)

// Step is one effect of an order, named by its activity.
type Step struct {
	Name      string     `json:"name"`           // "EnsureLine"; of several phones "EnsurePhone CSFANN"
	Undo      bool       `json:"undo,omitempty"` // it took back an earlier step
	State     StepState  `json:"state"`
	Attempts  int        `json:"attempts"`
	Kind      Kind       `json:"kind,omitempty"`   // of the last failure
	Detail    string     `json:"detail,omitempty"` // of the last failure; of a done step, what it left out
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt,omitempty"`
}

// StepRef names the order and the step that an activity works for; every input of
// an activity carries one, and the worker records steps by it.
type StepRef struct {
	OrderID string `json:"orderId"`
	Item    string `json:"item,omitempty"` // which of several: a phone's name
	Undo    bool   `json:"undo,omitempty"` // the step takes back an earlier one
}

// Ref makes an activity's input tell its step.
func (r StepRef) Ref() StepRef { return r }
