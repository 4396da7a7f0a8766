package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/sim"
)

const (
	goodUser     = "bot"
	goodPassword = "S3cret-Passw0rd"
)

// server is a real SMTP server in this process that refuses what the test says.
type server struct {
	addr  string
	roots *x509.CertPool

	refuse map[stage]*smtp.SMTPError // what is answered at a stage
	lose   bool                      // takes the mail and hangs up instead of answering
	plain  bool                      // offers no STARTTLS
	only   []string                  // mechanisms offered; nil is PLAIN

	mu    sync.Mutex
	mails []received
}

type received struct {
	from, to, content string
	utf8              bool
}

func (s *server) start(t *testing.T) *server {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr, s.roots = l.Addr().String(), ca.Pool()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if e := s.refuse[greeting]; e != nil {
			return nil, e
		}
		return &session{server: s, conn: c}, nil
	}))
	server.Domain, server.EnableSMTPUTF8, server.ErrorLog = "mx.example.test", true, quiet{}
	if !s.plain {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		// The listener too: a server that has not begun to serve does not know it.
		for _, err := range []error{server.Close(), l.Close()} {
			if err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		running.Wait()
	})
	return s
}

func (s *server) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

// client speaks to the server with everything right; change may be nil.
func (s *server) client(t *testing.T, change func(*Options)) *Client {
	t.Helper()
	options := Options{
		Addr: s.addr, StartTLS: true, RootCAs: s.roots, Username: goodUser, Password: goodPassword,
		From: "Dialtone <phones@example.test>",
	}
	if change != nil {
		change(&options)
	}
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type quiet struct{}

// Printf drops what the library says about connections that the tests cut.
func (quiet) Printf(string, ...any) {}

// Println does the same.
func (quiet) Println(...any) {}

type session struct {
	server *server
	conn   *smtp.Conn
	mail   received
}

// refused avoids an error that is a nil pointer.
func (s *session) refused(at stage) error {
	if e := s.server.refuse[at]; e != nil {
		return e
	}
	return nil
}

// AuthMechanisms offers nothing before TLS, as a careful server does.
func (s *session) AuthMechanisms() []string {
	if s.server.only != nil {
		return s.server.only
	}
	return []string{sasl.Plain}
}

// Auth accepts one account.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if err := s.refused(login); err != nil {
		return nil, err
	}
	check := func(user, password string) error {
		if user != goodUser || password != goodPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "authentication failed"}
		}
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the server's side of LOGIN, which go-sasl has not.
type loginServer struct {
	check func(user, password string) error
	user  *string
}

// Next takes the user name, asks for the password, checks both.
func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

// Mail begins a transaction.
func (s *session) Mail(from string, options *smtp.MailOptions) error {
	s.mail = received{from: from, utf8: options.UTF8}
	return s.refused(sender)
}

// Rcpt takes the recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return s.refused(recipient)
}

// Data takes the message and, when the test wants it, loses the answer.
func (s *session) Data(r io.Reader) error {
	if err := s.refused(accepting); err != nil {
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.content = string(content)
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	if s.server.lose {
		return s.conn.Close()
	}
	return nil
}

// Reset ends a transaction.
func (s *session) Reset() {}

// Logout ends the session.
func (s *session) Logout() error { return nil }
