package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

// probeValue is a value nobody has: deleting it shows whether writing is allowed, and
// never changes anything.
const probeValue = "dialtone write check"

// probedPeople bounds how many people are tried; administrators are protected
// from delegated accounts, so the first one may be no example.
const probedPeople = 10

// AD computes these for the account that asks: what a person's object may have,
// and what of it this account may write.
//
// Source: MS-ADTS 3.1.1.4.5, constructed attributes.
const (
	possible  = "allowedAttributes"
	permitted = "allowedAttributesEffective"
)

// Check proves that the server is reachable and trusted, the bind accepted, the
// base readable with at least one person, and each named attribute writable for
// at least one of the first people found. It changes nothing: AD is asked for the
// account's rights, OpenLDAP is probed by deleting a value that is not there.
// Fails with uc.Denied naming what is refused, uc.NotFound when no person is
// visible, uc.Invalid for an attribute the schema does not know.
func (c *Client) Check(ctx context.Context, attributes ...string) error {
	for _, a := range attributes {
		if problem := checkAttribute(a); problem != "" {
			return c.fail(uc.Invalid, "check", "%s", problem)
		}
	}
	if _, err := c.search(ctx, c.options.BaseDN, ldap.ScopeBaseObject, "(objectClass=*)", []string{"1.1"}, 1); err != nil {
		if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
			return c.noBase()
		}
		return c.fault("search", err)
	}
	rights := []string{"1.1"}
	if c.options.Flavor == AD {
		rights = []string{possible, permitted}
	}
	people, err := c.search(ctx, c.options.BaseDN, ldap.ScopeWholeSubtree, "(&"+c.people()+")", rights, probedPeople)
	if err != nil {
		return c.fault("search", err)
	}
	if len(people) == 0 {
		return c.fail(uc.NotFound, "search", "no person is visible below %s", c.options.BaseDN)
	}
	var refused []string
	for _, a := range attributes {
		allowed, err := c.mayWrite(ctx, a, people)
		if err != nil {
			return err
		}
		if !allowed {
			refused = append(refused, a)
		}
	}
	if len(refused) > 0 {
		return c.fail(uc.Denied, "modify", "%s may not write %s of any of %d people below %s",
			c.options.BindDN, strings.Join(refused, ", "), len(people), c.options.BaseDN)
	}
	return nil
}

// mayWrite reports whether the account may write the attribute of anyone of them.
func (c *Client) mayWrite(ctx context.Context, attribute string, people []*ldap.Entry) (bool, error) {
	if !anyHas(people, possible, "objectClass") {
		return c.probe(ctx, attribute, people)
	}
	if !anyHas(people, possible, attribute) {
		return false, c.fail(uc.Invalid, "check", "the schema has no attribute %s for people", attribute)
	}
	return anyHas(people, permitted, attribute), nil
}

// anyHas reports whether the list attribute of any entry names the attribute.
func anyHas(entries []*ldap.Entry, list, attribute string) bool {
	return slices.ContainsFunc(entries, func(e *ldap.Entry) bool {
		return slices.ContainsFunc(e.GetEqualFoldAttributeValues(list), func(name string) bool {
			return strings.EqualFold(name, attribute)
		})
	})
}

// probe asks person by person until one is allowed.
func (c *Client) probe(ctx context.Context, attribute string, people []*ldap.Entry) (bool, error) {
	for _, person := range people {
		request := ldap.NewModifyRequest(person.DN, nil)
		request.Delete(attribute, []string{probeValue})
		switch err := c.modify(ctx, request); {
		case err == nil, ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchAttribute):
			return true, nil
		case ldap.IsErrorAnyOf(err, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultNoSuchObject):
		default:
			return false, c.fault("modify", err)
		}
	}
	return false, nil
}
