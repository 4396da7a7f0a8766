package directory

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

// Key names one person by exactly one of its fields. UserID and EmployeeID are
// compared by the directory, which ignores case.
type Key struct {
	ID         GUID
	UserID     string
	EmployeeID string
}

// Person is what the directory says about somebody. A field is empty when the
// directory has no value or the account may not read it.
type Person struct {
	ID                GUID
	DistinguishedName string
	UserID            string
	EmployeeID        string
	Mail              string
	DisplayName       string
	// Attributes holds the attributes asked for, under the names they were asked
	// by, byte for byte. One without a value is absent.
	Attributes map[string][]string
}

// Find returns the one person below the base that the key names, with the extra
// attributes. Fails with uc.NotFound when there is none, uc.Conflict naming both
// when there are more, and uc.Invalid for an unusable key or attribute.
//
// Source: RFC 4511 4.5; objectGUID as MS-ADTS 3.1.1.1.4.
func (c *Client) Find(ctx context.Context, key Key, attributes ...string) (Person, error) {
	filter, err := c.keyFilter(key)
	if err != nil {
		return Person{}, c.fail(uc.Invalid, "search", "%v", err)
	}
	for _, a := range attributes {
		if problem := checkAttribute(a); problem != "" {
			return Person{}, c.fail(uc.Invalid, "search", "%s", problem)
		}
	}
	entry, err := c.findOne(ctx, filter, attributes)
	if err != nil {
		return Person{}, err
	}
	return c.person(entry, attributes)
}

// findOne searches with room for two, so that an ambiguous key shows.
func (c *Client) findOne(ctx context.Context, filter string, attributes []string) (*ldap.Entry, error) {
	wanted := append([]string{
		c.idAttribute(), c.options.UserAttribute, c.options.EmployeeAttribute, "mail", "displayName",
	}, attributes...)
	entries, err := c.search(ctx, c.options.BaseDN, ldap.ScopeWholeSubtree, filter, wanted, 2)
	switch {
	case err != nil && ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, c.noBase()
	case err != nil:
		return nil, c.fault("search", err)
	case len(entries) == 0:
		return nil, c.fail(uc.NotFound, "search", "nobody below %s has %s", c.options.BaseDN, c.condition(filter))
	case len(entries) > 1:
		return nil, c.fail(uc.Conflict, "search", "both %s and %s have %s", entries[0].DN, entries[1].DN, c.condition(filter))
	}
	return entries[0], nil
}

// noBase is Denied, not NotFound: a wrong base is a wrong setting, and "no such
// person" would undo the order of somebody who exists.
func (c *Client) noBase() error {
	return c.fail(uc.Denied, "search", "base %s does not exist or may not be read", c.options.BaseDN)
}

// search returns at most limit entries; reaching the limit is no error.
func (c *Client) search(ctx context.Context, base string, scope int, filter string, attributes []string, limit int) (
	[]*ldap.Entry, error,
) {
	seconds := max(1, int(c.options.Timeout.Seconds()))
	request := ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, limit, seconds, false, filter, attributes, nil)
	found, err := call(ctx, c, func(conn *ldap.Conn) (*ldap.SearchResult, error) { return conn.Search(request) })
	switch {
	case err == nil:
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) && found != nil && len(found.Entries) > 0:
	default:
		return nil, err
	}
	return found.Entries, nil
}

func (c *Client) idAttribute() string {
	if c.options.Flavor == AD {
		return "objectGUID"
	}
	return "entryUUID"
}

// people is the filter of persons: AD's computers are users too.
func (c *Client) people() string {
	if c.options.Flavor == AD {
		return "(objectClass=user)(!(objectClass=computer))"
	}
	return "(objectClass=person)"
}

func (c *Client) keyFilter(key Key) (string, error) {
	set := 0
	for _, s := range []string{string(key.ID), key.UserID, key.EmployeeID} {
		if s != "" {
			set++
		}
		// Some servers end a value at a NUL and would find somebody else.
		if strings.ContainsFunc(s, unicode.IsControl) {
			return "", fmt.Errorf("%q contains a control character", s)
		}
	}
	switch {
	case set != 1:
		return "", fmt.Errorf("a person is found by exactly one of id, user id and employee id")
	case key.UserID != "":
		return c.equals(c.options.UserAttribute, ldap.EscapeFilter(key.UserID)), nil
	case key.EmployeeID != "":
		return c.equals(c.options.EmployeeAttribute, ldap.EscapeFilter(key.EmployeeID)), nil
	}
	return c.idFilter(key.ID)
}

func (c *Client) idFilter(id GUID) (string, error) {
	g, err := parseGUID(string(id))
	if err != nil {
		return "", err
	}
	if c.options.Flavor == OpenLDAP {
		return c.equals("entryUUID", string(g)), nil
	}
	b, err := g.stored()
	if err != nil {
		return "", err
	}
	return c.equals("objectGUID", filterBytes(b)), nil
}

// condition is what a filter of equals asks of a person, for people to read.
func (c *Client) condition(filter string) string {
	return strings.Trim(strings.TrimPrefix(filter, "(&"+c.people()), "()")
}

// equals builds the filter; the value is already escaped.
func (c *Client) equals(attribute, escaped string) string {
	return "(&" + c.people() + "(" + attribute + "=" + escaped + "))"
}

func (c *Client) person(e *ldap.Entry, attributes []string) (Person, error) {
	id, err := c.id(e)
	if err != nil {
		return Person{}, c.fail(uc.Internal, "search", "%s: %v", e.DN, err)
	}
	p := Person{
		ID:                id,
		DistinguishedName: e.DN,
		UserID:            e.GetEqualFoldAttributeValue(c.options.UserAttribute),
		EmployeeID:        e.GetEqualFoldAttributeValue(c.options.EmployeeAttribute),
		Mail:              e.GetEqualFoldAttributeValue("mail"),
		DisplayName:       e.GetEqualFoldAttributeValue("displayName"),
		Attributes:        make(map[string][]string, len(attributes)),
	}
	for _, a := range attributes {
		if v := values(e, a); len(v) > 0 {
			p.Attributes[a] = v
		}
	}
	return p, nil
}

func (c *Client) id(e *ldap.Entry) (GUID, error) {
	if c.options.Flavor == AD {
		return guidFromAD(e.GetEqualFoldRawAttributeValue("objectGUID"))
	}
	return parseGUID(e.GetEqualFoldAttributeValue("entryUUID"))
}

// values returns the attribute's values byte for byte.
func values(e *ldap.Entry, attribute string) []string {
	var out []string
	for _, raw := range e.GetEqualFoldRawAttributeValues(attribute) {
		out = append(out, string(raw))
	}
	return out
}

var attributeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// secretAttributes hold credentials or their hashes in AD and OpenLDAP; nothing
// here ever reads or writes them.
var secretAttributes = []string{
	"unicodepwd", "userpassword", "ntpwdhistory", "lmpwdhistory", "dbcspwd", "supplementalcredentials",
	"msds-managedpassword", "ms-mcs-admpwd", "sambantpassword", "sambalmpassword",
}

// checkAttribute says what is wrong with an attribute name, "" when nothing.
func checkAttribute(name string) string {
	switch {
	case !attributeForm.MatchString(name):
		return fmt.Sprintf("%q is not an attribute name", name)
	case slices.Contains(secretAttributes, strings.ToLower(name)):
		return name + " holds a credential and is never touched"
	}
	return ""
}
