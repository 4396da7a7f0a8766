package axl

import (
	"context"
	"strconv"
)

// What uses what is asked of the database: no operation of AXL tells it, or
// only one object at a time. Every statement holds one key, which is hex digits
// and hyphens by its type; no name and no number is ever part of one.
//
// Source: CUCM data dictionary, the tables named in each statement.

// The classes of devices that have lines, in the words of AXL.
const (
	ClassPhone                    = classPhone
	ClassDeviceProfile            = classDeviceProfile
	ClassRemoteDestinationProfile = classRemoteDestinationProfile
)

// Device is a phone or profile as the database knows it.
type Device struct {
	UUID              UUID
	Name, Description string
	Class             string // one of the constants, another word for what has no name here
	Product           string
	Owner             string // user id of the owner, of the user for a remote destination profile; "" = none
}

// LineUse is a device that a line is on.
type LineUse struct {
	Device
	Index int // of the button, from 1
}

// LineGroup is a line group and the hunt lists that hunt through it.
type LineGroup struct {
	UUID      UUID
	Name      string
	HuntLists []string
}

// PickupGroup is a call pickup group.
type PickupGroup struct {
	UUID               UUID
	Name               string
	Pattern, Partition string
}

// Login is a phone that a user is logged in to by extension mobility.
type Login struct{ Phone, Profile string }

// UserRef names a user.
type UserRef struct {
	UUID   UUID
	UserID string
}

// UserDestination is a remote destination and the profile that carries it.
type UserDestination struct {
	UUID                       UUID
	Destination, Name, Profile string
}

const selectDevice = `SELECT d.pkid, d.name, d.description, tc.name AS deviceclass, tp.name AS product,
e.userid AS ownerid, me.userid AS mobilityid`

const fromDevice = ` FROM device d JOIN typeclass tc ON tc.enum = d.tkclass
LEFT JOIN typeproduct tp ON tp.enum = d.tkproduct LEFT JOIN enduser e ON e.pkid = d.fkenduser
LEFT JOIN enduser me ON me.pkid = d.fkenduser_mobility`

// PhonesOf returns the phones that the user owns, by name.
//
// Source: AXL 15.0 executeSQLQuery; tables device, typeclass, typeproduct, enduser.
func (c *Client) PhonesOf(ctx context.Context, user UUID) ([]Device, error) {
	var found []Device
	err := c.about(ctx, selectDevice+fromDevice+" WHERE d.tkclass = 1 AND d.fkenduser = ", user, " ORDER BY d.name",
		func(r Row) { found = append(found, readDevice(r)) })
	return found, err
}

// ControlledBy returns the phones that the user controls, by name, each with its
// owner.
//
// Source: AXL 15.0 executeSQLQuery; table enduserdevicemap and those of PhonesOf.
func (c *Client) ControlledBy(ctx context.Context, user UUID) ([]Device, error) {
	var found []Device
	err := c.about(ctx, selectDevice+fromDevice+
		" JOIN enduserdevicemap m ON m.fkdevice = d.pkid WHERE m.tkuserassociation = 1 AND m.fkenduser = ", user, " ORDER BY d.name",
		func(r Row) { found = append(found, readDevice(r)) })
	return found, err
}

// RemoteDestinationProfilesOf returns the user's remote destination profiles, by
// name.
//
// Source: AXL 15.0 executeSQLQuery; tables as of PhonesOf.
func (c *Client) RemoteDestinationProfilesOf(ctx context.Context, user UUID) ([]Device, error) {
	var found []Device
	err := c.about(ctx, selectDevice+fromDevice+" WHERE d.tkclass = 20 AND d.fkenduser_mobility = ", user, " ORDER BY d.name",
		func(r Row) { found = append(found, readDevice(r)) })
	return found, err
}

// RemoteDestinationsOf returns the remote destinations on the user's remote
// destination profiles, by number.
//
// Source: AXL 15.0 executeSQLQuery; tables remotedestination,
// remotedestinationdynamic, device.
func (c *Client) RemoteDestinationsOf(ctx context.Context, user UUID) ([]UserDestination, error) {
	var found []UserDestination
	err := c.about(ctx, `SELECT rd.pkid, rd.name, rdd.destination, d.name AS profile FROM remotedestination rd
JOIN remotedestinationdynamic rdd ON rdd.fkremotedestination = rd.pkid
JOIN device d ON d.pkid = rd.fkdevice_remotedestinationtemplate WHERE d.fkenduser_mobility = `, user, " ORDER BY rdd.destination",
		func(r Row) {
			found = append(found, UserDestination{
				UUID: readUUID(r.Get("pkid")), Destination: r.Get("destination"), Name: r.Get("name"), Profile: r.Get("profile"),
			})
		})
	return found, err
}

// DevicesOf returns every phone, device profile and remote destination profile
// that the line is on, by name.
//
// Source: AXL 15.0 executeSQLQuery; table devicenumplanmap and those of PhonesOf.
func (c *Client) DevicesOf(ctx context.Context, line UUID) ([]LineUse, error) {
	var found []LineUse
	err := c.about(ctx, selectDevice+", m.numplanindex AS button"+fromDevice+
		" JOIN devicenumplanmap m ON m.fkdevice = d.pkid WHERE m.fknumplan = ", line, " ORDER BY d.name",
		func(r Row) {
			use := LineUse{Device: readDevice(r)}
			if n, err := strconv.Atoi(r.Get("button")); err == nil {
				use.Index = n
			}
			found = append(found, use)
		})
	return found, err
}

// LineGroupsOf returns the line groups that the line is a member of, by name,
// each with its hunt lists.
//
// Source: AXL 15.0 executeSQLQuery; tables linegroupnumplanmap, linegroup,
// routelist, device.
func (c *Client) LineGroupsOf(ctx context.Context, line UUID) ([]LineGroup, error) {
	var found []LineGroup
	err := c.about(ctx, `SELECT lg.pkid, lg.name, hl.name AS huntlist FROM linegroupnumplanmap m
JOIN linegroup lg ON lg.pkid = m.fklinegroup LEFT JOIN routelist rl ON rl.fklinegroup = lg.pkid
LEFT JOIN device hl ON hl.pkid = rl.fkdevice WHERE m.fknumplan = `, line, " ORDER BY lg.name, hl.name",
		func(r Row) {
			id := readUUID(r.Get("pkid"))
			if n := len(found); n == 0 || found[n-1].UUID != id {
				found = append(found, LineGroup{UUID: id, Name: r.Get("name")})
			}
			if list := r.Get("huntlist"); list != "" {
				group := &found[len(found)-1]
				group.HuntLists = append(group.HuntLists, list)
			}
		})
	return found, err
}

// PickupGroupsOf returns the call pickup group that the line is in, none or one.
//
// Source: AXL 15.0 executeSQLQuery; tables pickupgrouplinemap, pickupgroup,
// numplan, routepartition.
func (c *Client) PickupGroupsOf(ctx context.Context, line UUID) ([]PickupGroup, error) {
	var found []PickupGroup
	err := c.about(ctx, `SELECT pg.pkid, pg.name, n.dnorpattern AS pattern, rp.name AS partitionname FROM pickupgrouplinemap m
JOIN pickupgroup pg ON pg.pkid = m.fkpickupgroup LEFT JOIN numplan n ON n.pkid = pg.fknumplan_pickup
LEFT JOIN routepartition rp ON rp.pkid = n.fkroutepartition WHERE m.fknumplan_line = `, line, " ORDER BY pg.name",
		func(r Row) {
			found = append(found, PickupGroup{
				UUID: readUUID(r.Get("pkid")), Name: r.Get("name"), Pattern: readPattern(r.Get("pattern")), Partition: r.Get("partitionname"),
			})
		})
	return found, err
}

// LoggedIn returns the phones that the user is logged in to, by name.
//
// Source: AXL 15.0 executeSQLQuery; tables extensionmobilitydynamic, device.
func (c *Client) LoggedIn(ctx context.Context, user UUID) ([]Login, error) {
	var found []Login
	err := c.about(ctx, `SELECT d.name AS phone, p.name AS profile FROM extensionmobilitydynamic x
JOIN device d ON d.pkid = x.fkdevice LEFT JOIN device p ON p.pkid = x.fkdevice_currentloginprofile
WHERE x.fkenduser = `, user, " ORDER BY d.name",
		func(r Row) { found = append(found, Login{Phone: r.Get("phone"), Profile: r.Get("profile")}) })
	return found, err
}

// LoginsAt returns who is logged in to the phone by extension mobility: nobody or one.
//
// Source: AXL 15.0 executeSQLQuery; tables extensionmobilitydynamic, enduser.
func (c *Client) LoginsAt(ctx context.Context, phone UUID) ([]UserRef, error) {
	var found []UserRef
	err := c.about(ctx, `SELECT e.pkid, e.userid FROM extensionmobilitydynamic x
JOIN enduser e ON e.pkid = x.fkenduser WHERE x.fkdevice = `, phone, " ORDER BY e.userid",
		func(r Row) {
			found = append(found, UserRef{UUID: readUUID(r.Get("pkid")), UserID: r.Get("userid")})
		})
	return found, err
}

// UsersOf returns the users who are associated with the phone or profile in any
// way, each once, by user id: who controls it, and whose profile it is. An owner
// who is nothing else is not among them, see Device.Owner.
//
// Source: AXL 15.0 executeSQLQuery; tables enduserdevicemap, enduser.
func (c *Client) UsersOf(ctx context.Context, device UUID) ([]UserRef, error) {
	var found []UserRef
	err := c.about(ctx, `SELECT DISTINCT e.pkid, e.userid FROM enduserdevicemap m
JOIN enduser e ON e.pkid = m.fkenduser WHERE m.fkdevice = `, device, " ORDER BY e.userid",
		func(r Row) {
			found = append(found, UserRef{UUID: readUUID(r.Get("pkid")), UserID: r.Get("userid")})
		})
	return found, err
}

// about asks one question about one object.
func (c *Client) about(ctx context.Context, head string, key UUID, tail string, row func(Row)) error {
	if !key.Valid() {
		return c.invalid("executeSQLQuery", "the key is "+strconv.Quote(string(key))+", not that of an object")
	}
	return c.QuerySQL(ctx, head+"'"+string(key)+"'"+tail, func(r Row) error { row(r); return nil })
}

func readDevice(r Row) Device {
	d := Device{
		UUID: readUUID(r.Get("pkid")), Name: r.Get("name"), Description: r.Get("description"),
		Class: r.Get("deviceclass"), Product: r.Get("product"), Owner: r.Get("ownerid"),
	}
	if d.Class == ClassRemoteDestinationProfile {
		d.Owner = r.Get("mobilityid")
	}
	return d
}
