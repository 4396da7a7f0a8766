package directory

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"
)

// insert adds an object below one that exists. Names of attributes may be in any
// case.
func (s *Server) insert(dn string, attrs map[string][]string) outcome {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.insertLocked(dn, attrs)
}

func (s *Server) insertLocked(dn string, attrs map[string][]string) outcome {
	key, err := dnKey(dn)
	if err != nil || !utf8.ValidString(dn) {
		return refuse(ldap.LDAPResultInvalidDNSyntax, dn)
	}
	if _, _, code := s.store.find(dn); code == 0 {
		return refuse(ldap.LDAPResultEntryAlreadyExists, "ENTRY_EXISTS")
	}
	if key != s.rootKey {
		_, parent := splitDN(dn)
		if _, nearest, code := s.store.find(parent); code != 0 {
			return outcome{code: code, matched: nearest, detail: "the parent does not exist"}
		}
	}
	e := &entry{dn: dn, key: key, guid: newGUID(), attrs: map[string][]string{}}
	for n, values := range attrs {
		lower := strings.ToLower(n)
		a, known := schema[lower]
		switch {
		case !known:
			return refuse(ldap.LDAPResultNoSuchAttribute, n)
		case lower == "objectclass" || (a.system && a.syntax == text):
		case a.system:
			return refuse(ldap.LDAPResultConstraintViolation, n)
		}
		if len(values) == 0 || (a.single && len(values) > 1) {
			return refuse(ldap.LDAPResultConstraintViolation, n)
		}
		if code := s.check(a, values); code != 0 {
			return refuse(code, n)
		}
		e.attrs[lower] = slices.Clone(values)
	}
	s.complete(e)
	if e.isPerson() && s.person(e.userID()) != nil {
		return refuse(ldap.LDAPResultEntryAlreadyExists, "sAMAccountName is taken")
	}
	if err := s.store.commit(e); err != nil {
		return refuse(ldap.LDAPResultOther, err.Error())
	}
	return outcome{}
}

// complete adds what the directory itself knows about a new object.
//
// Source: measured on Samba AD 4.17: 546 is a disabled user without a password.
func (s *Server) complete(e *entry) {
	classes := e.attrs["objectclass"]
	if slices.ContainsFunc(classes, func(c string) bool { return strings.EqualFold(c, "user") }) {
		e.attrs["objectclass"] = []string{"top", "person", "organizationalPerson", "user"}
		e.attrs["objectcategory"] = []string{"CN=Person,CN=Schema,CN=Configuration," + s.options.BaseDN}
		if len(e.attrs["useraccountcontrol"]) == 0 {
			e.attrs["useraccountcontrol"] = []string{"546"}
		}
		if len(e.attrs["samaccountname"]) == 0 {
			e.attrs["samaccountname"] = []string{"$" + strings.ToUpper(guidString(e.guid)[:18])}
		}
	}
	nameAfter(e)
}

// nameAfter sets the naming attributes from the DN.
func nameAfter(e *entry) {
	kind, value := naming(e.dn)
	e.attrs["name"] = []string{value}
	e.attrs[strings.ToLower(kind)] = []string{value}
}

// naming returns the type and the unescaped value of the first RDN.
func naming(dn string) (kind, value string) {
	d, err := ldap.ParseDN(dn)
	if err != nil || len(d.RDNs) == 0 {
		return "", ""
	}
	return d.RDNs[0].Attributes[0].Type, d.RDNs[0].Attributes[0].Value
}

// bury makes a tombstone of an object without children: it keeps its identity
// and its account name, and loses the rest.
//
// Source: measured on Samba AD 4.17 without Recycle Bin.
func (s *Server) bury(dn string) outcome {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	e, nearest, code := s.store.find(dn)
	if code != 0 {
		return outcome{code: code, matched: nearest, detail: "NO_OBJECT"}
	}
	if !s.store.leaf(e.key) {
		return refuse(ldap.LDAPResultNotAllowedOnNonLeaf, "the object has children")
	}
	rdn, parent := splitDN(e.dn)
	next := &entry{
		dn:   rdn + `\0ADEL:` + guidString(e.guid) + ",CN=Deleted Objects," + s.options.BaseDN,
		guid: e.guid, created: e.created, attrs: map[string][]string{},
	}
	var err error
	if next.key, err = dnKey(next.dn); err != nil {
		return refuse(ldap.LDAPResultInvalidDNSyntax, next.dn)
	}
	for _, kept := range []string{"objectclass", "samaccountname", "useraccountcontrol", "usncreated", "whencreated"} {
		if v := e.attrs[kept]; len(v) > 0 {
			next.attrs[kept] = v
		}
	}
	nameAfter(next)
	next.attrs["isdeleted"] = []string{"TRUE"}
	next.attrs["lastknownparent"] = []string{parent}
	if err := s.store.commit(next); err != nil {
		return refuse(ldap.LDAPResultOther, err.Error())
	}
	return outcome{}
}

// move renames an object without children, and puts it below another parent when
// one is given. Its GUID stays.
func (s *Server) move(dn, rdn, parent string) outcome {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	e, nearest, code := s.store.find(dn)
	if code != 0 {
		return outcome{code: code, matched: nearest, detail: "NO_OBJECT"}
	}
	if parent == "" {
		_, parent = splitDN(e.dn)
	}
	next := &entry{dn: rdn + "," + parent, guid: e.guid, created: e.created, attrs: maps.Clone(e.attrs)}
	var err error
	if next.key, err = dnKey(next.dn); err != nil || !utf8.ValidString(rdn) {
		return refuse(ldap.LDAPResultInvalidDNSyntax, next.dn)
	}
	if _, nearest, code := s.store.find(parent); code != 0 {
		return outcome{code: code, matched: nearest, detail: "the new parent does not exist"}
	}
	if other, _, code := s.store.find(next.dn); code == 0 && other.guid != e.guid {
		return refuse(ldap.LDAPResultEntryAlreadyExists, "ENTRY_EXISTS")
	}
	if !s.store.leaf(e.key) {
		return refuse(ldap.LDAPResultNotAllowedOnNonLeaf, "the object has children")
	}
	nameAfter(next)
	if err := s.store.commit(next); err != nil {
		return refuse(ldap.LDAPResultOther, err.Error())
	}
	return outcome{}
}

func newGUID() string {
	u := uuid.New()
	return swapGUID(string(u[:]))
}
