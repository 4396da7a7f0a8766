package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// PhoneChangeInput is the input of a phone change's story.
type PhoneChangeInput struct {
	OrderID     string         `json:"orderId"`
	PhoneChange uc.PhoneChange `json:"phoneChange"`
}

// phoneChange is the state of one phone change's story.
type phoneChange struct {
	story
	in     uc.PhoneChange
	person uc.Person
	did    string // what the done order says
}

// PhoneChange assigns a phone to a person, swaps a broken one for another, or takes one
// away; or it leaves everything as it was.
func PhoneChange(ctx workflow.Context, in PhoneChangeInput) error {
	p := &phoneChange{story: story{orderID: in.OrderID, kind: uc.PhoneOrder}, in: in.PhoneChange}
	p.startOver = func(ctx workflow.Context) error { return workflow.NewContinueAsNewError(ctx, PhoneChange, in) }
	err := p.run(ctx)
	return p.end(ctx, doneSaying(p.did), err)
}

func (p *phoneChange) run(ctx workflow.Context) (err error) {
	if p.person, err = p.activePerson(ctx); err != nil {
		return err
	}
	if p.person.Number().Digits == "" {
		return refused("%s", uc.NeedsNumber(p.person.UserID))
	}
	if err := p.set(ctx, running()); err != nil {
		return err
	}
	change := map[uc.PhoneAction]func(workflow.Context) error{
		uc.PhoneAssign: p.assign, uc.PhoneSwap: p.swap, uc.PhoneRemove: p.remove,
	}[p.in.Action]
	if change == nil {
		return applicationError(&uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf("nothing is known of %q", p.in.Action)})
	}
	return change(ctx)
}

// assign gives the person a desk phone that stands on the call processor, or makes one
// of the template's soft phones.
func (p *phoneChange) assign(ctx workflow.Context) error {
	phone, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	p.startOver = nil
	in := activities.PhoneIn{On: p.on(phone.Name), Phone: phone, Line: p.person.Services.Line, UserID: p.user()}
	err = p.effect(ctx, change{
		"EnsurePhone", phone.Name, func(ctx workflow.Context) error { return do(ctx, callProcessors.EnsurePhone, in) },
		"RemovePhone", func(ctx workflow.Context) error { in.Undo = true; return do(ctx, callProcessors.RemovePhone, in) },
	})
	if err != nil {
		return err
	}
	if err := p.setUserPhones(ctx, []string{phone.Name}, nil); err != nil {
		return err
	}
	p.did = phone.Name + " is assigned"
	phones := slices.Clone(p.person.Services.Phones)
	if slices.ContainsFunc(phones, func(has uc.Phone) bool { return has.Name == phone.Name }) {
		return p.save(ctx, phones)
	}
	return p.save(ctx, append(phones, phone))
}

// wanted is the phone that is assigned: one that the person has, or shall have.
func (p *phoneChange) wanted(ctx workflow.Context) (uc.Phone, error) {
	if phone, found := uc.FindPhone(p.person.Services.Phones, p.in.Phone); found {
		return phone, nil
	}
	var place uc.Placement
	err := p.step(ctx, "ReadPlacement", func(ctx workflow.Context) (err error) {
		place, err = local(ctx, inventory.ReadPlacement,
			activities.PlacementIn{OrderID: p.orderID, ServiceArea: p.person.Joiner.ServiceArea})
		return err
	})
	if err != nil {
		return uc.Phone{}, err
	}
	phone, err := uc.PlanPhone(p.in.Phone, p.person, place)
	return phone, applicationError(err)
}

// remove takes a phone from the person: a soft phone is removed, a desk phone stays
// where it stands.
func (p *phoneChange) remove(ctx workflow.Context) error {
	phone, err := p.person.PhoneOf(p.in.Phone)
	if err != nil {
		return applicationError(err)
	}
	p.startOver = nil
	if err := p.setUserPhones(ctx, nil, []string{phone.Name}); err != nil {
		return err
	}
	if phone.Desk {
		err, p.did = p.release(ctx, phone.Name, false), phone.Name+" is nobody's now and stays on the call processor"
	} else {
		err, p.did = p.deletePhone(ctx, phone.Name), phone.Name+" is removed"
	}
	if err != nil {
		return err
	}
	return p.save(ctx, slices.DeleteFunc(slices.Clone(p.person.Services.Phones),
		func(has uc.Phone) bool { return has.Name == phone.Name }))
}

// swap puts another desk phone in the place of the person's.
func (p *phoneChange) swap(ctx workflow.Context) error {
	old, done, err := p.person.SwapOf(p.in)
	if err != nil {
		return applicationError(err)
	}
	next := uc.DeskPhoneName(p.in.New)
	if done {
		p.did = fmt.Sprintf("%s has taken the place of %s already", next, old.Name)
		return nil
	}
	in := activities.SwapPhoneIn{On: p.on(next), Old: old.Name, New: next, UserID: p.user(), Number: p.person.Number()}
	out, err := p.readSwap(ctx, in)
	if err != nil {
		return err
	}
	p.startOver = nil
	in.Rename, in.OldID = out.Rename, out.OldID
	if err := p.logOut(ctx, old.Name, out.LoggedIn); err != nil {
		return err
	}
	left, err := p.replace(ctx, in)
	if err != nil {
		return err
	}
	if err := p.setUserPhones(ctx, []string{next}, []string{old.Name}); err != nil {
		return err
	}
	if !out.Rename {
		if err := p.release(ctx, old.Name, true); err != nil {
			return err
		}
	}
	p.did = swapped(old.Name, next, out, left)
	phones := slices.Clone(p.person.Services.Phones)
	phones = slices.DeleteFunc(phones, func(has uc.Phone) bool { return has.Name == next })
	for i := range phones {
		if phones[i].Name == old.Name {
			phones[i].Name = next
		}
	}
	return p.save(ctx, phones)
}

// swapped is what a swap says of itself.
func swapped(old, next string, out activities.ReadSwapOut, left []string) string {
	if out.Rename {
		return fmt.Sprintf("%s has the name %s now and keeps lines and buttons: right for another %s", old, next, out.Product)
	}
	said := fmt.Sprintf("%s has taken the place of %s, which is nobody's now", next, old)
	if len(left) > 0 {
		said += "; what did not fit: " + strings.Join(left, ", ")
	}
	return said
}
