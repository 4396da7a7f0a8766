package mail

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/sim/fault"
)

// session is one client's conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	authed bool
	from   string
	to     []string
}

func refuse(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// errGone is what the library hears when we hang up; it reaches nobody.
var errGone = errors.New("connection dropped")

// broken applies the rules for what happens before a command is done.
func (s *session) broken(op, key string) (fault.Set, error) {
	set := s.server.faults.Fire(op, key)
	if slow, ok := set.Of(fault.Delay); ok {
		if err := fault.Wait(s.server.ctx, slow.Delay); err != nil {
			return set, errors.Join(err, s.hangUp())
		}
	}
	if _, ok := set.Of(fault.Drop); ok {
		return set, s.hangUp()
	}
	if r, ok := set.Of(fault.Status); ok {
		enhanced, text := splitEnhanced(r)
		return set, refuse(r.Status, enhanced, text)
	}
	return set, nil
}

func (s *session) hangUp() error { return errors.Join(errGone, s.conn.Conn().Close()) }

var enhancedForm = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})(?: |$)`)

// splitEnhanced takes an enhanced code off the beginning of a rule's text.
func splitEnhanced(r fault.Rule) (smtp.EnhancedCode, string) {
	text, code := r.Text, smtp.EnhancedCode{r.Status / 100, 0, 0}
	if m := enhancedForm.FindStringSubmatch(r.Text); m != nil {
		for i := range code {
			n, err := strconv.Atoi(m[i+1])
			if err != nil {
				return code, text
			}
			code[i] = n
		}
		text = r.Text[len(m[0]):]
	}
	if text == "" {
		text = "refused by a fault rule"
	}
	return code, text
}

// AuthMechanisms offers PLAIN when there is a password to check; the library
// shows it inside TLS only.
func (s *session) AuthMechanisms() []string {
	if s.server.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks name and password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if _, err := s.broken("AUTH", username); err != nil {
			return err
		}
		o := s.server.options
		if username != o.Username || password != o.Password {
			return smtp.ErrAuthFailed
		}
		s.authed = true
		return nil
	}), nil
}

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	o := s.server.options
	_, secure := s.conn.TLSConnectionState()
	switch {
	case !secure && (o.RequireTLS || o.Username != ""):
		return refuse(530, smtp.EnhancedCode{5, 7, 0}, "Must issue a STARTTLS command first")
	case o.Username != "" && !s.authed:
		return refuse(530, smtp.EnhancedCode{5, 7, 0}, "Authentication required")
	}
	if _, err := s.broken("MAIL", from); err != nil {
		return err
	}
	s.from = from
	return nil
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := s.broken("RCPT", to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail; success means that it is kept.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	set, err := s.broken("DATA", strings.Join(s.to, " "))
	if err != nil {
		return err
	}
	if err := s.server.accept(s.from, s.to, raw); err != nil {
		return err
	}
	if _, ok := set.Of(fault.AfterCommit); ok {
		return s.hangUp()
	}
	return nil
}

// Reset forgets the mail that was begun.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }
