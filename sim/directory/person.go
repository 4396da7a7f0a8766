package directory

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Person is a user object. Empty fields are absent attributes.
type Person struct {
	UserID          string // sAMAccountName; never empty
	GivenName       string
	Surname         string
	DisplayName     string // also the common name; "" is "GivenName Surname", else UserID
	Mail            string
	Department      string
	Title           string
	Company         string
	Office          string // physicalDeliveryOfficeName
	EmployeeID      string // at most 16 characters
	TelephoneNumber string
	IPPhone         string
	OU              string // organizational unit below the base; "" is People; made when missing
	Disabled        bool
	More            map[string]string // further attributes of the schema

	DN   string // answered only
	GUID string // answered only: printed form of objectGUID, kept for life
}

// fields ties the plain fields to their attributes.
func (p *Person) fields() map[string]*string {
	return map[string]*string{
		"sAMAccountName": &p.UserID, "givenName": &p.GivenName, "sn": &p.Surname, "displayName": &p.DisplayName,
		"mail": &p.Mail, "department": &p.Department, "title": &p.Title, "company": &p.Company,
		"physicalDeliveryOfficeName": &p.Office, "employeeID": &p.EmployeeID,
		"telephoneNumber": &p.TelephoneNumber, "ipPhone": &p.IPPhone,
	}
}

func personOf(e *entry) Person {
	p := Person{DN: e.dn, GUID: guidString(e.guid), More: map[string]string{}}
	fields := p.fields()
	for key, values := range e.attrs {
		a := schema[key]
		if f, ok := fields[a.name]; ok {
			*f = first(values)
		} else if !a.system && a.syntax == text {
			p.More[a.name] = first(values)
		}
	}
	_, parent := splitDN(e.dn)
	if kind, value := naming(parent); strings.EqualFold(kind, "ou") {
		p.OU = value
	}
	uac, err := strconv.ParseInt(first(e.attrs["useraccountcontrol"]), 10, 64)
	p.Disabled = err == nil && uac&accountDisabled != 0
	return p
}

// accountDisabled is the bit of userAccountControl.
const accountDisabled = 2

// seed makes the base, and the people who were never here.
func (s *Server) seed() error {
	if _, _, code := s.store.find(s.options.BaseDN); code != 0 {
		o := s.insert(s.options.BaseDN, map[string][]string{"objectClass": {"top", "domain", "domainDNS"}})
		if err := o.err("adding the base"); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, e := range s.store.order {
		seen[e.userID()] = true
	}
	for _, p := range s.options.People {
		if seen[strings.ToLower(p.UserID)] {
			continue
		}
		if err := s.Add(p); err != nil {
			return err
		}
	}
	return nil
}

// Add makes a person, and the organizational unit when it is missing. Fails with
// the *ldap.Error that the same add over LDAP is answered with: 68 when the
// user id or the name is taken.
func (s *Server) Add(p Person) error {
	p.DisplayName = cmp.Or(p.DisplayName, strings.TrimSpace(p.GivenName+" "+p.Surname), p.UserID)
	attrs := map[string][]string{"objectClass": {"user"}, "userAccountControl": {"512"}}
	if p.Disabled {
		attrs["userAccountControl"] = []string{"514"}
	}
	for n, v := range p.More {
		attrs[n] = []string{v}
	}
	for n, f := range p.fields() {
		if *f != "" {
			attrs[n] = []string{*f}
		}
	}
	if _, set := p.More["userPrincipalName"]; !set {
		attrs["userPrincipalName"] = []string{p.UserID + "@" + s.domain()}
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if p.UserID == "" || s.person(p.UserID) != nil {
		return refuse(ldap.LDAPResultEntryAlreadyExists, "the user id is empty or taken").err("adding " + p.UserID)
	}
	ou := "OU=" + ldap.EscapeDN(cmp.Or(p.OU, "People")) + "," + s.options.BaseDN
	if _, _, code := s.store.find(ou); code == ldap.LDAPResultNoSuchObject {
		o := s.insertLocked(ou, map[string][]string{"objectClass": {"top", "organizationalUnit"}})
		if err := o.err("adding " + ou); err != nil {
			return err
		}
	}
	// Two people of one name in one unit: the second one's object carries the id.
	dn := "CN=" + ldap.EscapeDN(p.DisplayName) + "," + ou
	if _, _, code := s.store.find(dn); code == 0 {
		dn = "CN=" + ldap.EscapeDN(p.DisplayName+" ("+p.UserID+")") + "," + ou
	}
	return s.insertLocked(dn, attrs).err("adding " + dn)
}

// Person returns the person with this user id, in any case.
func (s *Server) Person(userID string) (Person, bool) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	e := s.person(userID)
	if e == nil {
		return Person{}, false
	}
	return personOf(e), true
}

// People returns everybody, by user id.
func (s *Server) People() []Person {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	var out []Person
	for _, e := range s.store.order {
		if e.isPerson() {
			out = append(out, personOf(e))
		}
	}
	slices.SortFunc(out, func(a, b Person) int { return cmp.Compare(a.UserID, b.UserID) })
	return out
}

// Set writes attributes as an administrator would; "" clears one. It fails with
// the *ldap.Error of the same modify, 32 when nobody has the user id.
func (s *Server) Set(userID string, attributes map[string]string) error {
	dn, err := s.dnOf(userID)
	if err != nil {
		return err
	}
	var changes []change
	for _, n := range slices.Sorted(maps.Keys(attributes)) {
		c := change{op: changeReplace, attribute: n}
		if v := attributes[n]; v != "" {
			c.values = []string{v}
		}
		changes = append(changes, c)
	}
	_, _, o := s.modify(nil, dn, changes, false)
	return o.err("changing " + userID)
}

// Remove deletes the person; a tombstone stays. Fails with an *ldap.Error 32
// when nobody has the user id.
func (s *Server) Remove(userID string) error {
	dn, err := s.dnOf(userID)
	if err != nil {
		return err
	}
	return s.bury(dn).err("removing " + userID)
}

// Rename gives the person another common and display name: the DN changes, the
// GUID and the user id stay. Fails with an *ldap.Error, 32 when nobody has the
// user id, 68 when the name is taken.
func (s *Server) Rename(userID, displayName string) error {
	dn, err := s.dnOf(userID)
	if err != nil {
		return err
	}
	if err := s.move(dn, "CN="+ldap.EscapeDN(displayName), "").err("renaming " + userID); err != nil {
		return err
	}
	return s.Set(userID, map[string]string{"displayName": displayName})
}

// Snapshot returns every live object's attributes by DN, without those that move
// with each write or each run (uSN*, when*, objectGUID): equal snapshots are
// equal directories.
func (s *Server) Snapshot() map[string]map[string][]string {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	out := map[string]map[string][]string{}
	for _, e := range s.store.order {
		if e.deleted() {
			continue
		}
		attrs := spell(e.attrs)
		for _, moving := range []string{"uSNCreated", "uSNChanged", "whenCreated", "whenChanged", "objectGUID"} {
			delete(attrs, moving)
		}
		out[e.dn] = attrs
	}
	return out
}

func (s *Server) dnOf(userID string) (string, error) {
	p, ok := s.Person(userID)
	if !ok {
		return "", refuse(ldap.LDAPResultNoSuchObject, "nobody has this user id").err("finding " + userID)
	}
	return p.DN, nil
}

// person is called with the lock held.
func (s *Server) person(userID string) *entry {
	for _, i := range s.store.index[indexKey("samaccountname", userID)] {
		if e := s.store.order[i]; e.isPerson() {
			return e
		}
	}
	return nil
}

func (o outcome) err(doing string) error {
	if o.code == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, ldap.NewError(o.code, errors.New(o.detail)))
}
