package activities_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// licences are the licence and the number of devices of each person in the copy.
func (c *copier) licences(t *testing.T) map[string]string {
	t.Helper()
	page, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: uc.LicenceKind}, "", 100)
	must(t, err)
	out := map[string]string{}
	for _, o := range page.Objects {
		var a struct{ LicenseType, DeviceCount string }
		must(t, json.Unmarshal(o.Attributes, &a))
		out[o.Name] = strings.TrimSpace(a.LicenseType + " " + a.DeviceCount)
	}
	return out
}

// PCP-20: which licence each person takes is read, and follows who owns which phone.
func TestLicenceCapabilities(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3, Phones: 4, Lines: 4}}})
	ctx, look := t.Context(), activities.WatchIn{CallProcessor: world.CUCM}
	result(t, c, c.estate.FollowChanges, look)
	c.sync(t, uc.SyncAll)
	same := func(when string, want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, c.licences(t)); diff != "" {
			t.Errorf("%s:\n%s", when, diff)
		}
	}
	same("read", map[string]string{"user000000": "Enhanced Plus 2", "user000001": "Enhanced 1", "user000002": "Enhanced 1"})
	page, err := c.DB.ListEstate(ctx, db.EstateFilter{Kind: uc.PhoneKind}, "", 10)
	must(t, err)
	for _, o := range page.Objects {
		var a struct{ OwnerUserName string }
		must(t, json.Unmarshal(o.Attributes, &a))
		if a.OwnerUserName == "user000001" {
			must(t, c.admin.UpdatePhone(ctx, axl.Phone{Name: o.Name, OwnerUser: axl.Set("user000002")}))
		}
	}
	_, err = c.admin.AddUser(ctx, axl.User{UserID: "new", LastName: axl.Set("New")})
	must(t, err)
	must(t, c.admin.RenameUser(ctx, "user000000", "renamed"))
	result(t, c, c.estate.FollowChanges, look)
	same("another owner", map[string]string{"renamed": "Enhanced Plus 2", "user000001": "0", "user000002": "Enhanced Plus 2", "new": "0"})
	must(t, c.admin.RemoveUser(ctx, "new"))
	result(t, c, c.estate.FollowChanges, look)
	same("without who left", map[string]string{"renamed": "Enhanced Plus 2", "user000001": "0", "user000002": "Enhanced Plus 2"})
	c.equals(t, "after all of it")
}

// A version that does not list licences says so, and its people are read all the same.
func TestLicencesOfAVersionWithout(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3, Phones: 3}}})
	c.CUCM.Faults().Add(fault.Rule{Kind: fault.Fault, Code: 0, Text: "Operation not found: listLicensedUser", Op: "listLicensedUser"})
	c.CUCM.Faults().Add(fault.Rule{Kind: fault.Status, Status: 500, Op: "getLicensedUser"})
	s := c.sync(t, uc.SyncSubscribers)
	for _, k := range s.Kinds {
		if skipped := k.State == uc.KindSkipped; skipped != (k.Kind == uc.LicenceKind) {
			t.Errorf("%+v", k)
		}
	}
	if report := c.report(t, s.ID); s.Detail != "Completed." || !strings.Contains(report, "info configuration licenceCapabilities") ||
		!strings.Contains(report, "this version of the call processor has no such objects") {
		t.Errorf("%s\n%s", s.Detail, report)
	}
	out := result(t, c, c.estate.RefreshPersonNow, activities.RefreshIn{CallProcessor: world.CUCM, UserID: "user000001"})
	if !out.There || len(c.licences(t)) != 0 {
		t.Errorf("%+v", out)
	}
}
