package mail

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/integration/servers"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/uc"
)

var update = flag.Bool("update", false, "rewrite testdata")

func welcome() Message {
	return Message{
		ID: "order-17/pin", To: "Jürgen Groß <juergen.gross@example.test>", Subject: "Ihre Nummer: 4711 – so setzen Sie die PIN",
		Text: "Guten Tag Jürgen Groß,\n\nIhre Nummer ist 4711.\n.\nEine Zeile nur mit Punkt bleibt.\n" + strings.Repeat("lang ", 300) + "\n",
		HTML: "<p>Guten Tag Jürgen Groß,</p>\n<p>Ihre Nummer ist <b>4711</b>.</p>\n",
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	reply := func(code int, enhanced smtp.EnhancedCode, text string) *smtp.SMTPError {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
	}
	const to = "juergen.gross@example.test"
	cases := map[string]struct {
		reason string
		at     stage
		reply  *smtp.SMTPError
		kind   uc.Kind
		says   string
	}{
		"busy":               {"too many connections", greeting, reply(421, smtp.EnhancedCode{4, 3, 2}, "too many connections"), uc.Throttled, "421 4.3.2 too many connections"},
		"blocked":            {"our address is blocked", greeting, reply(554, smtp.EnhancedCode{5, 7, 1}, "blocked"), uc.Denied, "blocked"},
		"login":              {"the password is wrong", login, reply(535, smtp.EnhancedCode{5, 7, 8}, "no"), uc.Denied, "bot: 535"},
		"login, later":       {"the user database is down", login, reply(454, smtp.EnhancedCode{4, 7, 0}, "later"), uc.Unavailable, "454"},
		"sender rate":        {"rate limit", sender, reply(450, smtp.EnhancedCode{4, 7, 1}, "rate"), uc.Throttled, "450"},
		"sender, no login":   {"authentication required", sender, reply(530, smtp.EnhancedCode{5, 7, 0}, "log in first"), uc.Denied, "530"},
		"sender":             {"not our address", sender, reply(553, smtp.EnhancedCode{5, 1, 8}, "not yours"), uc.Denied, "phones@example.test"},
		"too big":            {"the message is too big", sender, reply(552, smtp.EnhancedCode{5, 3, 4}, "too big"), uc.Invalid, "552"},
		"greylisted":         {"try again later", recipient, reply(451, smtp.EnhancedCode{4, 7, 1}, "greylisted"), uc.Unavailable, to},
		"mailbox busy":       {"450 is a rate", recipient, reply(450, smtp.EnhancedCode{4, 2, 1}, "slow"), uc.Throttled, to},
		"no such mailbox":    {"the address is wrong", recipient, reply(550, smtp.EnhancedCode{5, 1, 1}, "unknown"), uc.Invalid, to + ": 550 5.1.1 unknown"},
		"without code":       {"an old server", recipient, reply(550, smtp.NoEnhancedCode, "unknown"), uc.Invalid, to + ": 550 unknown"},
		"relaying":           {"we may not relay", recipient, reply(554, smtp.EnhancedCode{5, 7, 1}, "relay access denied"), uc.Denied, "relay access denied"},
		"full":               {"over quota, for good", recipient, reply(552, smtp.EnhancedCode{5, 2, 2}, "full"), uc.Invalid, to},
		"full, for now":      {"insufficient storage", recipient, reply(452, smtp.EnhancedCode{4, 2, 2}, "full"), uc.Unavailable, to},
		"content":            {"the content is refused", accepting, reply(554, smtp.EnhancedCode{5, 6, 0}, "no"), uc.Invalid, to},
		"content, later":     {"the filter is down", accepting, reply(451, smtp.EnhancedCode{4, 3, 0}, "filter"), uc.Unavailable, to},
		"content, policy":    {"may not send as", accepting, reply(550, smtp.EnhancedCode{5, 7, 60}, "not as this sender"), uc.Denied, "not as this sender"},
		"shutting down late": {"421 at the end", accepting, reply(421, smtp.EnhancedCode{4, 3, 2}, "bye"), uc.Throttled, "421"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{refuse: map[stage]*smtp.SMTPError{tc.at: tc.reply}}).start(t)
			err := s.client(t, nil).Send(t.Context(), welcome())
			if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want %s saying %q", tc.reason, err, tc.kind, tc.says)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), goodPassword) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestConnection(t *testing.T) {
	t.Parallel()
	stranger, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		server *server
		change func(*Options)
		kind   uc.Kind
		says   string
	}{
		"all is right":      {"the usual case", &server{}, nil, "", ""},
		"LOGIN only":        {"Exchange offers no PLAIN", &server{only: []string{sasl.Login}}, nil, "", ""},
		"no mechanism":      {"neither is offered", &server{only: []string{"GSSAPI"}}, nil, uc.Denied, "neither PLAIN nor LOGIN"},
		"wrong password":    {"the login is refused", &server{}, func(o *Options) { o.Password = "wrong" }, uc.Denied, "535"},
		"no login":          {"a relay that trusts our address", &server{}, func(o *Options) { o.Username, o.Password = "", "" }, "", ""},
		"no STARTTLS":       {"never in plain text", &server{plain: true}, nil, uc.Denied, "does not offer STARTTLS"},
		"local, plain text": {"a sink on this machine", &server{plain: true}, func(o *Options) { o.StartTLS, o.Username, o.Password = false, "", "" }, "", ""},
		"unknown authority": {"nobody vouches for it", &server{}, func(o *Options) { o.RootCAs = stranger.Pool() }, uc.Denied, "not trusted"},
		"another name":      {"somebody else's certificate", &server{}, func(o *Options) { o.ServerName = "mx.other.test" }, uc.Denied, "not trusted"},
		"nobody there":      {"the port is closed", &server{}, func(o *Options) { o.Addr = "127.0.0.1:1" }, uc.Unavailable, "127.0.0.1:1"},
		"lost answer":       {"it was taken, but who knows", &server{lose: true}, nil, uc.Unavailable, "may have been accepted"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tc.server.start(t)
			c := s.client(t, tc.change)
			err := c.Send(t.Context(), welcome())
			if uc.KindOf(err) != tc.kind || (err != nil && !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: %v, want %q saying %q", tc.reason, err, tc.kind, tc.says)
			}
			if taken := len(s.received()) == 1; taken != (tc.kind == "" || tc.server.lose) {
				t.Errorf("%s: the message was taken: %v", tc.reason, taken)
			}
			if tc.server.lose {
				return // only a message can be lost
			}
			if err := c.Check(t.Context()); uc.KindOf(err) != tc.kind {
				t.Errorf("%s: check says %v, want %q", tc.reason, err, tc.kind)
			}
		})
	}
}

// TestDuplicateIsRecognisable sends again after a lost answer.
func TestDuplicateIsRecognisable(t *testing.T) {
	t.Parallel()
	s := (&server{lose: true}).start(t)
	c := s.client(t, nil)
	for range 2 {
		if err := c.Send(t.Context(), welcome()); !errors.Is(err, uc.Unavailable) {
			t.Fatalf("a lost answer: %v, want unavailable", err)
		}
	}
	var ids []string
	for _, m := range s.received() {
		parsed, err := mail.ReadMessage(strings.NewReader(m.content))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, parsed.Header.Get("Message-ID"))
	}
	if d := cmp.Diff([]string{"<order-17/pin@example.test>", "<order-17/pin@example.test>"}, ids); d != "" {
		t.Errorf("message ids (-want +got):\n%s", d)
	}
}

// TestSilentServer stands before a server that accepts and says nothing.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	options := Options{Addr: l.Addr().String(), StartTLS: true, From: "a@example.test"}
	patient, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := patient.Check(ctx); !errors.Is(err, uc.Unavailable) {
		t.Errorf("a caller that gives up: %v, want unavailable", err)
	}
	options.Timeout = 100 * time.Millisecond
	impatient, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := impatient.Check(t.Context()); !errors.Is(err, uc.Unavailable) {
		t.Errorf("a server that says nothing: %v, want unavailable after our timeout, not the library's", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := Options{Addr: "mx.example.test:587", StartTLS: true, Username: goodUser, Password: goodPassword, From: "a@example.test"}
	cases := map[string]struct {
		reason string
		change func(*Options)
		says   string
	}{
		"plain text":       {"a mail names people", func(o *Options) { o.StartTLS, o.Username, o.Password = false, "", "" }, "loopback"},
		"password":         {"not even on this machine", func(o *Options) { o.Addr, o.StartTLS = "127.0.0.1:25", false }, "a password needs StartTLS"},
		"no port":          {"which service", func(o *Options) { o.Addr = "mx.example.test" }, "host:port"},
		"half a login":     {"a name without a password", func(o *Options) { o.Password = "" }, "belong together"},
		"no sender":        {"who sends", func(o *Options) { o.From = "" }, "sender"},
		"sender injection": {"a line break would start a header", func(o *Options) { o.From = "a@example.test\r\nX: y" }, "line break"},
		"sender not ASCII": {"it names our domain in ids", func(o *Options) { o.From = "ä@example.test" }, "ASCII"},
		"all at once":      {"all errors are reported together", func(o *Options) { o.Addr, o.From = "", "" }, "sender"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := good
			tc.change(&options)
			if _, err := New(options); !errors.Is(err, uc.Invalid) || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), goodPassword) {
				t.Errorf("%s: %v, want invalid saying %q", tc.reason, err, tc.says)
			}
		})
	}
	if _, err := New(good); err != nil {
		t.Errorf("good options: %v", err)
	}
}

// TestPostfix sends once through a real mail server into a real mailbox.
func TestPostfix(t *testing.T) {
	t.Parallel()
	p := servers.Postfix(t)
	c, err := New(Options{
		Addr: p.Addr, StartTLS: true, RootCAs: p.CA, ServerName: p.ServerName, From: "Dialtone <phones@example.test>",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := welcome()
	m.To = "juergen.gross@" + p.Domain
	if err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		mails, err := p.Delivered()
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) > 0 {
			if !strings.Contains(mails[len(mails)-1], "<order-17/pin@example.test>") {
				t.Errorf("another mail arrived: %s", mails)
			}
			break
		}
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("the mail was accepted and never delivered")
		}
	}
	m.To = "somebody@elsewhere.invalid"
	if err := c.Send(t.Context(), m); !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "elsewhere.invalid") {
		t.Errorf("relaying: %v, want denied naming the address", err)
	}
}
