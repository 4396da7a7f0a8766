package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// ProfileIn is the input of the effects on a device profile.
type ProfileIn struct {
	On
	Profile uc.DeviceProfile `json:"profile"`
	Line    uc.Line          `json:"line,omitzero"` // of EnsureProfileLine
	UserID  string           `json:"userId"`
}

// ProfileOut is the device profile as it stands on the call processor.
type ProfileOut struct {
	UUID       axl.UUID `json:"uuid"`
	Subscribed bool     `json:"subscribed"` // to the extension-mobility service
	Made       bool     `json:"made"`       // by this order
}

// EnsureDeviceProfile makes the device profile, or adopts one of the same name,
// product and protocol that is already the user's. Fails with Conflict when the
// name is taken by another, NotFound when a named template or service is missing.
func (a *CallProcessor) EnsureDeviceProfile(ctx context.Context, in ProfileIn) (ProfileOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return ProfileOut{}, err
	}
	m := a.mark(in.On, objectProfile, in.Profile.Name)
	have, err := c.GetDeviceProfile(ctx, in.Profile.Name)
	if err == nil {
		return a.adoptProfile(ctx, c, m, in, have)
	}
	if !errors.Is(err, uc.NotFound) {
		return ProfileOut{}, err
	}
	if err := m.absent(ctx); err != nil {
		return ProfileOut{}, err
	}
	uuid, err := c.AddDeviceProfile(ctx, toDeviceProfile(in.Profile))
	if errors.Is(err, uc.Conflict) {
		have, err = taken(err, func() (axl.DeviceProfile, error) { return c.GetDeviceProfile(ctx, in.Profile.Name) })
		if err == nil {
			return a.adoptProfile(ctx, c, m, in, have)
		}
	}
	return ProfileOut{UUID: uuid, Subscribed: in.Profile.Service != "", Made: err == nil}, err
}

func (a *CallProcessor) adoptProfile(ctx context.Context, c *axl.Client, m mark, in ProfileIn,
	have axl.DeviceProfile,
) (ProfileOut, error) {
	ours := have.Product == in.Profile.Product && have.Protocol == in.Profile.Protocol &&
		same(val(have.Description), in.Profile.Description)
	made, err := m.found(ctx, have, ours)
	if err != nil {
		return ProfileOut{}, err
	}
	if !made {
		if err := ownProfile(ctx, c, in, have); err != nil {
			return ProfileOut{}, err
		}
	}
	return ProfileOut{UUID: have.UUID, Subscribed: subscribed(have, in.Profile.Service), Made: made}, nil
}

// ownProfile fails with Conflict unless the profile that was there before fits and
// belongs to the person.
func ownProfile(ctx context.Context, c *axl.Client, in ProfileIn, have axl.DeviceProfile) error {
	conflict := func(why string) error {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getDeviceProfile", Detail: fmt.Sprintf(
			"device profile %s on %s %s: rename or remove it, or change the template's name rule",
			have.Name, in.CallProcessor, why)}
	}
	if have.Product != in.Profile.Product || have.Protocol != in.Profile.Protocol {
		return conflict(fmt.Sprintf("exists as %s %s, not %s %s",
			have.Product, have.Protocol, in.Profile.Product, in.Profile.Protocol))
	}
	user, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return err
	}
	if !contains(val(user.PhoneProfiles), have.Name) {
		return conflict("exists and is not a profile of user " + in.UserID)
	}
	return nil
}

// RemoveDeviceProfile takes back EnsureDeviceProfile and EnsureProfileLine: removed
// when this order made it; of an adopted one the line is taken off or looks again as
// it did, and other lines stay. Absent is success.
func (a *CallProcessor) RemoveDeviceProfile(ctx context.Context, in ProfileIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.DeviceProfile
	fate, err := a.mark(in.On, objectProfile, in.Profile.Name).fate(ctx, &before)
	switch {
	case err != nil || fate == leave:
		return err
	case fate == remove:
		return gone(c.RemoveDeviceProfile(ctx, in.Profile.Name))
	}
	now, err := c.GetDeviceProfile(ctx, in.Profile.Name)
	if err != nil {
		return gone(err)
	}
	lines, changed := linesBack(in.Line.Number, val(before.Lines), val(now.Lines))
	if !changed || len(lines) == 0 {
		return nil // an update cannot empty the list; RemoveLine takes the line off
	}
	return c.UpdateDeviceProfile(ctx, axl.DeviceProfile{Name: now.Name, Lines: &lines})
}

// ReadDeviceProfile reads the device profile back and fails with Conflict, naming
// the field, when it is not what the template says.
func (a *CallProcessor) ReadDeviceProfile(ctx context.Context, in ProfileIn) (ProfileOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return ProfileOut{}, err
	}
	have, err := c.GetDeviceProfile(ctx, in.Profile.Name)
	if err != nil {
		return ProfileOut{}, err
	}
	object := "device profile " + have.Name
	switch {
	case have.Product != in.Profile.Product:
		return ProfileOut{}, mismatch(object, "product", have.Product, in.Profile.Product)
	case have.Protocol != in.Profile.Protocol:
		return ProfileOut{}, mismatch(object, "protocol", have.Protocol, in.Profile.Protocol)
	case !strings.EqualFold(val(have.ButtonTemplate), in.Profile.ButtonTemplate):
		return ProfileOut{}, mismatch(object, "phone button template", val(have.ButtonTemplate), in.Profile.ButtonTemplate)
	case in.Profile.Service != "" && !subscribed(have, in.Profile.Service):
		return ProfileOut{}, mismatch(object, "services", "", in.Profile.Service)
	}
	return ProfileOut{UUID: have.UUID, Subscribed: subscribed(have, in.Profile.Service)}, nil
}

func subscribed(p axl.DeviceProfile, service string) bool {
	return service != "" && slices.ContainsFunc(val(p.Services), func(s axl.Service) bool { return s.Service == service })
}

// EnsureProfileLine puts the line first on the device profile, with its display,
// mask and call limits. Other lines of an adopted profile stay behind it.
func (a *CallProcessor) EnsureProfileLine(ctx context.Context, in ProfileIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetDeviceProfile(ctx, in.Profile.Name)
	if err != nil {
		return err
	}
	want := toAppearance(in.Line, 1, in.UserID)
	lines := []axl.LineAppearance{want}
	for _, l := range val(have.Lines) {
		if isLine(l, in.Line.Number) {
			if l.Index == 1 && sameAppearance(want, l) {
				return nil
			}
			lines[0].Kept = l.Kept // what is not ours of it stays
			continue
		}
		l.Index = len(lines) + 1
		lines = append(lines, l)
	}
	return c.UpdateDeviceProfile(ctx, axl.DeviceProfile{Name: have.Name, Lines: &lines})
}

// toDeviceProfile is the wire form of a new device profile.
func toDeviceProfile(p uc.DeviceProfile) axl.DeviceProfile {
	out := axl.DeviceProfile{
		Name: p.Name, Description: wish(p.Description), Product: p.Product, Protocol: p.Protocol,
		ButtonTemplate: axl.Set(p.ButtonTemplate), SoftkeyTemplate: wish(p.SoftkeyTemplate),
	}
	if p.Service != "" {
		out.Services = &[]axl.Service{{Service: p.Service, Name: p.Service}}
	}
	return out
}
