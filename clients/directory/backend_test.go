package directory_test

import (
	"context"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/integration/servers"
	"github.com/dialtone/dialtone/sim"
	demo "github.com/dialtone/dialtone/sim/directory"
)

// backend is a directory server and the hand of its administrator.
type backend struct {
	options    directory.Options // as the least privileged writer
	asOutsider func(*directory.Options)
	startTLS   func(*directory.Options)
	rename     func(t *testing.T, userID, fullName string)
	set        func(t *testing.T, userID, attribute, value string)
}

func sambaBackend(t testing.TB) *backend {
	t.Helper()
	return realBackend(t, servers.SambaAD(t), directory.AD, "sAMAccountName")
}

func slapdBackend(t testing.TB) *backend {
	t.Helper()
	return realBackend(t, servers.Slapd(t), directory.OpenLDAP, "uid")
}

func realBackend(t testing.TB, d *servers.Directory, flavor directory.Flavor, user string) *backend {
	t.Helper()
	reset(t, d, user)
	return &backend{
		options: directory.Options{
			Name: "test", URL: d.URL, RootCAs: d.CA, ServerName: d.ServerName, Flavor: flavor,
			BindDN: d.Writer.Name, Password: d.Writer.Password, BaseDN: d.PeopleDN, Timeout: time.Minute,
		},
		asOutsider: func(o *directory.Options) { o.BindDN, o.Password = d.Outsider.Name, d.Outsider.Password },
		startTLS:   func(o *directory.Options) { o.URL, o.StartTLS = d.PlainURL, true },
		rename: func(t *testing.T, userID, fullName string) {
			t.Helper()
			conn := adminConn(t, d)
			rename(t, conn, entryOf(t, conn, d, user, userID), fullName)
		},
		set: func(t *testing.T, userID, attribute, value string) {
			t.Helper()
			conn := adminConn(t, d)
			replace(t, conn, entryOf(t, conn, d, user, userID), attribute, value)
		},
	}
}

// reset undoes what an earlier run in this process left: the server is shared.
func reset(t testing.TB, d *servers.Directory, user string) {
	t.Helper()
	conn := adminConn(t, d)
	for _, p := range servers.People() {
		dn := entryOf(t, conn, d, user, p.UserID)
		replace(t, conn, dn, "telephoneNumber", p.TelephoneNumber)
		replace(t, conn, dn, "ipPhone", p.IPPhone)
		rename(t, conn, dn, p.FullName)
	}
}

func entryOf(t testing.TB, conn *ldap.Conn, d *servers.Directory, user, userID string) string {
	t.Helper()
	found, err := conn.Search(ldap.NewSearchRequest(d.PeopleDN, ldap.ScopeSingleLevel, ldap.NeverDerefAliases,
		0, 0, false, "("+user+"="+ldap.EscapeFilter(userID)+")", []string{"1.1"}, nil))
	if err != nil || len(found.Entries) != 1 {
		t.Fatalf("looking for %s as the administrator: %v", userID, err)
	}
	return found.Entries[0].DN
}

func rename(t testing.TB, conn *ldap.Conn, dn, fullName string) {
	t.Helper()
	if err := conn.ModifyDN(ldap.NewModifyDNRequest(dn, "cn="+ldap.EscapeDN(fullName), true, "")); err != nil {
		t.Fatal(err)
	}
}

func replace(t testing.TB, conn *ldap.Conn, dn, attribute, value string) {
	t.Helper()
	request := ldap.NewModifyRequest(dn, nil)
	request.Replace(attribute, slices.DeleteFunc([]string{value}, func(v string) bool { return v == "" }))
	if err := conn.Modify(request); err != nil {
		t.Fatal(err)
	}
}

func adminConn(t testing.TB, d *servers.Directory) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(d.URL, ldap.DialWithTLSConfig(d.TLS()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := conn.Bind(d.Admin.Name, d.Admin.Password); err != nil {
		t.Fatal(err)
	}
	return conn
}

func demoBackend(t testing.TB) *backend {
	t.Helper()
	const base, password = "DC=corp,DC=example,DC=test", "Demo-Passw0rd!"
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	var people []demo.Person
	for _, p := range servers.People() {
		people = append(people, demo.Person{
			UserID: p.UserID, GivenName: p.GivenName, Surname: p.Surname, DisplayName: p.FullName, Mail: p.Mail,
			EmployeeID: p.EmployeeID, TelephoneNumber: p.TelephoneNumber, IPPhone: p.IPPhone,
		})
	}
	// Not the test's context: parallel subtests outlive the function that starts it.
	s, err := demo.Start(context.Background(), demo.Options{ //nolint:usetesting // see above
		BaseDN: base, People: people, Flavor: demo.Samba,
		Accounts: []demo.Account{
			{DN: "CN=writer," + base, Password: password, WriteAttributes: []string{"telephoneNumber", "ipPhone"}},
			{DN: "CN=outsider," + base, Password: password},
		},
	}, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &backend{
		options: directory.Options{
			Name: "demo", URL: "ldaps://" + s.Addr(), RootCAs: ca.Pool(), ServerName: "127.0.0.1", Flavor: directory.AD,
			BindDN: "CN=writer," + base, Password: password, BaseDN: base, Timeout: time.Minute,
		},
		asOutsider: func(o *directory.Options) { o.BindDN = "CN=outsider," + base },
		startTLS:   func(o *directory.Options) { o.URL, o.StartTLS = "ldap://"+s.PlainAddr(), true },
		rename: func(t *testing.T, userID, fullName string) {
			t.Helper()
			if err := s.Rename(userID, fullName); err != nil {
				t.Fatal(err)
			}
		},
		set: func(t *testing.T, userID, attribute, value string) {
			t.Helper()
			if err := s.Set(userID, map[string]string{attribute: value}); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// client makes a client of its own for a promise; change may be nil.
func (b *backend) client(t *testing.T, change func(*directory.Options)) *directory.Client {
	t.Helper()
	options := b.options
	if change != nil {
		change(&options)
	}
	c, err := directory.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// find returns the person with both numbers; everybody in servers.People is there.
func (b *backend) find(t *testing.T, c *directory.Client, userID string) directory.Person {
	t.Helper()
	p, err := c.Find(t.Context(), directory.Key{UserID: userID}, "telephoneNumber", "ipPhone")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// await returns when the person has the number.
func (b *backend) await(t *testing.T, c *directory.Client, userID, number string) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !slices.Contains(b.find(t, c, userID).Attributes["telephoneNumber"], number) {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatalf("%s never got %s", userID, number)
		}
	}
}

func newStranger(t *testing.T) *x509.CertPool {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return ca.Pool()
}
