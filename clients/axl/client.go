// Package axl speaks AXL, the administrative SOAP interface of Cisco Unified
// CM: one method is one call, wire types stay inside. It knows no Temporal and
// no database, and neither retries nor logs: a failure leaves as *uc.Error.
//
// The wire types in gen come from axl.xsd and axl.wsdl, our own subset.
package axl

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/hooklift/gowsdl/soap"

	"github.com/dialtone/dialtone/uc"
)

//go:generate go tool -modfile=../../tools/go.mod gowsdl -d . -p gen -o axl_gen.go axl.wsdl

const (
	defaultConns      = 4
	defaultLargeReads = 2 // Source: AXL developer guide, 8 MB an answer and 16 MB for all of them
	defaultTimeout    = 60 * time.Second
)

// Options say which call processor to speak to and as whom.
type Options struct {
	Name     string // the call processor's name; goes into the detail of every error
	URL      string // https://host:8443/axl/, always the publisher
	Username string // an application user with the role Standard AXL API Access
	Password string

	RootCAs    *x509.CertPool // who may sign the certificate; nil = the system's authorities
	ServerName string         // the name in the certificate when it is not URL's host; "" = URL's host

	Version  string // AXL schema to speak: "11.5", "12.5", "14.0", "15.0"; "" = negotiated on first use
	MaxConns int    // connections at a time, 0 = 4
	// LargeReads is how many of ListObjects and ReadPage run at a time, 0 = 2. One
	// connection at least is left to everything else.
	LargeReads int
	Timeout    time.Duration // longest wait for an answer to begin or to go on, 0 = 60 s

	// Record is called with every request as it goes out, PINs masked. For
	// tests; nil in production. It is called from many goroutines.
	Record func(op string, envelope []byte)
}

// Client is one call processor. It is safe for use by many goroutines.
type Client struct {
	name, url string
	soap      *soap.Client
	transport *transport
	reads     chan struct{} // holds a place for every large read under way
	version   version
}

// New checks the options and returns a client that has not connected yet.
// Fails with uc.Invalid when an option makes no sense.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, optionError(o.Name, "the URL must look like https://host:8443/axl/")
	}
	if o.Username == "" || o.Password == "" {
		return nil, optionError(o.Name, "the user name and the password must be given")
	}
	if o.Version != "" && !known(o.Version) {
		return nil, optionError(o.Name, fmt.Sprintf("AXL version %q is none of %v", o.Version, schemas))
	}
	if o.MaxConns <= 0 {
		o.MaxConns = defaultConns
	}
	if o.LargeReads <= 0 {
		o.LargeReads = defaultLargeReads
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	t := newTransport(o)
	return &Client{
		name:      o.Name,
		url:       o.URL,
		reads:     make(chan struct{}, max(1, min(o.LargeReads, o.MaxConns-1))),
		soap:      soap.NewClient(o.URL, soap.WithHTTPClient(t)),
		transport: t,
		version:   newVersion(o.Version),
	}, nil
}

func optionError(name, detail string) error {
	return &uc.Error{Kind: uc.Invalid, System: system, Detail: named(name, detail)}
}

// Close closes the idle connections. Calls under way end as they would have.
func (c *Client) Close() { c.transport.http.CloseIdleConnections() }

// call sends one request in the negotiated version and reads its answer.
// Secrets are never part of the error.
func (c *Client) call(ctx context.Context, op string, request, response any, secrets ...string) error {
	return c.speak(ctx, op, func(schema string) error { return c.send(ctx, schema, op, request, response) }, secrets...)
}

// speak does one exchange in the negotiated version and classifies its error. A
// version the server no longer serves is negotiated anew, once: the server was
// upgraded under us and did nothing.
func (c *Client) speak(ctx context.Context, op string, exchange func(schema string) error, secrets ...string) error {
	schema, err := c.schema(ctx)
	if err != nil {
		return err
	}
	err = exchange(schema)
	if versionRefused(err) {
		if schema, err = c.renegotiate(ctx, schema); err != nil {
			return err
		}
		err = exchange(schema)
	}
	return c.classify(ctx, op, err, secrets...)
}

// send is one exchange in one version; its error is not classified yet.
func (c *Client) send(ctx context.Context, schema, op string, request, response any) error {
	in := &reply{into: response}
	out := envelope{op: op, namespace: namespace + schema, body: request}
	if err := c.soap.CallContextWithFaultDetail(ctx, action(schema, op), out, in, &faultDetail{}); err != nil {
		return err
	}
	if !in.seen {
		return errors.New("the answer holds no " + op + "Response")
	}
	return nil
}

// create is call for the add operations, which answer with the new object's id.
func (c *Client) create(ctx context.Context, op string, request, response any, id *string, secrets ...string) (UUID, error) {
	if err := c.call(ctx, op, request, response, secrets...); err != nil {
		return "", err
	}
	u, err := parseUUID(*id)
	if err != nil {
		return "", c.classify(ctx, op, err)
	}
	return u, nil
}

// invalid refuses a request that AXL could only refuse, before it is sent.
func (c *Client) invalid(op, detail string) error {
	return &uc.Error{Kind: uc.Invalid, System: system, Op: op, Detail: named(c.name, detail)}
}

// empty is an answer without the object it should hold. AXL answers a missing
// object with a fault, so this one is not to be believed.
func (c *Client) empty(op string) error {
	return &uc.Error{Kind: uc.Unavailable, System: system, Op: op, Detail: named(c.name, "the answer holds no object")}
}
