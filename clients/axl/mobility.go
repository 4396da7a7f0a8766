package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// DeviceLogin logs the user in on the phone with one of the user's device
// profiles, without end. The user logged in before, if any, is logged out.
// Fails with uc.NotFound when phone, profile or user does not exist.
//
// Source: AXL 15.0 doDeviceLogin.
func (c *Client) DeviceLogin(ctx context.Context, device, profile, userID string) error {
	if device == "" || profile == "" || userID == "" {
		return c.invalid("doDeviceLogin", "phone, profile and user must be given")
	}
	return c.call(ctx, "doDeviceLogin", &gen.DoDeviceLogin{
		DeviceName: fk(&device), LoginDuration: "0", ProfileName: fk(&profile), UserId: userID,
	}, &gen.DoDeviceLoginResponse{})
}

// DeviceLogout logs whoever is logged in out of the phone. Fails with
// uc.NotFound when the phone does not exist.
//
// Source: AXL 15.0 doDeviceLogout.
func (c *Client) DeviceLogout(ctx context.Context, device string) error {
	if device == "" {
		return c.invalid("doDeviceLogout", "the phone is missing")
	}
	return c.call(ctx, "doDeviceLogout", &gen.DoDeviceLogout{DeviceName: fk(&device)}, &gen.DoDeviceLogoutResponse{})
}
