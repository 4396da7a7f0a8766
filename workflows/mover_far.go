package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// A move to another call processor: everything is made there first, as for a joiner,
// and taken away on the old one when it is read back and published.

func (m *mover) moveFar(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{
		m.findPerson, m.reserve, m.ensureUser, m.ensureProfile, m.ensureLine, m.ensurePhones, m.associate,
		m.setPIN, m.verify,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	ctx, done := m.bind(ctx)
	defer done()
	// The old call processor knows the person by the old user id, and so do our books
	// until it has nothing of the person any more.
	for _, step := range []func(workflow.Context) error{
		m.publish, m.notify, m.tell, m.retireThere, m.release, m.renamePerson,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	m.gave()
	return m.savePerson(ctx, &m.services)
}

// retireThere takes away everything that the old call processor has of the person, as
// it does when a person leaves the old service area.
func (m *mover) retireThere(ctx workflow.Context) error {
	l := &leaver{story: m.story, who: activities.LeaverOut{
		PersonOfOut: activities.PersonOfOut{UserID: m.formerly, Known: true, Person: m.move.Person},
		Place:       m.move.From,
	}}
	l.who.Place.Area.Leaver.After = 0 // the person has the new number already
	name := m.has().CallProcessor
	err := l.step(ctx, "SurveyLeaver", func(ctx workflow.Context) error { return l.look(ctx, name) })
	if err != nil {
		return err
	}
	for _, o := range l.plan.Objects {
		if o.Type == uc.PlannedLogin && o.Action != uc.PlanKeep {
			if err := l.suspend(ctx, o); err != nil {
				return err
			}
		}
	}
	l.spare()
	if err := l.clearUser(ctx, name); err != nil {
		return err
	}
	for _, o := range l.plan.Objects {
		if o.Stage == uc.AtRemoval {
			if err := l.retire(ctx, o); err != nil {
				return err
			}
		}
	}
	m.kept, m.left = append(m.kept, l.kept...), l.left
	return nil
}
