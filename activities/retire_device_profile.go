package activities

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// RetireProfileIn is the input of RetireProfile.
type RetireProfileIn struct {
	On
	Name   string               `json:"name"`
	UserID string               `json:"userId"`         // whose it was
	Keep   bool                 `json:"keep,omitempty"` // the profile stays without the lines
	Lines  []uc.DirectoryNumber `json:"lines"`          // the person's: taken off a profile that stays
}

// RetireProfile removes the person's device profile. One that stood there before the
// person, or that shall be kept, only loses the lines; its last one goes with the
// line itself, for an update cannot empty the list. One that another user has stays
// as it is.
func (a *CallProcessor) RetireProfile(ctx context.Context, in RetireProfileIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	have, err := c.GetDeviceProfile(ctx, in.Name)
	if err != nil {
		return Retired{}, gone(err)
	}
	others, err := otherUsers(ctx, c, have.UUID, in.UserID)
	if err != nil {
		return Retired{}, err
	}
	if len(others) > 0 {
		return kept(ctx, "device profile %s is a profile of %s too", have.Name, strings.Join(others, ", ")), nil
	}
	known, err := a.origins(ctx, in.UserID, in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	var before axl.DeviceProfile
	adopted, err := known.adopted(objectProfile, in.Name, &before)
	if err != nil {
		return Retired{}, err
	}
	if !adopted && !in.Keep {
		return Retired{}, gone(c.RemoveDeviceProfile(ctx, have.Name))
	}
	lines, all := val(have.Lines), false
	for _, n := range in.Lines {
		var changed bool
		lines, changed = linesBack(n, val(before.Lines), lines)
		all = all || changed
	}
	if !all || len(lines) == 0 {
		return Retired{}, nil
	}
	return Retired{}, gone(c.UpdateDeviceProfile(ctx, axl.DeviceProfile{Name: have.Name, Lines: &lines}))
}

// otherUsers are the users besides the one who control the device or have the profile.
func otherUsers(ctx context.Context, c *axl.Client, device axl.UUID, userID string) ([]string, error) {
	users, err := c.UsersOf(ctx, device)
	var others []string
	for _, u := range users {
		if !same(u.UserID, userID) {
			others = append(others, u.UserID)
		}
	}
	return others, err
}
