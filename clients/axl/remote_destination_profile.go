package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// RemoteDestinationProfile carries the lines that ring a user's remote
// destinations too. A nil field is not sent, see Clear.
// GetRemoteDestinationProfile fills every field but NewName.
type RemoteDestinationProfile struct {
	UUID        UUID    // read only
	Name        string  // the key of every operation
	NewName     *string // update only: renames the profile
	Description *string

	User       *string // user id; required to add, and the user must have mobility enabled for a destination
	DevicePool *string // required to add
	CSS        *string
	RerouteCSS *string // the calls to the remote destinations go out with it

	UserLocale *string // "" = the default of the device pool

	Lines *[]LineAppearance // replaced whole; never empty in an update

	Kept Kept // nil for a new profile
}

// GetRemoteDestinationProfile returns the profile as the server has it. Fails
// with uc.NotFound when there is none.
//
// Source: AXL 15.0 getRemoteDestinationProfile, RRemoteDestinationProfile.
func (c *Client) GetRemoteDestinationProfile(ctx context.Context, name string) (RemoteDestinationProfile, error) {
	const op = "getRemoteDestinationProfile"
	if name == "" {
		return RemoteDestinationProfile{}, c.invalid(op, "the name is missing")
	}
	var out gen.GetRemoteDestinationProfileResponse
	if err := c.call(ctx, op, &gen.GetRemoteDestinationProfile{Name: name}, &out); err != nil {
		return RemoteDestinationProfile{}, err
	}
	if out.Return_ == nil || out.Return_.RemoteDestinationProfile == nil {
		return RemoteDestinationProfile{}, c.empty(op)
	}
	w := out.Return_.RemoteDestinationProfile
	return RemoteDestinationProfile{
		UUID: readUUID(w.Uuid), Name: w.Name, Description: value(w.Description), User: value(w.UserId),
		DevicePool: refName(w.DevicePoolName), CSS: refName(w.CallingSearchSpaceName),
		RerouteCSS: refName(w.RerouteCallingSearchSpaceName), Lines: readLines(w.Lines),
		UserLocale: value(w.UserLocale), Kept: readKept(w),
	}, nil
}

// AddRemoteDestinationProfile creates the profile, and bare lines for patterns
// that do not exist yet, and returns its id. Fails with uc.Conflict when the
// name is taken, uc.NotFound when something it names does not exist.
//
// Source: AXL 15.0 addRemoteDestinationProfile, XRemoteDestinationProfile.
func (c *Client) AddRemoteDestinationProfile(ctx context.Context, p RemoteDestinationProfile) (UUID, error) {
	const op = "addRemoteDestinationProfile"
	if p.Name == "" || *value(p.User) == "" || *value(p.DevicePool) == "" {
		return "", c.invalid(op, "name, user and device pool must be given")
	}
	if p.NewName != nil {
		return "", c.invalid(op, "a new profile cannot be renamed")
	}
	if err := c.checkParts(op, *value(p.Lines), nil); err != nil {
		return "", err
	}
	w := &gen.RemoteDestinationProfile{
		Name: p.Name, Description: p.Description, Product: Set(classRemoteDestinationProfile),
		Class: Set(classRemoteDestinationProfile), Protocol: Set(protocolRemoteDestination), ProtocolSide: Set(sideUser),
		CallingSearchSpaceName: fk(p.CSS), DevicePoolName: fk(p.DevicePool), Lines: wireLines(*value(p.Lines)),
		CallInfoPrivacyStatus: Set(statusDefault), UserId: p.User, RerouteCallingSearchSpaceName: fk(p.RerouteCSS),
		UserLocale: p.UserLocale,
	}
	writeKept(w, p.Kept)
	var out gen.AddRemoteDestinationProfileResponse
	return c.create(ctx, op, &gen.AddRemoteDestinationProfile{RemoteDestinationProfile: w}, &out, &out.Return_)
}

// UpdateRemoteDestinationProfile changes the fields that are not nil. Sending
// the same again changes nothing. Fails with uc.Invalid for an empty list of
// lines, which AXL has no word for, uc.NotFound when the profile or something
// it names does not exist, uc.Conflict when NewName is taken.
//
// Source: AXL 15.0 updateRemoteDestinationProfile.
func (c *Client) UpdateRemoteDestinationProfile(ctx context.Context, p RemoteDestinationProfile) error {
	const op = "updateRemoteDestinationProfile"
	if p.Name == "" {
		return c.invalid(op, "the name is missing")
	}
	if p.Lines != nil && len(*p.Lines) == 0 {
		return c.invalid(op, "the last line of a remote destination profile cannot be taken off by an update")
	}
	if err := c.checkParts(op, *value(p.Lines), nil); err != nil {
		return err
	}
	w := &gen.UpdateRemoteDestinationProfile{
		Name: p.Name, NewName: p.NewName, Description: p.Description, CallingSearchSpaceName: fk(p.CSS),
		DevicePoolName: fk(p.DevicePool), Lines: wireLines(*value(p.Lines)), UserId: p.User,
		RerouteCallingSearchSpaceName: fk(p.RerouteCSS), UserLocale: p.UserLocale,
	}
	writeKept(w, p.Kept)
	return c.call(ctx, op, w, &gen.UpdateRemoteDestinationProfileResponse{})
}

// RenameRemoteDestinationProfile gives the profile another name; its remote
// destinations stay on it. Fails with uc.NotFound when there is no profile of
// the old name, uc.Conflict when the new one is taken. Sent again it fails with
// uc.NotFound.
//
// Source: AXL 15.0 updateRemoteDestinationProfile, newName.
func (c *Client) RenameRemoteDestinationProfile(ctx context.Context, old, name string) error {
	if name == "" {
		return c.invalid("updateRemoteDestinationProfile", "the new name is missing")
	}
	return c.UpdateRemoteDestinationProfile(ctx, RemoteDestinationProfile{Name: old, NewName: &name})
}

// RemoveRemoteDestinationProfile deletes the profile and leaves its lines
// behind; remove its remote destinations first. Fails with uc.NotFound when
// there is none.
//
// Source: AXL 15.0 removeRemoteDestinationProfile.
func (c *Client) RemoveRemoteDestinationProfile(ctx context.Context, name string) error {
	const op = "removeRemoteDestinationProfile"
	if name == "" {
		return c.invalid(op, "the name is missing")
	}
	return c.call(ctx, op, &gen.RemoveRemoteDestinationProfile{Name: name}, &gen.RemoveRemoteDestinationProfileResponse{})
}
