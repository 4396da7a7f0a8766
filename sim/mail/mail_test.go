package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/fault"
)

type world struct {
	*Server
	t  *testing.T
	ca *sim.CA
}

func start(t *testing.T, o Options) world {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), o, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return world{Server: s, t: t, ca: ca}
}

func (w world) plain() *smtp.Client {
	w.t.Helper()
	c, err := smtp.Dial(w.Addr())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { closed(w.t, c) })
	return c
}

func (w world) secure() *smtp.Client {
	w.t.Helper()
	c, err := smtp.DialStartTLS(w.Addr(), &tls.Config{RootCAs: w.ca.Pool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { closed(w.t, c) })
	return c
}

func closed(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Log(err)
	}
}

const text = "From: Dialtone <dialtone@example.test>\r\nTo: anna@example.test\r\n" +
	"Subject: =?utf-8?q?Ihre_Nummer_f=C3=BCr_Montag?=\r\nMessage-ID: <order-1@example.test>\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe,\r\n<b>4711</b>\r\n"

// send is one whole transaction; the code is 0 when it was accepted, -1 when the
// connection ended.
func send(c *smtp.Client, to, content string) int {
	err := c.SendMail("dialtone@example.test", []string{to}, strings.NewReader(content))
	var reply *smtp.SMTPError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &reply):
		return reply.Code
	}
	return -1
}

func TestAccess(t *testing.T) {
	t.Parallel()
	locked := start(t, Options{Username: "bot", Password: "s3cret"})
	login := func(c *smtp.Client, password string) int {
		var reply *smtp.SMTPError
		if err := c.Auth(sasl.NewPlainClient("", "bot", password)); errors.As(err, &reply) {
			return reply.Code
		}
		return send(c, "anna@example.test", text)
	}
	tests := map[string]struct {
		reason string
		do     func() int
		want   int
	}{
		"open":      {"no password: everybody may send", func() int { return send(start(t, Options{}).plain(), "a@b.test", text) }, 0},
		"noTLS":     {"TLS is required", func() int { return send(start(t, Options{RequireTLS: true}).plain(), "a@b.test", text) }, 530},
		"withTLS":   {"TLS is enough", func() int { return send(start(t, Options{RequireTLS: true}).secure(), "a@b.test", text) }, 0},
		"noAuth":    {"a login is required", func() int { return send(locked.secure(), "a@b.test", text) }, 530},
		"plainAuth": {"no password in the clear", func() int { return login(locked.plain(), "s3cret") }, 523},
		"wrong":     {"a wrong password", func() int { return login(locked.secure(), "guess") }, 535},
		"right":     {"TLS, login, mail", func() int { return login(locked.secure(), "s3cret") }, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.do(); got != tc.want {
				t.Errorf("%s: got %d, want %d", tc.reason, got, tc.want)
			}
		})
	}
	if ok, _ := locked.plain().Extension("AUTH"); ok {
		t.Error("AUTH is offered before TLS")
	}
}

func TestKeepsAndFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := start(t, Options{Dir: dir})
	c := w.plain()
	for _, to := range []string{"anna@example.test", "bert@example.test", "ANNA@example.test"} {
		if got := send(c, to, text); got != 0 {
			t.Fatalf("sending to %s: %d", to, got)
		}
	}
	if got := len(w.Find("Anna@example.test")); got != 2 {
		t.Errorf("%d mails for anna, want 2: nothing removes duplicates", got)
	}
	if got := w.Copies("<order-1@example.test>"); got != 3 {
		t.Errorf("%d copies, want 3", got)
	}
	m := w.Find("bert@example.test")[0]
	want := Message{
		ID: m.ID, Received: m.Received, From: "dialtone@example.test", To: []string{"bert@example.test"},
		Subject: "Ihre Nummer für Montag", MessageID: "<order-1@example.test>", Text: "Grüße,\n<b>4711</b>\n", Raw: []byte(text),
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("the mail (-want +got):\n%s", diff)
	}
	again := start(t, Options{Dir: dir})
	if diff := cmp.Diff(w.Messages(), again.Messages()); diff != "" {
		t.Errorf("a restart changed mails (-before +after):\n%s", diff)
	}
}

// Whoever closes, and however many at once: the end of the context is one of them.
func TestClosedByMany(t *testing.T) {
	t.Parallel()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		s, err := Start(t.Context(), Options{}, "127.0.0.1:0", ca)
		if err != nil {
			t.Fatal(err)
		}
		var closing sync.WaitGroup
		for range 4 {
			closing.Go(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		closing.Wait()
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ reason, raw, want string }{
		"alternative": {"the first plain part", "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>no\r\n--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--x--\r\n", "hi"},
		"noType":      {"text is the default", "Subject: x\r\n\r\nhi\r\n", "hi\n"},
		"htmlOnly":    {"the source when there is no text", "Content-Type: text/html\r\n\r\n<p>hi\r\n", "Content-Type: text/html\n\n<p>hi\n"},
		"nonsense":    {"no mail at all", "hi", "hi"},
		"latin1":      {"bytes that are not UTF-8", "Subject: x\r\n\r\n\xfc", "?"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := read(Message{Raw: []byte(tc.raw)}).Text; got != tc.want {
				t.Errorf("%s: got %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		rule   fault.Rule
		want   int
		says   string
		kept   int
	}{
		"mail":        {"refused before the sender is taken", fault.Rule{Op: "MAIL", Kind: fault.Status, Status: 421}, 421, "", 0},
		"rcpt":        {"this recipient is unknown", fault.Rule{Op: "RCPT", Match: "anna", Kind: fault.Status, Status: 550, Text: "5.1.1 no such user"}, 550, "no such user", 0},
		"somebody":    {"another recipient is unknown", fault.Rule{Op: "RCPT", Match: "bert", Kind: fault.Status, Status: 550}, 0, "", 1},
		"data":        {"greylisted after the content", fault.Rule{Op: "DATA", Kind: fault.Status, Status: 451}, 451, "", 0},
		"drop":        {"nothing was kept", fault.Rule{Op: "DATA", Kind: fault.Drop}, -1, "", 0},
		"afterCommit": {"kept, and nobody heard", fault.Rule{Op: "DATA", Kind: fault.AfterCommit}, -1, "", 1},
		"late":        {"late, but kept", fault.Rule{Op: "RCPT", Kind: fault.Delay, Delay: time.Millisecond}, 0, "", 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, Options{RequireTLS: true})
			w.Faults().Add(tc.rule)
			if got := send(w.secure(), "anna@example.test", text); got != tc.want {
				t.Errorf("%s: got %d, want %d", tc.reason, got, tc.want)
			}
			if got := len(w.Messages()); got != tc.kept {
				t.Errorf("%s: %d kept, want %d", tc.reason, got, tc.kept)
			}
		})
	}
}

func TestEnhancedCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule fault.Rule
		code smtp.EnhancedCode
		text string
	}{
		"given":   {fault.Rule{Status: 550, Text: "5.7.1 policy"}, smtp.EnhancedCode{5, 7, 1}, "policy"},
		"derived": {fault.Rule{Status: 451, Text: "later"}, smtp.EnhancedCode{4, 0, 0}, "later"},
		"silent":  {fault.Rule{Status: 451, Text: "4.7.0"}, smtp.EnhancedCode{4, 7, 0}, "refused by a fault rule"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, text := splitEnhanced(tc.rule); code != tc.code || text != tc.text {
				t.Errorf("got %v %q, want %v %q", code, text, tc.code, tc.text)
			}
		})
	}
}

func TestManyClients(t *testing.T) {
	t.Parallel()
	w := start(t, Options{Dir: t.TempDir()})
	var all sync.WaitGroup
	for i := range 20 {
		c := w.plain()
		all.Go(func() {
			for range 5 {
				if got := send(c, fmt.Sprintf("p%d@example.test", i), text); got != 0 {
					t.Errorf("client %d: %d", i, got)
				}
			}
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, m := range w.Messages() {
		ids[m.ID] = true
	}
	if len(ids) != 100 {
		t.Errorf("%d distinct mails, want 100", len(ids))
	}
}
