package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

// Change replaces one value of a person by another.
type Change struct {
	Attribute string
	Old       string // what must be there now, byte for byte as read; "" is: no value
	New       string // what is there afterwards; "" is: no value
}

// Swap makes all changes to the person in one modify, or none of them: every old
// value must still be there, and be the only one. It addresses the person by id,
// so a rename in between does no harm.
//
// Fails with uc.Conflict naming each attribute that holds something else and what
// it holds, uc.NotFound when the person is gone, uc.Invalid for a value or
// attribute the schema refuses, uc.Denied without the right to write, and
// uc.Unavailable when the answer was lost or an unrelated change came between:
// then read again before swapping again. Not idempotent by itself: a repeated
// swap conflicts with its own first effect.
//
// How the guard works depends on the server. AD: the old value is deleted by
// value, which fails when it is not there; an expected absence is guarded for
// single-valued attributes (telephoneNumber, ipPhone and all common ones), which
// refuse a second value. OpenLDAP: the entry is read, compared and asserted
// unchanged by its entryCSN; a server without the assertion control guards an
// expected absence only by the read just before.
//
// Source: RFC 4511 4.6; RFC 4528 for the assertion; MS-ADTS 3.1.1.3.1.1.5 for
// <GUID=…> as a name.
func (c *Client) Swap(ctx context.Context, id GUID, changes []Change) error {
	guid, err := parseGUID(string(id))
	if err != nil {
		return c.fail(uc.Invalid, "modify", "%v", err)
	}
	if problem := checkChanges(changes); problem != "" {
		return c.fail(uc.Invalid, "modify", "%s", problem)
	}
	request := swapRequest("<GUID="+string(guid)+">", changes)
	if c.options.Flavor == OpenLDAP {
		if request, err = c.guarded(ctx, guid, changes); err != nil {
			return err
		}
	}
	if err := c.modify(ctx, request); err != nil {
		return c.explain(ctx, guid, changes, err)
	}
	return nil
}

func (c *Client) modify(ctx context.Context, request *ldap.ModifyRequest) error {
	_, err := call(ctx, c, func(conn *ldap.Conn) (struct{}, error) { return struct{}{}, conn.Modify(request) })
	return err
}

func checkChanges(changes []Change) string {
	if len(changes) == 0 {
		return "there is nothing to change"
	}
	seen := map[string]bool{}
	for _, change := range changes {
		lower := strings.ToLower(change.Attribute)
		switch problem := checkAttribute(change.Attribute); {
		case problem != "":
			return problem
		case seen[lower]:
			return change.Attribute + " is changed twice"
		case change.Old == "" && change.New == "":
			return change.Attribute + " has neither an old nor a new value"
		}
		seen[lower] = true
	}
	return ""
}

func swapRequest(name string, changes []Change) *ldap.ModifyRequest {
	request := ldap.NewModifyRequest(name, nil)
	for _, change := range changes {
		if change.Old != "" {
			request.Delete(change.Attribute, []string{change.Old})
		}
		if change.New != "" {
			request.Add(change.Attribute, []string{change.New})
		}
	}
	return request
}

// guarded reads the entry, compares it exactly and builds a modify that asserts
// the entry has not changed since. Deleting by value is not enough there: phone
// attributes have many values and match without spaces and hyphens.
func (c *Client) guarded(ctx context.Context, id GUID, changes []Change) (*ldap.ModifyRequest, error) {
	entry, err := c.current(ctx, id, changes)
	if err != nil {
		return nil, err
	}
	if differences := compare(entry, changes); differences != "" {
		return nil, c.fail(uc.Conflict, "modify", "%s: %s", entry.DN, differences)
	}
	request := swapRequest(entry.DN, changes)
	if !c.assertion.Load() {
		return request, nil
	}
	control, err := assertion(id, entry.GetEqualFoldAttributeValue("entryCSN"), changes)
	if err != nil {
		return nil, c.fail(uc.Internal, "modify", "%v", err)
	}
	request.Controls = []ldap.Control{control}
	return request, nil
}

// assertion guards both against a change and against another person having taken
// the name. An account that may not read entryCSN asserts the values themselves,
// which OpenLDAP compares without spaces and hyphens. It is critical: a server
// that cannot honour it must refuse.
func assertion(id GUID, csn string, changes []Change) (ldap.Control, error) {
	var text strings.Builder
	text.WriteString("(&(entryUUID=" + string(id) + ")")
	if csn != "" {
		text.WriteString("(entryCSN=" + ldap.EscapeFilter(csn) + ")")
		changes = nil
	}
	for _, change := range changes {
		if change.Old == "" {
			text.WriteString("(!(" + change.Attribute + "=*))")
		} else {
			text.WriteString("(" + change.Attribute + "=" + ldap.EscapeFilter(change.Old) + ")")
		}
	}
	text.WriteString(")")
	filter, err := ldap.CompileFilter(text.String())
	if err != nil {
		return nil, fmt.Errorf("compiling the assertion: %w", err)
	}
	return ldap.NewControlString(oidAssertion, true, string(filter.Bytes())), nil
}

// current reads the attributes of the changes as they are now.
func (c *Client) current(ctx context.Context, id GUID, changes []Change) (*ldap.Entry, error) {
	filter, err := c.idFilter(id)
	if err != nil {
		return nil, c.fail(uc.Invalid, "search", "%v", err)
	}
	wanted := []string{"entryCSN"}
	for _, change := range changes {
		wanted = append(wanted, change.Attribute)
	}
	return c.findOne(ctx, filter, wanted)
}

// compare names every attribute whose values are not exactly the old one.
func compare(e *ldap.Entry, changes []Change) string {
	var differences []string
	for _, change := range changes {
		var want []string
		if change.Old != "" {
			want = []string{change.Old}
		}
		if have := values(e, change.Attribute); !slices.Equal(have, want) {
			differences = append(differences, fmt.Sprintf("%s holds %s, expected %s", change.Attribute, quoted(have), quoted(want)))
		}
	}
	return strings.Join(differences, "; ")
}

func quoted(v []string) string {
	if len(v) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%q", v)
}

// explain turns the refusal of a swap into its kind. The server does not say
// which old value was wrong, so the person is read once more.
func (c *Client) explain(ctx context.Context, id GUID, changes []Change, refusal error) error {
	if !ldap.IsErrorAnyOf(refusal, ldap.LDAPResultNoSuchAttribute, ldap.LDAPResultAttributeOrValueExists,
		ldap.LDAPResultAssertionFailed, ldap.LDAPResultConstraintViolation) {
		return c.fault("modify", refusal)
	}
	entry, err := c.current(ctx, id, changes)
	if err != nil {
		return err
	}
	if differences := compare(entry, changes); differences != "" {
		return c.fail(uc.Conflict, "modify", "%s: %s", entry.DN, differences)
	}
	_, text := classify(refusal)
	switch {
	case ldap.IsErrorWithCode(refusal, ldap.LDAPResultConstraintViolation):
		return c.fault("modify", refusal)
	case ldap.IsErrorWithCode(refusal, ldap.LDAPResultNoSuchAttribute) && allAbsent(changes):
		// Samba's answer for an attribute that is not in the schema.
		return c.fail(uc.Invalid, "modify", "%s: %s", entry.DN, text)
	}
	return c.fail(uc.Unavailable, "modify", "%s changed while it was written: %s", entry.DN, text)
}

func allAbsent(changes []Change) bool {
	return !slices.ContainsFunc(changes, func(change Change) bool { return change.Old != "" })
}
