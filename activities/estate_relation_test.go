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
	"github.com/dialtone/dialtone/uc"
)

// lists are the names of what a list of an object of the copy holds, in its order.
func (c *copier) lists(t *testing.T, kind uc.EstateKind, name, list string) string {
	t.Helper()
	page, err := c.DB.ListEstate(t.Context(), db.EstateFilter{Kind: kind, Name: name}, "", 2)
	must(t, err)
	if len(page.Objects) != 1 {
		t.Fatalf("%d objects of kind %s called %s", len(page.Objects), kind, name)
	}
	var lists map[string]json.RawMessage
	must(t, json.Unmarshal(page.Objects[0].Attributes, &lists))
	var entries []struct{ UUID, ServiceName string }
	if lists[list] != nil {
		must(t, json.Unmarshal(lists[list], &entries))
	}
	var words []string
	for _, e := range entries {
		others, err := c.DB.EstateObjects(t.Context(), world.CUCM, e.UUID)
		must(t, err)
		for _, o := range others {
			words = append(words, strings.TrimSpace(o.Name+" "+e.ServiceName))
		}
	}
	return strings.Join(words, ", ")
}

// PCP-02, PCP-19: which partitions a calling search space searches, in order, and which
// services a device profile subscribes to, is in the copy and follows changes.
func TestListsOfWhatIsShared(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 3, Phones: 3, Lines: 3}}})
	ctx, look := t.Context(), activities.WatchIn{CallProcessor: world.CUCM}
	profile := axl.DeviceProfile{
		Name: "UDP_ann", Product: "Cisco 8845", Protocol: "SIP", ButtonTemplate: axl.Set("Standard 8845 SIP"),
		Services: &[]axl.Service{{Service: "Extension Mobility", Name: "EM"}},
	}
	_, err := c.admin.AddDeviceProfile(ctx, profile)
	must(t, err)
	result(t, c, c.estate.FollowChanges, look)
	const css = "CSS_Berlin_National"
	all := "PT_Berlin, PT_E164, PT_Local, PT_National"
	same := func(when, want, got string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", when, diff)
		}
	}
	c.sync(t, uc.SyncInfra)
	same("after a sync of the infrastructure", all, c.lists(t, uc.CSSKind, css, "partitions"))
	same("that reads no phone", "", c.lists(t, uc.DeviceProfileKind, profile.Name, "services"))
	c.sync(t, uc.SyncSubscribers)
	same("after one of people", all, c.lists(t, uc.CSSKind, css, "partitions"))
	same("with its service", "Extension Mobility EM", c.lists(t, uc.DeviceProfileKind, profile.Name, "services"))
	c.sync(t, uc.SyncInfra)
	same("that stays", "Extension Mobility EM", c.lists(t, uc.DeviceProfileKind, profile.Name, "services"))

	admin := newAdministrator(t, c, 1)
	must(t, admin.send("updateCss", `<name>`+css+`</name><members>
		<member><routePartitionName>PT_National</routePartitionName><index>1</index></member>
		<member><routePartitionName>PT_Berlin</routePartitionName><index>2</index></member></members>`))
	profile.Services = axl.Clear[[]axl.Service]()
	profile.Product, profile.Protocol = "", ""
	must(t, c.admin.UpdateDeviceProfile(ctx, profile))
	if out := result(t, c, c.estate.FollowChanges, look); out.State != uc.WatchFollowing || out.Seen < 2 {
		t.Errorf("%+v", out)
	}
	same("in their new order", "PT_National, PT_Berlin", c.lists(t, uc.CSSKind, css, "partitions"))
	same("without a service", "", c.lists(t, uc.DeviceProfileKind, profile.Name, "services"))
	must(t, admin.send("updateRoutePartition", `<name>PT_National</name><newName>PT_Land</newName>`))
	result(t, c, c.estate.FollowChanges, look)
	same("renamed", "PT_Land, PT_Berlin", c.lists(t, uc.CSSKind, css, "partitions"))
	c.equals(t, "after all of it")
}
