package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// What happens when a person leaves, each step with what takes it back.

// atLeave does what the plan has for this stage.
func (l *leaver) atLeave(ctx workflow.Context) error {
	l.startOver = nil
	stage := uc.AtLeave.String()
	if err := l.set(ctx, uc.OrderChange{Stage: &stage}); err != nil {
		return err
	}
	if err := l.leaving(ctx); err != nil {
		return err
	}
	for _, o := range l.plan.Objects {
		if o.Stage != uc.AtLeave {
			continue
		}
		if err := l.suspend(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// leaving says for everybody to see that the person leaves.
func (l *leaver) leaving(ctx workflow.Context) error {
	if !l.who.Known {
		return nil
	}
	in := activities.PersonStateIn{StepRef: l.ref(), UserID: l.who.Person.UserID, State: uc.Leaving}
	l.undo.add("SetPersonState", func(ctx workflow.Context) error {
		in.Undo, in.State = true, uc.Active
		return record(ctx, inventory.SetPersonState, in)
	})
	return l.step(ctx, "SetPersonState", func(ctx workflow.Context) error { return record(ctx, inventory.SetPersonState, in) })
}

func (l *leaver) suspend(ctx workflow.Context, o uc.PlannedObject) error {
	switch o.Type {
	case uc.PlannedLogin:
		return l.logOut(ctx, o)
	case uc.PlannedForward:
		return l.forward(ctx, o)
	case uc.PlannedSignIn:
		return l.endSignIn(ctx, o)
	case uc.PlannedPerson:
		return l.clearDirectory(ctx)
	case uc.PlannedEvent:
		return l.revokeHR(ctx)
	}
	return nil
}

func (l *leaver) logOut(ctx workflow.Context, o uc.PlannedObject) error {
	in := activities.LoginIn{On: l.on(o.System, o.Key), Phone: o.Key, UserID: l.who.UserID}
	l.undo.add("LogIn", func(ctx workflow.Context) error {
		in.Undo = true
		return do(l.remote(ctx, o.System, "undo"), callProcessors.LogIn, in)
	})
	return l.step(ctx, "LogOut", func(ctx workflow.Context) error {
		return do(l.remote(ctx, o.System, o.Key), callProcessors.LogOut, in)
	})
}

func (l *leaver) forward(ctx workflow.Context, o uc.PlannedObject) error {
	in := activities.ForwardIn{
		On: l.on(o.System, o.Key), Number: o.Number(), To: l.who.Place.Area.Leaver.ForwardTo(),
		CSS: l.who.Place.Template.Line.ForwardCSS, Devices: l.devices(o.System),
	}
	l.undo.add("UnforwardLine", func(ctx workflow.Context) error {
		in.Undo = true
		return do(l.remote(ctx, o.System, "undo"), callProcessors.UnforwardLine, in)
	})
	return l.step(ctx, "ForwardLine", func(ctx workflow.Context) error {
		return do(l.remote(ctx, o.System, o.Key), callProcessors.ForwardLine, in)
	})
}

func (l *leaver) endSignIn(ctx workflow.Context, o uc.PlannedObject) error {
	in := activities.SignInIn{On: l.on(o.System, ""), UserID: o.Key}
	l.undo.add("RestoreSignIn", func(ctx workflow.Context) error {
		in.Undo = true
		return do(l.remote(ctx, o.System, "undo"), callProcessors.RestoreSignIn, in)
	})
	return l.step(ctx, "EndSignIn", func(ctx workflow.Context) error {
		return do(l.remote(ctx, o.System, o.Key), callProcessors.EndSignIn, in)
	})
}
