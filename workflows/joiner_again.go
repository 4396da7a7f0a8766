package workflows

import (
	"cmp"
	"maps"
	"strings"

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
	j.in.Joiner, j.hadDesk = filled(j.in.Joiner, out.Person.Joiner)
	if out.Pool == "" || out.Pool == j.place.Pool.Name {
		return nil
	}
	j.pool = out.Pool // the person keeps the number, which was asked for from another pool
	return j.readPlacement(ctx)
}

// filled is the joiner with what is known of the person and what it does not say itself:
// HR's record decides what it says, and silence takes nothing away. A desk phone is only
// known on, for the person has the phones that stand among the services. With another
// employee id it is somebody else, to whom the user id was given again.
func filled(says, known uc.Joiner) (all uc.Joiner, deskPhone string) {
	now, was := &says.User, known.User
	if now.EmployeeID != "" && was.EmployeeID != "" && !strings.EqualFold(now.EmployeeID, was.EmployeeID) {
		return says, ""
	}
	for _, field := range []struct {
		to   *string
		from string
	}{
		{&now.EmployeeID, was.EmployeeID},
		{&now.DirectoryID, was.DirectoryID},
		{&now.FirstName, was.FirstName},
		{&now.LastName, was.LastName},
		{&now.Mail, was.Mail},
		{&now.Department, was.Department},
		{&now.Title, was.Title},
	} {
		*field.to = cmp.Or(*field.to, field.from)
	}
	says.ClassOfService = cmp.Or(says.ClassOfService, known.ClassOfService)
	says.NumberWanted = says.NumberWanted || known.NumberWanted
	if says.Voicemail == nil {
		says.Voicemail = known.Voicemail
	}
	if len(known.Attributes) > 0 {
		attributes := maps.Clone(known.Attributes)
		//workflowcheck:ignore Each name is set, whichever comes first.
		maps.Copy(attributes, says.Attributes)
		says.Attributes = attributes
	}
	return says, known.DeskPhone
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
