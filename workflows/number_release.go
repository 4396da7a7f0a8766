package workflows

import (
	"cmp"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/uc"
)

// NumberReleaseInput is the input of a number release's story.
type NumberReleaseInput struct {
	OrderID       string           `json:"orderId"`
	NumberRelease uc.NumberRelease `json:"numberRelease"`
}

// NumberRelease gives a person's number back to its pool and takes away what belongs
// to it, as a leaver does; the person stays, and may ask for a number again. Once the
// removal has begun the story only goes forward.
func NumberRelease(ctx workflow.Context, in NumberReleaseInput) error {
	l := &leaver{
		story:  story{orderID: in.OrderID, kind: uc.NumberReleaseOrder},
		in:     LeaverInput{OrderID: in.OrderID, Leaver: uc.Leaver{UserID: in.NumberRelease.UserID, ServiceArea: in.NumberRelease.ServiceArea}},
		reason: in.NumberRelease.Reason, stays: true,
	}
	err := l.giveBack(ctx, in)
	return l.end(ctx, l.done(), err)
}

func (l *leaver) giveBack(ctx workflow.Context, in NumberReleaseInput) error {
	l.startOver = func(ctx workflow.Context) error { return workflow.NewContinueAsNewError(ctx, NumberRelease, in) }
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	if err := l.set(ctx, running()); err != nil {
		return err
	}
	if err := l.step(ctx, "ReadLeaver", l.read); err != nil {
		return err
	}
	// Numbers go at once, whatever the leaver's policy says about the rest.
	l.who.Place.Area.Leaver.After, l.who.Place.Area.Leaver.Forward = 0, ""
	l.who.Place.Area.Leaver.Directory, l.who.Place.Area.Leaver.HR = uc.AtRemoval, uc.AtRemoval
	if l.who.Left() || l.number.Digits != in.NumberRelease.Number {
		return refused("number %s is not the number of user %s any more", in.NumberRelease.Number,
			cmp.Or(l.who.Person.UserID, l.who.UserID))
	}
	if err := l.passGuard(ctx, uc.GuardRelease, l.who.Place.Domain, 0); err != nil {
		return err
	}
	if err := l.survey(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, done := workflow.NewDisconnectedContext(ctx)
	defer done()
	ctx, forget := l.bind(ctx)
	defer forget()
	return l.remove(ctx)
}

// becomes is what the person is afterwards.
func (l *leaver) becomes() uc.PersonState {
	if l.stays {
		return uc.Active
	}
	return uc.Left
}

// releaseReason says in a number's history why it was given back.
func (l *leaver) releaseReason() string { return cmp.Or(l.reason, "the person left") }
