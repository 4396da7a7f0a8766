package axl_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// readAll reads a kind page by page, smaller when a page is too large, and says how
// many requests it took.
func readAll(t *testing.T, c *axl.Client, q axl.EstateQuery) ([]axl.Object, int) {
	t.Helper()
	var all []axl.Object
	for requests := 1; ; requests++ {
		var page []axl.Object
		out, err := c.ReadEstate(t.Context(), q, func(o axl.Object) error {
			page = append(page, o)
			return nil
		})
		var limit *axl.LimitError
		if errors.As(err, &limit) {
			q.First = limit.Suggested - 1
			continue
		}
		must(t, string(q.Kind), err)
		same(t, "rows", len(page), out.Rows)
		all = append(all, page...)
		if !out.More {
			return all, requests
		}
		q.After = out.Last
	}
}

func attributes(t *testing.T, o axl.Object) map[string]any {
	t.Helper()
	var m map[string]any
	must(t, o.Name, json.Unmarshal(o.Attributes, &m))
	return m
}

// one finds the object of a name.
func one(t *testing.T, list []axl.Object, name string) axl.Object {
	t.Helper()
	i := slices.IndexFunc(list, func(o axl.Object) bool { return o.Name == name })
	if i < 0 {
		t.Fatalf("no %q in %d objects", name, len(list))
	}
	return list[i]
}

func TestEstateOfEveryKind(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Users: 30, Phones: 40, Lines: 60}})
	counts := map[uc.EstateKind]int{}
	for _, kind := range axl.EstateKinds() {
		whole, requests := readAll(t, c, axl.EstateQuery{Kind: kind})
		same(t, string(kind)+": requests", 1, requests)
		paged, _ := readAll(t, c, axl.EstateQuery{Kind: kind, First: 7})
		same(t, string(kind)+": pages are the whole", whole, paged)
		counts[kind] = len(whole)
	}
	special := counts[uc.SpecialNumberKind]
	delete(counts, uc.SpecialNumberKind)
	same(t, "rows", map[uc.EstateKind]int{
		uc.UserKind: 30, uc.PhoneKind: 40, uc.LineKind: 60, uc.RelUserDevice: 40, uc.RelUserGroup: 30, uc.RelUserExtension: 30,
		uc.RelDeviceLine: 60, uc.DeviceProfileKind: 0, uc.RemoteDestinationProfileKind: 0, uc.RemoteDestinationKind: 0,
		uc.RelDeviceService: 0, uc.RelCSSPartition: counts[uc.RelCSSPartition],
	}, counts)
	if special == 0 || counts[uc.RelCSSPartition] == 0 {
		t.Error("the default world has hunt pilots and calling search spaces")
	}
}

func TestEstateOfOnePerson(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Users: 3, Phones: 6, Lines: 6}})
	users, _ := readAll(t, c, axl.EstateQuery{Kind: uc.UserKind})
	user := one(t, users, "user000001")
	same(t, "local", "true", attributes(t, user)["localUser"])
	phones, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelUserDevice, Of: []axl.UUID{user.UUID}})
	same(t, "phones of one person", 2, len(phones))
	phone, _ := readAll(t, c, axl.EstateQuery{Kind: uc.PhoneKind, Of: []axl.UUID{axl.UUID(phones[0].Name)}})
	same(t, "the phone of that id", 1, len(phone))
	got := attributes(t, phone[0])
	for name, want := range map[string]string{
		"ownerUserName": "user000001", uc.OwnerAttribute: string(user.UUID), "product": "Cisco 8845", "protocol": "SIP",
		"devicePoolName": "DP_Lisbon", "callingSearchSpaceName": "CSS_Devices", "locationName": "Lisbon",
		"phoneTemplateName": "Standard 8845 SIP", "securityProfileName": "Cisco 8845 - Standard SIP Non-Secure Profile",
		"enableExtensionMobility": "false", "isActive": "true",
	} {
		same(t, name, any(want), got[name])
	}
	extensions, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelUserExtension, Of: []axl.UUID{user.UUID}})
	same(t, "extension", map[string]any{uc.UsageAttribute: uc.PrimaryUsage}, attributes(t, extensions[0]))
	line := axl.UUID(extensions[0].Name)
	on, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelDeviceLine, With: []axl.UUID{line}})
	same(t, "devices of the line", []string{string(line), "1"}, []string{on[0].Name, attributes(t, on[0])[uc.IndexAttribute].(string)})
	back, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelUserExtension, Of: []axl.UUID{user.UUID}, With: []axl.UUID{line}})
	same(t, "both sides", extensions, back)
}

// TestEstateOfProfiles has the kinds that the made world lacks.
func TestEstateOfProfiles(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{})
	mobility := sampleUser()
	mobility.EnableMobility = axl.Set(true)
	user, err := c.AddUser(t.Context(), mobility)
	must(t, "user", err)
	line, err := c.AddLine(t.Context(), sampleLine("4711", "PT_Lisbon"))
	must(t, "line", err)
	_, err = c.AddLine(t.Context(), sampleLine("4711", "PT_Berlin"))
	must(t, "the same number in another partition", err)
	_, err = c.AddLine(t.Context(), sampleLine("+351211234001", "PT_E164"))
	must(t, "a number with a plus", err)
	profile, err := c.AddDeviceProfile(t.Context(), sampleProfile())
	must(t, "device profile", err)
	carrier, err := c.AddRemoteDestinationProfile(t.Context(), sampleRemoteDestinationProfile())
	must(t, "remote destination profile", err)
	mobile, err := c.AddRemoteDestination(t.Context(), sampleRemoteDestination())
	must(t, "remote destination", err)

	only := func(kind uc.EstateKind, id axl.UUID) (axl.Object, map[string]any) {
		t.Helper()
		list, _ := readAll(t, c, axl.EstateQuery{Kind: kind, Of: []axl.UUID{id}})
		if len(list) != 1 {
			t.Fatalf("%d %s of one id", len(list), kind)
		}
		return list[0], attributes(t, list[0])
	}
	o, got := only(uc.LineKind, line)
	same(t, "line", []string{"4711", "PT_Lisbon"}, []string{o.Name, o.Partition})
	same(t, "of the line", []any{"Jürgen O'Müller", "Pickup_Lisbon", "+351219999999", "VM_Default", "true"},
		[]any{got["alertingName"], got["callPickupGroupName"], got["callForwardAll"], got["voiceMailProfileName"], got["active"]})
	lines, _ := readAll(t, c, axl.EstateQuery{Kind: uc.LineKind})
	places := map[string]bool{}
	for _, l := range lines {
		places[l.Name+" "+l.Partition] = true
	}
	same(t, "lines", []string{"+351211234001 PT_E164", "4711 PT_Berlin", "4711 PT_Lisbon"}, slices.Sorted(maps.Keys(places)))

	o, got = only(uc.DeviceProfileKind, profile)
	same(t, "device profile", []any{"mueller-em", "Standard 8845 SIP EM"}, []any{o.Name, got["phoneTemplateName"]})
	services, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelDeviceService, Of: []axl.UUID{profile}})
	same(t, "extension mobility", "Extension Mobility", attributes(t, services[0])["serviceName"])
	o, got = only(uc.RemoteDestinationProfileKind, carrier)
	same(t, "remote destination profile", []any{"mueller-rdp", "mueller", string(user)}, []any{o.Name, got["userId"], got[uc.OwnerAttribute]})
	o, got = only(uc.RemoteDestinationKind, mobile)
	same(t, "remote destination", []any{"0911234001", "mobile", "mueller-rdp", string(user)},
		[]any{o.Name, got["label"], got["remoteDestinationProfileName"], got[uc.OwnerAttribute]})
	appearances, _ := readAll(t, c, axl.EstateQuery{Kind: uc.RelDeviceLine, Of: []axl.UUID{carrier}})
	same(t, "its line", string(line), appearances[0].Name)

	phones, _ := readAll(t, c, axl.EstateQuery{Kind: uc.PhoneKind})
	same(t, "no profile is a phone", 0, len(phones))
	special, _ := readAll(t, c, axl.EstateQuery{Kind: uc.SpecialNumberKind})
	same(t, "a hunt pilot", "Hunt Pilot", attributes(t, one(t, special, "4900"))[uc.PatternAttribute].(string))
	same(t, "a line is nothing special", -1, slices.IndexFunc(special, func(o axl.Object) bool { return o.Name == "4711" }))
}

// TestEstateByTheFaultsSuggestion reads with limits so small that the first page
// fails: the fault says how to go on.
func TestEstateByTheFaultsSuggestion(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 64 << 10
	server, c := cluster(t, cucm.Options{Limits: limits, Model: cucm.Model{Users: 500, Phones: 500, Lines: 500}})
	for _, kind := range []uc.EstateKind{uc.UserKind, uc.PhoneKind, uc.LineKind, uc.RelDeviceLine} {
		all, requests := readAll(t, c, axl.EstateQuery{Kind: kind})
		same(t, string(kind), 500, len(all))
		t.Logf("%s: %d requests", kind, requests)
	}
	_, err := c.ReadEstate(t.Context(), axl.EstateQuery{Kind: uc.UserKind}, func(axl.Object) error { return nil })
	var limit *axl.LimitError
	if !errors.As(err, &limit) || limit.Total != 500 || limit.Suggested < 50 || limit.Suggested > 499 {
		t.Errorf("want the numbers of the fault, got %v", err)
	}
	server.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Truncate})
	seen := 0
	_, err = c.ReadEstate(t.Context(), axl.EstateQuery{Kind: uc.UserKind, First: 50}, func(axl.Object) error { seen++; return nil })
	wantKind(t, "a cut answer", uc.Unavailable, err)
	if seen == 0 || seen == 50 {
		t.Errorf("%d rows before the cut", seen)
	}
}

func TestEstateRefusesWhatIsNoID(t *testing.T) {
	t.Parallel()
	server, c := cluster(t, cucm.Options{})
	for name, q := range map[string]axl.EstateQuery{
		"after":    {Kind: uc.UserKind, After: "x' OR '1'='1"},
		"of":       {Kind: uc.UserKind, Of: []axl.UUID{"{0B3A5C1E-4F6D-4E0A-9B1C-2D3E4F5A6B7C}"}},
		"with":     {Kind: uc.RelUserDevice, With: []axl.UUID{""}},
		"one side": {Kind: uc.UserKind, With: []axl.UUID{"0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c"}},
		"no rows":  {Kind: uc.UserKind, First: -1},
		"no kind":  {Kind: "gateway"},
	} {
		_, err := c.ReadEstate(t.Context(), q, func(axl.Object) error { return nil })
		wantKind(t, name, uc.Invalid, err)
	}
	same(t, "requests", 0, server.Stats().Calls["executeSQLQuery"])
}
