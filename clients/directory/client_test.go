package directory

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := Options{
		URL: "ldaps://dc.example.test", BindDN: "svc@example.test", Password: "S3cret-Passw0rd",
		BaseDN: "DC=example,DC=test", Flavor: AD,
	}
	cases := map[string]struct {
		reason string
		change func(*Options)
		says   string
	}{
		"plain text":         {"a password never crosses in plain text", func(o *Options) { o.URL = "ldap://dc.example.test" }, "StartTLS"},
		"both":               {"TLS within TLS", func(o *Options) { o.StartTLS = true }, "already encrypted"},
		"another scheme":     {"not LDAP", func(o *Options) { o.URL = "https://dc.example.test" }, "ldaps://"},
		"no host":            {"an empty host would be this machine", func(o *Options) { o.URL = "ldaps://" }, "host"},
		"password in URL":    {"it would be in every log", func(o *Options) { o.URL = "ldaps://a:b@dc.example.test" }, "host"},
		"no password":        {"an anonymous bind succeeds everywhere", func(o *Options) { o.Password = "" }, "anonymous"},
		"no name":            {"so does this one", func(o *Options) { o.BindDN = "" }, "anonymous"},
		"no base":            {"the whole tree is no base", func(o *Options) { o.BaseDN = "" }, "base"},
		"base no DN":         {"a typing error", func(o *Options) { o.BaseDN = "example.test" }, "distinguished name"},
		"flavor":             {"neither kind", func(o *Options) { o.Flavor = "novell" }, "flavor"},
		"attribute":          {"an attribute is a name", func(o *Options) { o.UserAttribute = "uid)(cn=*" }, "attribute name"},
		"secret attribute":   {"nobody is found by a password", func(o *Options) { o.EmployeeAttribute = "userPassword" }, "credential"},
		"everything at once": {"all errors are reported together", func(o *Options) { o.URL, o.BaseDN = "x", "" }, "url must read"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := good
			tc.change(&options)
			_, err := New(options)
			if !errors.Is(err, uc.Invalid) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want invalid saying %q", tc.reason, err, tc.says)
			}
			if strings.Contains(fmt.Sprint(err), good.Password) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
	if _, err := New(good); err != nil {
		t.Errorf("good options: %v", err)
	}
}

// TestRefusalIsForgotten lets the pause after a refused bind pass.
func TestRefusalIsForgotten(t *testing.T) {
	t.Parallel()
	r := newRecorder(t, ldap.LDAPResultSuccess)
	c := r.client(t, AD)
	now := time.Now()
	c.now = func() time.Time { return now }
	c.refusal, c.refusedUntil = c.fail(uc.Denied, "bind", "refused"), now.Add(refusalPause)
	if _, err := c.Find(t.Context(), Key{UserID: "ann"}); !errors.Is(err, uc.Denied) || r.transcript() != "" {
		t.Errorf("within the pause: %v after %q, want denied without asking", err, r.transcript())
	}
	now = now.Add(refusalPause)
	if _, err := c.Find(t.Context(), Key{UserID: "ann"}); !errors.Is(err, uc.NotFound) {
		t.Errorf("after the pause: %v, want a real answer", err)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	c := newRecorder(t, ldap.LDAPResultSuccess).client(t, OpenLDAP)
	if _, err := c.Find(t.Context(), Key{UserID: "ann"}); !errors.Is(err, uc.NotFound) {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	if _, err := c.Find(t.Context(), Key{UserID: "ann"}); !errors.Is(err, uc.Internal) {
		t.Errorf("after closing: %v, want internal", err)
	}
}
