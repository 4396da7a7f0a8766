package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// Extension is a line named by a user or a remote destination.
type Extension struct{ Pattern, Partition string }

// UserExtension is one of the further extensions of a user.
type UserExtension struct {
	Extension
	SortOrder  int
	PrimaryURI string // "" = none
}

// User is an end user. A nil field is not sent, see Clear. Lists replace what
// the server has: read, change, send back. GetUser fills every field but the
// three that are only written.
type User struct {
	UUID      UUID    // read only
	UserID    string  // the key of every operation; its case as the server has it
	NewUserID *string // update only: renames the user

	FirstName, LastName, DisplayName, MailID, Department, Title, Manager, TelephoneNumber,
	MobileNumber, DirectoryURI *string

	UserLocale *string // "" = the default of the enterprise

	PIN           *string // write only, never read back, never part of an error
	PINMustChange *bool   // write only

	AssociatedDevices *[]string  // devices the user controls
	PrimaryExtension  *Extension // on an associated device or profile; the zero value clears it
	Extensions        *[]UserExtension
	Groups            *[]string // access control groups

	EnableCTI, EnableMobility, EnableMobileVoiceAccess, HomeCluster, IMPresence *bool

	PhoneProfiles               *[]string // device profiles for extension mobility
	DefaultProfile              *string   // one of PhoneProfiles
	CTIControlledDeviceProfiles *[]string

	PresenceGroup *string // add only fills it by itself: "Standard Presence group"
	SubscribeCSS  *string
	ServiceProfile, SelfService,
	UserProfile *string

	RemoteDestinationProfiles []string // read only

	Kept Kept // nil for a new user

	LDAPDirectory string // read only: the agreement that owns the user, "" = local
	Status        string // read only: "1" active, "2" vanished from the directory
}

const defaultPresenceGroup = "Standard Presence group"

// GetUser returns the user as the server has it. Fails with uc.NotFound when
// there is none.
//
// Source: AXL 15.0 getUser, RUser.
func (c *Client) GetUser(ctx context.Context, userID string) (User, error) {
	if userID == "" {
		return User{}, c.invalid("getUser", "the user id is missing")
	}
	var out gen.GetUserResponse
	if err := c.call(ctx, "getUser", &gen.GetUser{Userid: userID}, &out); err != nil {
		return User{}, err
	}
	if out.Return_ == nil || out.Return_.User == nil {
		return User{}, c.empty("getUser")
	}
	return readUser(out.Return_.User), nil
}

// AddUser creates a local user and returns its id. Fails with uc.Invalid
// without a last name, uc.Conflict when the user id is taken, uc.NotFound when
// something it names does not exist.
//
// Source: AXL 15.0 addUser, XUser.
func (c *Client) AddUser(ctx context.Context, u User) (UUID, error) {
	switch {
	case u.UserID == "":
		return "", c.invalid("addUser", "the user id is missing")
	case *value(u.LastName) == "":
		return "", c.invalid("addUser", "the last name is missing")
	case u.NewUserID != nil:
		return "", c.invalid("addUser", "a new user cannot be renamed")
	}
	if *value(u.PresenceGroup) == "" {
		u.PresenceGroup = Set(defaultPresenceGroup)
	}
	var out gen.AddUserResponse
	return c.create(ctx, "addUser", &gen.AddUser{User: wireUser(u)}, &out, &out.Return_, *value(u.PIN))
}

// UpdateUser changes the fields that are not nil. Sending the same again
// changes nothing but the PIN's history. Fails with uc.NotFound when the user
// or something it names does not exist.
//
// Source: AXL 15.0 updateUser.
func (c *Client) UpdateUser(ctx context.Context, u User) error {
	if u.UserID == "" {
		return c.invalid("updateUser", "the user id is missing")
	}
	return c.call(ctx, "updateUser", wireUserUpdate(u), &gen.UpdateUserResponse{}, *value(u.PIN))
}

// RenameUser gives a local user another user id; everything that refers to the
// user stays. Fails with uc.NotFound when there is no user of the old id,
// uc.Conflict when the new one is taken, uc.Invalid when a directory owns the
// user. Sent again it fails with uc.NotFound.
//
// Source: AXL 15.0 updateUser, newUserid.
func (c *Client) RenameUser(ctx context.Context, old, userID string) error {
	if userID == "" {
		return c.invalid("updateUser", "the new user id is missing")
	}
	return c.UpdateUser(ctx, User{UserID: old, NewUserID: &userID})
}

// RemoveUser deletes a local user. Fails with uc.NotFound when there is none.
//
// Source: AXL 15.0 removeUser.
func (c *Client) RemoveUser(ctx context.Context, userID string) error {
	if userID == "" {
		return c.invalid("removeUser", "the user id is missing")
	}
	return c.call(ctx, "removeUser", &gen.RemoveUser{Userid: userID}, &gen.RemoveUserResponse{})
}

// AuthenticateUser reports whether this is the user's PIN. A wrong PIN is
// false without an error, and counts towards the lock of the credential policy.
//
// Source: AXL 15.0 doAuthenticateUser.
func (c *Client) AuthenticateUser(ctx context.Context, userID, pin string) (bool, error) {
	if userID == "" || pin == "" {
		return false, c.invalid("doAuthenticateUser", "the user id or the PIN is missing")
	}
	var out gen.DoAuthenticateUserResponse
	err := c.call(ctx, "doAuthenticateUser", &gen.DoAuthenticateUser{Userid: userID, Pin: Set(pin)}, &out, pin)
	if err != nil {
		if notAuthenticated(err) {
			return false, nil
		}
		return false, err
	}
	return out.Return_ != nil && *value(out.Return_.UserAuthenticated), nil
}
