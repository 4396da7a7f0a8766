package uc_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/dialtone/dialtone/uc"
)

// guideKinds are the words of PCP-19 and PCP-20 (the guide's tables 5-1 and 5-2).
var guideKinds = []string{
	"AAR Group", "Call Park", "CSS", "CM Group", "Call Pickup Group", "Common Device Config", "Conference Bridge",
	"Date Time Setting", "Device Pool", "Device Profile", "Dial Plan", "Dial Plan Tag", "Digit Discard Instruction",
	"Enable Password Router", "Gatekeeper", "Geo Location", "Geo Location Filter", "Hunt Group", "Hunt List", "Hunt Pilot",
	"H323 Gateway", "H323 Trunk", "Line Group", "Location", "Media Resource Group", "Media Resource List",
	"Meet-Me Number/Pattern", "Message Waiting", "MOH Audio Source", "Phone Profile", "Phone Template", "Presence Group",
	"Region", "Remote Destination Profile", "Resource Priority Namespace List", "Route Filter", "Route Group", "Route List",
	"Route Partition", "Route Pattern", "SIP Trunk", "SIP Profile", "Softkey Template", "SRST", "Translation Pattern",
	"UC Service Profile", "VG202", "VG204", "VG224", "VG Voicemail Pilot", "Voicemail Port", "Voicemail Profile",
	"Directory Number", "IP Phone", "License Capabilities", "Line", "Remote Destination Profile Line", "User",
}

func TestEveryKindOfTheGuide(t *testing.T) {
	t.Parallel()
	if infra := slices.Index(guideKinds, "Voicemail Profile") + 1; infra != 52 {
		t.Fatalf("%d infrastructure objects, the guide has 52", infra)
	}
	for i, title := range guideKinds {
		kind, err := uc.ParseEstateKind(title)
		if err != nil {
			t.Error(err)
			continue
		}
		scope := uc.SyncInfra
		if i >= 52 {
			scope = uc.SyncSubscribers
		}
		if !slices.Contains(scope.Kinds(), kind) || !slices.Contains(uc.SyncAll.Kinds(), kind) {
			t.Errorf("%s is not read by a sync of %s", title, scope)
		}
	}
	for _, kind := range []uc.EstateKind{uc.CSSKind, uc.DevicePoolKind, uc.LocationKind} {
		if !slices.Contains(uc.SyncSubscribers.Kinds(), kind) {
			t.Errorf("a subscriber sync does not read %s", kind)
		}
	}
}

func TestEstateKindsAreDistinct(t *testing.T) {
	t.Parallel()
	names := map[string]uc.EstateKind{}
	for _, info := range uc.EstateKinds {
		for _, name := range append([]string{string(info.Kind), info.Title}, info.Also...) {
			kind, err := uc.ParseEstateKind(name)
			if err != nil || kind != info.Kind {
				t.Errorf("%q of %s leads to %s, %v", name, info.Kind, kind, err)
			}
		}
		if other, there := names[info.Title]; there {
			t.Errorf("%s and %s are both %q", info.Kind, other, info.Title)
		}
		names[info.Title] = info.Kind
		if got, ok := info.Kind.Info(); !ok || got.Title != info.Title || info.Kind.Title() != info.Title {
			t.Errorf("info of %s is %+v", info.Kind, got)
		}
	}
}

func TestParseEstateKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uc.EstateKind{
		"users": uc.UserKind, "Phones": uc.PhoneKind, "ip-phones": uc.PhoneKind, "css": uc.CSSKind,
		"calling-search-spaces": uc.CSSKind, "route_partitions": "routePartition", "routePartition": "routePartition",
		"vg224": "gateway", "device profiles": uc.DeviceProfileKind, "srst": "srst", "directory numbers": uc.LineKind,
	} {
		if got, err := uc.ParseEstateKind(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "s", "things", "rel_user_device"} {
		if got, err := uc.ParseEstateKind(text); !errors.Is(err, uc.Invalid) {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	for _, r := range uc.Relations {
		info, ok := r.Kind.Info()
		if !ok || !r.Kind.IsRelation() || len(r.From) == 0 || r.FromAs == "" || len(r.To) == 0 {
			t.Errorf("%+v, %+v", r, info)
		}
		// It is read where everything is that is first in it: another sync would empty lists.
		for _, scope := range []uc.SyncScope{uc.SyncInfra, uc.SyncSubscribers, uc.SyncAll} {
			objects := !slices.ContainsFunc(r.From, func(k uc.EstateKind) bool { return !slices.Contains(scope.Kinds(), k) })
			if objects != slices.Contains(scope.Kinds(), r.Kind) {
				t.Errorf("%s is read by a sync of %s: %v", r.Kind, scope, !objects)
			}
		}
	}
	if kinds := uc.SyncInfra.Kinds(); kinds[len(kinds)-1] != uc.RelCSSPartition || slices.Contains(kinds, uc.RelUserDevice) {
		t.Errorf("a sync of the infrastructure reads %v", kinds)
	}
	var of []uc.EstateKind
	for _, r := range uc.RelationsOf(uc.PhoneKind) {
		of = append(of, r.Kind)
	}
	if !slices.Equal(of, []uc.EstateKind{uc.RelDeviceLine, uc.RelUserDevice, uc.RelDeviceService}) {
		t.Errorf("of a phone: %v", of)
	}
	if got := uc.RelationsOf(uc.UserGroupKind); len(got) != 0 {
		t.Errorf("a group lists nobody: %+v", got)
	}
	if _, ok := uc.EstateKind("nothing").Info(); ok || uc.EstateKind("nothing").Title() != "nothing" {
		t.Error("a kind that is none has a description")
	}
}

func TestParseUUID(t *testing.T) {
	t.Parallel()
	const want = "6a7b8c9d-0000-1111-2222-aabbccddeeff"
	for _, text := range []string{want, "{6A7B8C9D-0000-1111-2222-AABBCCDDEEFF}", " " + want + "\n"} {
		if got, err := uc.ParseUUID(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "{}", "ann", want + "0", want[:35], "6a7b8c9d-0000-1111-2222-aabbccddeef'"} {
		if _, err := uc.ParseUUID(text); !errors.Is(err, uc.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	if got := (uc.EstateObject{Name: "4711", Partition: "PT"}).Label(); got != "4711 in PT" {
		t.Error(got)
	}
	if got := (uc.EstateObject{Name: "SEP1"}).Label(); got != "SEP1" {
		t.Error(got)
	}
}
