package servers_test

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/integration/servers"
)

// TestDirectories proves that each real directory holds the demo people, trusts
// its accounts as far as it should, and refuses plain text.
func TestDirectories(t *testing.T) {
	t.Parallel()
	type facts struct {
		start        func(testing.TB) *servers.Directory
		user         string // attribute of the user id
		plainRefused uint16
	}
	cases := map[string]facts{
		"samba": {servers.SambaAD, "sAMAccountName", ldap.LDAPResultStrongAuthRequired},
		"slapd": {servers.Slapd, "uid", ldap.LDAPResultConfidentialityRequired},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := tc.start(t)
			if again := tc.start(t); again != d {
				t.Error("the second call started another server")
			}
			conn := dial(t, d)
			for _, account := range []servers.Account{d.Outsider, d.Writer, d.Admin} {
				if err := conn.Bind(account.Name, account.Password); err != nil {
					t.Fatalf("binding as %s: %v", account.Name, err)
				}
			}
			found, err := conn.Search(ldap.NewSearchRequest(d.PeopleDN, ldap.ScopeSingleLevel, ldap.NeverDerefAliases,
				0, 0, false, "("+tc.user+"=*)", []string{tc.user}, nil))
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Entries) != len(servers.People()) {
				t.Errorf("%d people are there, want %d", len(found.Entries), len(servers.People()))
			}
			plain, err := ldap.DialURL(d.PlainURL)
			if err != nil {
				t.Fatal(err)
			}
			defer closing(t, plain)
			if err := plain.Bind(d.Writer.Name, d.Writer.Password); !ldap.IsErrorWithCode(err, tc.plainRefused) {
				t.Errorf("a plain text bind: %v, want code %d", err, tc.plainRefused)
			}
		})
	}
}

func TestPostfixServes(t *testing.T) {
	t.Parallel()
	m := servers.Postfix(t)
	mails, err := m.Delivered()
	if err != nil || len(mails) != 0 {
		t.Errorf("a new server holds %d mails, error %v", len(mails), err)
	}
}

func dial(t *testing.T, d *servers.Directory) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(d.URL, ldap.DialWithTLSConfig(d.TLS()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, conn) })
	return conn
}

func closing(t *testing.T, conn *ldap.Conn) {
	t.Helper()
	if err := conn.Close(); err != nil && !errors.Is(err, ldap.ErrNilConnection) {
		t.Error(err)
	}
}
