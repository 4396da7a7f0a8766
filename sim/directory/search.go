package directory

import (
	"encoding/binary"
	"slices"
	"sort"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// search answers a search: entries first, then the result.
func (c *exchange) search(m message) outcome {
	q, ok := readQuery(m.body)
	if !ok {
		return refuse(ldap.LDAPResultProtocolError, "malformed search")
	}
	if q.base == "" && q.scope == ldap.ScopeBaseObject {
		c.rootDSE(m.id, q)
		return outcome{}
	}
	if c.who == nil {
		return refuse(ldap.LDAPResultOperationsError,
			"000004DC: LdapErr: In order to perform this operation a successful bind must be completed on the connection.")
	}
	page, limit, after := m.control(ldap.ControlTypePaging), c.server.options.MaxPageSize, uint64(0)
	if page != nil {
		size, cookie, ok := page.paging()
		if !ok {
			return refuse(ldap.LDAPResultProtocolError, "malformed paged results control")
		}
		if after, ok = c.position(cookie); !ok {
			return refuse(ldap.LDAPResultUnwillingToPerform, "the cookie is of another connection")
		}
		limit = min(limit, int(size))
	}
	if q.sizeLimit > 0 {
		limit = min(limit, int(q.sizeLimit))
	}
	found, more, out := c.server.scan(q, after, limit, m.control(ldap.ControlTypeMicrosoftShowDeleted) != nil)
	for _, e := range found {
		names, values := c.selectValues(q.attributes, e.attrs)
		c.write(encodeEntry(m.id, e.dn, names, values, q.typesOnly))
	}
	if out.code != 0 {
		return out
	}
	if page == nil {
		c.referral(m, q)
		if more {
			return refuse(ldap.LDAPResultSizeLimitExceeded, "")
		}
		return outcome{}
	}
	c.reply = pagingControl(nil)
	if more && len(found) > 0 {
		c.reply = pagingControl(c.cookie(found[len(found)-1].created))
	}
	return outcome{}
}

type query struct {
	base       string
	scope      int64
	sizeLimit  int64
	typesOnly  bool
	filter     *ber.Packet
	attributes []string
}

func readQuery(p *ber.Packet) (q query, ok bool) {
	if len(p.Children) != 8 {
		return q, false
	}
	q.base, _ = str(p, 0)
	q.scope, _ = integerAt(p, 1)
	q.sizeLimit, _ = integerAt(p, 3)
	q.typesOnly, _ = p.Children[5].Value.(bool)
	q.filter = p.Children[6]
	q.attributes = strs(p.Children[7])
	return q, true
}

// scan collects up to limit objects that lie in the scope, after a position.
func (s *Server) scan(q query, after uint64, limit int, deleted bool) (found []*entry, more bool, out outcome) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	base, nearest, code := s.store.find(q.base)
	if code != 0 {
		return nil, false, outcome{code: code, matched: nearest, detail: "0000208D: NameErr: problem 2001 (NO_OBJECT)"}
	}
	list := s.store.candidates(q.filter)
	list = list[sort.Search(len(list), func(i int) bool { return list[i].created > after }):]
	if q.scope == ldap.ScopeBaseObject {
		list = []*entry{base}
	}
	for _, e := range list {
		if !inScope(e.key, base.key, q.scope) || (e.deleted() && !deleted) || evaluate(q.filter, e.attrs) != yes {
			continue
		}
		if len(found) >= limit {
			return found, true, outcome{}
		}
		found = append(found, e)
	}
	return found, false, outcome{}
}

func inScope(key, base string, scope int64) bool {
	switch scope {
	case ldap.ScopeBaseObject:
		return key == base
	case ldap.ScopeSingleLevel:
		_, parent := splitDN(key)
		return parent == base
	}
	return key == base || strings.HasSuffix(key, ","+base)
}

// selectValues gives what was asked for and is there, as the schema spells it.
// The constructed attributes come only by name: what a person may have, and what
// of it this account may write.
//
// Source: MS-ADTS 3.1.1.4.5 for allowedAttributes, allowedAttributesEffective.
func (c *exchange) selectValues(asked []string, attrs map[string][]string) (names []string, values map[string][]string) {
	values = spell(attrs)
	named := func(name string) bool {
		return slices.ContainsFunc(asked, func(n string) bool { return strings.EqualFold(n, name) })
	}
	for _, a := range schema {
		if !a.system && c.who.mayWrite(a.name) && named("allowedAttributesEffective") {
			values["allowedAttributesEffective"] = append(values["allowedAttributesEffective"], a.name)
		}
		if named("allowedAttributes") {
			values["allowedAttributes"] = append(values["allowedAttributes"], a.name)
		}
	}
	all := len(asked) == 0 || slices.Contains(asked, "*")
	for n, v := range values {
		if len(v) > 0 && (all || named(n)) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names, values
}

// spell turns lower-case keys into the schema's spelling.
func spell(attrs map[string][]string) map[string][]string {
	out := make(map[string][]string, len(attrs))
	for key, v := range attrs {
		out[schema[key].name] = v
	}
	return out
}

// position and cookie tie a page to its connection: another one's cookie is
// refused.
//
// Source: measured on Samba AD 4.17.
func (c *conn) position(cookie string) (uint64, bool) {
	if cookie == "" {
		return 0, true
	}
	if len(cookie) != 16 || binary.BigEndian.Uint64([]byte(cookie[8:])) != c.id {
		return 0, false
	}
	return binary.BigEndian.Uint64([]byte(cookie[:8])), true
}

func (c *conn) cookie(after uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, after), c.id)
}

// referral sends the continuation reference that a search from the domain's
// root gets for the configuration partition, unless the client asked not to.
//
// Source: measured on Samba AD 4.17; control 1.2.840.113556.1.4.1339.
func (c *exchange) referral(m message, q query) {
	key, err := dnKey(q.base)
	if err != nil || key != c.server.rootKey || q.scope != ldap.ScopeWholeSubtree ||
		m.control("1.2.840.113556.1.4.1339") != nil {
		return
	}
	body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
	body.AppendChild(octetString("ldaps://" + c.server.domain() + "/CN=Configuration," + c.server.options.BaseDN))
	c.write(envelope(m.id, body))
}

// rootDSE is readable before bind.
func (c *exchange) rootDSE(id int64, q query) {
	s := c.server
	s.store.mu.RLock()
	usn := s.store.usn
	s.store.mu.RUnlock()
	base := s.options.BaseDN
	values := map[string][]string{
		"defaultNamingContext":       {base},
		"rootDomainNamingContext":    {base},
		"configurationNamingContext": {"CN=Configuration," + base},
		"schemaNamingContext":        {"CN=Schema,CN=Configuration," + base},
		"subschemaSubentry":          {"CN=Aggregate,CN=Schema,CN=Configuration," + base},
		"namingContexts":             {base},
		"dnsHostName":                {"dc1." + s.domain()},
		"highestCommittedUSN":        {strconv.FormatUint(usn, 10)},
		"supportedLDAPVersion":       {"3"},
		"supportedControl":           supportedControls,
		"supportedExtension":         {oidStartTLS},
		"supportedCapabilities":      {"1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670"},
		"supportedSASLMechanisms":    {},
		"isSynchronized":             {"TRUE"},
	}
	var names []string
	for n, v := range values {
		wanted := len(q.attributes) == 0 || slices.Contains(q.attributes, "*") ||
			slices.ContainsFunc(q.attributes, func(a string) bool { return strings.EqualFold(a, n) })
		if wanted && len(v) > 0 {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	c.write(encodeEntry(id, "", names, values, q.typesOnly))
}
