package directory

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// outcome is what a request is answered with.
type outcome struct {
	code    uint16
	matched string // nearest DN that exists, for noSuchObject
	detail  string
}

func refuse(code uint16, detail string) outcome { return outcome{code: code, detail: detail} }

// change is one modification of a modify request.
type change struct {
	op        int64 // RFC 4511: 0 add, 1 delete, 2 replace
	attribute string
	values    []string
}

const (
	changeAdd     = 0
	changeDelete  = 1
	changeReplace = 2
)

// modify applies all changes or none. Replacing a value by itself is no change
// and moves no uSN; deleting and adding the same value does.
//
// Source: measured on Samba AD 4.17; Windows where Flavor says so.
func (s *Server) modify(who *Account, dn string, changes []change, permissive bool) (before, after *entry, out outcome) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	e, nearest, code := s.store.find(dn)
	if code != 0 {
		return nil, nil, outcome{code: code, matched: nearest, detail: "0000208D: NameErr: problem 2001 (NO_OBJECT)"}
	}
	next := &entry{dn: e.dn, key: e.key, guid: e.guid, created: e.created, attrs: maps.Clone(e.attrs)}
	dirty := false
	for _, c := range changes {
		changed, code := s.apply(who, next.attrs, c, permissive)
		if code != 0 {
			return nil, nil, refuse(code, "AttErr: "+c.attribute)
		}
		dirty = dirty || changed
	}
	if !dirty {
		return e, e, outcome{}
	}
	if err := s.store.commit(next); err != nil {
		return nil, nil, refuse(ldap.LDAPResultOther, err.Error())
	}
	return e, next, outcome{}
}

// apply does one change to attrs. who is nil for the directory's own hand.
func (s *Server) apply(who *Account, attrs map[string][]string, c change, permissive bool) (bool, uint16) {
	key := strings.ToLower(c.attribute)
	a, known := schema[key]
	switch {
	case !known:
		return false, ldap.LDAPResultNoSuchAttribute
	case a.system:
		return false, ldap.LDAPResultConstraintViolation
	case who != nil && !who.mayWrite(key):
		return false, ldap.LDAPResultInsufficientAccessRights
	}
	if code := s.check(a, c.values); code != 0 {
		return false, code
	}
	have, code := attrs[key], uint16(0)
	var next []string
	switch c.op {
	case changeAdd:
		next, code = s.addValues(a, have, c.values, permissive)
	case changeDelete:
		next, code = deleteValues(a, have, c.values, permissive)
	case changeReplace:
		if a.single && len(c.values) > 1 {
			return false, s.twoValues()
		}
		if slices.Equal(have, c.values) {
			return false, 0
		}
		next = c.values
	default:
		return false, ldap.LDAPResultProtocolError
	}
	if code != 0 {
		return false, code
	}
	if len(next) > 0 {
		attrs[key] = slices.Clone(next)
		return true, 0
	}
	delete(attrs, key)
	return len(have) > 0, 0
}

func (s *Server) addValues(a attribute, have, values []string, permissive bool) ([]string, uint16) {
	if len(values) == 0 {
		return nil, ldap.LDAPResultProtocolError
	}
	out := slices.Clone(have)
	for _, v := range values {
		switch {
		case indexOf(a, out, v) >= 0:
			if !permissive {
				return nil, ldap.LDAPResultAttributeOrValueExists
			}
		case a.single && len(have) > 0:
			return nil, ldap.LDAPResultAttributeOrValueExists
		case a.single && len(out) > 0:
			return nil, s.twoValues()
		default:
			out = append(out, v)
		}
	}
	return out, 0
}

func deleteValues(a attribute, have, values []string, permissive bool) ([]string, uint16) {
	if len(values) == 0 {
		if len(have) == 0 && !permissive {
			return nil, ldap.LDAPResultNoSuchAttribute
		}
		return nil, 0
	}
	out := slices.Clone(have)
	for _, v := range values {
		i := indexOf(a, out, v)
		if i < 0 {
			if !permissive {
				return nil, ldap.LDAPResultNoSuchAttribute
			}
			continue
		}
		out = slices.Delete(out, i, i+1)
	}
	return out, 0
}

func indexOf(a attribute, values []string, v string) int {
	return slices.IndexFunc(values, func(x string) bool { return a.fold(x) == a.fold(v) })
}

// check refuses values that the syntax does not allow.
func (s *Server) check(a attribute, values []string) uint16 {
	for _, v := range values {
		if v == "" || !utf8.ValidString(v) {
			return ldap.LDAPResultInvalidAttributeSyntax
		}
		if a.max > 0 && utf8.RuneCountInString(v) > a.max {
			if s.options.Flavor == Samba {
				return ldap.LDAPResultInvalidAttributeSyntax
			}
			return ldap.LDAPResultConstraintViolation
		}
		if a.syntax == integer {
			if _, err := strconv.ParseInt(v, 10, 64); err != nil {
				return ldap.LDAPResultInvalidAttributeSyntax
			}
		}
		if a.syntax == name {
			if _, err := dnKey(v); err != nil {
				return ldap.LDAPResultInvalidAttributeSyntax
			}
		}
	}
	return 0
}

func (s *Server) twoValues() uint16 {
	if s.options.Flavor == Samba {
		return ldap.LDAPResultAttributeOrValueExists
	}
	return ldap.LDAPResultConstraintViolation
}
