package cluster

import (
	"context"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// otherOperations are those that are not add, get, update, remove or list of an
// object.
func (c *Cluster) otherOperations() {
	for _, op := range []*Operation{
		{Name: "getCCMVersion", run: ccmVersion},
		{Name: "doAuthenticateUser", Writes: true, run: authenticate},
		{Name: "doDeviceLogin", Writes: true, run: deviceLogin},
		{Name: "doDeviceLogout", Writes: true, run: deviceLogout},
		{Name: "doDeviceReset", Writes: true, run: deviceReset},
		{Name: "doLdapSync", Writes: true, run: ldapSync},
		{Name: "getLdapSyncStatus", run: ldapStatus},
		{Name: "executeSQLQuery", List: true, Gone: true, run: sqlQuery},
		{Name: "executeSQLUpdate", Writes: true, run: sqlUpdate},
		{Name: "listRoutePlan", List: true, run: listRoutePlan},
		{Name: "listUnassignedDevice", List: true, run: listUnassignedDevice},
		{Name: "listRegistrationDynamic", List: true, run: listRegistrationDynamic},
		{Name: "listLicensedUser", List: true, run: listLicensedUser},
		{Name: "getLicensedUser", run: getLicensedUser},
		{Name: "listChange", run: listChange},
	} {
		c.add(op)
	}
	for _, verb := range []string{"apply", "reset", "restart"} {
		for _, object := range []string{"Phone", "Line"} {
			o := schema.Lookup(object)
			c.add(&Operation{
				Name: verb + object, Writes: true, object: o,
				run: func(ctx context.Context, r *request) error {
					id, err := r.findOnly(ctx, o)
					if err != nil {
						return err
					}
					return r.answer(id)
				},
			})
		}
	}
}

// flat holds the children of a small request against a list in order; "!" marks
// required ones, and uuid and name exclude each other.
func flat(n *soap.Node, names ...string) error {
	at := 0
	for _, k := range n.Kids {
		i := slices.IndexFunc(names, func(s string) bool { return strings.TrimSuffix(s, "!") == k.Name })
		if i < at || k.Space != "" {
			return soap.Invalid("Element '%s': This element is not expected. Expected is one of ( %s ).",
				k.Name, strings.Join(names, ", "))
		}
		at = i + 1
	}
	for _, s := range names {
		if name, must := strings.CutSuffix(s, "!"); must && n.Kid(name) == nil {
			return soap.Invalid("Element '%s': Missing child element(s). Expected is ( %s ).", n.Name, name)
		}
	}
	for _, pair := range [][2]string{{"name", "uuid"}, {"password", "pin"}} {
		if n.Kid(pair[0]) != nil && n.Kid(pair[1]) != nil {
			return soap.Invalid("Element '%s': This element must not stand beside '%s'.", pair[1], pair[0])
		}
	}
	return nil
}

// releases are the versions getCCMVersion answers.
var releases = map[string]string{
	"11.5": "11.5.1.14900(11)", "12.5": "12.5.1.14900(63)", "14.0": "14.0.1.13900(155)", "15.0": "15.0.1.12900(234)",
}

func ccmVersion(_ context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "processNodeName"); err != nil {
			return err
		}
	}
	r.out.Open("componentVersion")
	r.out.Leaf("version", releases[r.opts.Version])
	r.out.Close()
	return nil
}

func deviceReset(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "deviceName!", "isHardReset", "deviceResetType"); err != nil {
			return err
		}
		if (r.in.Kid("isHardReset") == nil) == (r.in.Kid("deviceResetType") == nil) {
			return soap.Invalid("Element '%s': Expected is exactly one of ( isHardReset, deviceResetType ).", r.in.Name)
		}
	}
	id, err := r.reference(ctx, &schema.Element{Arg: "device"}, r.in.Kid("deviceName"))
	if err != nil {
		return err
	}
	return r.answer(text(id))
}
