package axl_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// listAll reads a list page by page, smaller when a page is too large.
func listAll(t *testing.T, c *axl.Client, q axl.ListQuery) []axl.Object {
	t.Helper()
	var all []axl.Object
	for {
		var page []axl.Object
		out, err := c.ListObjects(t.Context(), q, func(o axl.Object) error {
			page = append(page, o)
			return nil
		})
		var limit *axl.LimitError
		if errors.As(err, &limit) {
			q.First = limit.Suggested - 1
			continue
		}
		must(t, q.Kind, err)
		same(t, q.Kind+": unexpected", 0, len(out.Unexpected))
		all, q.Skip = append(all, page...), q.Skip+len(page)
		if q.First == 0 || len(page) < q.First {
			return all
		}
	}
}

// rest is an object of each kind that the simulator's own world has none of.
func rest() (list []cucm.Object) {
	for _, element := range []string{
		"ciscoCatalyst600024PortFXSGateway", "ciscoCatalyst6000E1VoIPGateway", "ciscoCatalyst6000T1VoIPGatewayPri",
		"ciscoCatalyst6000T1VoIPGatewayT1", "ctiRoutePoint", "ddi", "deviceProfile", "dialPlan", "dialPlanTag", "directedCallPark",
		"gatekeeper", "geoLocation", "geoLocationFilter", "h323Gateway", "h323Trunk", "meetMe", "messageWaiting",
		"remoteDestinationProfile", "remoteDestination", "resourcePriorityNamespace", "resourcePriorityNamespaceList", "routeFilter",
		"transPattern", "transcoder", "voiceMailPort",
	} {
		list = append(list, cucm.Object{Type: element, Name: "89" + element, Fields: map[string]string{}})
	}
	for _, product := range []string{"VG202", "VG204", "VG224"} {
		list = append(list, cucm.Object{Type: "gateway", Name: "gw-" + product, Fields: map[string]string{"product": product}})
	}
	return list
}

// TestListsOfEveryKind lists every kind, and gets one of each.
func TestListsOfEveryKind(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Users: 3, Phones: 3, Lines: 3, Infrastructure: rest()}})
	counts := map[string]int{}
	for _, kind := range axl.ObjectKinds() {
		whole := listAll(t, c, axl.ListQuery{Kind: kind})
		if counts[kind] = len(whole); len(whole) == 0 {
			t.Errorf("none of %s", kind)
			continue
		}
		same(t, kind+": pages are the whole", whole, listAll(t, c, axl.ListQuery{Kind: kind, First: 2}))
		for _, o := range whole {
			if o.Name == "" || !o.UUID.Valid() || len(attributes(t, o)) == 0 {
				t.Errorf("%s: %+v", kind, o)
			}
		}
		o, err := c.GetObject(t.Context(), kind, whole[0].UUID)
		must(t, "get "+kind, err)
		same(t, kind+": one of the list", whole[0], o)
		_, err = c.GetObject(t.Context(), kind, "00000000-1111-2222-3333-444444444444")
		wantKind(t, "get no "+kind, uc.NotFound, err)
	}
	same(t, "a product is a part of the gateways", []int{3, 1, 1, 1},
		[]int{counts[axl.ObjectGateway], counts[axl.ObjectVG202], counts[axl.ObjectVG204], counts[axl.ObjectVG224]})
}

func TestLicences(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Users: 2, Phones: 3}})
	licences := listAll(t, c, axl.ListQuery{Kind: axl.ObjectLicensedUser})
	got := attributes(t, one(t, licences, "user000000"))
	same(t, "of two phones", []any{"2", "Enhanced Plus", "1"}, []any{got["deviceCount"], got["licenseType"], got["licenseUsed"]})
}

func TestReferencesCarryIDs(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"11.5", "15.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, c := cluster(t, cucm.Options{Version: version})
			region := one(t, listAll(t, c, axl.ListQuery{Kind: axl.ObjectRegion}), "Region_Berlin")
			pool := attributes(t, one(t, listAll(t, c, axl.ListQuery{Kind: axl.ObjectDevicePool}), "DP_Berlin"))
			same(t, "region", []any{"Region_Berlin", string(region.UUID)}, []any{pool["regionName"], pool["regionName_uuid"]})
			if _, there := pool["aarNeighborhoodName"]; there {
				t.Error("an empty reference is none, however a version writes it")
			}
		})
	}
}

func TestOneNameInTwoPartitions(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Infrastructure: []cucm.Object{
		{Type: "meetMe", Name: "8600", Fields: map[string]string{"routePartitionName": "PT_Berlin"}},
		{Type: "meetMe", Name: "8600", Fields: map[string]string{"routePartitionName": "PT_Lisbon"}},
	}}})
	list := listAll(t, c, axl.ListQuery{Kind: axl.ObjectMeetMe})
	same(t, "meet-me numbers", 2, len(list))
	places := []string{list[0].Name + " " + list[0].Partition, list[1].Name + " " + list[1].Partition}
	slices.Sort(places)
	same(t, "where they are", []string{"8600 PT_Berlin", "8600 PT_Lisbon"}, places)
	if list[0].UUID == list[1].UUID {
		t.Error("two objects have two ids")
	}
}

func TestListByTheFaultsSuggestion(t *testing.T) {
	t.Parallel()
	const partitions = 700
	var objects []cucm.Object
	for i := range partitions {
		objects = append(objects, cucm.Object{Type: "routePartition", Name: fmt.Sprintf("PT_%04d", i), Fields: map[string]string{"description": "made"}})
	}
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 32 << 10
	server, c := cluster(t, cucm.Options{Limits: limits, Model: cucm.Model{Infrastructure: objects}})
	all := listAll(t, c, axl.ListQuery{Kind: axl.ObjectRoutePartition})
	seen := map[axl.UUID]bool{}
	for _, o := range all {
		seen[o.UUID] = true
	}
	if len(seen) != len(all) || len(seen) < partitions {
		t.Errorf("%d objects, %d different", len(all), len(seen))
	}
	for kind, want := range map[fault.Kind]uc.Kind{fault.Truncate: uc.Unavailable, fault.IllegalChar: "", fault.Drop: uc.Unavailable} {
		server.Faults().Add(fault.Rule{Op: "listRoutePartition", Kind: kind, Nth: 1})
		n := 0
		_, err := c.ListObjects(t.Context(), axl.ListQuery{Kind: axl.ObjectRoutePartition, First: 50}, func(axl.Object) error { n++; return nil })
		if uc.KindOf(err) != want || want == "" && n != 50 {
			t.Errorf("%s: %d objects and %v", kind, n, err)
		}
	}
}
