package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/uc"
)

func TestFixOf(t *testing.T) {
	t.Parallel()
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	cases := map[string]struct {
		reason string
		err    error
		says   string
	}{
		"certificate": {"no password repairs it", &uc.Error{Kind: uc.Denied, Err: fmt.Errorf("dialing: %w", untrusted)}, "caFile"},
		"password":    {"the account", &uc.Error{Kind: uc.Denied}, "password"},
		"silence":     {"the way there", &uc.Error{Kind: uc.Unavailable}, "see that it runs"},
		"missing":     {"the check knows best", &uc.Error{Kind: uc.NotFound}, "make it"},
		"no kind":     {"the same", errors.New("odd"), "make it"},
	}
	for name, c := range cases {
		if got := fixOf(c.err, "make it"); !strings.Contains(got, c.says) {
			t.Errorf("%s (%s): %q does not say %q", name, c.reason, got, c.says)
		}
	}
}
