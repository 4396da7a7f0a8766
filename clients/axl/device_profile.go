package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// DeviceProfile is what a user brings to a phone by extension mobility. A nil
// field is not sent, see Clear. GetDeviceProfile fills every field but
// NewName.
type DeviceProfile struct {
	UUID        UUID    // read only
	Name        string  // the key of every operation
	NewName     *string // update only: renames the profile
	Description *string

	Product  string // add only: "Cisco 8845"
	Protocol string // add only: "SIP" or "SCCP"

	ButtonTemplate *string // required to add
	SoftkeyTemplate,
	UserLocale *string

	Lines *[]LineAppearance // replaced whole; never empty in an update
	Buttons
	Services     *[]Service // replaced whole
	VendorConfig *string    // inner XML of the product's own settings, replaced whole

	Kept Kept // nil for a new profile
}

// GetDeviceProfile returns the profile as the server has it. Fails with
// uc.NotFound when there is none.
//
// Source: AXL 15.0 getDeviceProfile, RDeviceProfile.
func (c *Client) GetDeviceProfile(ctx context.Context, name string) (DeviceProfile, error) {
	if name == "" {
		return DeviceProfile{}, c.invalid("getDeviceProfile", "the name is missing")
	}
	var out gen.GetDeviceProfileResponse
	if err := c.call(ctx, "getDeviceProfile", &gen.GetDeviceProfile{Name: name}, &out); err != nil {
		return DeviceProfile{}, err
	}
	if out.Return_ == nil || out.Return_.DeviceProfile == nil {
		return DeviceProfile{}, c.empty("getDeviceProfile")
	}
	w := out.Return_.DeviceProfile
	return DeviceProfile{
		UUID: readUUID(w.Uuid), Name: w.Name, Description: value(w.Description),
		Product: *value(w.Product), Protocol: *value(w.Protocol), ButtonTemplate: refName(w.PhoneTemplateName),
		SoftkeyTemplate: refName(w.SoftkeyTemplateName), UserLocale: value(w.UserLocale),
		Lines: readLines(w.Lines), Services: readServices(w.Services), VendorConfig: readVendorConfig(w.VendorConfig),
		Buttons: wireButtons{w.Speeddials, w.BusyLampFields, w.BlfDirectedCallParks, w.AddOnModules}.read(), Kept: readKept(w),
	}, nil
}

// AddDeviceProfile creates the profile, and bare lines for patterns that do not
// exist yet, and returns its id. Fails with uc.Conflict when the name is taken,
// uc.NotFound when something it names does not exist.
//
// Source: AXL 15.0 addDeviceProfile, XDeviceProfile.
func (c *Client) AddDeviceProfile(ctx context.Context, p DeviceProfile) (UUID, error) {
	const op = "addDeviceProfile"
	if p.Name == "" || p.Product == "" || p.Protocol == "" || *value(p.ButtonTemplate) == "" {
		return "", c.invalid(op, "name, product, protocol and button template must be given")
	}
	if p.NewName != nil {
		return "", c.invalid(op, "a new profile cannot be renamed")
	}
	if err := c.checkDeviceProfile(op, p); err != nil {
		return "", err
	}
	buttons := p.wire()
	w := &gen.DeviceProfile{
		Name: p.Name, Description: p.Description,
		Product: Set(p.Product), Class: Set(classDeviceProfile), Protocol: Set(p.Protocol), ProtocolSide: Set(sideUser),
		Lines: wireLines(*value(p.Lines)), PhoneTemplateName: fk(p.ButtonTemplate), UserLocale: p.UserLocale,
		SoftkeyTemplateName: fk(p.SoftkeyTemplate), Services: wireServices(p.Services), VendorConfig: wireVendorConfig(p.VendorConfig),
		Speeddials: buttons.speed, BusyLampFields: buttons.lamps, BlfDirectedCallParks: buttons.parks, AddOnModules: buttons.mods,
	}
	writeKept(w, p.Kept)
	var out gen.AddDeviceProfileResponse
	return c.create(ctx, op, &gen.AddDeviceProfile{DeviceProfile: w}, &out, &out.Return_)
}

// UpdateDeviceProfile changes the fields that are not nil. Product and protocol
// cannot be changed and are not sent. Sending the same again changes nothing.
// Fails with uc.Invalid for an empty list of lines, which AXL has no word for,
// uc.NotFound when the profile or something it names does not exist,
// uc.Conflict when NewName is taken.
//
// Source: AXL 15.0 updateDeviceProfile.
func (c *Client) UpdateDeviceProfile(ctx context.Context, p DeviceProfile) error {
	const op = "updateDeviceProfile"
	if p.Name == "" {
		return c.invalid(op, "the name is missing")
	}
	if p.Lines != nil && len(*p.Lines) == 0 {
		return c.invalid(op, "the last line of a device profile cannot be taken off by an update")
	}
	if err := c.checkDeviceProfile(op, p); err != nil {
		return err
	}
	buttons := p.wire()
	w := &gen.UpdateDeviceProfile{
		Name: p.Name, NewName: p.NewName, Description: p.Description, Lines: wireLines(*value(p.Lines)), PhoneTemplateName: fk(p.ButtonTemplate),
		UserLocale: p.UserLocale, SoftkeyTemplateName: fk(p.SoftkeyTemplate), Services: wireServices(p.Services),
		VendorConfig: wireVendorConfig(p.VendorConfig), Speeddials: buttons.speed, BusyLampFields: buttons.lamps,
		BlfDirectedCallParks: buttons.parks, AddOnModules: buttons.mods,
	}
	writeKept(w, p.Kept)
	return c.call(ctx, op, w, &gen.UpdateDeviceProfileResponse{})
}

// RenameDeviceProfile gives the profile another name; its users keep it. Fails
// with uc.NotFound when there is no profile of the old name, uc.Conflict when
// the new one is taken. Sent again it fails with uc.NotFound.
//
// Source: AXL 15.0 updateDeviceProfile, newName.
func (c *Client) RenameDeviceProfile(ctx context.Context, old, name string) error {
	if name == "" {
		return c.invalid("updateDeviceProfile", "the new name is missing")
	}
	return c.UpdateDeviceProfile(ctx, DeviceProfile{Name: old, NewName: &name})
}

// RemoveDeviceProfile deletes the profile and leaves its lines behind. Fails
// with uc.NotFound when there is none.
//
// Source: AXL 15.0 removeDeviceProfile.
func (c *Client) RemoveDeviceProfile(ctx context.Context, name string) error {
	if name == "" {
		return c.invalid("removeDeviceProfile", "the name is missing")
	}
	return c.call(ctx, "removeDeviceProfile", &gen.RemoveDeviceProfile{Name: name}, &gen.RemoveDeviceProfileResponse{})
}

func (c *Client) checkDeviceProfile(op string, p DeviceProfile) error {
	if err := c.checkParts(op, *value(p.Lines), p.Services); err != nil {
		return err
	}
	if err := c.checkButtons(op, p.Buttons); err != nil {
		return err
	}
	if err := checkFragment(*value(p.VendorConfig)); err != nil {
		return c.invalid(op, "vendor config: "+err.Error())
	}
	return nil
}
