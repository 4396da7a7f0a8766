package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// What a mover does once the new place is read back: from here it only goes forward.

// tell brings the directory and HR to the new number. What the old domain wrote and
// the new one does not is cleared, and the old number withdrawn before the new one is
// assigned: the receiver goes by the order of events.
func (m *mover) tell(ctx workflow.Context) error {
	if !m.tells() {
		return nil
	}
	from, to := m.move.From.Domain, m.place.Domain
	if err := m.clearOldDirectory(ctx); err != nil {
		return err
	}
	if err := m.writeDirectory(ctx); err != nil {
		return err
	}
	if from.HR != "" && (from.HR != to.HR || !m.move.Keeps) {
		if err := m.revokeHR(ctx); err != nil {
			return err
		}
	}
	return m.writeHR(ctx)
}

// tells reports whether directory and HR have something to be told.
func (m *mover) tells() bool {
	return !m.move.Keeps || m.move.From.Domain.Name != m.place.Domain.Name
}

// clearOldDirectory takes the old number out of attributes that the new domain does
// not write.
func (m *mover) clearOldDirectory(ctx workflow.Context) error {
	from, to := m.move.From.Domain, m.place.Domain
	in := activities.PersonIn{
		StepRef: m.ref(), Directory: from.Directory, User: m.move.Person.Joiner.User, Values: map[string]string{},
	}
	for _, w := range from.WriteBack {
		written := slices.ContainsFunc(to.WriteBack, func(n uc.WriteBack) bool { return n.Attribute == w.Attribute })
		if from.Directory != to.Directory || !written {
			in.Values[w.Attribute] = w.Of(m.has().Number.Digits, m.has().E164)
		}
	}
	if from.Directory == "" || len(in.Values) == 0 {
		return nil
	}
	return m.step(ctx, "ClearDirectory", func(ctx workflow.Context) error {
		return do(remote(ctx, DirectoryQueue(in.Directory), in.User.ID), directories.ClearDirectory, in)
	})
}

func (m *mover) revokeHR(ctx workflow.Context) error {
	in := activities.HRIn{
		StepRef: m.ref(), HR: m.move.From.Domain.HR, User: m.move.Person.Joiner.User,
		Number: m.has().Number, E164: m.has().E164, At: workflow.Now(ctx),
	}
	return m.step(ctx, "RevokeHR", func(ctx workflow.Context) error {
		return do(remote(ctx, NotifierQueue, in.User.ID), notifiers.RevokeHR, in)
	})
}

// retireHere takes away, on the same call processor, what only the old place had.
func (m *mover) retireHere(ctx workflow.Context) error {
	clear := activities.ClearUserIn{On: m.on(), UserID: m.services.User.User.ID, UserToGo: true}
	for _, p := range m.devices.Retired {
		clear.Devices = append(clear.Devices, p.Name)
	}
	if m.devices.NewProfile {
		clear.Profiles = []string{m.has().DeviceProfile.Name}
	}
	if len(clear.Devices)+len(clear.Profiles) > 0 {
		err := m.step(ctx, "ClearUser", func(ctx workflow.Context) error {
			return do(m.remote(ctx, clear.UserID), callProcessors.ClearUser, clear)
		})
		if err != nil {
			return err
		}
	}
	for _, retire := range []func(workflow.Context) error{m.retirePhones, m.retireProfile, m.retireLine} {
		if err := retire(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) retirePhones(ctx workflow.Context) error {
	for _, p := range m.devices.Retired {
		in := activities.RetirePhoneIn{
			On: m.on(), Name: p.Name, UserID: m.services.User.User.ID, Lines: []uc.DirectoryNumber{m.has().Number},
		}
		in.Item = p.Name
		err := m.step(ctx, "RetirePhone", func(ctx workflow.Context) error {
			return m.retired(call(m.remote(ctx, in.Name), callProcessors.RetirePhone, in))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) retireProfile(ctx workflow.Context) error {
	if !m.devices.NewProfile {
		return nil
	}
	in := activities.RetireProfileIn{
		On: m.on(), Name: m.has().DeviceProfile.Name, UserID: m.services.User.User.ID,
		Lines: []uc.DirectoryNumber{m.has().Number},
	}
	return m.step(ctx, "RetireProfile", func(ctx workflow.Context) error {
		return m.retired(call(m.remote(ctx, in.Name), callProcessors.RetireProfile, in))
	})
}

// retireLine removes the old line when the number is another one.
func (m *mover) retireLine(ctx workflow.Context) error {
	if m.move.Keeps {
		return nil
	}
	in := activities.RetireLineIn{
		On: m.on(), Number: m.has().Number, UserID: m.services.User.User.ID, At: workflow.Now(ctx),
		Park: m.move.From.Area.Leaver.Line == uc.LineParked,
	}
	if m.move.From.Area.Leaver.Line == uc.LineKept {
		return nil
	}
	return m.step(ctx, "RetireLine", func(ctx workflow.Context) error {
		return m.retired(call(m.remote(ctx, in.Number.Digits), callProcessors.RetireLine, in))
	})
}

// retired remembers what others use and is there still.
func (m *mover) retired(out activities.Retired, err error) error {
	if out.Kept != "" {
		m.kept = append(m.kept, out.Kept)
	}
	return err
}

// release gives the old number back when the person has another one.
func (m *mover) release(ctx workflow.Context) error {
	if m.move.Keeps {
		return nil
	}
	in := activities.ReleaseIn{
		StepRef: m.ref(), Number: m.has().Number, UserID: m.holder(),
		Reason: fmt.Sprintf("moved to %s", m.services.Number),
	}
	return m.step(ctx, "ReleaseNumber", func(ctx workflow.Context) error {
		return record(ctx, inventory.ReleaseNumber, in)
	})
}

// holder is the user id under which our books have the person at the moment.
func (m *mover) holder() string {
	if m.move.Far {
		return m.formerly
	}
	return m.renaming().To
}
