package directory

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

const oidStartTLS = "1.3.6.1.4.1.1466.20037"

// operation is how a request is named in fault rules, answered and done.
type operation struct {
	name   string
	answer ber.Tag
	do     func(*exchange, message) outcome
}

var operations = map[ber.Tag]operation{
	ldap.ApplicationBindRequest:     {"bind", ldap.ApplicationBindResponse, (*exchange).bind},
	ldap.ApplicationSearchRequest:   {"search", ldap.ApplicationSearchResultDone, (*exchange).search},
	ldap.ApplicationModifyRequest:   {"modify", ldap.ApplicationModifyResponse, (*exchange).modify},
	ldap.ApplicationAddRequest:      {"add", ldap.ApplicationAddResponse, (*exchange).add},
	ldap.ApplicationDelRequest:      {"delete", ldap.ApplicationDelResponse, (*exchange).remove},
	ldap.ApplicationModifyDNRequest: {"rename", ldap.ApplicationModifyDNResponse, (*exchange).rename},
	ldap.ApplicationExtendedRequest: {"extended", ldap.ApplicationExtendedResponse, (*exchange).extended},
}

func (c *exchange) extended(m message) outcome {
	switch name, _ := str(m.body, 0); {
	case name != oidStartTLS:
		return refuse(ldap.LDAPResultProtocolError, "unknown extended operation")
	case c.secure:
		return refuse(ldap.LDAPResultOperationsError, "TLS or SSL already in effect")
	}
	return outcome{}
}

// bind checks a simple bind. A failed one leaves the connection anonymous.
func (c *exchange) bind(m message) outcome {
	c.account = nil
	dn, ok := str(m.body, 1)
	if !ok || len(m.body.Children) != 3 {
		return refuse(ldap.LDAPResultProtocolError, "malformed bind")
	}
	auth := m.body.Children[2]
	switch {
	case auth.Tag != 0 || auth.TagType != ber.TypePrimitive:
		return refuse(ldap.LDAPResultAuthMethodNotSupported, "simple bind only")
	case auth.Data.Len() == 0:
		return outcome{} // RFC 4513 5.1.2: unauthenticated, and AD says success
	case !c.secure:
		return refuse(ldap.LDAPResultStrongAuthRequired, "BindSimple: Transport encryption required.")
	}
	key, err := dnKey(dn)
	for i := range c.server.options.Accounts {
		a := &c.server.options.Accounts[i]
		aKey, aErr := dnKey(a.DN)
		same := strings.EqualFold(a.DN, dn) || (err == nil && aErr == nil && key == aKey)
		if same && a.Password == auth.Data.String() {
			c.account = a
			return outcome{}
		}
	}
	return refuse(ldap.LDAPResultInvalidCredentials,
		"80090308: LdapErr: comment: AcceptSecurityContext error, data 52e, v4563")
}

// allowed refuses who has not bound, and who may not make and remove objects.
func (c *exchange) allowed(structure bool) (outcome, bool) {
	switch {
	case c.who == nil:
		return refuse(ldap.LDAPResultOperationsError, "Operation unavailable without authentication"), false
	case structure && !c.who.mayWrite("*"):
		return refuse(ldap.LDAPResultInsufficientAccessRights, "SecErr: INSUFF_ACCESS_RIGHTS"), false
	}
	return outcome{}, true
}

func (c *exchange) modify(m message) outcome {
	if o, ok := c.allowed(false); !ok {
		return o
	}
	dn, ok := str(m.body, 0)
	if !ok || len(m.body.Children) != 2 {
		return refuse(ldap.LDAPResultProtocolError, "malformed modify")
	}
	changes := make([]change, 0, len(m.body.Children[1].Children))
	for _, p := range m.body.Children[1].Children {
		var ch change
		if ch.op, ok = integerAt(p, 0); !ok || len(p.Children) != 2 {
			return refuse(ldap.LDAPResultProtocolError, "malformed change")
		}
		if ch.attribute, ch.values, ok = attributeOf(p.Children[1]); !ok {
			return refuse(ldap.LDAPResultProtocolError, "malformed change")
		}
		changes = append(changes, ch)
	}
	s := c.server
	before, after, o := s.modify(c.who, dn, changes, m.control(ldap.ControlTypeMicrosoftPermissiveModify) != nil)
	if o.code == 0 && before != after {
		s.mu.Lock()
		hooks := slices.Clone(s.onModify)
		s.mu.Unlock()
		for _, f := range hooks {
			f(personOf(before), personOf(after))
		}
	}
	return o
}

func (c *exchange) add(m message) outcome {
	if o, ok := c.allowed(true); !ok {
		return o
	}
	dn, ok := str(m.body, 0)
	if !ok || len(m.body.Children) != 2 {
		return refuse(ldap.LDAPResultProtocolError, "malformed add")
	}
	attrs := map[string][]string{}
	for _, p := range m.body.Children[1].Children {
		name, values, ok := attributeOf(p)
		if !ok {
			return refuse(ldap.LDAPResultProtocolError, "malformed attribute")
		}
		attrs[name] = values
	}
	return c.server.insert(dn, attrs)
}

func (c *exchange) remove(m message) outcome {
	if o, ok := c.allowed(true); !ok {
		return o
	}
	return c.server.bury(m.body.Data.String())
}

func (c *exchange) rename(m message) outcome {
	if o, ok := c.allowed(true); !ok {
		return o
	}
	dn, okDN := str(m.body, 0)
	rdn, okRDN := str(m.body, 1)
	if !okDN || !okRDN {
		return refuse(ldap.LDAPResultProtocolError, "malformed modify DN")
	}
	parent := ""
	if len(m.body.Children) > 3 {
		parent = m.body.Children[3].Data.String()
	}
	return c.server.move(dn, rdn, parent)
}
