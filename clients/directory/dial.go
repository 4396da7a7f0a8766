package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/uc"
)

// Object identifiers of the protocol.
const (
	oidStartTLS  = "1.3.6.1.4.1.1466.20037" // RFC 4511 4.14
	oidAssertion = "1.3.6.1.1.12"           // RFC 4528
)

// take waits for the client's one slot.
func (c *Client) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) give() { <-c.turn }

// connection returns the open connection or makes one. Connecting holds the
// slot, so that callers arriving together bind once.
func (c *Client) connection(ctx context.Context) (*ldap.Conn, error) {
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	defer c.give()
	switch {
	case c.closed:
		return nil, &uc.Error{Kind: uc.Internal, System: system, Op: "connect", Detail: "the client is closed"}
	case c.conn != nil && !c.conn.IsClosing():
		return c.conn, nil
	case c.now().Before(c.refusedUntil):
		return nil, c.refusal
	}
	conn, assertion, err := c.dial(ctx)
	if err != nil {
		if ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
			c.refusal, c.refusedUntil = c.fault("bind", err), c.now().Add(refusalPause)
			return nil, c.refusal
		}
		return nil, c.fault("connect", err)
	}
	c.conn = conn
	c.assertion.Store(assertion)
	return conn, nil
}

// drop forgets a broken connection, so that the next call makes a new one.
func (c *Client) drop(broken *ldap.Conn) error {
	if err := c.take(context.Background()); err != nil {
		return err
	}
	if c.conn == broken {
		c.conn = nil
	}
	c.give()
	return broken.Close()
}

// dial connects, encrypts, binds and asks what the server can do.
func (c *Client) dial(ctx context.Context) (*ldap.Conn, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, false, err
	}
	secure, err := c.encrypt(ctx, raw)
	if err != nil {
		return nil, false, errors.Join(err, raw.Close())
	}
	conn := ldap.NewConn(secure, true)
	conn.Start()
	conn.SetTimeout(c.options.Timeout)
	assertion, err := c.bind(conn)
	if err == nil {
		err = raw.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, false, errors.Join(err, conn.Close())
	}
	return conn, assertion, nil
}

// encrypt puts TLS over the connection, first asking for it on ldap://. The
// deadline it sets stays until dial is done.
func (c *Client) encrypt(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		if err := raw.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if c.options.StartTLS {
		if err := requestTLS(raw); err != nil {
			return nil, err
		}
	}
	secure := tls.Client(raw, c.tls)
	return secure, secure.HandshakeContext(ctx)
}

// requestTLS asks the server to start TLS. The library's own StartTLS flattens a
// certificate error to text; this keeps it, because an untrusted certificate
// must not be retried like a lost connection.
//
// Source: RFC 4511 4.14.
func requestTLS(raw net.Conn) error {
	message := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "LDAP Request")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, "MessageID"))
	extended := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "StartTLS")
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oidStartTLS, "OID"))
	message.AppendChild(extended)
	if _, err := raw.Write(message.Bytes()); err != nil {
		return err
	}
	answer, err := ber.ReadPacket(raw)
	if err != nil {
		return fmt.Errorf("reading the answer to StartTLS: %w", err)
	}
	return ldap.GetLDAPError(answer)
}

// bind authenticates and reports whether the server offers assertions, which
// only OpenLDAP needs and AD does not have.
func (c *Client) bind(conn *ldap.Conn) (assertion bool, err error) {
	if err := conn.Bind(c.options.BindDN, c.options.Password); err != nil {
		return false, err
	}
	if c.options.Flavor != OpenLDAP {
		return false, nil
	}
	found, err := conn.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases,
		0, 0, false, "(objectClass=*)", []string{"supportedControl"}, nil))
	if err != nil {
		return false, err
	}
	for _, e := range found.Entries {
		assertion = assertion || slices.Contains(e.GetEqualFoldAttributeValues("supportedControl"), oidAssertion)
	}
	return assertion, nil
}

// call runs one request on the connection and returns the library's own error;
// a broken connection is dropped. When ctx ends first the request may still
// reach the server: for a write that is a lost answer.
func call[T any](ctx context.Context, c *Client, request func(*ldap.Conn) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	conn, err := c.connection(ctx)
	if err != nil {
		return none, err
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := request(conn)
		answers <- answer{value, err}
	}()
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case a := <-answers:
		if a.err != nil && !fromServer(a.err) {
			a.err = errors.Join(a.err, c.drop(conn))
		}
		return a.value, a.err
	}
}
