package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

const system = "directory"

// firstLibraryCode begins the codes that go-ldap itself makes up for failures
// without an answer.
const firstLibraryCode = 200

// fromServer reports whether the error is an answer of the server, so that the
// connection is still good.
func fromServer(err error) bool {
	var e *ldap.Error
	return errors.As(err, &e) && e.ResultCode < firstLibraryCode
}

// fault turns any failure of one operation into the project's error; one that is
// already classified stays as it is.
func (c *Client) fault(op string, err error) error {
	var known *uc.Error
	if errors.As(err, &known) {
		return err
	}
	kind, detail := classify(err)
	return &uc.Error{Kind: kind, System: system, Op: op, Detail: named(c.options.Name, detail), Err: err}
}

func (c *Client) fail(kind uc.Kind, op, format string, args ...any) error {
	return &uc.Error{Kind: kind, System: system, Op: op, Detail: named(c.options.Name, fmt.Sprintf(format, args...))}
}

func named(name, detail string) string {
	if name == "" {
		return detail
	}
	return name + ": " + detail
}

// classify gives the kind and a sentence for a person.
//
// An untrusted certificate is Denied, not Unavailable: asking again cannot help,
// somebody has to change a certificate or a setting.
func classify(err error) (uc.Kind, string) {
	var answer *ldap.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return uc.Denied, "the server's certificate is not trusted: " + certificate.Err.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return uc.Unavailable, "no answer in time"
	case fromServer(err) && errors.As(err, &answer):
		return kindOfResult(answer.ResultCode), sentence(answer)
	default:
		first, _, _ := strings.Cut(err.Error(), "\n")
		return uc.Unavailable, first
	}
}

// kindOfResult maps LDAP result codes.
//
// Source: RFC 4511 4.1.9 and appendix A; the codes AD, Samba and OpenLDAP give
// in each case were observed, see the contract test.
func kindOfResult(code uint16) uc.Kind {
	switch code {
	case ldap.LDAPResultNoSuchObject:
		return uc.NotFound
	case ldap.LDAPResultAssertionFailed, ldap.LDAPResultNoSuchAttribute, ldap.LDAPResultAttributeOrValueExists:
		return uc.Conflict
	case ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInsufficientAccessRights,
		ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired,
		ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultAuthMethodNotSupported,
		ldap.LDAPResultAuthorizationDenied,
		// A read-only replica or a global catalog: the setting must change, the
		// order is fine.
		ldap.LDAPResultReferral, ldap.LDAPResultUnwillingToPerform:
		return uc.Denied
	case ldap.LDAPResultUndefinedAttributeType, ldap.LDAPResultInappropriateMatching,
		ldap.LDAPResultConstraintViolation, ldap.LDAPResultInvalidAttributeSyntax,
		ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultNamingViolation,
		ldap.LDAPResultObjectClassViolation, ldap.LDAPResultNotAllowedOnRDN:
		return uc.Invalid
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther,
		ldap.LDAPResultOperationsError, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return uc.Unavailable
	}
	return uc.Internal
}

// adReasons explains the sub-code that AD hides in the text of result 49.
//
// Source: Microsoft Learn, "LDAP error codes" for the bind operation.
var adReasons = map[string]string{
	"525": "no such user",
	"52e": "wrong password",
	"530": "log-on not permitted at this time",
	"531": "log-on not permitted from this computer",
	"532": "the password has expired",
	"533": "the account is disabled",
	"701": "the account has expired",
	"773": "the password must be changed first",
	"775": "the account is locked",
}

var adSubCode = regexp.MustCompile(`\bdata ([0-9a-f]{3,4})\b`)

// sentence puts the server's answer into words. The server's own text is kept:
// it names attributes and rules, and holds nothing that was not sent to it.
func sentence(answer *ldap.Error) string {
	text := strings.Trim(strings.ReplaceAll(answer.Err.Error(), "\x00", ""), " \n")
	if answer.ResultCode == ldap.LDAPResultInvalidCredentials {
		if m := adSubCode.FindStringSubmatch(text); m != nil && adReasons[m[1]] != "" {
			return "bind refused: " + adReasons[m[1]]
		}
		return "bind refused: wrong name or password"
	}
	name := ldap.LDAPResultCodeMap[answer.ResultCode]
	if name == "" {
		name = "unknown result"
	}
	out := fmt.Sprintf("%s (%d)", strings.ToLower(name), answer.ResultCode)
	if text != "" {
		out += ": " + text
	}
	return out
}
