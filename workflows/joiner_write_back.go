package workflows

import (
	"cmp"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
)

// What a joiner looks up and writes outside of the call processor.

// findPerson finds the person's directory entry before anything is made, and keeps
// its stable id: the entry may be renamed while the order waits.
func (j *joiner) findPerson(ctx workflow.Context) error {
	if !j.writesBack() {
		return nil
	}
	in := j.person()
	return j.step(ctx, "FindPerson", func(ctx workflow.Context) error {
		out, err := call(remote(ctx, DirectoryQueue(in.Directory), in.User.ID), directories.FindPerson, in)
		if err == nil {
			j.directoryID = string(out.ID)
		}
		return err
	})
}

func (j *joiner) writesBack() bool {
	return j.place.Domain.Directory != "" && len(j.place.Domain.WriteBack) > 0
}

// person is the input of the steps on the person's directory entry.
func (j *joiner) person() activities.PersonIn {
	in := activities.PersonIn{
		StepRef: j.ref(), Directory: j.place.Domain.Directory, User: j.in.Joiner.User,
		Values: map[string]string{},
	}
	in.User.DirectoryID = cmp.Or(j.directoryID, in.User.DirectoryID)
	return in
}

// notify mails the person, unless nothing is new to them.
func (j *joiner) notify(ctx workflow.Context) error {
	if !j.news() {
		return nil
	}
	in := activities.MailIn{StepRef: j.ref(), User: j.in.Joiner.User, Number: j.services.Number, E164: j.services.E164}
	return j.step(ctx, "SendInstructions", func(ctx workflow.Context) error {
		return do(remote(ctx, NotifierQueue, "to "+j.in.Joiner.User.Mail), notifiers.SendInstructions, in)
	})
}

func (j *joiner) writeDirectory(ctx workflow.Context) error {
	if !j.writesBack() {
		return nil
	}
	in := j.person()
	for _, w := range j.place.Domain.WriteBack {
		in.Values[w.Attribute] = w.Of(j.number.Digits, j.number.E164)
	}
	queue := DirectoryQueue(in.Directory)
	j.undo.add("RestoreDirectory", func(ctx workflow.Context) error {
		in.Undo = true
		return do(remote(ctx, queue, "undo"), directories.RestoreDirectory, in)
	})
	return j.step(ctx, "WriteDirectory", func(ctx workflow.Context) error {
		return do(remote(ctx, queue, j.in.Joiner.User.ID), directories.WriteDirectory, in)
	})
}

func (j *joiner) writeHR(ctx workflow.Context) error {
	if j.place.Domain.HR == "" {
		return nil
	}
	in := activities.HRIn{
		StepRef: j.ref(), HR: j.place.Domain.HR, User: j.in.Joiner.User,
		Number: j.services.Number, E164: j.services.E164, At: workflow.Now(ctx),
	}
	j.undo.add("WithdrawHR", func(ctx workflow.Context) error {
		in.Undo, in.At = true, workflow.Now(ctx)
		return do(remote(ctx, NotifierQueue, "undo"), notifiers.WithdrawHR, in)
	})
	return j.step(ctx, "WriteHR", func(ctx workflow.Context) error {
		return do(remote(ctx, NotifierQueue, j.in.Joiner.User.ID), notifiers.WriteHR, in)
	})
}
