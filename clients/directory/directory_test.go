package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

var update = flag.Bool("update", false, "rewrite testdata")

const someID = GUID("00112233-4455-6677-8899-aabbccddeeff")

func find(key Key, attributes ...string) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := c.Find(ctx, key, attributes...)
		return err
	}
}

// TestRequests compares what goes over the wire with testdata.
func TestRequests(t *testing.T) {
	t.Parallel()
	ad := recorded{"CN=Ann,OU=People,DC=example,DC=test", map[string][]string{
		"objectGUID":     {"\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"},
		"sAMAccountName": {"ann"}, "telephoneNumber": {"4711"},
	}}
	open := recorded{"uid=ann,ou=people,dc=example,dc=test", map[string][]string{
		"entryUUID": {string(someID)}, "uid": {"ann"}, "telephoneNumber": {"4711"},
		"entryCSN": {"20260101000000.000001Z#000000#000#000000"},
	}}
	hidden := recorded{open.dn, maps.Clone(open.attributes)}
	delete(hidden.attributes, "entryCSN")
	swap := func(ctx context.Context, c *Client) error {
		return c.Swap(ctx, someID, []Change{{"telephoneNumber", "4711", "4712"}, {"ipPhone", "", "4712"}})
	}
	cases := map[string]struct {
		reason string
		flavor Flavor
		entry  recorded
		do     func(context.Context, *Client) error
	}{
		"ad-find-id":           {"the id goes out in stored byte order", AD, ad, find(Key{ID: someID})},
		"ad-find-user":         {"input is escaped, attributes are named", AD, ad, find(Key{UserID: "o(*)n\\é"}, "ipPhone")},
		"ad-find-employee":     {"the employee attribute", AD, ad, find(Key{EmployeeID: "1001"})},
		"ad-swap":              {"one modify by GUID, no control", AD, ad, swap},
		"ad-check":             {"rights are read", AD, ad, func(ctx context.Context, c *Client) error { return c.Check(ctx) }},
		"openldap-find-id":     {"entryUUID as text", OpenLDAP, open, find(Key{ID: someID})},
		"openldap-find-user":   {"input is escaped", OpenLDAP, open, find(Key{UserID: "a*b"})},
		"openldap-swap":        {"read, then one modify under a critical assertion", OpenLDAP, open, swap},
		"openldap-swap-hidden": {"without entryCSN the values are asserted", OpenLDAP, hidden, swap},
		"openldap-check-probe": {"the right is probed by deleting what is not there", OpenLDAP, open, func(ctx context.Context, c *Client) error { return c.Check(ctx, "ipPhone") }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecorder(t, ldap.LDAPResultSuccess, tc.entry)
			if err := tc.do(t.Context(), r.client(t, tc.flavor)); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			file := filepath.Join("testdata", name+".txt")
			got := r.transcript()
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, d)
			}
		})
	}
}

// TestFaults asks a server that answers everything with one result code.
func TestFaults(t *testing.T) {
	t.Parallel()
	cases := map[uint16]uc.Kind{
		ldap.LDAPResultOperationsError:              uc.Unavailable,
		ldap.LDAPResultProtocolError:                uc.Internal,
		ldap.LDAPResultTimeLimitExceeded:            uc.Unavailable,
		ldap.LDAPResultStrongAuthRequired:           uc.Denied,
		ldap.LDAPResultReferral:                     uc.Denied,
		ldap.LDAPResultAdminLimitExceeded:           uc.Unavailable,
		ldap.LDAPResultUnavailableCriticalExtension: uc.Internal,
		ldap.LDAPResultConfidentialityRequired:      uc.Denied,
		ldap.LDAPResultUndefinedAttributeType:       uc.Invalid,
		ldap.LDAPResultInvalidAttributeSyntax:       uc.Invalid,
		ldap.LDAPResultInvalidDNSyntax:              uc.Invalid,
		ldap.LDAPResultInvalidCredentials:           uc.Denied,
		ldap.LDAPResultInsufficientAccessRights:     uc.Denied,
		ldap.LDAPResultBusy:                         uc.Unavailable,
		ldap.LDAPResultUnavailable:                  uc.Unavailable,
		ldap.LDAPResultUnwillingToPerform:           uc.Denied,
		ldap.LDAPResultObjectClassViolation:         uc.Invalid,
		ldap.LDAPResultOther:                        uc.Unavailable,
	}
	for code, kind := range cases {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			r := newRecorder(t, code)
			c := r.client(t, AD)
			_, found := c.Find(t.Context(), Key{UserID: "ann"})
			swapped := c.Swap(t.Context(), someID, []Change{{"telephoneNumber", "1", "2"}})
			for _, err := range []error{found, swapped} {
				if !errors.Is(err, kind) || !strings.HasPrefix(err.Error(), "directory ") || !strings.Contains(err.Error(), "corp: ") {
					t.Errorf("result %d: %v, want %s naming the directory", code, err, kind)
				}
				if strings.Contains(fmt.Sprintf("%+v", err), "S3cret") {
					t.Errorf("the password is in %v", err)
				}
			}
		})
	}
}

// TestSwapRefusals covers the codes whose meaning depends on what is there.
func TestSwapRefusals(t *testing.T) {
	t.Parallel()
	guid := "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
	cases := map[string]struct {
		reason string
		code   uint16
		there  []string
		change Change
		kind   uc.Kind
	}{
		"wrong old value":     {"16 and another value there", ldap.LDAPResultNoSuchAttribute, []string{"9"}, Change{"telephoneNumber", "1", "2"}, uc.Conflict},
		"taken":               {"20 and a value there", ldap.LDAPResultAttributeOrValueExists, []string{"9"}, Change{"telephoneNumber", "", "2"}, uc.Conflict},
		"constraint, taken":   {"Windows says 19 for a second value", ldap.LDAPResultConstraintViolation, []string{"9"}, Change{"telephoneNumber", "", "2"}, uc.Conflict},
		"constraint, too bad": {"19 although the old value is there", ldap.LDAPResultConstraintViolation, []string{"1"}, Change{"telephoneNumber", "1", "2"}, uc.Invalid},
		"unknown attribute":   {"16 although nothing was to be deleted", ldap.LDAPResultNoSuchAttribute, nil, Change{"msRTCSIP-Line", "", "2"}, uc.Invalid},
		"back again":          {"16, but when looking it is there", ldap.LDAPResultNoSuchAttribute, []string{"1"}, Change{"telephoneNumber", "1", "2"}, uc.Unavailable},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attributes := map[string][]string{"objectGUID": {guid}, tc.change.Attribute: tc.there}
			c := newRecorder(t, ldap.LDAPResultSuccess, recorded{"CN=Ann", attributes}).client(t, AD)
			err := c.explain(t.Context(), someID, []Change{tc.change}, ldap.NewError(tc.code, errors.New("no")))
			if !errors.Is(err, tc.kind) {
				t.Errorf("%s: %v, want %s", tc.reason, err, tc.kind)
			}
		})
	}
}

func TestClassifyWithoutAnswer(t *testing.T) {
	t.Parallel()
	untrusted := &tls.CertificateVerificationError{Err: errors.New("signed by nobody")}
	bind := func(text string) error { return ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New(text)) }
	cases := map[string]struct {
		reason string
		err    error
		kind   uc.Kind
		says   string
	}{
		"certificate":   {"asking again cannot help", fmt.Errorf("dialing: %w", untrusted), uc.Denied, "signed by nobody"},
		"cut":           {"the connection ended", io.ErrUnexpectedEOF, uc.Unavailable, "unexpected EOF"},
		"library":       {"the library's own code", ldap.NewError(ldap.ErrorNetwork, errors.New("ldap: connection timed out")), uc.Unavailable, "timed out"},
		"deadline":      {"the caller's time is over", context.DeadlineExceeded, uc.Unavailable, "no answer in time"},
		"AD sub-code":   {"AD says why in the text", bind("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 775, v4563"), uc.Denied, "the account is locked"},
		"AD, unknown":   {"a sub-code nobody documents", bind("AcceptSecurityContext error, data 9ff, v4563"), uc.Denied, "wrong name or password"},
		"OpenLDAP bind": {"OpenLDAP says nothing", bind(""), uc.Denied, "wrong name or password"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, detail := classify(tc.err)
			if kind != tc.kind || !strings.Contains(detail, tc.says) {
				t.Errorf("%s: %s %q, want %s saying %q", tc.reason, kind, detail, tc.kind, tc.says)
			}
		})
	}
}

func TestGUID(t *testing.T) {
	t.Parallel()
	// The example of MS-DTYP: mixed endianness in one line.
	stored := []byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	g, err := guidFromAD(stored)
	if err != nil || g != someID {
		t.Errorf("read %q, %v", g, err)
	}
	back, err := g.stored()
	if err != nil || !cmp.Equal(back, stored) {
		t.Errorf("stored as % x, %v", back, err)
	}
	if got, err := parseGUID("{00112233-4455-6677-8899-AABBCCDDEEFF}"); err != nil || got != someID {
		t.Errorf("braces and upper case: %q, %v", got, err)
	}
	for _, bad := range []string{"", "00112233", "00112233-4455-6677-8899-aabbccddeefg", "*", "00112233-4455-6677-8899-aabbccddeeff)(cn=*"} {
		if got, err := parseGUID(bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
	if _, err := guidFromAD(stored[:15]); err == nil {
		t.Error("15 bytes are no GUID")
	}
}

// TestMoreThanTheLimit gets two entries and "size limit exceeded": there are more.
func TestMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	r := newRecorder(t, ldap.LDAPResultSizeLimitExceeded, recorded{"CN=A,DC=x", nil}, recorded{"CN=B,DC=x", nil})
	_, err := r.client(t, AD).Find(t.Context(), Key{EmployeeID: "1"})
	if !errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "CN=A") || !strings.Contains(err.Error(), "CN=B") {
		t.Errorf("three of one employee id: %v, want a conflict naming two", err)
	}
}
