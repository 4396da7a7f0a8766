// Package mail sends one message over SMTP. It decides nothing about the text,
// never sends over an unencrypted network connection, and never retries, logs or
// knows Temporal.
//
// The protocol is go-smtp's client and not go-mail, because go-smtp returns every
// refusal as a typed reply with its code and enhanced code, step by step; whether
// a refusal is the recipient's, ours or temporary is decided from these. The
// message itself is small enough to be written with the standard library.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/uc"
)

const (
	system         = "mail"
	defaultTimeout = 30 * time.Second
)

// Options says through which server, as whom.
type Options struct {
	Addr string // host:port of the submission server

	// StartTLS must be set unless Addr is a loopback address and there is no
	// password: neither mail nor credentials cross a network in plain text.
	StartTLS   bool
	RootCAs    *x509.CertPool // whom to trust; nil is the system's pool
	ServerName string         // name in the server's certificate; empty is Addr's host

	Username string        // empty: no authentication
	Password string        // empty only with an empty Username
	From     string        // sender, "Name <a@b>" or "a@b"
	Timeout  time.Duration // of connecting and of each command; 0 is 30 s
}

// Message is one mail to one person.
type Message struct {
	ID      string // stable per order and purpose: becomes the Message-ID, so a duplicate is recognised
	To      string // "Name <a@b>" or "a@b"
	Subject string
	Text    string // required
	HTML    string // optional second form of the same content
}

// Client sends each message over a connection of its own. It is safe for
// concurrent use.
type Client struct {
	options Options
	from    *mail.Address
	tls     *tls.Config
	now     func() time.Time
}

// New checks the options and returns a client; it does not connect. Fails with
// uc.Invalid, naming every wrong option at once.
func New(options Options) (*Client, error) {
	var wrong []string
	host, _, err := net.SplitHostPort(options.Addr)
	if err != nil || host == "" {
		wrong = append(wrong, "address must read host:port")
	}
	if !options.StartTLS && !loopback(host) {
		wrong = append(wrong, "StartTLS may be off only for a loopback address")
	}
	if !options.StartTLS && options.Password != "" {
		wrong = append(wrong, "a password needs StartTLS")
	}
	if (options.Username == "") != (options.Password == "") {
		wrong = append(wrong, "user name and password belong together")
	}
	from, err := parseAddress(options.From)
	if err != nil {
		wrong = append(wrong, "sender: "+err.Error())
	} else if !ascii(from.Address) {
		wrong = append(wrong, "sender: "+from.Address+" must be ASCII")
	}
	if len(wrong) > 0 {
		return nil, fail(uc.Invalid, "configure", strings.Join(wrong, "; "), nil)
	}
	if options.Timeout <= 0 {
		options.Timeout = defaultTimeout
	}
	if options.ServerName == "" {
		options.ServerName = host
	}
	return &Client{
		options: options,
		from:    from,
		tls:     &tls.Config{RootCAs: options.RootCAs, ServerName: options.ServerName, MinVersion: tls.VersionTLS12},
		now:     time.Now,
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Send hands the message to the server and returns when the server has taken
// responsibility for it. Not idempotent: after a lost answer (uc.Unavailable) the
// message may have been accepted, and a second one has the same Message-ID.
//
// Fails with uc.Invalid naming the address or field that cannot be used,
// uc.Denied when the server refuses our login, our sender or our right to send,
// or cannot be trusted, uc.Throttled and uc.Unavailable for temporary refusals.
//
// Source: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3463 (codes).
func (c *Client) Send(ctx context.Context, message Message) error {
	to, content, err := c.compose(message)
	if err != nil {
		return fail(uc.Invalid, "compose", err.Error(), nil)
	}
	return c.session(ctx, func(s *smtp.Client) error { return c.deliver(s, to.Address, content) })
}

// Check proves that the server is reachable and trusted and accepts our login.
// It sends nothing. Fails like Send.
func (c *Client) Check(ctx context.Context) error {
	return c.session(ctx, func(s *smtp.Client) error {
		return atStage(greeting, c.options.Addr, s.Noop())
	})
}

// session runs work on a fresh, encrypted and authenticated connection. Whatever
// happens after work succeeded is no failure: the server has taken the message.
func (c *Client) session(ctx context.Context, work func(*smtp.Client) error) error {
	dialer := &net.Dialer{Timeout: c.options.Timeout}
	raw, err := dialer.DialContext(ctx, "tcp", c.options.Addr)
	if err != nil {
		return atStage(connecting, c.options.Addr, err)
	}
	done := make(chan error, 1)
	go func() {
		s, err := c.open(capped{raw, c.options.Timeout})
		if err == nil {
			err = work(s)
		}
		if err == nil {
			s.Quit() //nolint:errcheck // the server has taken the message; its farewell changes nothing
		}
		done <- err
	}()
	select {
	case err = <-done:
		return also(err, raw.Close())
	case <-ctx.Done():
	}
	// Closing ends whatever is under way; it may have succeeded all the same.
	closed := raw.Close()
	if err = <-done; err == nil {
		return nil
	}
	return also(fail(uc.Unavailable, "", "no answer in time, the message may have been accepted", ctx.Err()), closed)
}

// also adds a failure to close; after success it is none.
func also(err, closed error) error {
	if err == nil || closed == nil || errors.Is(closed, net.ErrClosed) {
		return err
	}
	return errors.Join(err, closed)
}

// capped keeps the library's own timeouts, five minutes for the greeting, below
// ours.
type capped struct {
	net.Conn
	limit time.Duration
}

// SetDeadline sets the deadline or the limit, whichever is sooner.
func (c capped) SetDeadline(t time.Time) error {
	if latest := time.Now().Add(c.limit); t.After(latest) {
		t = latest
	}
	return c.Conn.SetDeadline(t)
}

// open greets, encrypts and logs in.
func (c *Client) open(raw net.Conn) (*smtp.Client, error) {
	if !c.options.StartTLS {
		s := smtp.NewClient(raw)
		return s, atStage(greeting, c.options.Addr, s.Hello("localhost"))
	}
	s, err := smtp.NewClientStartTLS(raw, c.tls)
	if err != nil {
		return nil, atStage(starting, c.options.Addr, err)
	}
	if err := s.Hello("localhost"); err != nil {
		return nil, atStage(starting, c.options.Addr, err)
	}
	if c.options.Username == "" {
		return s, nil
	}
	var mechanism sasl.Client
	switch {
	case s.SupportsAuth(sasl.Plain):
		mechanism = sasl.NewPlainClient("", c.options.Username, c.options.Password)
	case s.SupportsAuth(sasl.Login):
		mechanism = sasl.NewLoginClient(c.options.Username, c.options.Password)
	default:
		return nil, fail(uc.Denied, "AUTH", c.options.Addr+" offers neither PLAIN nor LOGIN", nil)
	}
	return s, atStage(login, c.options.Username, s.Auth(mechanism))
}

// deliver is one transaction.
func (c *Client) deliver(s *smtp.Client, to string, content []byte) error {
	envelope := &smtp.MailOptions{Size: int64(len(content))}
	if !ascii(to) {
		if ok, _ := s.Extension("SMTPUTF8"); !ok {
			return fail(uc.Invalid, "RCPT", to+": the server takes only ASCII addresses", nil)
		}
		envelope.UTF8 = true
	}
	if err := s.Mail(c.from.Address, envelope); err != nil {
		return atStage(sender, c.from.Address, err)
	}
	if err := s.Rcpt(to, nil); err != nil {
		return atStage(recipient, to, err)
	}
	body, err := s.Data()
	if err != nil {
		return atStage(data, to, err)
	}
	if _, err := body.Write(content); err != nil {
		return atStage(data, to, err)
	}
	return atStage(accepting, to, body.Close())
}
