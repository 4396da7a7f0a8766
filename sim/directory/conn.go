package directory

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim/fault"
)

// supportedControls is what the rootDSE advertises and what may be critical. The
// assertion control (RFC 4528) is not among them.
var supportedControls = []string{
	ldap.ControlTypePaging, ldap.ControlTypeMicrosoftShowDeleted,
	ldap.ControlTypeMicrosoftPermissiveModify, ldap.ControlTypeMicrosoftDomainScope,
}

// inFlight is how many requests of one connection are served at once.
const inFlight = 16

// conn is one client. Its requests are served side by side, so a slow one holds
// up nobody who shares the connection; bind and StartTLS wait for the others.
type conn struct {
	server  *Server
	id      uint64
	raw     net.Conn
	in      *bufio.Reader
	secure  bool
	account *Account // nil before bind and after an anonymous one

	writing sync.Mutex
	out     io.Writer
}

// exchange is one request and the answer that is being made.
type exchange struct {
	*conn
	who    *Account // whoever was bound when the request came
	answer bytes.Buffer
	reply  *ber.Packet // control of the answer
}

// serve answers requests until the client or the server ends it.
func (c *conn) serve(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	defer hangUp(c.raw)
	c.attach(c.secure)
	places := make(chan struct{}, inFlight)
	for {
		m, err := readMessage(c.in)
		if err != nil || m.op == ldap.ApplicationUnbindRequest {
			return
		}
		x := &exchange{conn: c, who: c.account}
		switch m.op {
		case ldap.ApplicationAbandonRequest:
		case ldap.ApplicationBindRequest, ldap.ApplicationExtendedRequest:
			running.Wait()
			if !x.handle(ctx, m) {
				return
			}
		default:
			places <- struct{}{}
			running.Go(func() {
				defer func() { <-places }()
				if !x.handle(ctx, m) {
					hangUp(c.raw)
				}
			})
		}
	}
}

// attach reads and writes through TLS, or not yet.
func (c *conn) attach(secure bool) {
	nc := c.raw
	if secure {
		nc = tls.Server(c.raw, c.server.tls)
	}
	c.secure, c.in, c.out = secure, bufio.NewReader(nc), nc
}

// handle answers one request; false ends the connection.
func (c *exchange) handle(ctx context.Context, m message) bool {
	op, known := operations[m.op]
	if !known {
		return false
	}
	broken := c.server.faults.Fire(op.name, c.server.faultKey(m))
	if slow, ok := broken.Of(fault.Delay); ok && fault.Wait(ctx, slow.Delay) != nil {
		return false
	}
	if _, ok := broken.Of(fault.Drop); ok {
		return false
	}
	var o outcome
	if f, ok := broken.Of(fault.Fault); ok {
		o = refuse(uint16(f.Code), f.Text)
	} else if m.criticalUnknown() {
		o = refuse(ldap.LDAPResultUnavailableCriticalExtension, "a critical control is not supported")
	} else {
		o = op.do(c, m)
	}
	if _, ok := broken.Of(fault.AfterCommit); ok {
		return false
	}
	var controls []*ber.Packet
	if c.reply != nil {
		controls = append(controls, c.reply)
	}
	c.write(envelope(m.id, encodeResult(op.answer, o), controls...))
	if !c.flush() {
		return false
	}
	if m.op == ldap.ApplicationExtendedRequest && o.code == 0 {
		c.account = nil
		c.attach(true)
	}
	return true
}

func (c *exchange) write(b []byte) { c.answer.Write(b) }

// flush sends the answer in one piece, so that answers do not mix.
func (c *exchange) flush() bool {
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err := c.out.Write(c.answer.Bytes())
	return err == nil
}

// faultKey is what a fault rule's Match looks into: the DN as sent, and the DN and
// user id of the object it means; for a search its base and filter.
func (s *Server) faultKey(m message) string {
	key, _ := str(m.body, 0)
	switch m.op {
	case ldap.ApplicationBindRequest:
		key, _ = str(m.body, 1)
		return key
	case ldap.ApplicationExtendedRequest:
		return key
	case ldap.ApplicationSearchRequest:
		if len(m.body.Children) > 6 {
			if filter, err := ldap.DecompileFilter(m.body.Children[6]); err == nil {
				return key + " " + filter
			}
		}
		return key
	case ldap.ApplicationDelRequest:
		key = m.body.Data.String()
	default:
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	if e, _, code := s.store.find(key); code == 0 {
		key += " " + e.dn + " " + e.userID()
	}
	return key
}
