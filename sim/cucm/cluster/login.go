package cluster

import (
	"context"
	"strconv"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// deviceLogin logs a user into a phone with a device profile. It is a database
// operation: no timer logs out again. Source: AXL 15.0 doDeviceLogin, public EM
// samples; assumed: texts, and loginDuration in minutes.
func deviceLogin(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "deviceName!", "loginDuration!", "profileName!", "userId!"); err != nil {
			return err
		}
	}
	phone, err := r.deviceNamed(ctx, "deviceName", "phone")
	if err != nil {
		return err
	}
	profile, err := r.deviceNamed(ctx, "profileName", "deviceProfile")
	if err != nil {
		return err
	}
	userID := r.in.Value("userId")
	user, err := r.byName(ctx, "enduser", userID)
	if err != nil {
		return err
	}
	var enabled string
	if _, err := r.conn.Get(ctx, []any{&enabled}, "SELECT allowhotelingflag FROM device WHERE pkid = ?",
		phone); err != nil {
		return err
	}
	if enabled != "t" {
		return soap.Faultf(soap.CodeDenied, "Extension Mobility is not enabled on device %s",
			r.in.Value("deviceName"))
	}
	var has int
	found, err := r.conn.Get(ctx, []any{&has},
		`SELECT 1 FROM enduserdevicemap WHERE fkenduser = ? AND fkdevice = ?
		AND tkuserassociation = 5`, user, profile)
	if err != nil {
		return err
	}
	if !found {
		return soap.Faultf(soap.CodeDenied, "Device profile %s is not associated with user %s",
			r.in.Value("profileName"), userID)
	}
	minutes, err := strconv.Atoi(r.in.Value("loginDuration"))
	if err != nil || minutes < 0 {
		return soap.Invalid("Element 'loginDuration': The value '%s' is not a valid nonNegativeInteger.",
			r.in.Value("loginDuration"))
	}
	if _, err := r.conn.Exec(ctx, `INSERT INTO extensionmobilitydynamic
		(pkid, fkdevice, fkdevice_currentloginprofile, fkenduser, logintime, loginduration)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (fkdevice) DO UPDATE SET
		fkdevice_currentloginprofile = excluded.fkdevice_currentloginprofile,
		fkenduser = excluded.fkenduser, logintime = excluded.logintime, loginduration = excluded.loginduration`,
		store.NewID(), phone, profile, user, time.Now().Unix(), minutes); err != nil {
		return err
	}
	r.changed('u', "Phone", phone)
	return r.answer(phone)
}

// deviceLogout ends a login; a phone nobody is logged into is a fault.
//
// assumed: that it is, and its text.
func deviceLogout(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "deviceName!"); err != nil {
			return err
		}
	}
	phone, err := r.deviceNamed(ctx, "deviceName", "phone")
	if err != nil {
		return err
	}
	gone, err := r.conn.Exec(ctx, "DELETE FROM extensionmobilitydynamic WHERE fkdevice = ?", phone)
	if err != nil {
		return err
	}
	if gone == 0 {
		return soap.Faultf(soap.CodeDenied, "No user is logged in to device %s", r.in.Value("deviceName"))
	}
	r.changed('u', "Phone", phone)
	return r.answer(phone)
}

// deviceNamed resolves a device by the child's text or uuid attribute and demands
// its kind.
func (r *request) deviceNamed(ctx context.Context, child, object string) (string, error) {
	k := r.in.Kid(child)
	id, err := r.reference(ctx, &schema.Element{Arg: "device"}, k)
	if err != nil {
		return "", err
	}
	var got string
	found, err := r.conn.Get(ctx, []any{&got}, "SELECT pkid FROM device WHERE pkid = ? AND sim_object = ?", id,
		object)
	if err == nil && !found {
		name := child
		if k != nil {
			name = k.Text
		}
		err = soap.NotFound(name)
	}
	return got, err
}

func readLogin(ctx context.Context, r *request, id string, e *schema.Element) error {
	var profile, name, user, since, minutes string
	if _, err := r.conn.Get(ctx, []any{&profile, &name, &user, &since, &minutes},
		`SELECT d.pkid, d.name, u.userid, x.logintime, x.loginduration
		FROM extensionmobilitydynamic x JOIN device d ON d.pkid = x.fkdevice_currentloginprofile
		JOIN enduser u ON u.pkid = x.fkenduser WHERE x.fkdevice = ?`, id); err != nil {
		return err
	}
	switch e.Name {
	case "currentProfileName":
		r.out.FK(e.Name, name, profile)
	case "loginTime":
		r.out.Leaf(e.Name, since)
	case "loginDuration":
		r.out.Leaf(e.Name, minutes)
	default:
		if r.op.object.Op != "DeviceProfile" {
			r.out.Leaf(e.Name, user)
		}
	}
	return nil
}

func readCurrent(ctx context.Context, r *request, id string, e *schema.Element) error {
	var name string
	var model int
	if _, err := r.conn.Get(ctx, []any{&name, &model},
		"SELECT name, ifnull(tkmodel, 0) FROM device WHERE pkid = ?", id); err != nil {
		return err
	}
	r.out.Open(e.Name)
	r.out.Leaf("deviceName", name)
	r.out.Leaf("model", store.Word("typemodel", model))
	r.out.Close()
	return nil
}
