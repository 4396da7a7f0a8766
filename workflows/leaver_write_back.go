package workflows

import (
	"cmp"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// What a leaver looks up and takes back outside of the call processors.

func (l *leaver) writesBack() bool {
	domain := l.who.Place.Domain
	return domain.Directory != "" && len(domain.WriteBack) > 0 && l.number.Digits != ""
}

// findPerson keeps the stable id of the person's directory entry. An entry that is
// gone already holds nothing to clear.
func (l *leaver) findPerson(ctx workflow.Context) error {
	in := l.person()
	out, err := call(remote(ctx, DirectoryQueue(in.Directory), in.User.ID), directories.FindPerson, in)
	l.directoryID = string(out.ID)
	if err == nil {
		return nil
	}
	if kind, _ := failure(err); kind == uc.NotFound {
		return nil
	}
	return err
}

// person is the input of the steps on the person's directory entry: what orders wrote
// there.
func (l *leaver) person() activities.PersonIn {
	in := activities.PersonIn{
		StepRef: l.ref(), Directory: l.who.Place.Domain.Directory, User: l.who.Person.Joiner.User,
		Values: map[string]string{},
	}
	in.User.ID = l.who.UserID
	in.User.DirectoryID = cmp.Or(l.directoryID, in.User.DirectoryID)
	for _, w := range l.who.Place.Domain.WriteBack {
		in.Values[w.Attribute] = l.number.Digits
		if w.Value == uc.FormE164 {
			in.Values[w.Attribute] = cmp.Or(l.e164, l.number.Digits)
		}
	}
	return in
}

func (l *leaver) clearDirectory(ctx workflow.Context) error {
	in := l.person()
	queue := DirectoryQueue(in.Directory)
	back := in
	back.Undo, back.Values = true, map[string]string{}
	for _, w := range l.who.Place.Domain.WriteBack {
		back.Values[w.Attribute] = ""
	}
	l.undo.add("RestoreDirectory", func(ctx workflow.Context) error {
		return do(remote(ctx, queue, "undo"), directories.RestoreDirectory, back)
	})
	return l.step(ctx, "ClearDirectory", func(ctx workflow.Context) error {
		return do(remote(ctx, queue, in.User.ID), directories.ClearDirectory, in)
	})
}

func (l *leaver) revokeHR(ctx workflow.Context) error {
	in := activities.HRIn{
		StepRef: l.ref(), HR: l.who.Place.Domain.HR, User: l.who.Person.Joiner.User,
		Number: l.number, E164: l.e164, At: workflow.Now(ctx),
	}
	in.User.ID = l.who.UserID
	l.undo.add("ReinstateHR", func(ctx workflow.Context) error {
		in.Undo, in.At = true, workflow.Now(ctx)
		return do(remote(ctx, NotifierQueue, "undo"), notifiers.ReinstateHR, in)
	})
	return l.step(ctx, "RevokeHR", func(ctx workflow.Context) error {
		return do(remote(ctx, NotifierQueue, in.User.ID), notifiers.RevokeHR, in)
	})
}
