package workflows

import (
	"cmp"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// Somebody joins who is known: a leaver is recalled, or HR sends the person again.

// knownAlready reads who the person is and what the person has. Somebody with a number
// elsewhere moves, and does not join a second time.
func (j *joiner) knownAlready(ctx workflow.Context) error {
	out, err := local(ctx, inventory.ReadPerson, activities.TurnIn{OrderID: j.orderID})
	if err != nil || !out.Known || out.Person.State == uc.Left {
		return err
	}
	j.had = out.Person.Services
	if at := out.Person.Joiner.ServiceArea; j.had != nil && at != j.in.Joiner.ServiceArea {
		return refused("user %s has number %s in service area %s: move the person to %s instead",
			out.Person.UserID, j.had.Number, at, j.in.Joiner.ServiceArea)
	}
	j.in.Joiner, j.hadDesk = j.in.Joiner.Filled(out.Person.Joiner)
	if out.Pool == "" || out.Pool == j.place.Pool.Name {
		return nil
	}
	j.pool = out.Pool // the person keeps the number, which was asked for from another pool
	return j.readPlacement(ctx)
}

// savePerson writes what the person has now.
func (j *joiner) savePerson(ctx workflow.Context, has *uc.Services) error {
	who := j.in.Joiner
	who.User.ID = cmp.Or(j.spelling, who.User.ID)
	who.User.DirectoryID = cmp.Or(j.directoryID, who.User.DirectoryID)
	who.DeskPhone = cmp.Or(who.DeskPhone, j.hadDesk)
	in := activities.SavePersonIn{StepRef: j.ref(), Person: uc.Person{
		UserID: who.User.ID, Domain: j.place.Domain.Name, State: uc.Active, Joiner: who, Services: has,
	}}
	return j.step(ctx, "SavePerson", func(ctx workflow.Context) error { return record(ctx, inventory.SavePerson, in) })
}
