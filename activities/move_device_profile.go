package activities

import (
	"context"
	"fmt"
	"reflect"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// MoveDeviceProfile brings the profile, under its new name already, to what the new
// template says, with the new line in the place of the old one. Fails with NotFound
// when it is missing, Conflict when it is another product, which nothing can change.
func (a *CallProcessor) MoveDeviceProfile(ctx context.Context, in MoveIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	want := in.New.DeviceProfile
	have, err := c.GetDeviceProfile(ctx, want.Name)
	if err != nil {
		return err
	}
	if have.Product != want.Product || have.Protocol != want.Protocol {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "updateDeviceProfile", Detail: fmt.Sprintf(
			"device profile %s on %s is a %s %s and cannot become a %s %s",
			have.Name, in.CallProcessor, have.Product, have.Protocol, want.Product, want.Protocol)}
	}
	if _, err := a.mark(in.On, objectProfile, want.Name).found(ctx, have, false); err != nil {
		return err
	}
	change := profileMove(in, have)
	if reflect.DeepEqual(change, axl.DeviceProfile{}) {
		return nil
	}
	change.Name = have.Name
	return c.UpdateDeviceProfile(ctx, change)
}

// RestoreDeviceProfile takes back MoveDeviceProfile. Absent is success.
func (a *CallProcessor) RestoreDeviceProfile(ctx context.Context, in MoveIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.DeviceProfile
	fate, err := a.mark(in.On, objectProfile, in.New.DeviceProfile.Name).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetDeviceProfile(ctx, in.New.DeviceProfile.Name)
	if err != nil {
		return gone(err)
	}
	ours := profileMove(in, before)
	back := axl.DeviceProfile{
		Lines: movedBack(in.Old.Number, in.New.Number, ours.Lines, val(before.Lines), val(now.Lines)),
	}
	if len(val(back.Lines)) == 0 {
		back.Lines = nil // an update cannot empty the list; RemoveLine takes the line off
	}
	changed := takeBack([]field{
		{&ours.Description, &before.Description, &now.Description, &back.Description},
		{&ours.ButtonTemplate, &before.ButtonTemplate, &now.ButtonTemplate, &back.ButtonTemplate},
		{&ours.SoftkeyTemplate, &before.SoftkeyTemplate, &now.SoftkeyTemplate, &back.SoftkeyTemplate},
	})
	if ours.Services != nil && reflect.DeepEqual(names(*ours.Services), names(val(now.Services))) {
		back.Services, changed = before.Services, true
	}
	if !changed && back.Lines == nil {
		return nil
	}
	back.Name = now.Name
	return gone(c.UpdateDeviceProfile(ctx, back))
}

// profileMove is the update that brings the profile to the new services; the zero
// profile when there is nothing to do.
func profileMove(in MoveIn, have axl.DeviceProfile) axl.DeviceProfile {
	old, now := in.Old.DeviceProfile, in.New.DeviceProfile
	change := axl.DeviceProfile{
		Description:     follow(old.Description, now.Description, have.Description),
		ButtonTemplate:  follow(old.ButtonTemplate, now.ButtonTemplate, have.ButtonTemplate),
		SoftkeyTemplate: follow(old.SoftkeyTemplate, now.SoftkeyTemplate, have.SoftkeyTemplate),
		Lines:           moveLines(in.Old.Line, in.New.Line, in.New.User.User.ID, val(have.Lines)),
	}
	var services []axl.Service
	for _, s := range val(have.Services) {
		if old.Service == now.Service || s.Service != old.Service {
			services = append(services, s)
		}
	}
	if now.Service != "" && !subscribed(axl.DeviceProfile{Services: &services}, now.Service) {
		services = append(services, axl.Service{Service: now.Service, Name: now.Service})
	}
	if !reflect.DeepEqual(names(services), names(val(have.Services))) {
		change.Services = axl.Set(append([]axl.Service{}, services...))
	}
	return change
}

func names(services []axl.Service) []string {
	out := []string{}
	for _, s := range services {
		out = append(out, s.Service)
	}
	return out
}
