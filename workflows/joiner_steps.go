package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// The joiner's steps on the call processor, in order.

// ensureUser makes or adopts the user, and registers what takes all of the user's
// changes back.
func (j *joiner) ensureUser(ctx workflow.Context) error { return j.ensureUserAs(ctx, j.user()) }

func (j *joiner) ensureUserAs(ctx workflow.Context, in activities.UserIn) error {
	j.undo.add("RemoveUser", func(ctx workflow.Context) error {
		in.Undo = true
		return do(j.remote(ctx, "undo"), callProcessors.RemoveUser, in)
	})
	var out activities.UserOut
	err := j.step(ctx, "EnsureUser", func(ctx workflow.Context) (err error) {
		out, err = call(j.remote(ctx, in.User.User.ID), callProcessors.EnsureUser, in)
		return err
	})
	j.userMade = out.Made
	if err != nil || out.UserID == in.User.User.ID {
		return err
	}
	return j.respell(ctx, out.UserID)
}

// respell plans everything anew with the user id as the call processor spells it, so
// that every order of a person means the same names, however it writes the user id.
func (j *joiner) respell(ctx workflow.Context, userID string) (err error) {
	j.spelling = userID
	if j.services, err = j.plan(); err != nil {
		return err
	}
	return j.set(ctx, uc.OrderChange{DeviceProfile: &j.services.DeviceProfile.Name})
}

// ensureProfile makes the device profile and reads it back.
func (j *joiner) ensureProfile(ctx workflow.Context) error {
	in := j.profile()
	j.undoLine()
	j.undo.add("RemoveDeviceProfile", func(ctx workflow.Context) error {
		in.Undo = true
		return do(j.remote(ctx, "undo"), callProcessors.RemoveDeviceProfile, in)
	})
	err := j.step(ctx, "EnsureDeviceProfile", func(ctx workflow.Context) error {
		_, err := call(j.remote(ctx, in.Profile.Name), callProcessors.EnsureDeviceProfile, in)
		return err
	})
	if err != nil {
		return err
	}
	return j.step(ctx, "ReadDeviceProfile", func(ctx workflow.Context) error {
		_, err := call(j.remote(ctx, in.Profile.Name), callProcessors.ReadDeviceProfile, in)
		return err
	})
}

// undoLine registers the undo of the line. It comes after the profile's: a line that
// was there before is taken off by removing a profile that is ours, and not by
// removing the line.
func (j *joiner) undoLine() {
	in := j.line()
	j.undo.add("RemoveLine", func(ctx workflow.Context) error {
		in.Undo = true
		return do(j.remote(ctx, "undo"), callProcessors.RemoveLine, in)
	})
}

// ensureLine makes the line and puts it on the device profile; ensureProfile has
// registered its undo.
func (j *joiner) ensureLine(ctx workflow.Context) error {
	in := j.line()
	err := j.step(ctx, "EnsureLine", func(ctx workflow.Context) error {
		return do(j.remote(ctx, in.Line.Number.String()), callProcessors.EnsureLine, in)
	})
	if err != nil {
		return err
	}
	return j.step(ctx, "EnsureProfileLine", func(ctx workflow.Context) error {
		return do(j.remote(ctx, in.Line.Number.Digits), callProcessors.EnsureProfileLine, j.profile())
	})
}

// ensurePhones makes the soft phones and puts the line on the given desk phone.
func (j *joiner) ensurePhones(ctx workflow.Context) error {
	for _, p := range j.services.Phones {
		if err := j.ensurePhone(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (j *joiner) ensurePhone(ctx workflow.Context, p uc.Phone) error {
	in := activities.PhoneIn{On: j.on(), Phone: p, Line: j.services.Line, UserID: j.services.User.User.ID}
	in.Item = p.Name
	j.undo.add("RemovePhone", func(ctx workflow.Context) error {
		in.Undo = true
		return do(j.remote(ctx, "undo"), callProcessors.RemovePhone, in)
	})
	return j.step(ctx, "EnsurePhone", func(ctx workflow.Context) error {
		return do(j.remote(ctx, p.Name), callProcessors.EnsurePhone, in)
	})
}

// associate gives the user the devices and groups, then the primary extension.
func (j *joiner) associate(ctx workflow.Context) error {
	in := j.user()
	// Undone before the phones and the profile are: they cannot go while they are the
	// user's. RemoveUser, registered first, comes too late for that.
	j.undo.add("DissociateUser", func(ctx workflow.Context) error {
		in.Undo = true
		return do(j.remote(ctx, "undo"), callProcessors.DissociateUser, in)
	})
	err := j.step(ctx, "AssociateUser", func(ctx workflow.Context) error {
		return do(j.remote(ctx, in.User.User.ID), callProcessors.AssociateUser, in)
	})
	if err != nil {
		return err
	}
	return j.step(ctx, "EnsurePrimaryExtension", func(ctx workflow.Context) error {
		return do(j.remote(ctx, in.Number), callProcessors.EnsurePrimaryExtension, in)
	})
}

// setPIN gives a new PIN to a person to whom something is new; nobody else's PIN is
// touched.
func (j *joiner) setPIN(ctx workflow.Context) error {
	if !j.news() {
		return nil
	}
	return j.step(ctx, "SetPIN", func(ctx workflow.Context) error {
		return do(j.remote(ctx, "must be changed"), callProcessors.SetPIN, j.user())
	})
}

func (j *joiner) verify(ctx workflow.Context) error {
	in := activities.VerifyIn{On: j.on(), Services: j.services}
	return j.step(ctx, "Verify", func(ctx workflow.Context) error {
		return do(j.remote(ctx, "read back"), callProcessors.Verify, in)
	})
}

func (j *joiner) profile() activities.ProfileIn {
	return activities.ProfileIn{
		On: j.on(), Profile: j.services.DeviceProfile, Line: j.services.Line,
		UserID: j.services.User.User.ID,
	}
}

// applicationError gives an error of our own rules the form that errors of
// activities have.
func applicationError(err error) error {
	var e *uc.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	return temporal.NewNonRetryableApplicationError(e.Error(), string(e.Kind), nil)
}
