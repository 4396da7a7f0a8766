// Package directory speaks LDAP to Active Directory and OpenLDAP: it finds one
// person and swaps attribute values by compare-and-swap. It never reads or
// writes a password attribute, never sends a credential over plain text, never
// overwrites a value it was not told to expect, and never retries, logs or
// knows Temporal. Values reach nobody but the caller and, for a conflict, the
// error's detail.
package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

// Flavor is the kind of directory; the two differ in stable ids, in default
// attribute names and in how a modify is guarded.
type Flavor string

// The flavors.
const (
	AD       Flavor = "ad"       // Active Directory, also Samba as domain controller
	OpenLDAP Flavor = "openldap" // OpenLDAP's slapd
)

const (
	defaultTimeout = 10 * time.Second
	// refusalPause is how long a refused bind is remembered. Domains lock an
	// account after a few wrong passwords; a hundred orders must not be a
	// hundred guesses.
	refusalPause = 30 * time.Second
)

// Options says which directory, as whom, and how to read it.
type Options struct {
	Name string // names the directory in error texts; may be empty
	URL  string // "ldaps://host[:636]", or "ldap://host[:389]" with StartTLS

	StartTLS   bool           // required with ldap://: there is no plain text mode
	RootCAs    *x509.CertPool // whom to trust; nil is the system's pool
	ServerName string         // name in the server's certificate; empty is the URL's host

	BindDN   string // distinguished name, for AD also user@domain; never empty
	Password string // never empty: an empty one would be an anonymous bind
	BaseDN   string // people are searched in this subtree

	Flavor            Flavor        // AD or OpenLDAP
	UserAttribute     string        // empty is sAMAccountName (AD), uid (OpenLDAP)
	EmployeeAttribute string        // empty is employeeID (AD), employeeNumber (OpenLDAP)
	Timeout           time.Duration // of connecting and of each request; 0 is 10 s
}

// Client holds at most one connection, made on first use and again after it
// broke. It is safe for concurrent use; requests share the connection.
type Client struct {
	options Options
	address string // host:port
	tls     *tls.Config
	now     func() time.Time

	turn chan struct{} // one slot: guards the fields below and lets a waiter give up

	conn         *ldap.Conn
	assertion    atomic.Bool // the server offers the assertion control
	refusal      error
	refusedUntil time.Time
	closed       bool
}

// New checks the options and returns a client; it does not connect. Fails with
// uc.Invalid, naming every wrong option at once.
func New(options Options) (*Client, error) {
	var wrong []string
	address, host, err := parseURL(options.URL, options.StartTLS)
	if err != "" {
		wrong = append(wrong, err)
	}
	switch options.Flavor {
	case AD:
		options.defaults("sAMAccountName", "employeeID")
	case OpenLDAP:
		options.defaults("uid", "employeeNumber")
	default:
		wrong = append(wrong, `flavor must be "ad" or "openldap"`)
	}
	if options.BindDN == "" || options.Password == "" {
		wrong = append(wrong, "bind name and password must both be set (an empty one is an anonymous bind)")
	}
	if options.BaseDN == "" {
		wrong = append(wrong, "base must be set")
	} else if _, err := ldap.ParseDN(options.BaseDN); err != nil {
		wrong = append(wrong, "base is not a distinguished name: "+err.Error())
	}
	for _, a := range []string{options.UserAttribute, options.EmployeeAttribute} {
		if problem := checkAttribute(a); problem != "" && a != "" {
			wrong = append(wrong, problem)
		}
	}
	if len(wrong) > 0 {
		return nil, &uc.Error{
			Kind: uc.Invalid, System: system, Op: "configure",
			Detail: named(options.Name, strings.Join(wrong, "; ")),
		}
	}
	if options.ServerName != "" {
		host = options.ServerName
	}
	return &Client{
		options: options,
		address: address,
		tls:     &tls.Config{RootCAs: options.RootCAs, ServerName: host, MinVersion: tls.VersionTLS12},
		now:     time.Now,
		turn:    make(chan struct{}, 1),
	}, nil
}

func (o *Options) defaults(user, employee string) {
	if o.UserAttribute == "" {
		o.UserAttribute = user
	}
	if o.EmployeeAttribute == "" {
		o.EmployeeAttribute = employee
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
}

// parseURL returns the address to dial and the host to verify, or what is wrong.
func parseURL(raw string, startTLS bool) (address, host, problem string) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return "", "", "url must read ldaps://host[:port] or ldap://host[:port]"
	}
	port := u.Port()
	switch {
	case u.Scheme == "ldaps" && startTLS:
		return "", "", "StartTLS belongs to ldap://, ldaps:// is already encrypted"
	case u.Scheme == "ldaps" && port == "":
		port = "636"
	case u.Scheme == "ldap" && !startTLS:
		return "", "", "ldap:// needs StartTLS: the password would be sent in plain text"
	case u.Scheme == "ldap" && port == "":
		port = "389"
	case u.Scheme != "ldap" && u.Scheme != "ldaps":
		return "", "", "url must begin with ldaps:// or ldap://"
	}
	return net.JoinHostPort(u.Hostname(), port), u.Hostname(), ""
}

// Close ends the connection; later calls fail with uc.Internal. Closing twice is
// harmless.
func (c *Client) Close() error {
	if err := c.take(context.Background()); err != nil {
		return c.fault("close", err)
	}
	defer c.give()
	c.closed = true
	if c.conn == nil {
		return nil
	}
	conn := c.conn
	c.conn = nil
	if err := conn.Close(); err != nil {
		return c.fault("close", err)
	}
	return nil
}
