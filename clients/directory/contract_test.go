package directory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/integration/servers"
	"github.com/dialtone/dialtone/uc"
)

// TestContract is one body of promises, held on real Samba AD, real OpenLDAP and
// the demo directory. Each promise that writes has a person of its own.
func TestContract(t *testing.T) {
	t.Parallel()
	backends := map[string]func(testing.TB) *backend{
		"samba": sambaBackend, "slapd": slapdBackend, "demo": demoBackend,
	}
	promises := map[string]func(*testing.T, *backend){
		"find":                     promiseFind,
		"find refuses":             promiseFindRefuses,
		"survive a rename":         promiseRename,
		"swap":                     promiseSwap,
		"one writer wins":          promiseRace,
		"two attributes or none":   promiseAllOrNone,
		"least privilege":          promiseLeastPrivilege,
		"check":                    promiseCheck,
		"refused bind":             promiseRefusedBind,
		"encrypted and trusted":    promiseTrust,
		"cut while reading":        promiseCutRead,
		"cut while writing":        promiseCutWrite,
		"silent server, impatient": promiseSilence,
	}
	for name, start := range backends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			for promise, hold := range promises {
				t.Run(promise, func(t *testing.T) {
					t.Parallel()
					hold(t, b)
				})
			}
		})
	}
}

func promiseFind(t *testing.T, b *backend) {
	c := b.client(t, nil)
	var want servers.Person
	for _, p := range servers.People() {
		if p.UserID == "mnunez" {
			want = p
		}
	}
	found, err := c.Find(t.Context(), directory.Key{UserID: "mnunez"}, "telephoneNumber", "IPPHONE", "title")
	if err != nil {
		t.Fatal(err)
	}
	for reason, key := range map[string]directory.Key{
		"by user id in another case": {UserID: "MNunez"},
		"by employee id":             {EmployeeID: want.EmployeeID},
		"by id":                      {ID: found.ID},
		"by id in upper case":        {ID: directory.GUID(strings.ToUpper(string(found.ID)))},
	} {
		again, err := c.Find(t.Context(), key, "telephoneNumber", "IPPHONE", "title")
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		if d := cmp.Diff(found, again); d != "" {
			t.Errorf("%s (-by user id +found):\n%s", reason, d)
		}
	}
	if found.ID == "" || !strings.HasSuffix(strings.ToLower(found.DistinguishedName), strings.ToLower(b.options.BaseDN)) {
		t.Errorf("id %q, name %q: want an id and a name below the base", found.ID, found.DistinguishedName)
	}
	found.ID, found.DistinguishedName = "", ""
	if d := cmp.Diff(directory.Person{
		UserID: "mnunez", EmployeeID: want.EmployeeID, Mail: want.Mail, DisplayName: want.FullName,
		Attributes: map[string][]string{"telephoneNumber": {want.TelephoneNumber}, "IPPHONE": {want.IPPhone}},
	}, found); d != "" {
		t.Errorf("attributes keep the names they were asked by, absent ones are left out (-want +got):\n%s", d)
	}
	for _, p := range servers.People() {
		got, err := c.Find(t.Context(), directory.Key{UserID: p.UserID})
		if err == nil && got.DisplayName != p.FullName && p.UserID != "lzak" {
			t.Errorf("%s is displayed as %q, want %q", p.UserID, got.DisplayName, p.FullName)
		}
		if err != nil {
			t.Errorf("%s: %v", p.UserID, err)
		}
	}
}

func promiseFindRefuses(t *testing.T, b *backend) {
	c := b.client(t, nil)
	cases := map[string]struct {
		reason     string
		key        directory.Key
		attributes []string
		kind       uc.Kind
		says       []string
	}{
		"nobody":          {"an unknown user", directory.Key{UserID: "nobody-here"}, nil, uc.NotFound, []string{"nobody-here"}},
		"unknown id":      {"a well-formed id of nobody", directory.Key{ID: "00000000-0000-4000-8000-000000000000"}, nil, uc.NotFound, nil},
		"two":             {"one employee id of two people", directory.Key{EmployeeID: "2000"}, nil, uc.Conflict, []string{"Twin One", "Twin Two"}},
		"star":            {"a star is a letter", directory.Key{UserID: "*"}, nil, uc.NotFound, nil},
		"prefix":          {"a prefix is no match", directory.Key{UserID: "mnun*"}, nil, uc.NotFound, nil},
		"injection":       {"a parenthesis ends nothing", directory.Key{UserID: "x)(objectClass=*"}, nil, uc.NotFound, nil},
		"or injection":    {"nor opens anything", directory.Key{UserID: "x)(|(objectClass=*)"}, nil, uc.NotFound, nil},
		"escape":          {"a backslash escapes nothing", directory.Key{UserID: `\2a`}, nil, uc.NotFound, nil},
		"nul":             {"a NUL ends a value in Samba", directory.Key{UserID: "mnunez\x00x"}, nil, uc.Invalid, nil},
		"employee star":   {"a star is a letter there too", directory.Key{EmployeeID: "1*"}, nil, uc.NotFound, nil},
		"no key":          {"an empty key matches nobody", directory.Key{}, nil, uc.Invalid, nil},
		"two keys":        {"two keys may disagree", directory.Key{UserID: "a", EmployeeID: "1"}, nil, uc.Invalid, nil},
		"no id":           {"an id is a GUID", directory.Key{ID: "x)(cn=*"}, nil, uc.Invalid, nil},
		"password":        {"a password is never read", directory.Key{UserID: "mnunez"}, []string{"userPassword"}, uc.Invalid, []string{"userPassword"}},
		"attribute trick": {"an attribute is a name", directory.Key{UserID: "mnunez"}, []string{"*"}, uc.Invalid, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := c.Find(t.Context(), tc.key, tc.attributes...)
			if !errors.Is(err, tc.kind) {
				t.Fatalf("%s: found %q, error %v, want %s", tc.reason, p.DistinguishedName, err, tc.kind)
			}
			for _, s := range tc.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%s: %v does not name %s", tc.reason, err, s)
				}
			}
		})
	}
}

func promiseRename(t *testing.T, b *backend) {
	c := b.client(t, nil)
	before := b.find(t, c, "lzak")
	b.rename(t, "lzak", "Łukasz Żak-Nowak")
	after, err := c.Find(t.Context(), directory.Key{ID: before.ID}, "ipPhone")
	if err != nil {
		t.Fatal(err)
	}
	if after.DistinguishedName == before.DistinguishedName || after.ID != before.ID {
		t.Errorf("after the rename: %q %q, before: %q %q", after.DistinguishedName, after.ID, before.DistinguishedName, before.ID)
	}
	if err := c.Swap(t.Context(), before.ID, []directory.Change{{"ipPhone", "4713", "4799"}}); err != nil {
		t.Errorf("swapping by the id from before the rename: %v", err)
	}
	if got := b.find(t, c, "lzak").Attributes["ipPhone"]; !cmp.Equal(got, []string{"4799"}) {
		t.Errorf("ipPhone is %q, want 4799", got)
	}
}

func promiseLeastPrivilege(t *testing.T, b *backend) {
	writer := b.client(t, nil)
	outsider := b.client(t, b.asOutsider)
	id := b.find(t, writer, "akowalski").ID
	for name, err := range map[string]error{
		"the writer, another attribute": writer.Swap(t.Context(), id, []directory.Change{{"title", "", "Queen"}}),
		"the writer, both":              writer.Swap(t.Context(), id, []directory.Change{{"ipPhone", "", "1"}, {"title", "", "Queen"}}),
		"an ordinary account":           outsider.Swap(t.Context(), id, []directory.Change{{"ipPhone", "", "1"}}),
	} {
		if !errors.Is(err, uc.Denied) {
			t.Errorf("%s: %v, want denied", name, err)
		}
	}
	if got := b.find(t, writer, "akowalski").Attributes; len(got) != 0 {
		t.Errorf("a refused write left %v", got)
	}
}

func promiseCheck(t *testing.T, b *backend) {
	writer := b.client(t, nil)
	if err := writer.Check(t.Context(), "telephoneNumber", "ipPhone"); err != nil {
		t.Errorf("everything is right: %v", err)
	}
	err := writer.Check(t.Context(), "telephoneNumber", "title")
	if !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "title") || strings.Contains(err.Error(), "telephoneNumber") {
		t.Errorf("a missing right: %v, want denied naming title only", err)
	}
	if err := b.client(t, b.asOutsider).Check(t.Context(), "telephoneNumber"); !errors.Is(err, uc.Denied) {
		t.Errorf("an ordinary account: %v, want denied", err)
	}
	if err := b.client(t, b.asOutsider).Check(t.Context()); err != nil {
		t.Errorf("an ordinary account may read: %v", err)
	}
	lost := b.client(t, func(o *directory.Options) { o.BaseDN = "OU=Nowhere," + o.BaseDN })
	if err := lost.Check(t.Context()); !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "Nowhere") {
		t.Errorf("a wrong base: %v, want denied naming it", err)
	}
	if _, err := lost.Find(t.Context(), directory.Key{UserID: "mnunez"}); !errors.Is(err, uc.Denied) {
		t.Errorf("finding below a wrong base: %v, want denied, not a missing person", err)
	}
}

func promiseRefusedBind(t *testing.T, b *backend) {
	w := newWire(t, b)
	c := b.client(t, func(o *directory.Options) { w.through(o); o.Password = "wrong-" + o.Password })
	for range 3 {
		_, err := c.Find(t.Context(), directory.Key{UserID: "mnunez"})
		if !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "bind refused") {
			t.Errorf("a wrong password: %v, want denied saying so", err)
		}
		if strings.Contains(err.Error(), b.options.Password) {
			t.Errorf("the error holds the password: %v", err)
		}
	}
	if got := w.connections(); got != 1 {
		t.Errorf("three calls tried the wrong password %d times, want once: accounts get locked", got)
	}
}

func promiseTrust(t *testing.T, b *backend) {
	stranger := newStranger(t)
	for name, tc := range map[string]struct {
		change func(*directory.Options)
		kind   uc.Kind
	}{
		"StartTLS":                    {b.startTLS, ""},
		"unknown authority":           {func(o *directory.Options) { o.RootCAs = stranger }, uc.Denied},
		"unknown authority, StartTLS": {func(o *directory.Options) { b.startTLS(o); o.RootCAs = stranger }, uc.Denied},
		"another name":                {func(o *directory.Options) { o.ServerName = "other.example.test" }, uc.Denied},
		"nobody listens":              {func(o *directory.Options) { o.URL = "ldaps://127.0.0.1:1" }, uc.Unavailable},
	} {
		_, err := b.client(t, tc.change).Find(t.Context(), directory.Key{UserID: "mnunez"})
		if uc.KindOf(err) != tc.kind {
			t.Errorf("%s: %v, want %q", name, err, tc.kind)
		}
	}
}
