package mail

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// TestMessages compares what arrives with testdata.
func TestMessages(t *testing.T) {
	t.Parallel()
	plain := welcome()
	plain.HTML = ""
	odd := plain
	odd.ID, odd.Subject, odd.Text = "bestellung/jürgen groß", "plain", "x"
	cases := map[string]struct {
		reason  string
		message Message
	}{
		"both":  {"text and HTML as alternatives", welcome()},
		"text":  {"text alone is no multipart", plain},
		"oddid": {"an id that is no Message-ID is escaped", odd},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{}).start(t)
			c := s.client(t, nil)
			c.now = func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }
			if err := c.Send(t.Context(), tc.message); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			mails := s.received()
			if len(mails) != 1 || mails[0].from != "phones@example.test" || mails[0].to != "juergen.gross@example.test" {
				t.Fatalf("%s: %+v arrived", tc.reason, mails)
			}
			file := filepath.Join("testdata", name+".eml")
			got := strings.ReplaceAll(mails[0].content, "\r\n", "\n")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, d)
			}
		})
	}
}

// TestMessageReadsBack lets the standard library read what was written.
func TestMessageReadsBack(t *testing.T) {
	t.Parallel()
	s := (&server{}).start(t)
	want := welcome()
	if err := s.client(t, nil).Send(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(s.received()[0].content))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != want.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != "Jürgen Groß" {
		t.Errorf("to %v, %v", to, err)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Errorf("date: %v", err)
	}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, text := range []string{want.Text, want.HTML} {
		// NextRawPart: the encoding is decoded here, not by the library behind our back.
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(text, strings.ReplaceAll(string(got), "\r\n", "\n")); d != "" {
			t.Errorf("a part changed on the way (-want +got):\n%s", d)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		change func(*Message)
		says   string
	}{
		"subject":       {"a line break would start a header", func(m *Message) { m.Subject = "x\r\nBcc: all@example.test" }, "subject"},
		"bare newline":  {"so would a bare one", func(m *Message) { m.Subject = "x\nBcc: all@example.test" }, "subject"},
		"recipient":     {"in the address", func(m *Message) { m.To = "a@example.test\r\nBcc: all@example.test" }, "recipient"},
		"display name":  {"in the name", func(m *Message) { m.To = "\"A\r\nBcc: b@example.test\" <a@example.test>" }, "recipient"},
		"id":            {"in the id", func(m *Message) { m.ID = "1>\r\nX: y" }, "id"},
		"nul":           {"a NUL", func(m *Message) { m.Subject = "a\x00b" }, "subject"},
		"two addresses": {"one mail, one person", func(m *Message) { m.To = "a@example.test, b@example.test" }, "not a mail address"},
		"no address":    {"a name is none", func(m *Message) { m.To = "Jürgen" }, "not a mail address"},
		"no text":       {"an empty mail helps nobody", func(m *Message) { m.Text = "" }, "text"},
		"no id":         {"then a duplicate is not recognised", func(m *Message) { m.ID = "" }, "id"},
		"no subject":    {"then it looks like spam", func(m *Message) { m.Subject = "" }, "subject"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{}).start(t)
			m := welcome()
			tc.change(&m)
			err := s.client(t, nil).Send(t.Context(), m)
			if !errors.Is(err, uc.Invalid) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want invalid saying %q", tc.reason, err, tc.says)
			}
			if got := s.received(); len(got) != 0 {
				t.Errorf("%s: %v was sent", tc.reason, got)
			}
		})
	}
}

// TestLongSubject keeps header lines within what SMTP carries.
func TestLongSubject(t *testing.T) {
	t.Parallel()
	s := (&server{}).start(t)
	m := welcome()
	m.Subject = strings.Repeat("Grüße ", 200)
	if err := s.client(t, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	content := s.received()[0].content
	for line := range strings.SplitSeq(content, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line has %d bytes", len(line))
		}
	}
	parsed, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || got != m.Subject {
		t.Errorf("subject reads %q, %v", got, err)
	}
}

func TestInternationalAddress(t *testing.T) {
	t.Parallel()
	s := (&server{}).start(t)
	m := welcome()
	m.To = "jürgen@example.test"
	if err := s.client(t, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := s.received(); len(got) != 1 || !got[0].utf8 || got[0].to != "jürgen@example.test" {
		t.Errorf("%+v arrived, want the address as it is, announced as SMTPUTF8", got)
	}
}
