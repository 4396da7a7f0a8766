package uc

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// EstateKind is a kind of object of a call processor, in the vendor's word for one of
// them: "phone", "css", "routePartition"; or a relation between two, "rel_…".
type EstateKind string

// EstateGroup says which sync a kind belongs to.
type EstateGroup string

// The groups.
const (
	InfraGroup      EstateGroup = "infra"      // what people share
	SubscriberGroup EstateGroup = "subscriber" // what is of one person, or for one
)

// KindInfo describes a kind of object.
type KindInfo struct {
	Kind  EstateKind  `json:"kind"`
	Title string      `json:"title"`          // as administrators know it: "Calling Search Space"
	Also  []string    `json:"also,omitempty"` // other names that people know its objects by: a VG224 is a gateway
	Group EstateGroup `json:"group"`
	Both  bool        `json:"both,omitempty"` // read by the syncs of the other group, too
}

// Relation is a kind of rows that each connect two objects. It is read like a kind and
// kept as a list in the attributes of the objects.
type Relation struct {
	Kind   EstateKind
	From   []EstateKind // the row's first object is of one of these
	FromAs string       // the attribute of the first object that lists the second ones
	To     []EstateKind
	ToAs   string // the attribute of the second object that lists the first ones; "" = none
}

// The relations, by kind.
const (
	RelUserDevice    EstateKind = "rel_user_device"    // a person may use the phone or device profile
	RelUserGroup     EstateKind = "rel_user_group"     // a person is in the user group
	RelUserExtension EstateKind = "rel_user_extension" // the line is an extension of the person; usage says which
	RelDeviceLine    EstateKind = "rel_device_line"    // the line is on a button of the device; index says which
	RelDeviceService EstateKind = "rel_device_service" // the device subscribes to the IP phone service: extension mobility
	RelCSSPartition  EstateKind = "rel_css_partition"  // the partition is in the calling search space; index says where
)

// What the ledger of numbers reads from attributes: whoever fills them uses these.
const (
	OwnerAttribute   = "ownerUuid"   // of one of OwnedKinds: the id of the person who owns it
	UsageAttribute   = "usage"       // of a RelUserExtension row
	PrimaryUsage     = "primary"     // of UsageAttribute: the person's primary extension
	IndexAttribute   = "index"       // of a RelDeviceLine row: the button, "1" is the first; of RelCSSPartition the place
	PatternAttribute = "patternType" // of a special number: "Hunt Pilot", "Intercom", …
)

// Relations lists the relations, in the order in which they are read: the largest one
// first, or it would be read alone in the end. The members of a user group are not kept
// in the group, nor the subscribers of a service: one may have everybody. Nor are the
// calling search spaces kept in the partition, which a subscriber sync does not read.
var Relations = []Relation{
	{RelDeviceLine, deviceKinds, "lines", []EstateKind{LineKind}, "devices"},
	{RelUserDevice, []EstateKind{UserKind}, "devices", deviceKinds, "users"},
	{RelUserGroup, []EstateKind{UserKind}, "groups", []EstateKind{UserGroupKind}, ""},
	{RelUserExtension, []EstateKind{UserKind}, "extensions", []EstateKind{LineKind}, "users"},
	{RelDeviceService, deviceKinds, "services", []EstateKind{ServiceKind}, ""},
	{RelCSSPartition, []EstateKind{CSSKind}, "partitions", []EstateKind{PartitionKind}, ""},
}

var deviceKinds = []EstateKind{PhoneKind, DeviceProfileKind, RemoteDestinationProfileKind}

// OwnedKinds are the kinds of objects that have OwnerAttribute.
var OwnedKinds = []EstateKind{PhoneKind, RemoteDestinationProfileKind, RemoteDestinationKind}

// Lists names the attributes of an object of the kind that list related objects.
func (k EstateKind) Lists() []string {
	var out []string
	for _, r := range Relations {
		if slices.Contains(r.From, k) {
			out = append(out, r.FromAs)
		}
		if slices.Contains(r.To, k) && r.ToAs != "" {
			out = append(out, r.ToAs)
		}
	}
	return out
}

// RelationsOf lists the relations that have a side in one of the kinds.
func RelationsOf(kinds ...EstateKind) []Relation {
	var out []Relation
	for _, r := range Relations {
		if slices.ContainsFunc(kinds, func(k EstateKind) bool {
			return slices.Contains(r.From, k) || r.ToAs != "" && slices.Contains(r.To, k)
		}) {
			out = append(out, r)
		}
	}
	return out
}

// IsRelation reports whether the kind is one of the Relations.
func (k EstateKind) IsRelation() bool {
	return slices.ContainsFunc(Relations, func(r Relation) bool { return r.Kind == k })
}

// Info describes the kind; ok is false when it is neither a kind of object nor a
// relation. A relation is read with what is first in it.
func (k EstateKind) Info() (info KindInfo, ok bool) {
	if i := slices.IndexFunc(EstateKinds, func(i KindInfo) bool { return i.Kind == k }); i >= 0 {
		return EstateKinds[i], true
	}
	if i := slices.IndexFunc(Relations, func(r Relation) bool { return r.Kind == k }); i >= 0 {
		words := strings.ReplaceAll(strings.TrimPrefix(string(k), "rel_"), "_", " to ")
		first, _ := Relations[i].From[0].Info()
		return KindInfo{Kind: k, Title: "Relation of " + words, Group: first.Group, Both: first.Both}, true
	}
	return KindInfo{}, false
}

// Title is the word for the kind that administrators know.
func (k EstateKind) Title() string {
	if info, ok := k.Info(); ok {
		return info.Title
	}
	return string(k)
}

var notInKind = regexp.MustCompile(`[^a-z0-9]`)

// ParseEstateKind finds the kind of object by its name, its title or another name that
// it has, in the singular or plural, whatever the case: "phones", "route-partition",
// "VG224". Fails with Invalid.
func ParseEstateKind(text string) (EstateKind, error) {
	bare := func(s string) string {
		s = notInKind.ReplaceAllString(strings.ToLower(s), "")
		if strings.HasSuffix(s, "css") || strings.HasSuffix(s, "access") {
			return s
		}
		return strings.TrimSuffix(s, "s")
	}
	want := bare(text)
	for _, info := range EstateKinds {
		for _, name := range append([]string{string(info.Kind), info.Title}, info.Also...) {
			if want != "" && bare(name) == want {
				return info.Kind, nil
			}
		}
	}
	return "", &Error{Kind: Invalid, Detail: fmt.Sprintf(
		"there is no kind of object %q: write users, phones, lines, css, device-pools, …", text)}
}

// EstateObject is an object of a call processor, as it was when it was last read.
type EstateObject struct {
	CallProcessor string          `json:"callProcessor"`
	Kind          EstateKind      `json:"kind"`
	UUID          string          `json:"uuid"` // lower case, no braces; stays when the object is renamed
	Name          string          `json:"name"` // of a line and other patterns: the digits
	Partition     string          `json:"partition,omitempty"`
	Attributes    json.RawMessage `json:"attributes"` // one JSON object
	FirstSeen     time.Time       `json:"firstSeen"`
	LastSeen      time.Time       `json:"lastSeen"`  // when it was last read, or its kind was completely
	ChangedAt     time.Time       `json:"changedAt"` // when a reading last found it different
}

// Label is the object as people name it: "4711 in PT_Berlin".
func (o EstateObject) Label() string {
	if o.Partition == "" {
		return o.Name
	}
	return o.Name + " in " + o.Partition
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ParseUUID makes the vendor's "{UPPER}" form the one that is used here: lower case
// without braces. Fails with Invalid when it is no identifier at all.
func ParseUUID(text string) (string, error) {
	id := strings.ToLower(strings.Trim(strings.TrimSpace(text), "{}"))
	if !uuidForm.MatchString(id) {
		return "", &Error{Kind: Invalid, Detail: fmt.Sprintf("%q is no identifier of an object", text)}
	}
	return id, nil
}

// EstateAge says how old the copy of a kind is.
type EstateAge struct {
	CallProcessor string     `json:"callProcessor"`
	Kind          EstateKind `json:"kind"`
	SyncID        string     `json:"syncId"`               // the last one that read the kind completely
	ReadAt        time.Time  `json:"readAt"`               // when that reading began: nothing is known from before
	AppliedAt     time.Time  `json:"appliedAt"`            // when it became visible
	LastChange    *time.Time `json:"lastChange,omitempty"` // until when the change watcher knows every change; nil = it never did
}
