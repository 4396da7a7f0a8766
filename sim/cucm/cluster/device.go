package cluster

import (
	"context"
	"regexp"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// deviceRules are those of phones, device profiles and remote destination profiles.
var deviceRules = rules{
	before: beforeDevice,
	after:  afterDevice,
	remove: func(ctx context.Context, r *request, id string) error {
		_, err := r.conn.Exec(ctx, dropPrimary+ofDevice, id, id)
		return err
	},
	write: map[string]func(context.Context, *request, string, *soap.Node) error{
		"lines":       replaceLines,
		"addLines":    addLines,
		"removeLines": removeLines,
		"services":    writeServices,
	},
	read: map[string]func(context.Context, *request, string, *schema.Element) error{
		"lines":              readLines,
		"services":           readServices,
		"currentProfileName": readLogin,
		"loginUserId":        readLogin,
		"loginTime":          readLogin,
		"loginDuration":      readLogin,
		"currentConfig":      readCurrent,
		"roamingDevicePoolName": func(_ context.Context, r *request, _ string, e *schema.Element) error {
			r.out.FK(e.Name, "", "")
			return nil
		},
	},
}

// ofDevice narrows dropPrimary to the users of a device.
const ofDevice = " AND fkenduser IN (SELECT fkenduser FROM enduserdevicemap WHERE fkdevice = ?)"

func afterDevice(ctx context.Context, r *request, id string) error {
	_, err := r.conn.Exec(ctx, dropPrimary+ofDevice, "", id)
	return err
}

func beforeDevice(ctx context.Context, r *request, _ *soap.Node, row *row, id string) error {
	product := row.get2("tkproduct")
	if id != "" {
		var n int
		if _, err := r.conn.Get(ctx, []any{&n}, "SELECT ifnull(tkproduct, 0) FROM device WHERE pkid = ?",
			id); err != nil {
			return err
		}
		product = n
	}
	p, known := store.LookupProduct(store.Word("typeproduct", product))
	if !known {
		return soap.NotFound("product")
	}
	object := r.op.object
	if id == "" {
		if err := r.newDevice(row, p, object); err != nil {
			return err
		}
	}
	if name, ok := row.get("name"); ok && object.Op == "Phone" && !nameFits(p.Form, text(name)) {
		return soap.Faultf(soap.CodeDenied, "The specified name has invalid characters or is not formatted correctly for this device type.")
	}
	if sec, ok := row.get("fksecurityprofile"); ok && sec != nil {
		return r.checkSecurityProfile(ctx, text(sec), p, row, id)
	}
	return nil
}

// get2 is a number column's value, 0 when the request does not name it.
func (w *row) get2(col string) int {
	v, _ := w.get(col)
	n, _ := v.(int)
	return n
}

// newDevice checks what only an add may say and fills in what lenient requests
// leave out. Source: public clients whose requests CUCM accepted.
func (r *request) newDevice(row *row, p store.Product, o *schema.Object) error {
	class := store.MustNumber("typeclass", o.Class)
	if given, ok := row.get("tkclass"); ok && given != nil && given != class {
		return soap.Faultf(soap.CodeDenied, "Class %s is not valid for %s",
			store.Word("typeclass", given.(int)), o.Name)
	}
	row.set("tkclass", class)
	row.set("tkmodel", p.Enum)
	protocol := store.Word("typedeviceprotocol", row.get2("tkdeviceprotocol"))
	if !p.Speaks(protocol) {
		return soap.Faultf(soap.CodeDenied, "Protocol %s is not valid for product %s", protocol, p.Name)
	}
	if o.Op != "Phone" {
		return nil
	}
	for _, d := range [][3]string{
		{"fkdevicepool", "devicepool", "Default"},
		{"fkcommonphoneconfig", "commonphoneconfig", "Standard Common Phone Profile"},
		{"fklocation", "location", "Hub_None"},
		{"fkmatrix_presence", "matrix", "Standard Presence group"},
	} {
		if err := r.standard(row, d[0], d[1], d[2]); err != nil {
			return err
		}
	}
	if protocol == "SIP" {
		return r.standard(row, "fksipprofile", "sipprofile", "Standard SIP Profile")
	}
	return nil
}

// forms are the names a product's devices may have. Source: Jabber deployment
// guide for the prefixes and 15 characters; assumed: those of AN and ATA.
var forms = map[string]*regexp.Regexp{
	"SEP":   regexp.MustCompile(`^SEP[0-9A-Fa-f]{12}$`),
	"ATA":   regexp.MustCompile(`^ATA[0-9A-Fa-f]{12}$`),
	"AN":    regexp.MustCompile(`^AN[0-9A-Fa-f]{13}$`),
	"CSF":   regexp.MustCompile(`^CSF[A-Za-z0-9._-]{1,12}$`),
	"TCT":   regexp.MustCompile(`^TCT[A-Z0-9._-]{1,12}$`),
	"BOT":   regexp.MustCompile(`^BOT[A-Z0-9._-]{1,12}$`),
	"TAB":   regexp.MustCompile(`^TAB[A-Z0-9._-]{1,12}$`),
	"CTIRD": regexp.MustCompile(`^CTIRD[A-Za-z0-9._-]{1,45}$`),
	"any":   regexp.MustCompile(`^[A-Za-z0-9 ._-]{1,128}$`),
}

func nameFits(form, name string) bool { return forms[form].MatchString(name) }

// checkSecurityProfile holds the profile's product and protocol against the
// phone's. Source: recorded fault text; assumed: its code.
func (r *request) checkSecurityProfile(ctx context.Context, profile string, p store.Product, row *row, id string) error {
	protocol := row.get2("tkdeviceprotocol")
	if id != "" {
		if _, err := r.conn.Get(ctx, []any{&protocol},
			"SELECT ifnull(tkdeviceprotocol, 99) FROM device WHERE pkid = ?", id); err != nil {
			return err
		}
	}
	var model, speaks int
	if _, err := r.conn.Get(ctx, []any{&model, &speaks},
		"SELECT ifnull(tkmodel, 0), ifnull(tkdeviceprotocol, 99) FROM securityprofile WHERE pkid = ?", profile); err != nil {
		return err
	}
	anyProduct := model == 0 || store.Word("typemodel", model) == "Universal Device Template"
	if (anyProduct || model == p.Enum) && (speaks == 99 || speaks == protocol) {
		return nil
	}
	return soap.Faultf(soap.CodeDenied, "The specified Security Profile is not valid for this device type (model and protocol).")
}

func writeServices(ctx context.Context, r *request, id string, n *soap.Node) error {
	if _, err := r.conn.Exec(ctx, "DELETE FROM telecastersubscribedservice WHERE fkdevice = ?", id); err != nil {
		return err
	}
	fk := &schema.Element{Name: "telecasterServiceName", Arg: "telecasterservice"}
	for i, k := range n.Kids {
		service, err := r.reference(ctx, fk, k.Kid("telecasterServiceName"))
		if err != nil {
			return err
		}
		index := k.Value("urlButtonIndex")
		if index == "" {
			index = "0"
		}
		if _, err := r.conn.Exec(ctx, `INSERT INTO telecastersubscribedservice
			(pkid, fkdevice, fktelecasterservice, servicename, url, urlbuttonindex, urllabel, servicenameascii,
			sortorder)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, store.NewID(), id, service, k.Value("name"), k.Value("url"), index,
			k.Value("urlLabel"), k.Value("serviceNameAscii"), i); err != nil {
			return err
		}
	}
	return nil
}

func readServices(ctx context.Context, r *request, id string, e *schema.Element) error {
	r.out.Open(e.Name)
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var own, service, name, url, index, label, ascii string
		if err := scan(&own, &service, &name, &url, &index, &label, &ascii); err != nil {
			return err
		}
		r.out.Open("service", "uuid", soap.Braced(own))
		r.out.FK("telecasterServiceName", r.db.Name("telecasterservice", service), service)
		r.out.Leaf("name", name)
		r.out.Leaf("url", url)
		r.out.Leaf("urlButtonIndex", index)
		r.out.Leaf("urlLabel", label)
		r.out.Leaf("serviceNameAscii", ascii)
		r.out.Close()
		return nil
	}, `SELECT pkid, fktelecasterservice, servicename, url, urlbuttonindex, urllabel, servicenameascii
		FROM telecastersubscribedservice WHERE fkdevice = ? ORDER BY sortorder`, id)
	r.out.Close()
	return err
}
