// Package cucm plays a Cisco Unified Communications Manager for tests and demos:
// AXL over HTTP with its limits, sessions, rights and faults, over a state in
// SQLite under CUCM's table names. It is written from the vendor's documents and
// must never import a client of the product.
package cucm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mode says how strictly requests are held against the schema.
type Mode string

// The modes.
const (
	Strict  Mode = "strict"  // schema order, required and unqualified elements, known words
	Lenient Mode = "lenient" // whatever a real CUCM was seen to accept
)

// Account is an application user that may use AXL.
type Account struct {
	User     string `json:"user"`
	Password string `json:"password"`
	ReadOnly bool   `json:"readOnly,omitempty"` // writes are answered with 401
	NoAXL    bool   `json:"noAXL,omitempty"`    // authenticated but without the AXL role: 403
	Rank     int    `json:"rank,omitempty"`     // user rank, 1 = highest; 0 means 1
}

// Options say what cluster to play. The zero value is a strict 15.0 cluster in
// memory with real limits and account axl/axl.
type Options struct {
	Path            string                   // SQLite file; "" = private and gone after Close
	Version         string                   // "15.0", "14.0", "12.5" or "11.5"; "" = "15.0"
	ResponseVersion string                   // namespace version of answers; "" = the one asked for
	Mode            Mode                     // "" = Strict
	Accounts        []Account                // empty = one account axl/axl
	Model           Model                    // what is made when the state is empty
	Limits          Limits                   // zero value = RealLimits()
	Latency         map[string]time.Duration // per operation, "*" = all others
	LDAP            map[string]LDAPAgreement // by agreement name
	PINMinLength    int                      // digits of a PIN at least; 0 = 5
	LockAfter       int                      // wrong passwords in a row that lock an account until Unlock; 0 = never
	AllowSQLUpdate  bool                     // executeSQLUpdate works
	ChangesOff      bool                     // service parameter AXL Change Notification is Off: listChange is refused
	SQLTimeout      time.Duration            // ends an executeSQLQuery; 0 = a minute
	BodyTimeout     time.Duration            // ends a connection whose request's body is not there by then; 0 = a minute
	LDAPReadOnly    string                   // fault text for a write to an LDAP-owned field; "" = ours
}

// Model is what a new state is filled with: the infrastructure always, people
// and devices by number. The same seed makes the same world, uuids included.
type Model struct {
	Users, Phones, Lines int
	Seed                 int64
	Infrastructure       []Object // named objects beside the default ones
}

// Object is a named object of infrastructure: Type is AXL's element
// ("devicePool", "routePartition", …), Fields are column values or, for
// references, names.
type Object struct {
	Type   string
	Name   string
	Fields map[string]string
}

// LDAPAgreement is a directory agreement. Its users appear in the cluster only
// after doLdapSync; the sync takes SyncDuration.
type LDAPAgreement struct {
	Users        []LDAPUser
	SyncDuration time.Duration
}

// LDAPUser is a user in the directory behind an agreement.
type LDAPUser struct {
	UserID          string `json:"userid"`
	FirstName       string `json:"firstName,omitempty"`
	LastName        string `json:"lastName,omitempty"`
	DisplayName     string `json:"displayName,omitempty"`
	Mail            string `json:"mailid,omitempty"`
	TelephoneNumber string `json:"telephoneNumber,omitempty"`
	Department      string `json:"department,omitempty"`
	Title           string `json:"title,omitempty"`
	Manager         string `json:"manager,omitempty"`
	Mobile          string `json:"mobileNumber,omitempty"`
	DirectoryURI    string `json:"directoryUri,omitempty"`
}

func (u *LDAPUser) attributes() map[string]string {
	all := map[string]string{
		"firstname": u.FirstName, "lastname": u.LastName, "displayname": u.DisplayName, "mailid": u.Mail,
		"telephonenumber": u.TelephoneNumber, "department": u.Department, "title": u.Title, "manager": u.Manager,
		"mobile": u.Mobile, "directoryuri": u.DirectoryURI,
	}
	return all
}

// Limits are what a cluster refuses to exceed. A field that is 0 does not limit.
type Limits struct {
	MaxResponseBytes      int64         // of one answer
	MaxConcurrentBytes    int64         // of all answers under way
	MaxOutstandingChanges int           // undrained change notifications before writes get 503
	DrainPerSecond        float64       // how fast they drain
	SessionIdle           time.Duration // until a cookie is forgotten
	ChangeRing            int           // changes listChange remembers
	off                   bool
}

// RealLimits are CUCM's. Source: AXL developer guide (8 MB, 16 MB, 30 minutes,
// 100,000 changes), administrators' reports (1,500 notifications, 1,500 writes a
// minute).
func RealLimits() Limits {
	return Limits{
		MaxResponseBytes: 8 << 20, MaxConcurrentBytes: 16 << 20, MaxOutstandingChanges: 1500,
		DrainPerSecond: 25, SessionIdle: 30 * time.Minute, ChangeRing: 100_000,
	}
}

// NoLimits refuses nothing; sessions still end after 30 minutes.
func NoLimits() Limits {
	return Limits{SessionIdle: 30 * time.Minute, ChangeRing: 100_000, off: true}
}

// supported says which schema versions a release serves, its own first. Source:
// AXL developer guide, version policy.
var supported = map[string][]string{
	"15.0": {"15.0", "14.0", "12.5", "12.0"},
	"14.0": {"14.0", "12.5", "12.0", "11.5", "11.0"},
	"12.5": {"12.5", "12.0", "11.5", "11.0", "10.0"},
	"11.5": {"11.5", "11.0", "10.5", "10.0"},
}

// normalise fills in defaults and reports everything that is wrong at once.
func (o *Options) normalise() error {
	if o.Version == "" {
		o.Version = "15.0"
	}
	if o.Mode == "" {
		o.Mode = Strict
	}
	if len(o.Accounts) == 0 {
		o.Accounts = []Account{{User: "axl", Password: "axl"}}
	}
	if o.Limits == (Limits{}) {
		o.Limits = RealLimits()
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = bodyTime
	}
	if o.PINMinLength == 0 {
		o.PINMinLength = 5
	}
	var errs []error
	if supported[o.Version] == nil {
		errs = append(errs, fmt.Errorf("version %q is not one of 11.5, 12.5, 14.0, 15.0", o.Version))
	}
	if o.Mode != Strict && o.Mode != Lenient {
		errs = append(errs, fmt.Errorf("mode %q is neither strict nor lenient", o.Mode))
	}
	o.Accounts = slices.Clone(o.Accounts)
	for i := range o.Accounts {
		if o.Accounts[i].User == "" || strings.Contains(o.Accounts[i].User, ":") {
			errs = append(errs, fmt.Errorf("account %d has no valid user name", i+1))
		}
		if o.Accounts[i].Rank == 0 {
			o.Accounts[i].Rank = 1
		}
	}
	if o.Model.Users < 0 || o.Model.Phones < 0 || o.Model.Lines < 0 {
		errs = append(errs, errors.New("the model's numbers must not be negative"))
	}
	return errors.Join(errs...)
}
