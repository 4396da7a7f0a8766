package cluster

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// The kinds of rows in enduserdevicemap. Source: public queries.
const (
	controls    = 1 // associatedDevices
	hasProfile  = 5 // phoneProfiles
	ctiProfiles = 7 // ctiControlledDeviceProfiles
)

// The kinds of rows in endusernumplanmap. Source: public queries.
const (
	primaryNumber = 1
	ipccNumber    = 2
)

var userRules = rules{
	before: beforeUser,
	after:  afterUser,
	remove: func(ctx context.Context, r *request, id string) error { return r.checkRank(ctx, id, "remove") },
	write: map[string]func(context.Context, *request, string, *soap.Node) error{
		"associatedDevices":           associate("device", controls, "phone", "ctiRoutePoint"),
		"phoneProfiles":               associate("profileName", hasProfile, "deviceProfile"),
		"ctiControlledDeviceProfiles": associate("profileName", ctiProfiles, "deviceProfile"),
		"associatedGroups":            writeGroups,
		"password":                    writeSecret(password),
		"pin":                         writeSecret(pin),
		"passwordCredentials":         writeCredentials(password),
		"pinCredentials":              writeCredentials(pin),
		"extensionsInfo":              writeExtensions(true, true),
		"addExtensionsInfo":           writeExtensions(false, true),
		"removeExtensionsInfo":        writeExtensions(false, false),
		"ipccExtension":               writeIPCC,
		"addAssociatedHeadsets":       editRaw("enduser", "raw_associatedheadsets", true),
		"removeAssociatedHeadsets":    editRaw("enduser", "raw_associatedheadsets", false),
	},
	read: map[string]func(context.Context, *request, string, *schema.Element) error{
		"associatedDevices":                   readAssociations("device", controls, false),
		"phoneProfiles":                       readAssociations("profileName", hasProfile, true),
		"ctiControlledDeviceProfiles":         readAssociations("profileName", ctiProfiles, true),
		"primaryExtension":                    readPrimaryExtension,
		"associatedGroups":                    readGroups,
		"associatedRemoteDestinationProfiles": readProfilesOfMobility,
		"password":                            readEmpty,
		"pin":                                 readEmpty,
		"passwordCredentials":                 readCredentials(password),
		"pinCredentials":                      readCredentials(pin),
		"extensionsInfo":                      readExtensions,
		"ipccExtension":                       readIPCC,
		"ipccRoutePartition":                  readIPCC,
	},
}

func readEmpty(_ context.Context, r *request, _ string, e *schema.Element) error {
	r.out.Leaf(e.Name, "")
	return nil
}

func beforeUser(ctx context.Context, r *request, n *soap.Node, row *row, id string) error {
	if ldap, ok := row.get("fkdirectorypluginconfig"); ok {
		row.set("islocaluser", store.Flag(ldap == nil))
	}
	if id == "" {
		if strings.TrimSpace(row.text("userid")) == "" {
			return soap.Faultf(soap.CodeNull, "Cannot insert a null into column (enduser.userid).")
		}
		if k := n.Kid("primaryExtension"); k != nil && k.Value("pattern") != "" {
			return notOnDevice(k.Value("pattern"))
		}
		return r.standard(row, "fkmatrix_presence", "matrix", "Standard Presence group")
	}
	if err := r.checkRank(ctx, id, "update"); err != nil {
		return err
	}
	if err := r.checkOwnership(ctx, n, row, id); err != nil {
		return err
	}
	if k := n.Kid("primaryExtension"); k != nil {
		return r.setPrimaryExtension(ctx, id, k)
	}
	return nil
}

// standard fills in a reference that a lenient request may leave out. Source:
// recorded requests of public clients that CUCM 11.5 accepted without it.
func (r *request) standard(row *row, col, table, name string) error {
	if v, ok := row.get(col); ok && v != nil {
		return nil
	}
	if id, ok := r.db.ID(table, name); ok {
		row.set(col, id)
	}
	return nil
}

// checkRank refuses to touch a user of a higher rank than the account's.
// Source: recorded fault 5003; assumed: a user's rank is the best of its groups'.
func (r *request) checkRank(ctx context.Context, id, verb string) error {
	var rank int
	_, err := r.conn.Get(ctx, []any{&rank}, `SELECT ifnull(min(g.userrank), 10) FROM enduserdirgroupmap m
		JOIN dirgroup g ON g.pkid = m.fkdirgroup WHERE m.fkenduser = ?`, id)
	if err == nil && r.rank > rank {
		err = soap.Faultf(soap.CodeDenied, "You do not have the privilege to %s this End User as you have lower User Rank", verb)
	}
	return err
}

// synced are the elements a directory owns once a user is synchronised. Source:
// administration guide, LDAP chapter; password because it is the directory's.
var synced = []string{
	"firstName", "middleName", "lastName", "displayName", "newUserid", "password", "mailid", "department", "manager",
	"directoryUri", "telephoneNumber", "title", "mobileNumber", "homeNumber", "pagerNumber",
}

// checkOwnership refuses synced elements for an LDAP user, unless the request
// makes the user a local one.
//
// assumed: the fault's code and text, and that an unchanged value is refused too.
func (r *request) checkOwnership(ctx context.Context, n *soap.Node, row *row, id string) error {
	var owned bool
	var userid string
	if _, err := r.conn.Get(ctx, []any{&userid, &owned},
		"SELECT userid, fkdirectorypluginconfig IS NOT NULL FROM enduser WHERE pkid = ?", id); err != nil {
		return err
	}
	if n.Kid("convertUserAccount") != nil && owned {
		row.set("fkdirectorypluginconfig", nil)
		row.set("islocaluser", "t")
		return nil
	}
	if !owned {
		return nil
	}
	for _, name := range synced {
		if n.Kid(name) == nil {
			continue
		}
		msg := r.opts.ReadOnlyText
		if msg == "" {
			msg = "Cannot update " + name + " of user " + userid + ": it is synchronized from LDAP"
		}
		return soap.Faultf(soap.CodeDenied, "%s", msg)
	}
	return nil
}

// afterUser drops what the new associations no longer carry.
//
// assumed: that CUCM clears the primary extension and the default profile then.
func afterUser(ctx context.Context, r *request, id string) error {
	if _, err := r.conn.Exec(ctx, dropPrimary+" AND fkenduser = ?", "", id); err != nil {
		return err
	}
	_, err := r.conn.Exec(ctx, `UPDATE enduser SET fkdevice_defaultprofile = NULL 
		WHERE pkid = ? AND fkdevice_defaultprofile IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM enduserdevicemap m WHERE m.fkenduser = enduser.pkid
			AND m.fkdevice = enduser.fkdevice_defaultprofile AND m.tkuserassociation = 5)`, id)
	return err
}

// dropPrimary deletes primary extensions that no associated device carries, a
// device about to go (the first argument) not counted.
const dropPrimary = `DELETE FROM endusernumplanmap WHERE tkdnusage = 1 AND NOT EXISTS (
	SELECT 1 FROM devicenumplanmap l JOIN enduserdevicemap a ON a.fkdevice = l.fkdevice
	WHERE l.fknumplan = endusernumplanmap.fknumplan AND a.fkenduser = endusernumplanmap.fkenduser
	AND l.fkdevice <> ?)`

// associate replaces one kind of association by the list of names. Source: AXL
// has no add or remove form of these lists; public clients warn that a partial
// list wipes the rest.
func associate(child string, kind int, objects ...string) func(context.Context, *request, string, *soap.Node) error {
	return func(ctx context.Context, r *request, id string, n *soap.Node) error {
		if _, err := r.conn.Exec(ctx, "DELETE FROM enduserdevicemap WHERE fkenduser = ? AND tkuserassociation = ?", id, kind); err != nil {
			return err
		}
		for _, k := range n.Kids {
			if k.Name != child || k.Text == "" && k.Attr("uuid") == "" {
				continue
			}
			device, err := r.reference(ctx, &schema.Element{Name: child, Arg: "device"}, k)
			if err != nil {
				return err
			}
			var object string
			if _, err := r.conn.Get(ctx, []any{&object}, "SELECT sim_object FROM device WHERE pkid = ?",
				device); err != nil {
				return err
			}
			if !strings.Contains(" "+strings.Join(objects, " ")+" ", " "+object+" ") {
				return soap.NotFound(k.Text)
			}
			if _, err := r.conn.Exec(ctx, `INSERT OR IGNORE INTO enduserdevicemap
				(pkid, fkenduser, fkdevice, tkuserassociation)
				VALUES (?, ?, ?, ?)`, store.NewID(), id, device, kind); err != nil {
				return err
			}
		}
		return nil
	}
}

type association struct {
	kind     int
	id, name string
}

// associations reads all of a user's devices at once.
func (r *request) associations(ctx context.Context, id string) ([]association, error) {
	if list, ok := r.devices[id]; ok {
		return list, nil
	}
	var list []association
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var a association
		err := scan(&a.kind, &a.id, &a.name)
		list = append(list, a)
		return err
	}, `SELECT m.tkuserassociation, d.pkid, d.name FROM enduserdevicemap m JOIN device d ON d.pkid = m.fkdevice
		WHERE m.fkenduser = ? ORDER BY m.rowid`, id)
	r.devices = map[string][]association{id: list}
	return list, err
}

func readAssociations(child string, kind int, fk bool) func(context.Context, *request, string, *schema.Element) error {
	return func(ctx context.Context, r *request, id string, e *schema.Element) error {
		list, err := r.associations(ctx, id)
		if err != nil {
			return err
		}
		r.out.Open(e.Name)
		for _, a := range list {
			switch {
			case a.kind != kind:
			case fk:
				r.out.FK(child, a.name, a.id)
			default:
				r.out.Leaf(child, a.name)
			}
		}
		r.out.Close()
		return nil
	}
}

func readProfilesOfMobility(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.eachName(ctx, func(name string) { r.out.Leaf("remoteDestinationProfile", name) },
		"SELECT name FROM device WHERE fkenduser_mobility = ? AND sim_object = 'remoteDestinationProfile' ORDER BY name", id)
	r.out.Close()
	return err
}

// eachName calls fn for the single text column of every row.
func (r *request) eachName(ctx context.Context, fn func(string), q string, args ...any) error {
	return r.conn.Each(ctx, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		fn(name)
		return nil
	}, q, args...)
}
