package directory

import (
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim"
)

const (
	base     = "DC=corp,DC=example,DC=test"
	svc      = "CN=svc-dialtone,OU=Service Accounts," + base
	admin    = "CN=Administrator,CN=Users," + base
	password = "correct horse"
)

type world struct {
	*Server
	t  *testing.T
	ca *sim.CA
}

// start runs a directory with three people; tweak may change the options.
func start(t *testing.T, tweak func(*Options)) world {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		BaseDN: base,
		Accounts: []Account{
			{DN: svc, Password: password, WriteAttributes: []string{"telephoneNumber", "ipPhone", "otherTelephone"}},
			{DN: admin, Password: password, WriteAttributes: []string{"*"}},
		},
		People: []Person{
			{UserID: "anna", GivenName: "Anna", Surname: "O'Brien", Mail: "anna@example.test", TelephoneNumber: "+49 30 1234-700"},
			{UserID: "bert", GivenName: "Bert", Surname: "Müller", OU: "Berlin", EmployeeID: "10042"},
			{UserID: "cora", GivenName: "Cora", Surname: "Diaz", Disabled: true},
		},
	}
	if tweak != nil {
		tweak(&o)
	}
	s, err := Start(t.Context(), o, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return world{Server: s, t: t, ca: ca}
}

func (w world) trust() *tls.Config {
	return &tls.Config{RootCAs: w.ca.Pool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// dial connects over LDAPS without binding.
func (w world) dial() *ldap.Conn {
	w.t.Helper()
	c, err := ldap.DialURL("ldaps://"+w.Addr(), ldap.DialWithTLSConfig(w.trust()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { hangUp(c) })
	return c
}

func (w world) as(dn string) *ldap.Conn {
	w.t.Helper()
	c := w.dial()
	if err := c.Bind(dn, password); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w world) person(userID string) Person {
	w.t.Helper()
	p, ok := w.Person(userID)
	if !ok {
		w.t.Fatalf("nobody is %q", userID)
	}
	return p
}

func code(err error) int {
	var e *ldap.Error
	if errors.As(err, &e) {
		return int(e.ResultCode)
	}
	if err != nil {
		return -1
	}
	return 0
}

func search(filter string, attributes ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil)
}

func TestBind(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	plain := func() *ldap.Conn {
		c, err := ldap.DialURL("ldap://" + w.PlainAddr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { hangUp(c) })
		return c
	}
	startTLS := func() *ldap.Conn {
		c := plain()
		if err := c.StartTLS(w.trust()); err != nil {
			t.Fatal(err)
		}
		return c
	}
	tests := map[string]struct {
		reason string
		conn   *ldap.Conn
		dn, pw string
		code   int
		says   string
	}{
		"ldaps":         {"the ordinary way", w.dial(), svc, password, 0, ""},
		"case":          {"names compare without case and spaces", w.dial(), "cn=SVC-dialtone, ou=service accounts," + base, password, 0, ""},
		"startTLS":      {"TLS begun on the plain port counts", startTLS(), svc, password, 0, ""},
		"plain":         {"a password must not cross in the clear", plain(), svc, password, ldap.LDAPResultStrongAuthRequired, "Transport encryption required"},
		"wrongPassword": {"AD's sub-code tells what was wrong", w.dial(), svc, "wrong", ldap.LDAPResultInvalidCredentials, "data 52e"},
		"nobody":        {"an unknown name looks like a wrong password", w.dial(), "CN=x," + base, password, ldap.LDAPResultInvalidCredentials, "data 52e"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tc.conn.Bind(tc.dn, tc.pw)
			if code(err) != tc.code || (err != nil && !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: got %v, want code %d with %q", tc.reason, err, tc.code, tc.says)
			}
		})
	}
}

func TestBeforeBind(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	unbound := w.dial()
	anonymous := w.dial()
	if err := anonymous.UnauthenticatedBind(svc); err != nil {
		t.Fatalf("a name with an empty password is let in as nobody: %v", err)
	}
	fallen := w.as(svc)
	if err := fallen.Bind(svc, "wrong"); err == nil {
		t.Fatal("a wrong password was accepted")
	}
	for name, c := range map[string]*ldap.Conn{"unbound": unbound, "anonymous": anonymous, "failed rebind": fallen} {
		if _, err := c.Search(search("(objectClass=*)")); code(err) != ldap.LDAPResultOperationsError {
			t.Errorf("%s: search before bind gave %v, want 1", name, err)
		}
		m := ldap.NewModifyRequest(w.person("anna").DN, nil)
		m.Replace("ipPhone", []string{"1"})
		if err := c.Modify(m); code(err) != ldap.LDAPResultOperationsError {
			t.Errorf("%s: modify before bind gave %v, want 1", name, err)
		}
		dse, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
		if err != nil || len(dse.Entries) != 1 || dse.Entries[0].GetAttributeValue("defaultNamingContext") != base {
			t.Errorf("%s: rootDSE: %v, %v", name, dse, err)
		}
	}
}

func TestTLSIsChecked(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	other, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	_, err = ldap.DialURL("ldaps://"+w.Addr(), ldap.DialWithTLSConfig(&tls.Config{RootCAs: other.Pool(), MinVersion: tls.VersionTLS12}))
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another CA was trusted: %v", err)
	}
	_, err = w.dial().Extended(ldap.NewExtendedRequest(oidStartTLS, nil))
	if code(err) != ldap.LDAPResultOperationsError {
		t.Errorf("StartTLS inside TLS gave %v, want 1", err)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "directory.jsonl")
	w := start(t, func(o *Options) { o.Path = path })
	m := ldap.NewModifyRequest("<GUID="+w.person("bert").GUID+">", nil)
	m.Add("telephoneNumber", []string{"4711"})
	if err := w.as(svc).Modify(m); err != nil {
		t.Fatal(err)
	}
	if err := w.Rename("anna", "Anna Weiß, PhD"); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove("cora"); err != nil {
		t.Fatal(err)
	}
	// The first server is still open: this is what kill -9 leaves behind.
	again := start(t, func(o *Options) { o.Path = path })
	if diff := cmp.Diff(w.People(), again.People()); diff != "" {
		t.Errorf("a restart changed people (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(w.Snapshot(), again.Snapshot()); diff != "" {
		t.Errorf("a restart changed the directory (-before +after):\n%s", diff)
	}
	if w.store.usn != again.store.usn {
		t.Errorf("highestCommittedUSN went from %d to %d", w.store.usn, again.store.usn)
	}
	if _, ok := again.Person("cora"); ok {
		t.Error("a removed person came back from the seed")
	}
}

func TestClientsRaceForOneValue(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	const clients = 20
	results := make(chan int, clients)
	for i := range clients {
		c := w.as(svc)
		go func() {
			m := ldap.NewModifyRequest(w.person("anna").DN, nil)
			m.Delete("telephoneNumber", []string{"+49 30 1234-700"})
			m.Add("telephoneNumber", []string{fmt.Sprint(4000 + i)})
			results <- code(c.Modify(m))
		}()
	}
	var won int
	for range clients {
		switch got := <-results; got {
		case 0:
			won++
		case ldap.LDAPResultNoSuchAttribute:
		default:
			t.Errorf("result %d", got)
		}
	}
	if won != 1 {
		t.Errorf("%d clients swapped the same old value, want 1", won)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	var ids []string
	for _, p := range w.People() {
		ids = append(ids, p.UserID)
	}
	if !slices.Equal(ids, []string{"anna", "bert", "cora"}) {
		t.Errorf("people are %v", ids)
	}
	bert := w.person("BERT")
	want := Person{
		UserID: "bert", GivenName: "Bert", Surname: "Müller", DisplayName: "Bert Müller", EmployeeID: "10042", OU: "Berlin",
		DN: "CN=Bert Müller,OU=Berlin," + base, GUID: bert.GUID,
		More: map[string]string{"userPrincipalName": "bert@corp.example.test"},
	}
	if diff := cmp.Diff(want, bert); diff != "" {
		t.Errorf("bert (-want +got):\n%s", diff)
	}
	if !w.person("cora").Disabled {
		t.Error("cora is not disabled")
	}
	if err := w.Add(Person{UserID: "Anna"}); code(err) != ldap.LDAPResultEntryAlreadyExists {
		t.Errorf("a second Anna gave %v, want 68", err)
	}
	if err := w.Add(Person{UserID: "anna2", GivenName: "Anna", Surname: "O'Brien"}); err != nil {
		t.Errorf("a namesake: %v", err)
	}
	if err := w.Rename("bert", "Bert Schmidt"); err != nil {
		t.Fatal(err)
	}
	renamed := w.person("bert")
	if renamed.GUID != bert.GUID || renamed.DisplayName != "Bert Schmidt" || renamed.DN == bert.DN {
		t.Errorf("after the rename: %+v", renamed)
	}
	if err := w.Remove("nobody"); code(err) != ldap.LDAPResultNoSuchObject {
		t.Errorf("removing nobody gave %v, want 32", err)
	}
}
