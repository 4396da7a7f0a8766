package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// NumberRequestInput is the input of a number request's story.
type NumberRequestInput struct {
	OrderID       string           `json:"orderId"`
	NumberRequest uc.NumberRequest `json:"numberRequest"`
}

// NumberRequest gives a person who has no number one with everything that belongs to
// it, as a joiner does; or it leaves nothing behind. A person who has one keeps it,
// which is success unless the request names another.
func NumberRequest(ctx workflow.Context, in NumberRequestInput) (Joined, error) {
	j := &joiner{
		story:  story{orderID: in.OrderID, kind: uc.NumberRequestOrder},
		wanted: in.NumberRequest.Number, pool: in.NumberRequest.Pool,
	}
	j.anew = func(ctx workflow.Context) error { return workflow.NewContinueAsNewError(ctx, NumberRequest, in) }
	err := j.request(ctx)
	err = j.end(ctx, j.done(), err)
	return j.out, err
}

func (j *joiner) request(ctx workflow.Context) error {
	j.startOver = j.anew
	person, err := j.activePerson(ctx)
	if err != nil {
		return err
	}
	if person.Services != nil {
		return j.hasNumber(ctx, *person.Services)
	}
	j.in.Joiner = person.Joiner
	j.in.Joiner.NumberWanted = true
	if err := j.readPlacement(ctx); err != nil {
		return err
	}
	if err := j.set(ctx, running()); err != nil {
		return err
	}
	if wants, why := uc.DecideNumber(j.place.Domain, j.place.Area, j.in.Joiner); !wants {
		return refused("user %s gets no number: %s", person.UserID, why)
	}
	if err := j.give(ctx); err != nil {
		return err
	}
	return j.savePerson(ctx, &j.services)
}

// hasNumber ends the request of a person who has a number.
func (j *joiner) hasNumber(ctx workflow.Context, has uc.Services) error {
	n := has.Number
	if j.wanted != "" && j.wanted != n.Digits && j.wanted != has.E164 {
		return refused("the person has number %s already: move to another number instead", n)
	}
	j.out = Joined{Outcome: uc.NumberGiven, Number: n.Digits, E164: has.E164}
	j.detail = fmt.Sprintf("the person had number %s already", n)
	return j.set(ctx, uc.OrderChange{Number: &n.Digits, E164: &has.E164, DeviceProfile: &has.DeviceProfile.Name})
}

// activePerson waits for the turn of the order and reads the person as it stands
// then. Fails with Conflict when no order knows the person, or when the person leaves
// or has left.
func (s *story) activePerson(ctx workflow.Context) (p uc.Person, err error) {
	if err := s.takeTurn(ctx); err != nil {
		return p, err
	}
	var out activities.PersonOfOut
	err = s.step(ctx, "ReadPerson", func(ctx workflow.Context) (err error) {
		out, err = local(ctx, inventory.ReadPerson, activities.TurnIn{OrderID: s.orderID})
		return err
	})
	switch {
	case err != nil:
		return p, err
	case !out.Known:
		return p, refused("no order has made anything for user %s: the person joins first", out.UserID)
	case out.Person.State == uc.Left:
		return p, refused("user %s has left", out.Person.UserID)
	case out.Person.State == uc.Leaving:
		return p, refused("user %s is leaving", out.Person.UserID)
	}
	return out.Person, nil
}

// refused is the failure of an order that stands against what is there.
func refused(format string, args ...any) error {
	return applicationError(&uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf(format, args...)})
}
