package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// The effects of a phone change on the call processor, each with its undo.

// change is one effect and what takes it back.
type change struct {
	name    string
	summary string
	act     func(workflow.Context) error
	back    string
	undo    func(workflow.Context) error
}

// effect registers the undo and runs the effect.
func (p *phoneChange) effect(ctx workflow.Context, c change) error {
	p.undo.add(c.back, func(ctx workflow.Context) error { return c.undo(p.remote(ctx, "undo")) })
	return p.step(ctx, c.name, func(ctx workflow.Context) error { return c.act(p.remote(ctx, c.summary)) })
}

func (p *phoneChange) remote(ctx workflow.Context, summary string) workflow.Context {
	return remote(ctx, CallProcessorQueue(p.person.Services.CallProcessor), summary)
}

func (p *phoneChange) on(phone string) activities.On {
	return activities.On{
		StepRef: uc.StepRef{OrderID: p.orderID, Item: phone}, CallProcessor: p.person.Services.CallProcessor,
	}
}

func (p *phoneChange) user() string { return p.person.Services.User.User.ID }

// setUserPhones changes which phones the user controls.
func (p *phoneChange) setUserPhones(ctx workflow.Context, add, remove []string) error {
	in := activities.UserPhonesIn{On: p.on(""), UserID: p.user(), Add: add, Remove: remove}
	return p.effect(ctx, change{
		"SetUserPhones", in.UserID, func(ctx workflow.Context) error { return do(ctx, callProcessors.SetUserPhones, in) },
		"RestoreUserPhones", func(ctx workflow.Context) error {
			in.Undo = true
			return do(ctx, callProcessors.RestoreUserPhones, in)
		},
	})
}

// release takes a phone from the person, which stays on the call processor.
func (p *phoneChange) release(ctx workflow.Context, phone string, bare bool) error {
	in := activities.ReleasePhoneIn{On: p.on(phone), Name: phone, UserID: p.user(), Number: p.person.Number(), Bare: bare}
	return p.effect(ctx, change{
		"ReleasePhone", phone, func(ctx workflow.Context) error { return do(ctx, callProcessors.ReleasePhone, in) },
		"ReleasePhoneBack", func(ctx workflow.Context) error {
			in.Undo = true
			return do(ctx, callProcessors.ReleasePhoneBack, in)
		},
	})
}

// deletePhone removes a soft phone.
func (p *phoneChange) deletePhone(ctx workflow.Context, phone string) error {
	in := activities.ReleasePhoneIn{On: p.on(phone), Name: phone, UserID: p.user(), Number: p.person.Number()}
	return p.effect(ctx, change{
		"DeletePhone", phone, func(ctx workflow.Context) error { return do(ctx, callProcessors.DeletePhone, in) },
		"DeletePhoneBack", func(ctx workflow.Context) error {
			in.Undo = true
			return do(ctx, callProcessors.DeletePhoneBack, in)
		},
	})
}

// readSwap looks how a phone can be swapped, before anything is changed.
func (p *phoneChange) readSwap(ctx workflow.Context, in activities.SwapPhoneIn) (out activities.ReadSwapOut, err error) {
	err = p.step(ctx, "ReadSwap", func(ctx workflow.Context) (err error) {
		out, err = call(p.remote(ctx, in.New), callProcessors.ReadSwap, in)
		return err
	})
	return out, err
}

// logOut ends the extension mobility on a phone; of nobody it does nothing.
func (p *phoneChange) logOut(ctx workflow.Context, phone, userID string) error {
	if userID == "" {
		return nil
	}
	in := activities.LoginIn{On: p.on(phone), Phone: phone, UserID: userID}
	return p.effect(ctx, change{
		"LogOut", userID, func(ctx workflow.Context) error { return do(ctx, callProcessors.LogOut, in) },
		"LogIn", func(ctx workflow.Context) error { in.Undo = true; return do(ctx, callProcessors.LogIn, in) },
	})
}

// replace puts the new phone in the old one's place and returns what did not fit.
func (p *phoneChange) replace(ctx workflow.Context, in activities.SwapPhoneIn) (left []string, err error) {
	var out activities.SwappedOut
	err = p.effect(ctx, change{
		"ReplacePhone", in.New, func(ctx workflow.Context) (err error) {
			out, err = call(ctx, callProcessors.ReplacePhone, in)
			return err
		},
		"ReplacePhoneBack", func(ctx workflow.Context) error {
			in.Undo = true
			return do(ctx, callProcessors.ReplacePhoneBack, in)
		},
	})
	return out.Left, err
}

// save writes what the person has now.
func (p *phoneChange) save(ctx workflow.Context, phones []uc.Phone) error {
	in := activities.SavePersonIn{StepRef: uc.StepRef{OrderID: p.orderID}, Person: p.person.WithPhones(phones)}
	return p.step(ctx, "SavePerson", func(ctx workflow.Context) error { return record(ctx, inventory.SavePerson, in) })
}
