package cluster

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// licensedUsers is which licence each user takes, by the phones that are theirs.
//
// Source: AXL 15.0 LLicensedUser. assumed: the words, and how phones and features
// make them.
var licensedUsers = view{
	element: "licensedUser",
	tags: []string{
		"userId", "firstName", "lastName", "snrEnabled", "emEnabled", "deviceCount", "licenseType", "licenseUsed",
	},
	criteria: []criterion{{"userId", "t.userid"}, {"firstName", "t.firstname"}, {"lastName", "t.lastname"}},
	columns: []string{
		"t.userid", "t.firstname", "t.lastname", "CASE t.enablemobility WHEN 't' THEN 'true' ELSE 'false' END",
		"CASE WHEN EXISTS (" + profilesOfUser + ") THEN 'true' ELSE 'false' END",
		phonesOfUser,
		"CASE " + phonesOfUser + " WHEN 0 THEN '' WHEN 1 THEN 'Enhanced' WHEN 2 THEN 'Enhanced Plus' ELSE 'CUWL' END",
		"CASE " + phonesOfUser + " WHEN 0 THEN '0' ELSE '1' END",
	},
	from:  "FROM enduser t WHERE t.tkuserprofile = 1",
	order: "t.rowid",
}

const (
	phonesOfUser   = "(SELECT count(*) FROM device d WHERE d.fkenduser = t.pkid AND d.sim_object = 'phone')"
	profilesOfUser = "SELECT 1 FROM enduserdevicemap m WHERE m.fkenduser = t.pkid AND m.tkuserassociation = 5"
)

func listLicensedUser(ctx context.Context, r *request) error { return r.listView(ctx, licensedUsers) }

// getLicensedUser answers one of them, by user id or uuid.
func getLicensedUser(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "name", "uuid", "returnedTags"); err != nil {
			return err
		}
	}
	v, key := licensedUsers, r.in.Value("uuid")
	where, args := " AND t.pkid = ?", []any{soap.Plain(key)}
	if key == "" {
		key = r.in.Value("name")
		where, args = " AND t.userid = ?", []any{key}
	}
	cells, vals := store.Cells(len(v.columns) + 1)
	found, err := r.conn.Get(ctx, vals, v.query(where), args...)
	switch {
	case err != nil:
		return err
	case !found:
		return soap.NotFound("LicensedUser")
	}
	r.writeView(v, cells, r.in.Kid("returnedTags"))
	return r.out.Err()
}
