package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// JoinerInput is the input of a joiner's story.
type JoinerInput struct {
	OrderID string    `json:"orderId"`
	Joiner  uc.Joiner `json:"joiner"`
}

// Joined is what a joiner's story came to.
type Joined struct {
	Outcome uc.Outcome `json:"outcome"`
	Number  string     `json:"number,omitempty"`
	E164    string     `json:"e164,omitempty"`
}

// joiner is the state of one joiner's story.
type joiner struct {
	story
	in       JoinerInput
	wanted   string // this number and no other; "" = by the pool's policy
	pool     string // another number pool than the service area's; "" = that one
	another  bool   // not a number that the person has
	theirs   bool   // the number was the person's before the order
	formerly string // the person's user id before the order; "" = as it is now
	place    uc.Placement
	number   activities.NumberOut
	services uc.Services
	had      *uc.Services // before this order; nil = nothing
	hadDesk  string       // the desk phone that the person joined with
	userMade bool

	directoryID string // of the person's entry, once it was found

	spelling string // of the user id on the call processor; "" = as the order has it
	out      Joined
	detail   string // what the done order says besides the number

	anew   func(workflow.Context) error         // the story from its beginning
	derive func(uc.Joiner) (uc.Services, error) // what the person shall have; nil = what the template says
}

// Joiner gives a new person a number, a user, a device profile, a line and phones,
// and tells the directory and HR; or it leaves nothing behind.
func Joiner(ctx workflow.Context, in JoinerInput) (Joined, error) {
	j := &joiner{story: story{orderID: in.OrderID, kind: uc.JoinerOrder}, in: in}
	// The order keeps its number in the ledger, and the start date, which may have been
	// moved, is over.
	j.anew = func(ctx workflow.Context) error {
		in.Joiner.StartAt = time.Time{}
		return workflow.NewContinueAsNewError(ctx, Joiner, in)
	}
	err := j.run(ctx)
	err = j.end(ctx, j.done(), err)
	return j.out, err
}

func (j *joiner) run(ctx workflow.Context) error {
	if err := j.begin(ctx); err != nil {
		return err
	}
	wants, why := uc.DecideNumber(j.place.Domain, j.place.Area, j.in.Joiner)
	if !wants {
		j.out.Outcome, j.detail = uc.NumberUnmade, "no number: "+why
		return j.savePerson(ctx, j.had)
	}
	if err := j.give(ctx); err != nil {
		return err
	}
	has := j.services.Keeping(j.had) // whoever joins again keeps the phones that were assigned since
	return j.savePerson(ctx, &has)
}

// give makes everything that belongs to a number, from nothing but the person.
func (j *joiner) give(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{
		j.findPerson, j.reserve, j.ensureUser, j.ensureProfile, j.ensureLine, j.ensurePhones, j.associate,
		j.setPIN, j.verify, j.publish, j.notify, j.writeDirectory, j.writeHR,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	j.gave()
	return nil
}

// gave says that the person has the number.
func (j *joiner) gave() {
	j.out = Joined{Outcome: uc.NumberGiven, Number: j.number.Digits, E164: j.number.E164}
}

// begin reads the placement and waits until the person's start date is near and the
// person's earlier orders have ended. The placement is read again after the wait: it
// may have changed.
func (j *joiner) begin(ctx workflow.Context) error {
	if err := j.readPlacement(ctx); err != nil {
		return err
	}
	at := j.in.Joiner.StartAt.Add(-time.Duration(j.place.Domain.LeadTime))
	if !j.in.Joiner.StartAt.IsZero() && at.After(workflow.Now(ctx)) {
		if err := j.await(ctx, at); err != nil {
			return err
		}
		if err := j.readPlacement(ctx); err != nil {
			return err
		}
	}
	j.startOver = j.anew
	if err := j.takeTurn(ctx); err != nil {
		return err
	}
	if err := j.knownAlready(ctx); err != nil {
		return err
	}
	return j.set(ctx, running())
}

func (j *joiner) readPlacement(ctx workflow.Context) error {
	return j.step(ctx, "ReadPlacement", func(ctx workflow.Context) (err error) {
		j.place, err = local(ctx, inventory.ReadPlacement,
			activities.PlacementIn{OrderID: j.orderID, ServiceArea: j.in.Joiner.ServiceArea, Pool: j.pool})
		return err
	})
}

// reserve takes numbers until the call processor agrees that one is free. What is
// in use there is recorded and skipped.
func (j *joiner) reserve(ctx workflow.Context) error {
	in := activities.NumberIn{
		StepRef: j.ref(), Pool: j.place.Pool.Name, UserID: cmp.Or(j.formerly, j.in.Joiner.User.ID),
		Digits: j.wanted, Another: j.another,
	}
	j.undo.add("ReturnNumber", func(ctx workflow.Context) error {
		in.Undo, in.Reason = true, "the order did not complete"
		return record(ctx, inventory.ReturnNumber, in)
	})
	j.startOver = j.anew
	for {
		err := j.step(ctx, "ReserveNumber", func(ctx workflow.Context) (err error) {
			j.number, err = local(ctx, inventory.ReserveNumber, in)
			return err
		})
		if err != nil {
			return err
		}
		if j.services, err = j.plan(); err != nil {
			return err
		}
		free, err := j.checkNumber(ctx)
		if err != nil {
			return err
		}
		if free.Free {
			return j.reserved(ctx)
		}
		in.Reason, in.Number = free.Reason, j.services.Number
		err = j.step(ctx, "SkipNumber", func(ctx workflow.Context) error { return record(ctx, inventory.SkipNumber, in) })
		if err != nil {
			return err
		}
		if j.wanted != "" {
			return applicationError(&uc.Error{Kind: uc.Conflict, System: "cucm", Detail: free.Reason})
		}
		if err := j.grown(ctx); err != nil {
			return err
		}
	}
}

func (j *joiner) plan() (uc.Services, error) {
	who := j.in.Joiner
	who.User.ID = cmp.Or(j.spelling, who.User.ID)
	if j.derive != nil {
		s, err := j.derive(who)
		return s, applicationError(err)
	}
	s, err := uc.PlanServices(who, j.place.Area, j.place.Template, j.place.Pool, j.number.Digits)
	return s, applicationError(err)
}

// checkNumber trusts a number that the person already had.
func (j *joiner) checkNumber(ctx workflow.Context) (out activities.CheckOut, err error) {
	if !j.number.Made {
		return activities.CheckOut{Free: true}, nil
	}
	err = j.step(ctx, "CheckNumber", func(ctx workflow.Context) (err error) {
		out, err = call(j.remote(ctx, j.number.Digits), callProcessors.CheckNumber, j.line())
		return err
	})
	return out, err
}

func (j *joiner) reserved(ctx workflow.Context) error {
	j.startOver = nil
	if err := workflow.UpsertTypedSearchAttributes(ctx, numberAttribute.ValueSet(j.number.Digits)); err != nil {
		return err
	}
	return j.set(ctx, uc.OrderChange{
		Number: &j.number.Digits, E164: &j.number.E164,
		DeviceProfile: &j.services.DeviceProfile.Name,
	})
}

// publish makes the number the person's, for everybody to see.
func (j *joiner) publish(ctx workflow.Context) error {
	if !j.number.Made {
		return nil
	}
	in := activities.NumberIn{StepRef: j.ref(), Pool: j.place.Pool.Name}
	return j.step(ctx, "PublishNumber", func(ctx workflow.Context) error {
		return record(ctx, inventory.PublishNumber, in)
	})
}

// news reports whether this order gave the person something that needs a PIN.
func (j *joiner) news() bool { return j.number.Made || j.userMade }

// done is the order's end when the story succeeded.
func (j *joiner) done() uc.OrderChange {
	state, kind, none := uc.Done, uc.Kind(""), ""
	return uc.OrderChange{
		State: &state, Outcome: &j.out.Outcome, Detail: &j.detail, FailureKind: &kind, WaitingStep: &none,
	}
}

func (j *joiner) ref() uc.StepRef { return uc.StepRef{OrderID: j.orderID} }

// remote is for one effect on the joiner's call processor.
func (j *joiner) remote(ctx workflow.Context, summary string) workflow.Context {
	return remote(ctx, CallProcessorQueue(j.place.Area.CallProcessor), summary)
}

func (j *joiner) on() activities.On {
	return activities.On{StepRef: j.ref(), CallProcessor: j.place.Area.CallProcessor}
}

func (j *joiner) line() activities.LineIn {
	in := activities.LineIn{
		On: j.on(), Line: j.services.Line, Devices: []string{j.services.DeviceProfile.Name}, Theirs: j.theirs,
	}
	for _, p := range j.services.Keeping(j.had).Phones { // a phone that was assigned since may carry it
		in.Devices = append(in.Devices, p.Name)
	}
	return in
}

func (j *joiner) user() activities.UserIn {
	in := activities.UserIn{
		On: j.on(), User: j.services.User, Profile: j.services.DeviceProfile.Name,
		Number: j.services.Number.Digits, Part: j.services.Number.Partition,
	}
	for _, p := range j.services.Phones {
		in.Devices = append(in.Devices, p.Name)
	}
	return in
}
