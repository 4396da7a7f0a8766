package hr

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	r := (&receiver{}).start(t)
	c := r.client(t, nil)
	cases := map[string]struct {
		reason string
		change func(*Event)
		says   string
	}{
		"no id":        {"nothing to recognise it by", func(e *Event) { e.ID = "" }, "event id"},
		"id break":     {"a line break in a header", func(e *Event) { e.ID = "a\r\nX: y" }, "event id"},
		"id letters":   {"headers are ASCII", func(e *Event) { e.ID = "jürgen" }, "event id"},
		"type":         {"a type is a name", func(e *Event) { e.Type = "number assigned" }, "event type"},
		"type dots":    {"without empty parts", func(e *Event) { e.Type = ".number." }, "event type"},
		"no timestamp": {"when did it happen", func(e *Event) { e.Timestamp = time.Time{} }, "timestamp"},
		"no JSON":      {"a channel is none", func(e *Event) { e.Data = make(chan int) }, "JSON"},
		"too big":      {"receivers take 20 kB", func(e *Event) { e.Data = strings.Repeat("x", maxBody) }, "limit"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := assigned()
			tc.change(&e)
			if err := c.Post(t.Context(), e); !errors.Is(err, uc.Invalid) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want invalid saying %q", tc.reason, err, tc.says)
			}
		})
	}
	t.Cleanup(func() {
		if got := r.received(); len(got) != 0 {
			t.Errorf("%v was sent", got)
		}
	})
}

// A receiver that quotes what it was sent, in whatever way, does not bring a secret
// into an error.
func TestSecretsAreNotQuoted(t *testing.T) {
	t.Parallel()
	const pin = "83920174"
	speak := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := io.WriteString(conn, text); err != nil {
				t.Error(err)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	cases := map[string]struct {
		reason string
		answer http.HandlerFunc
		kind   uc.Kind
		says   string
	}{
		"body":     {"it explains itself", speak("HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\n" + pin), uc.Invalid, "400 Bad Request"},
		"reason":   {"its own status text", speak("HTTP/1.1 401 no " + pin + "\r\nContent-Length: 0\r\n\r\n"), uc.Denied, "401 Unauthorized"},
		"no HTTP":  {"Go quotes it", speak(pin + " is not HTTP\r\n\r\n"), uc.Unavailable, "no answer"},
		"redirect": {"its address", speak("HTTP/1.1 302 Found\r\nLocation: /" + pin + "\r\nContent-Length: 0\r\n\r\n"), uc.Invalid, "redirects"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := (&receiver{answer: tc.answer}).start(t).client(t, func(o *Options) { o.System, o.Secrets = "pin delivery", true })
			err := c.Post(t.Context(), assigned())
			if !errors.Is(err, tc.kind) || !strings.HasPrefix(err.Error(), "pin delivery POST: ") || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want %s saying %q", tc.reason, err, tc.kind, tc.says)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(fmt.Sprintf("%v %+v", e, e), pin) {
					t.Errorf("%s: the PIN is in %v", tc.reason, e)
				}
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	short := secretPrefix + base64.StdEncoding.EncodeToString([]byte("short"))
	cases := map[string]struct {
		reason, url, secret, says string
	}{
		"plain text":   {"an event names people", "http://hr.example.test/hook", secret, "https://"},
		"another":      {"not HTTP", "ftp://hr.example.test", secret, "https://"},
		"no host":      {"where to", "https:///hook", secret, "url must read"},
		"user in URL":  {"it would be in every log", "https://a:b@hr.example.test", secret, "url must read"},
		"no prefix":    {"not a webhook secret", "https://hr.example.test", "hunter2-hunter2", "whsec_"},
		"no base64":    {"a typing error", "https://hr.example.test", "whsec_***", "base64"},
		"too short":    {"guessable", "https://hr.example.test", short, "24 to 64"},
		"both at once": {"all errors are reported together", "x", "y", "whsec_"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(Options{URL: tc.url, Secret: tc.secret})
			if !errors.Is(err, uc.Invalid) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want invalid saying %q", tc.reason, err, tc.says)
			}
			if strings.Contains(fmt.Sprint(err), strings.TrimPrefix(tc.secret, secretPrefix)) {
				t.Errorf("the secret is in %v", err)
			}
		})
	}
	for _, url := range []string{"https://hr.example.test/hook", "http://127.0.0.1:8080", "http://[::1]:8080/x", "http://localhost:1"} {
		if _, err := New(Options{URL: url, Secret: secret}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
