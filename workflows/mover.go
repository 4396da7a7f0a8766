package workflows

import (
	"cmp"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// MoverInput is the input of a mover's story.
type MoverInput struct {
	OrderID string   `json:"orderId"`
	Mover   uc.Mover `json:"mover"`
}

// mover is the state of one mover's story. What it makes, it makes as a joiner does.
type mover struct {
	joiner
	order   uc.Mover
	move    uc.MovePlan
	devices uc.DeviceMoves // on the same call processor
	renamed []activities.RenamedObject
	kept    []string // what others use of what the person had
}

// Mover brings a person to another place, name or class of service: in place on the
// same call processor, made anew and then retired on another one. Until everything is
// read back it puts back exactly what was; from then on it only goes forward.
func Mover(ctx workflow.Context, in MoverInput) (Joined, error) {
	m := &mover{joiner: joiner{story: story{orderID: in.OrderID, kind: uc.MoverOrder}}, order: in.Mover}
	m.anew = func(ctx workflow.Context) error { return workflow.NewContinueAsNewError(ctx, Mover, in) }
	err := m.run(ctx)
	err = m.end(ctx, m.done(), err)
	return m.out, err
}

func (m *mover) run(ctx workflow.Context) error {
	m.startOver = m.anew
	person, err := m.activePerson(ctx)
	if err != nil {
		return err
	}
	if err := m.planMove(ctx, person); err != nil {
		return err
	}
	if err := m.set(ctx, running()); err != nil {
		return err
	}
	if m.move.Nothing(m.services) {
		return m.hasAll(ctx)
	}
	if err := m.admit(ctx); err != nil {
		return err
	}
	switch {
	case !m.move.Gets:
		m.out.Outcome, m.detail = uc.NumberUnmade, "no number: "+m.move.Why
		return m.finish(ctx, nil)
	case person.Services == nil:
		if err := m.give(ctx); err != nil {
			return err
		}
		return m.finish(ctx, &m.services)
	case m.move.Far:
		return m.moveFar(ctx)
	}
	return m.moveNear(ctx)
}

// planMove reads the old and the new place and decides what becomes of the number.
func (m *mover) planMove(ctx workflow.Context, person uc.Person) (err error) {
	m.formerly = person.UserID
	m.in.Joiner.ServiceArea = cmp.Or(m.order.ServiceArea, person.Joiner.ServiceArea)
	if err := m.readPlacement(ctx); err != nil {
		return err
	}
	from := m.place
	if m.in.Joiner.ServiceArea != person.Joiner.ServiceArea {
		err := m.step(ctx, "ReadPlacement", func(ctx workflow.Context) (err error) {
			from, err = local(ctx, inventory.ReadPlacement,
				activities.PlacementIn{OrderID: m.orderID, ServiceArea: person.Joiner.ServiceArea})
			return err
		})
		if err != nil {
			return err
		}
	}
	if m.move, err = uc.PlanMove(person, m.order, from, m.place); err != nil {
		return applicationError(err)
	}
	m.in.Joiner, m.another, m.theirs = m.move.Joiner, m.move.Another(), m.move.Keeps
	if person.Services == nil || !m.move.Gets {
		return nil
	}
	m.derive = func(j uc.Joiner) (uc.Services, error) {
		pool := m.place.Pool
		n := uc.DirectoryNumber{CallProcessor: pool.CallProcessor, Partition: pool.Partition, Digits: m.number.Digits}
		return m.move.Services(j, n, m.number.E164)
	}
	if !m.move.Keeps {
		return nil
	}
	has := person.Services
	m.number = activities.NumberOut{Digits: has.Number.Digits, E164: has.E164}
	if m.services, err = m.plan(); err != nil {
		return err
	}
	m.devices, err = uc.PlanDevices(*has, m.services)
	return applicationError(err)
}

// hasAll ends an order that changes nothing.
func (m *mover) hasAll(ctx workflow.Context) error {
	m.detail = "nothing to change"
	has := m.move.Person.Services
	if has == nil {
		m.out.Outcome = uc.NumberUnmade
		return nil
	}
	m.gave()
	return m.set(ctx, uc.OrderChange{
		Number: &m.number.Digits, E164: &m.number.E164, DeviceProfile: &has.DeviceProfile.Name,
	})
}

// admit holds a burst of moves, and finds out whether the new user id is free, before
// anything is written.
func (m *mover) admit(ctx workflow.Context) error {
	if m.place.Area.Name != m.move.From.Area.Name {
		if err := m.passGuard(ctx, uc.GuardMove, m.move.From.Domain, m.order.Batch); err != nil {
			return err
		}
	}
	in := m.renaming()
	if in.From == in.To {
		return nil
	}
	return m.step(ctx, "CheckUserID", func(ctx workflow.Context) error { return record(ctx, inventory.CheckUserID, in) })
}

// renaming is the input of the person's rename.
func (m *mover) renaming() activities.RenamePersonIn {
	return activities.RenamePersonIn{
		StepRef: m.ref(), From: m.formerly, To: cmp.Or(m.spelling, m.in.Joiner.User.ID), Objects: m.renamed,
	}
}

// renamePerson gives the person the new user id in our own books, once the systems
// have it.
func (m *mover) renamePerson(ctx workflow.Context) error {
	in := m.renaming()
	if in.From == in.To && len(in.Objects) == 0 {
		return nil
	}
	m.undo.add("RenamePerson", func(ctx workflow.Context) error {
		back := activities.RenamePersonIn{StepRef: in.StepRef, From: in.To, To: in.From}
		back.Undo = true
		return record(ctx, inventory.RenamePerson, back)
	})
	return m.step(ctx, "RenamePerson", func(ctx workflow.Context) error {
		return record(ctx, inventory.RenamePerson, in)
	})
}

// finish writes what the person has now, under the user id of now.
func (m *mover) finish(ctx workflow.Context, has *uc.Services) error {
	if err := m.renamePerson(ctx); err != nil {
		return err
	}
	return m.savePerson(ctx, has)
}

// done is the order's end when the story succeeded.
func (m *mover) done() uc.OrderChange {
	said := m.kept
	if len(m.left) > 0 {
		said = append(said, "left behind: "+strings.Join(m.left, "; "))
	}
	if len(said) > 0 {
		m.detail = strings.Join(said, "; ")
	}
	return m.joiner.done()
}
