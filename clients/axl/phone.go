package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// Phone is a desk phone (SEP…) or soft phone (CSF…, TCT…, BOT…, TAB…). A nil
// field is not sent, see Clear. GetPhone fills every field but NewName, AddLines
// and RemoveLines.
type Phone struct {
	UUID        UUID    // read only
	Name        string  // the key of every operation
	NewName     *string // update only: renames the phone
	Description *string

	Product  string // add only: "Cisco 8845", "Cisco Unified Client Services Framework"
	Protocol string // add only: "SIP" or "SCCP"

	DevicePool        *string // required to add
	Location          *string // add only fills it by itself: "Hub_None"
	CSS               *string
	CommonPhoneConfig *string // add only fills it by itself: "Standard Common Phone Profile"

	SecurityProfile, SIPProfile *string
	ButtonTemplate              *string // required to add
	SoftkeyTemplate             *string
	OwnerUser                   *string // "" = anonymous, a phone in a public space

	PresenceGroup, SubscribeCSS, RerouteCSS *string

	UserLocale     *string // "" = the default of the device pool
	DefaultProfile *string // device profile while nobody is logged in
	MobilityUser   *string
	EnableEM       *bool

	Lines                 *[]LineAppearance // replaced whole; never empty in an update
	AddLines, RemoveLines []LineAppearance  // update only, not together with Lines; removed by index and pattern

	Buttons
	Services     *[]Service // replaced whole
	VendorConfig *string    // inner XML of the product's own settings, replaced whole

	Kept Kept // nil for a new phone
}

const (
	defaultLocation          = "Hub_None"
	defaultCommonPhoneConfig = "Standard Common Phone Profile"
)

// GetPhone returns the phone as the server has it. Fails with uc.NotFound when
// there is none.
//
// Source: AXL 15.0 getPhone, RPhone.
func (c *Client) GetPhone(ctx context.Context, name string) (Phone, error) {
	if name == "" {
		return Phone{}, c.invalid("getPhone", "the name is missing")
	}
	var out gen.GetPhoneResponse
	if err := c.call(ctx, "getPhone", &gen.GetPhone{Name: name}, &out); err != nil {
		return Phone{}, err
	}
	if out.Return_ == nil || out.Return_.Phone == nil {
		return Phone{}, c.empty("getPhone")
	}
	return readPhone(out.Return_.Phone), nil
}

// AddPhone creates the phone, and bare lines for patterns that do not exist
// yet, and returns its id. Fails with uc.Conflict when the name is taken,
// uc.NotFound when something it names does not exist, uc.Invalid when the name
// or security profile does not fit the product.
//
// Source: AXL 15.0 addPhone, XPhone.
func (c *Client) AddPhone(ctx context.Context, p Phone) (UUID, error) {
	const op = "addPhone"
	if p.Name == "" || p.Product == "" || p.Protocol == "" || *value(p.DevicePool) == "" || *value(p.ButtonTemplate) == "" {
		return "", c.invalid(op, "name, product, protocol, device pool and button template must be given")
	}
	if len(p.AddLines)+len(p.RemoveLines) > 0 {
		return "", c.invalid(op, "a new phone's lines go into Lines")
	}
	if p.NewName != nil {
		return "", c.invalid(op, "a new phone cannot be renamed")
	}
	if err := c.checkPhone(op, p); err != nil {
		return "", err
	}
	if *value(p.Location) == "" {
		p.Location = Set(defaultLocation)
	}
	if *value(p.CommonPhoneConfig) == "" {
		p.CommonPhoneConfig = Set(defaultCommonPhoneConfig)
	}
	var out gen.AddPhoneResponse
	return c.create(ctx, op, &gen.AddPhone{Phone: wirePhone(p)}, &out, &out.Return_)
}

// UpdatePhone changes the fields that are not nil. Product and protocol cannot
// be changed and are not sent. Call ApplyPhone after it. Sending the same again
// changes nothing, but for AddLines. Fails with uc.Invalid for an empty Lines,
// which AXL has no word for: name what to take off in RemoveLines. Fails with
// uc.NotFound when the phone or something it names does not exist, uc.Conflict
// when NewName is taken.
//
// Source: AXL 15.0 updatePhone.
func (c *Client) UpdatePhone(ctx context.Context, p Phone) error {
	const op = "updatePhone"
	if p.Name == "" {
		return c.invalid(op, "the name is missing")
	}
	if p.Lines != nil && len(*p.Lines) == 0 {
		return c.invalid(op, "an empty list of lines cannot be sent; name the lines to remove")
	}
	if p.Lines != nil && len(p.AddLines)+len(p.RemoveLines) > 0 {
		return c.invalid(op, "lines are either replaced or added and removed")
	}
	if err := c.checkPhone(op, p); err != nil {
		return err
	}
	return c.call(ctx, op, wirePhoneUpdate(p), &gen.UpdatePhoneResponse{})
}

// RenamePhone gives the phone another name, which is how a broken desk phone is
// replaced by one of the same product: lines, buttons and associations stay.
// Fails with uc.NotFound when there is no phone of the old name, uc.Conflict
// when the new one is taken, uc.Invalid when it does not fit the product. Sent
// again it fails with uc.NotFound.
//
// Source: AXL 15.0 updatePhone, newName.
func (c *Client) RenamePhone(ctx context.Context, old, name string) error {
	if name == "" {
		return c.invalid("updatePhone", "the new name is missing")
	}
	return c.UpdatePhone(ctx, Phone{Name: old, NewName: &name})
}

// RemovePhone deletes the phone and leaves its lines behind. Fails with
// uc.NotFound when there is none.
//
// Source: AXL 15.0 removePhone.
func (c *Client) RemovePhone(ctx context.Context, name string) error {
	if name == "" {
		return c.invalid("removePhone", "the name is missing")
	}
	return c.call(ctx, "removePhone", &gen.RemovePhone{Name: name}, &gen.RemovePhoneResponse{})
}

// ApplyPhone makes a registered phone take over its configuration with the
// least disturbance. Idempotent. Fails with uc.NotFound when there is none.
//
// Source: AXL 15.0 applyPhone.
func (c *Client) ApplyPhone(ctx context.Context, name string) error {
	if name == "" {
		return c.invalid("applyPhone", "the name is missing")
	}
	return c.call(ctx, "applyPhone", &gen.ApplyPhone{Name: name}, &gen.ApplyPhoneResponse{})
}

// ResetPhone makes the phone register anew, as if it lost its power: calls
// drop. Fails with uc.NotFound when there is none.
//
// Source: AXL 15.0 resetPhone.
func (c *Client) ResetPhone(ctx context.Context, name string) error {
	if name == "" {
		return c.invalid("resetPhone", "the name is missing")
	}
	return c.call(ctx, "resetPhone", &gen.ResetPhone{Name: name}, &gen.ResetPhoneResponse{})
}

// RestartPhone makes the phone register anew without a power cycle. Fails with
// uc.NotFound when there is none.
//
// Source: AXL 15.0 restartPhone.
func (c *Client) RestartPhone(ctx context.Context, name string) error {
	if name == "" {
		return c.invalid("restartPhone", "the name is missing")
	}
	return c.call(ctx, "restartPhone", &gen.RestartPhone{Name: name}, &gen.RestartPhoneResponse{})
}

func (c *Client) checkPhone(op string, p Phone) error {
	for _, lines := range [][]LineAppearance{*value(p.Lines), p.AddLines, p.RemoveLines} {
		if err := c.checkParts(op, lines, p.Services); err != nil {
			return err
		}
	}
	if err := c.checkButtons(op, p.Buttons); err != nil {
		return err
	}
	if err := checkFragment(*value(p.VendorConfig)); err != nil {
		return c.invalid(op, "vendor config: "+err.Error())
	}
	return nil
}
