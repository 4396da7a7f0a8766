package workflows

import (
	"cmp"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// A move on the same call processor: what the person has is changed in place.

func (m *mover) moveNear(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{
		m.findEntry, m.takeNumber, m.renameUser, m.renameDevices, m.markUser, m.makeProfile, m.moveLine,
		m.moveProfile, m.movePhones, m.moveUser, m.verify,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	ctx, done := m.bind(ctx)
	defer done()
	for _, step := range []func(workflow.Context) error{
		m.renamePerson, m.publish, m.notify, m.tell, m.retireHere, m.release,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	m.gave()
	return m.savePerson(ctx, &m.services)
}

// findEntry finds the person in the directory, when something will be written there.
func (m *mover) findEntry(ctx workflow.Context) error {
	if !m.tells() {
		return nil
	}
	return m.findPerson(ctx)
}

// has is what the person had before the order.
func (m *mover) has() uc.Services { return *m.move.Person.Services }

// takeNumber keeps the number or reserves another one.
func (m *mover) takeNumber(ctx workflow.Context) error {
	if m.move.Keeps {
		return m.reserved(ctx)
	}
	if err := m.reserve(ctx); err != nil {
		return err
	}
	return m.pairDevices()
}

func (m *mover) pairDevices() (err error) {
	m.devices, err = uc.PlanDevices(m.has(), m.services)
	return applicationError(err)
}

// renameUser gives the user the new user id, or waits until the directory has, and
// plans everything with its spelling.
func (m *mover) renameUser(ctx workflow.Context) error {
	in := activities.RenameIn{On: m.on(), From: m.has().User.User.ID, To: m.services.User.User.ID}
	user := m.user()
	user.User.User.LastName = m.has().User.User.LastName // as it still is
	if in.From != in.To {
		m.undo.add("RenameUserBack", func(ctx workflow.Context) error {
			in.Undo = true
			return do(m.remote(ctx, "undo"), callProcessors.RenameUserBack, in)
		})
		var out activities.RenamedOut
		err := m.step(ctx, "RenameUser", func(ctx workflow.Context) (err error) {
			out, err = call(m.remote(ctx, in.To), callProcessors.RenameUser, in)
			return err
		})
		if err != nil {
			return err
		}
		user.User.LDAPAgreement = cmp.Or(out.LDAPAgreement, user.User.LDAPAgreement)
		m.hasName(uc.PlannedUser, uc.User{ID: in.From}.Key(), uc.User{ID: in.To}.Key())
	}
	if err := m.ensureUserAs(ctx, user); err != nil {
		return err
	}
	return m.pairDevices()
}

// hasName remembers that an object has another name now.
func (m *mover) hasName(objectType, from, to string) {
	m.renamed = append(m.renamed, activities.RenamedObject{
		System: m.has().CallProcessor, Type: objectType, From: from, To: to,
	})
}

// renameDevices gives the profile and the phones that stay the names of the new
// template.
func (m *mover) renameDevices(ctx workflow.Context) error {
	from, to := m.has().DeviceProfile.Name, m.services.DeviceProfile.Name
	if !m.devices.NewProfile && from != to {
		in := activities.RenameIn{On: m.on(), From: from, To: to}
		m.undo.add("RenameDeviceProfileBack", func(ctx workflow.Context) error {
			in.Undo = true
			return do(m.remote(ctx, "undo"), callProcessors.RenameDeviceProfileBack, in)
		})
		err := m.step(ctx, "RenameDeviceProfile", func(ctx workflow.Context) error {
			return do(m.remote(ctx, to), callProcessors.RenameDeviceProfile, in)
		})
		if err != nil {
			return err
		}
		m.hasName(uc.PlannedProfile, from, to)
	}
	for _, pair := range m.devices.Stay {
		if err := m.renamePhone(ctx, pair); err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) renamePhone(ctx workflow.Context, pair uc.PhonePair) error {
	if pair.Old.Name == pair.New.Name {
		return nil
	}
	in := activities.RenameIn{On: m.on(), From: pair.Old.Name, To: pair.New.Name}
	in.Item = pair.New.Name
	m.undo.add("RenamePhoneBack", func(ctx workflow.Context) error {
		in.Undo = true
		return do(m.remote(ctx, "undo"), callProcessors.RenamePhoneBack, in)
	})
	m.hasName(uc.PlannedPhone, in.From, in.To)
	return m.step(ctx, "RenamePhone", func(ctx workflow.Context) error {
		return do(m.remote(ctx, in.To), callProcessors.RenamePhone, in)
	})
}

func (m *mover) change() activities.MoveIn {
	return activities.MoveIn{On: m.on(), Old: m.has(), New: m.services}
}

// markUser keeps the user as it was. The primary extension is put back when the old
// line is on the devices again: its undo comes after theirs.
func (m *mover) markUser(ctx workflow.Context) error {
	in := m.change()
	m.undo.add("RestorePrimaryExtension", func(ctx workflow.Context) error {
		in.Undo = true
		return do(m.remote(ctx, "undo"), callProcessors.RestorePrimaryExtension, in)
	})
	return m.step(ctx, "MarkUser", func(ctx workflow.Context) error {
		return do(m.remote(ctx, in.New.User.User.ID), callProcessors.MarkUser, in)
	})
}

// makeProfile makes another profile where the template's product is another one, and
// registers the undo of the line.
func (m *mover) makeProfile(ctx workflow.Context) error {
	if m.devices.NewProfile {
		return m.ensureProfile(ctx)
	}
	m.undoLine()
	return nil
}

func (m *mover) moveLine(ctx workflow.Context) error {
	if m.devices.NewProfile {
		return m.ensureLine(ctx)
	}
	in := m.line()
	return m.step(ctx, "EnsureLine", func(ctx workflow.Context) error {
		return do(m.remote(ctx, in.Line.Number.String()), callProcessors.EnsureLine, in)
	})
}

// moveProfile brings the profile that stays to the new template.
func (m *mover) moveProfile(ctx workflow.Context) error {
	if m.devices.NewProfile {
		return nil
	}
	in := m.change()
	m.undo.add("RestoreDeviceProfile", func(ctx workflow.Context) error {
		in.Undo = true
		return do(m.remote(ctx, "undo"), callProcessors.RestoreDeviceProfile, in)
	})
	return m.step(ctx, "MoveDeviceProfile", func(ctx workflow.Context) error {
		return do(m.remote(ctx, in.New.DeviceProfile.Name), callProcessors.MoveDeviceProfile, in)
	})
}

// movePhones brings the phones that stay to the new place and makes the new ones.
func (m *mover) movePhones(ctx workflow.Context) error {
	for _, pair := range m.devices.Stay {
		in := activities.MovePhoneIn{
			On: m.on(), Old: pair.Old, New: pair.New, OldLine: m.has().Line, Line: m.services.Line,
			UserID: m.services.User.User.ID,
		}
		in.Item = pair.New.Name
		m.undo.add("RestorePhone", func(ctx workflow.Context) error {
			in.Undo = true
			return do(m.remote(ctx, "undo"), callProcessors.RestorePhone, in)
		})
		err := m.step(ctx, "MovePhone", func(ctx workflow.Context) error {
			return do(m.remote(ctx, in.Item), callProcessors.MovePhone, in)
		})
		if err != nil {
			return err
		}
	}
	for _, phone := range m.devices.Made {
		if err := m.ensurePhone(ctx, phone); err != nil {
			return err
		}
	}
	return nil
}

// moveUser gives the user the new devices, groups and names, then the primary
// extension.
func (m *mover) moveUser(ctx workflow.Context) error {
	in, user := m.change(), m.user()
	m.undo.add("RestoreUser", func(ctx workflow.Context) error {
		in.Undo = true
		return do(m.remote(ctx, "undo"), callProcessors.RestoreUser, in)
	})
	err := m.step(ctx, "MoveUser", func(ctx workflow.Context) error {
		return do(m.remote(ctx, in.New.User.User.ID), callProcessors.MoveUser, in)
	})
	if err != nil {
		return err
	}
	return m.step(ctx, "EnsurePrimaryExtension", func(ctx workflow.Context) error {
		return do(m.remote(ctx, user.Number), callProcessors.EnsurePrimaryExtension, user)
	})
}
