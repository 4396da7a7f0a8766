package directory

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// syntax says how values of an attribute are compared.
type syntax int

const (
	text    syntax = iota // case-insensitive, otherwise exact: spaces and hyphens count
	integer               // 64 bit
	name                  // a distinguished name
	octets                // bytes
)

// attribute is one row of the schema.
type attribute struct {
	name   string // as answers spell it
	syntax syntax
	single bool
	max    int  // characters, 0 no limit
	system bool // only the directory itself writes it
}

// schema holds, by lower-case name, what the demo domain knows. It is the base
// schema: msRTCSIP-Line and extensionAttribute1-15 come with extensions that a
// domain may not have, so a client that takes them for granted fails here too.
//
// Source: single-valued flags and rangeUpper of the Windows Server base schema;
// assumed: givenName, sn and description lengths.
var schema = func() map[string]attribute {
	m := map[string]attribute{}
	add := func(a attribute, names ...string) {
		for _, n := range names {
			a.name = n
			m[strings.ToLower(n)] = a
		}
	}
	add(attribute{system: true}, "objectClass")
	add(attribute{system: true, single: true}, "cn", "ou", "dc", "name", "whenCreated", "whenChanged", "isDeleted")
	add(attribute{system: true, single: true, syntax: name}, "distinguishedName", "objectCategory", "lastKnownParent")
	add(attribute{system: true, single: true, syntax: integer}, "uSNCreated", "uSNChanged")
	add(attribute{system: true, single: true, syntax: octets}, "objectGUID")
	add(attribute{single: true, max: 64}, "telephoneNumber", "ipPhone", "mobile", "homePhone", "pager",
		"facsimileTelephoneNumber", "department", "company", "givenName", "sn")
	add(attribute{max: 64}, "otherTelephone", "otherMobile", "otherHomePhone", "otherFacsimileTelephoneNumber")
	add(attribute{}, "otherIpPhone")
	add(attribute{max: 1123}, "proxyAddresses")
	add(attribute{single: true, max: 256}, "mail", "displayName", "sAMAccountName", "division", "employeeType")
	add(attribute{single: true, max: 1024}, "userPrincipalName", "info", "streetAddress")
	add(attribute{max: 1024}, "description")
	add(attribute{single: true, max: 128}, "title", "physicalDeliveryOfficeName", "l", "st", "co")
	add(attribute{single: true, max: 40}, "postalCode")
	add(attribute{single: true, max: 3}, "c")
	add(attribute{single: true, max: 16}, "employeeID")
	add(attribute{single: true, max: 512}, "employeeNumber")
	add(attribute{single: true, syntax: integer}, "userAccountControl", "accountExpires")
	add(attribute{single: true, syntax: name}, "manager")
	add(attribute{syntax: name}, "member", "memberOf")
	return m
}()

// fold returns the form in which two values of the attribute are compared.
func (a attribute) fold(v string) string {
	switch a.syntax {
	case text:
		return strings.ToLower(v)
	case name:
		if key, err := dnKey(v); err == nil {
			return key
		}
		return strings.ToLower(v)
	case integer, octets:
	}
	return v
}

// guidBytes turns the printed form into the stored one, whose first three
// fields are little-endian; 32 plain digits are taken as stored.
//
// Source: measured on Samba AD 4.17.
func guidBytes(s string) (string, error) {
	if len(s) == 32 {
		b, err := hex.DecodeString(s)
		return string(b), err
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return "", fmt.Errorf("reading GUID: %w", err)
	}
	return swapGUID(string(u[:])), nil
}

// guidString prints a stored GUID.
func guidString(stored string) string {
	u, err := uuid.FromBytes([]byte(swapGUID(stored)))
	if err != nil {
		return ""
	}
	return u.String()
}

func swapGUID(b string) string {
	if len(b) != 16 {
		return b
	}
	return string([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}) + b[8:]
}
