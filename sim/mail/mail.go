// Package mail is a mail server that delivers nowhere: it speaks SMTP with
// STARTTLS and AUTH, keeps what it accepted, and shows it on a page. It must not
// know any client of ours.
//
// Faithful to a submission server: AUTH PLAIN only inside TLS, 530 before
// STARTTLS or before AUTH when they are required, 535 for a wrong password, a
// repeated mail is kept twice (no server removes duplicates by Message-ID), a
// mail is accepted only after it is on disk.
//
// assumed: the enhanced codes of injected refusals are x.0.0 unless the rule's
// text begins with one.
package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/fault"
)

// maxMail bounds one mail in bytes.
const maxMail = 10 << 20

// Options is what a mail server is made of.
type Options struct {
	Dir        string // one .eml file a mail; "" keeps them in memory
	Username   string // "" lets everybody send
	Password   string
	RequireTLS bool // refuse mail before STARTTLS; with a Username it is so anyway
}

// Message is one accepted mail.
type Message struct {
	ID        string    // unique here, in order of arrival
	Received  time.Time // to the microsecond
	From      string    // of the envelope
	To        []string  // of the envelope
	Subject   string    // decoded
	MessageID string    // with its angle brackets, "" when there is none
	Text      string    // first text/plain part, decoded
	Raw       []byte    // as it came
}

// Server is a running mail server. Its methods may be called from any goroutine.
type Server struct {
	options Options
	faults  *fault.Rules
	smtp    *smtp.Server
	ln      net.Listener
	ctx     context.Context // ends the waits of sessions, which get none from the library
	stop    context.CancelFunc
	running sync.WaitGroup
	hung    sync.Once

	mu     sync.Mutex
	mails  []Message
	lastID int64
	closed bool
}

// Start serves SMTP on addr with a certificate of the CA for addr's host, after
// reading what Options.Dir holds. It stops at Close or when ctx ends. A port of 0
// is a free one; Addr tells which.
func Start(ctx context.Context, o Options, addr string, ca *sim.CA) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	cert, err := ca.Server(host, "localhost")
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	s := &Server{options: o, faults: &fault.Rules{}}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	var lc net.ListenConfig
	if s.ln, err = lc.Listen(ctx, "tcp", addr); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	s.smtp.Domain = cmp.Or(host, "localhost")
	s.smtp.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = maxMail, 100
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = 5*time.Minute, time.Minute
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = log.New(io.Discard, "", 0) // a lost client is no news
	s.running.Go(func() {
		if err := s.smtp.Serve(s.ln); err != nil && !errors.Is(err, net.ErrClosed) {
			s.stop()
		}
	})
	context.AfterFunc(s.ctx, func() { s.hung.Do(s.hangUp) })
	return s, nil
}

// Close ends every connection; nothing is accepted after it returns. Calling it
// again does nothing.
func (s *Server) Close() error {
	s.stop()
	s.hung.Do(s.hangUp)
	s.running.Wait()
	return nil
}

// hangUp runs once: the end of the context and Close come at the same moment, and
// the library panics when it is closed by two at once.
func (s *Server) hangUp() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	// The listener by its own hand too: the library closes only what Serve has
	// registered. Whatever is closed already is as wanted.
	if err := errors.Join(s.ln.Close(), s.smtp.Close()); err != nil {
		return
	}
}

// Addr is the host:port of SMTP.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Faults are the rules that break sessions. Operations are AUTH, MAIL, RCPT and
// DATA; the key is the user name, the sender, the recipient, and for DATA all
// recipients. Kinds are Status with a reply code, Drop, Delay, and, for DATA,
// AfterCommit: the mail is kept and the answer is lost.
func (s *Server) Faults() *fault.Rules { return s.faults }

// Messages returns every accepted mail, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Find returns the mails to an address, oldest first; case does not count.
func (s *Server) Find(to string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool {
		return !slices.ContainsFunc(m.To, func(a string) bool { return strings.EqualFold(a, to) })
	})
}

// Copies says how often a Message-ID was accepted: more than 1 is a mail that
// somebody got twice.
func (s *Server) Copies(messageID string) int {
	n := 0
	for _, m := range s.Messages() {
		if m.MessageID == messageID {
			n++
		}
	}
	return n
}

// accept keeps a mail: on disk first, then visible.
func (s *Server) accept(from string, to []string, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "shutting down"}
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	s.lastID = max(s.lastID+1, now.UnixMicro())
	m := read(Message{
		ID: fmt.Sprintf("%019d", s.lastID), Received: now, From: from, To: slices.Clone(to), Raw: raw,
	})
	if s.options.Dir != "" {
		if err := s.save(m); err != nil {
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "the mail cannot be kept"}
		}
	}
	s.mails = append(s.mails, m)
	return nil
}

func (s *Server) load() error {
	if s.options.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("making the mail folder: %w", err)
	}
	entries, err := os.ReadDir(s.options.Dir) // sorted by name: by arrival
	if err != nil {
		return fmt.Errorf("reading the mail folder: %w", err)
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		if !ok {
			continue
		}
		m, err := s.open(id)
		if err != nil {
			return err
		}
		s.mails = append(s.mails, m)
		s.lastID = max(s.lastID, m.Received.UnixMicro())
	}
	return nil
}
