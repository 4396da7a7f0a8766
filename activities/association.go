package activities

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// AssociateUser gives the user the phones, the device profile, the groups and the
// flags of the template. What the user has besides stays: every list is read,
// merged and written. EnsureUser must have marked the user before.
func (a *CallProcessor) AssociateUser(ctx context.Context, in UserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.User.User.ID)
	if err != nil {
		return err
	}
	change, needed := association(in, have)
	if !needed {
		return nil
	}
	return c.UpdateUser(ctx, change)
}

// association is the update that brings the user to what the order wants.
func association(in UserIn, have axl.User) (axl.User, bool) {
	u := axl.User{
		UserID:            have.UserID,
		AssociatedDevices: merged(have.AssociatedDevices, in.Devices),
		PhoneProfiles:     merged(have.PhoneProfiles, []string{in.Profile}),
		Groups:            merged(have.Groups, in.User.Groups),
		UserLocale:        changed(in.User.Locale, have.UserLocale),
		ServiceProfile:    changed(in.User.ServiceProfile, have.ServiceProfile),
		SelfService:       changed(in.User.SelfService, have.SelfService),
		EnableCTI:         switchedOn(in.User.CTI, have.EnableCTI),
		EnableMobility:    switchedOn(in.User.Mobility, have.EnableMobility),
		IMPresence:        switchedOn(in.User.IMPresence, have.IMPresence),
		HomeCluster:       switchedOn(true, have.HomeCluster),
	}
	if in.User.CTI {
		u.CTIControlledDeviceProfiles = merged(have.CTIControlledDeviceProfiles, []string{in.Profile})
	}
	if val(have.DefaultProfile) == "" {
		u.DefaultProfile = axl.Set(in.Profile)
	}
	needed := u.AssociatedDevices != nil || u.PhoneProfiles != nil || u.Groups != nil ||
		u.UserLocale != nil || u.ServiceProfile != nil || u.SelfService != nil || u.EnableCTI != nil ||
		u.EnableMobility != nil || u.IMPresence != nil || u.HomeCluster != nil ||
		u.CTIControlledDeviceProfiles != nil || u.DefaultProfile != nil
	return u, needed
}

// merged is the list with what it lacks added; nil when it lacks nothing. Names of
// devices and groups are compared without case, as the call processor does.
func merged(have *[]string, add []string) *[]string {
	out := slices.Clone(val(have))
	for _, name := range add {
		if name != "" && !contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) == len(val(have)) {
		return nil
	}
	return &out
}

func contains(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func changed(want string, have *string) *string {
	if want == "" || want == val(have) {
		return nil
	}
	return &want
}

func switchedOn(want bool, have *bool) *bool {
	if !want || val(have) {
		return nil
	}
	return &want
}

// EnsurePrimaryExtension makes the number the user's primary extension. It comes
// after AssociateUser, in an update of its own: the call processor accepts only a
// line of a device that is already the user's.
func (a *CallProcessor) EnsurePrimaryExtension(ctx context.Context, in UserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.User.User.ID)
	if err != nil {
		return err
	}
	want := axl.Extension{Pattern: in.Number, Partition: in.Part}
	if sameExtension(val(have.PrimaryExtension), want) {
		return nil
	}
	return c.UpdateUser(ctx, axl.User{UserID: have.UserID, PrimaryExtension: &want})
}

// SetPIN gives the user a new random PIN that conforms to the policy, is known to
// nobody and must be changed. The PIN exists in this call only. Repeating it sets
// another one, which is as good.
func (a *CallProcessor) SetPIN(ctx context.Context, in UserIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	pin, err := newPIN(in.User.PINDigits, in.Number)
	if err != nil {
		return err
	}
	return c.UpdateUser(ctx, newPINOf(in.User.User.ID, pin))
}

// newPINOf is the update that sets a PIN which must be changed.
func newPINOf(userID, pin string) axl.User {
	return axl.User{UserID: userID, PIN: &pin, PINMustChange: axl.Set(true)}
}

// VerifyIn is the input of Verify.
type VerifyIn struct {
	On
	Services uc.Services `json:"services"`
}

// Verify reads everything back and fails with Conflict, naming the first
// difference, when the call processor does not hold what the order made.
func (a *CallProcessor) Verify(ctx context.Context, in VerifyIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	user, err := c.GetUser(ctx, in.Services.User.User.ID)
	if err != nil {
		return err
	}
	n := in.Services.Number
	if got, want := val(user.PrimaryExtension), (axl.Extension{Pattern: n.Digits, Partition: n.Partition}); !sameExtension(got, want) {
		return mismatch("user "+user.UserID, "primary extension", got.Pattern, want.Pattern)
	}
	if !contains(val(user.PhoneProfiles), in.Services.DeviceProfile.Name) {
		return mismatch("user "+user.UserID, "device profiles",
			strings.Join(val(user.PhoneProfiles), ", "), in.Services.DeviceProfile.Name)
	}
	line, err := c.GetLine(ctx, n.Digits, n.Partition)
	if err != nil {
		return err
	}
	for _, device := range devices(in.Services) {
		if !contains(line.AssociatedDevices, device) {
			return mismatch("line "+n.Digits, "devices", strings.Join(line.AssociatedDevices, ", "), device)
		}
	}
	return nil
}

// devices are the names of all that carry the line.
func devices(s uc.Services) []string {
	out := []string{s.DeviceProfile.Name}
	for _, p := range s.Phones {
		out = append(out, p.Name)
	}
	return out
}

func mismatch(object, field, got, want string) error {
	return &uc.Error{
		Kind: uc.Conflict, System: "cucm", Op: "verify",
		Detail: object + ": " + field + " is " + quoted(got) + " and should be or hold " + quoted(want) +
			": something else changed it meanwhile",
	}
}

func quoted(s string) string { return `"` + s + `"` }
