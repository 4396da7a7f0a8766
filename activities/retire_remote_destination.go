package activities

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl"
)

// RetireDestinationIn is the input of RetireRemoteDestination.
type RetireDestinationIn struct {
	On
	Destination string `json:"destination"`
	UserID      string `json:"userId"` // whose it was
}

// RetireRemoteDestination removes the person's remote destination. One that is another
// user's by now stays.
func (a *CallProcessor) RetireRemoteDestination(ctx context.Context, in RetireDestinationIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	have, err := c.GetRemoteDestination(ctx, in.Destination)
	if err != nil {
		return Retired{}, gone(err)
	}
	if owner := val(have.Owner); owner != "" && !same(owner, in.UserID) {
		return kept(ctx, "remote destination %s is %s's", in.Destination, owner), nil
	}
	return Retired{}, gone(c.RemoveRemoteDestination(ctx, in.Destination))
}

// RetireCarrierIn is the input of RetireRemoteDestinationProfile.
type RetireCarrierIn struct {
	On
	Name   string `json:"name"`
	UserID string `json:"userId"` // whose it was
}

// RetireRemoteDestinationProfile removes the person's remote destination profile with
// the remote destinations that came onto it meanwhile. One that is another user's by
// now stays.
func (a *CallProcessor) RetireRemoteDestinationProfile(ctx context.Context, in RetireCarrierIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	have, err := c.GetRemoteDestinationProfile(ctx, in.Name)
	if err != nil {
		return Retired{}, gone(err)
	}
	if user := val(have.User); user != "" && !same(user, in.UserID) {
		return kept(ctx, "remote destination profile %s is %s's", have.Name, user), nil
	}
	if err := emptyCarrier(ctx, c, have.Name); err != nil {
		return Retired{}, err
	}
	return Retired{}, gone(c.RemoveRemoteDestinationProfile(ctx, have.Name))
}

func emptyCarrier(ctx context.Context, c *axl.Client, name string) error {
	destinations, err := c.ListRemoteDestinations(ctx, name)
	if err != nil {
		return err
	}
	for _, d := range destinations {
		if err := gone(c.RemoveRemoteDestination(ctx, d)); err != nil {
			return err
		}
	}
	return nil
}
