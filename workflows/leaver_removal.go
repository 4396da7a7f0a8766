package workflows

import (
	"context"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// The removal: each step waits until it succeeds, whatever goes wrong.

// remove does what the plan has for the removal. Whoever wrote an object's name into
// the plan looked at it long ago: each step looks again.
func (l *leaver) remove(ctx workflow.Context) error {
	stage := uc.AtRemoval.String()
	if err := l.set(ctx, uc.OrderChange{Stage: &stage}); err != nil {
		return err
	}
	l.spare()
	for _, name := range l.callProcessors() {
		if err := l.clearUser(ctx, name); err != nil {
			return err
		}
		for _, o := range l.plan.Objects {
			if o.System != name || o.Stage != uc.AtRemoval {
				continue
			}
			if err := l.retire(ctx, o); err != nil {
				return err
			}
		}
	}
	return l.release(ctx)
}

// spare remembers what is not even tried, because others have a part in it.
func (l *leaver) spare() {
	for _, o := range l.plan.Objects {
		if why := o.Spared(); why != "" {
			l.kept = append(l.kept, why)
		}
	}
}

// release gives the numbers back when nothing has them any more, and tells everybody.
func (l *leaver) release(ctx workflow.Context) error {
	for _, n := range l.who.Numbers {
		in := activities.ReleaseIn{StepRef: l.ref(), Number: n.Directory(), UserID: l.who.UserID, Reason: l.releaseReason()}
		in.Item = n.Digits
		err := l.step(ctx, "ReleaseNumber", func(ctx workflow.Context) error { return record(ctx, inventory.ReleaseNumber, in) })
		if err != nil {
			return err
		}
	}
	for _, o := range l.plan.Objects {
		if o.Stage != uc.AtRemoval || o.Type != uc.PlannedPerson && o.Type != uc.PlannedEvent {
			continue
		}
		if err := l.suspend(ctx, o); err != nil {
			return err
		}
	}
	return l.savePerson(ctx)
}

// savePerson keeps who left, or who has no number any more. Of a person whom no order knew, nothing is kept.
func (l *leaver) savePerson(ctx workflow.Context) error {
	if !l.who.Known {
		return nil
	}
	p := l.who.Person
	p.State, p.Services = l.becomes(), nil
	in := activities.SavePersonIn{StepRef: l.ref(), Person: p}
	return l.step(ctx, "SavePerson", func(ctx workflow.Context) error { return record(ctx, inventory.SavePerson, in) })
}

// clearUser takes everything off the user before it goes, or because it stays.
func (l *leaver) clearUser(ctx workflow.Context, callProcessor string) error {
	at := slices.IndexFunc(l.plan.Objects, func(o uc.PlannedObject) bool {
		return o.System == callProcessor && o.Type == uc.PlannedUser
	})
	if at < 0 {
		return nil
	}
	user, policy := l.plan.Objects[at], l.who.Place.Area.Leaver
	in := activities.ClearUserIn{
		On: l.on(callProcessor, ""), UserID: user.Key, Lines: l.lines(callProcessor), Given: l.given(callProcessor),
		EndSignIn: !policy.KeepSignIn, UserToGo: user.Action == uc.PlanRemove,
	}
	if policy.KeepGroups {
		in.Given.Groups = nil
	}
	for _, o := range l.plan.Objects {
		switch {
		case o.System != callProcessor:
		case o.Type == uc.PlannedPhone:
			in.Devices = append(in.Devices, o.Key)
		case o.Type == uc.PlannedProfile && o.Action == uc.PlanChange:
			in.Kept = append(in.Kept, o.Key)
		case o.Type == uc.PlannedProfile:
			in.Profiles = append(in.Profiles, o.Key)
		}
	}
	return l.step(ctx, "ClearUser", func(ctx workflow.Context) error {
		return do(l.remote(ctx, callProcessor, user.Key), callProcessors.ClearUser, in)
	})
}

// given is what orders gave the user besides devices; of a person whom no order knows,
// what one would have given.
func (l *leaver) given(callProcessor string) uc.UserService {
	has := l.who.Person.Services
	switch {
	case has != nil && has.CallProcessor == callProcessor:
		return has.User
	case l.who.Known || l.who.Place.Area.CallProcessor != callProcessor:
		return uc.UserService{}
	}
	who := uc.Joiner{User: uc.User{ID: l.who.UserID}}
	would, err := uc.PlanServices(who, l.who.Place.Area, l.who.Place.Template, l.who.Place.Pool, l.number.Digits)
	if err != nil {
		return uc.UserService{} // no name can be made of the user id, so no order gave anything
	}
	return would.User
}

// lines are the numbers of the plan's lines, also of those that stay for others.
func (l *leaver) lines(callProcessor string) []uc.DirectoryNumber {
	var out []uc.DirectoryNumber
	for _, o := range l.plan.Objects {
		if o.System == callProcessor && o.Type == uc.PlannedLine {
			out = append(out, o.Number())
		}
	}
	return out
}

// devices are the names of the person's own devices and profiles: the only ones that
// may carry the lines.
func (l *leaver) devices(callProcessor string) []string {
	var out []string
	for _, o := range l.plan.Objects {
		own := o.Type == uc.PlannedDestinationProfile ||
			(o.Type == uc.PlannedPhone || o.Type == uc.PlannedProfile) && o.Action != uc.PlanKeep
		if o.System == callProcessor && own {
			out = append(out, o.Key)
		}
	}
	return out
}

// retire takes one object away.
func (l *leaver) retire(ctx workflow.Context, o uc.PlannedObject) error {
	on, user := l.on(o.System, o.Key), l.who.UserID
	stays := o.Action == uc.PlanChange
	switch o.Type {
	case uc.PlannedRemoteDestination:
		return retired(ctx, l, "RetireRemoteDestination", callProcessors.RetireRemoteDestination,
			activities.RetireDestinationIn{On: on, Destination: o.Key, UserID: user}, o)
	case uc.PlannedDestinationProfile:
		return retired(ctx, l, "RetireRemoteDestinationProfile", callProcessors.RetireRemoteDestinationProfile,
			activities.RetireCarrierIn{On: on, Name: o.Key, UserID: user}, o)
	case uc.PlannedPhone:
		return retired(ctx, l, "RetirePhone", callProcessors.RetirePhone,
			activities.RetirePhoneIn{On: on, Name: o.Key, UserID: user, Keep: stays, Lines: l.lines(o.System)}, o)
	case uc.PlannedProfile:
		return retired(ctx, l, "RetireProfile", callProcessors.RetireProfile,
			activities.RetireProfileIn{On: on, Name: o.Key, UserID: user, Keep: stays, Lines: l.lines(o.System)}, o)
	case uc.PlannedLine:
		return retired(ctx, l, "RetireLine", callProcessors.RetireLine, activities.RetireLineIn{
			On: on, Number: o.Number(), UserID: user, Devices: l.devices(o.System), At: workflow.Now(ctx),
			Park: l.who.Place.Area.Leaver.Line == uc.LineParked,
		}, o)
	case uc.PlannedUser:
		if stays {
			return nil // cleared already
		}
		return retired(ctx, l, "RetireUser", callProcessors.RetireUser, activities.RetireUserIn{On: on, UserID: o.Key}, o)
	}
	return nil
}

// retired runs the effect that takes an object away, and remembers why the object is
// there still, if it is.
func retired[In any](ctx workflow.Context, l *leaver, name string,
	effect func(context.Context, In) (activities.Retired, error), in In, o uc.PlannedObject,
) error {
	return l.step(ctx, name, func(ctx workflow.Context) error {
		out, err := call(l.remote(ctx, o.System, o.Key), effect, in)
		if err == nil && out.Kept != "" {
			l.kept = append(l.kept, out.Kept)
		}
		return err
	})
}
