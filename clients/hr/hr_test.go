package hr

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/dialtone/dialtone/uc"
)

var (
	update = flag.Bool("update", false, "rewrite testdata")
	secret = secretPrefix + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	noon   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// receiver is an HR system's side: it keeps what came and answers what the test
// says.
type receiver struct {
	url    string
	roots  *x509.CertPool
	answer http.HandlerFunc

	mu       sync.Mutex
	requests []string
}

func (r *receiver) start(t *testing.T) *receiver {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		var text strings.Builder
		fmt.Fprintf(&text, "%s %s\n", request.Method, request.URL)
		for _, name := range slices.Sorted(maps.Keys(request.Header)) {
			fmt.Fprintf(&text, "%s: %s\n", name, strings.Join(request.Header[name], ", "))
		}
		fmt.Fprintf(&text, "\n%s\n", body)
		r.mu.Lock()
		r.requests = append(r.requests, text.String())
		r.mu.Unlock()
		if r.answer != nil {
			r.answer(w, request)
		}
	}))
	t.Cleanup(s.Close)
	r.url, r.roots = s.URL+"/hooks/dialtone", x509.NewCertPool()
	r.roots.AddCert(s.Certificate())
	return r
}

func (r *receiver) client(t *testing.T, change func(*Options)) *Client {
	t.Helper()
	options := Options{Name: "workday", URL: r.url, Secret: secret, RootCAs: r.roots}
	if change != nil {
		change(&options)
	}
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	c.now = func() time.Time { return noon }
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

func (r *receiver) received() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func assigned() Event {
	return Event{
		ID: "order-17.number.assigned", Type: "number.assigned", Timestamp: noon.Add(-time.Hour).In(time.FixedZone("CET", 3600)),
		Data: map[string]string{"employeeId": "1001", "number": "+49301234711", "name": "Jürgen <Groß>"},
	}
}

// TestRequests compares what goes over the wire with testdata.
func TestRequests(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		do     func(context.Context, *Client) error
	}{
		"post":  {"a signed event", func(ctx context.Context, c *Client) error { return c.Post(ctx, assigned()) }},
		"empty": {"data may be null", func(ctx context.Context, c *Client) error { return c.Post(ctx, Event{"e1", "ping", noon, nil}) }},
		"check": {"no event, no signature", func(ctx context.Context, c *Client) error { return c.Check(ctx) }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := (&receiver{}).start(t)
			if err := tc.do(t.Context(), r.client(t, nil)); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			file := filepath.Join("testdata", name+".http")
			got := strings.Join(r.received(), "")
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

// TestSignatureByTheLibrary lets the specification's own library verify.
func TestSignatureByTheLibrary(t *testing.T) {
	t.Parallel()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := parseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	body, stamp := []byte(`{"a":1}`), fmt.Sprint(time.Now().Unix())
	header := http.Header{}
	header.Set("webhook-id", "e1")
	header.Set("webhook-timestamp", stamp)
	header.Set("webhook-signature", sign(key, "e1", stamp, body))
	if err := verifier.Verify(body, header); err != nil {
		t.Errorf("the library refuses our signature: %v", err)
	}
	if verifier.Verify([]byte(`{"a":2}`), header) == nil {
		t.Error("the library accepts another body")
	}
}

var answers = map[string]struct {
	reason string
	status int
	header map[string]string
	body   string
	kind   uc.Kind
	after  time.Duration
	says   string
}{
	"200":             {"taken", 200, nil, "", "", 0, ""},
	"202":             {"taken, to be worked on", 202, nil, "later", "", 0, ""},
	"204":             {"taken, nothing to say", 204, nil, "", "", 0, ""},
	"301":             {"redirects are not followed", 301, map[string]string{"Location": "/elsewhere"}, "", uc.Invalid, 0, "redirects"},
	"307":             {"not even those that repeat the body", 307, map[string]string{"Location": "/elsewhere"}, "", uc.Invalid, 0, "redirects"},
	"400":             {"it says why", 400, nil, "{\"error\":\n \"unknown employee\"}", uc.Invalid, 0, "unknown employee"},
	"404":             {"a wrong address", 404, nil, "", uc.Invalid, 0, "404 Not Found"},
	"422":             {"refused", 422, nil, "", uc.Invalid, 0, "422"},
	"405":             {"any other 4xx", 405, nil, "", uc.Invalid, 0, "405"},
	"401":             {"the signature", 401, nil, "", uc.Denied, 0, "401"},
	"403":             {"the right", 403, nil, "", uc.Denied, 0, "403"},
	"410":             {"disabled", 410, nil, "", uc.Denied, 0, "disabled"},
	"409":             {"known already", 409, nil, "seen", "", 0, ""},
	"408":             {"too slow for them", 408, nil, "", uc.Unavailable, 0, "408"},
	"429":             {"in seconds", 429, map[string]string{"Retry-After": "17"}, "", uc.Throttled, 17 * time.Second, "429"},
	"429 date":        {"as a date", 429, map[string]string{"Retry-After": noon.Add(90 * time.Second).Format(http.TimeFormat)}, "", uc.Throttled, 90 * time.Second, ""},
	"429 past":        {"a date that is over", 429, map[string]string{"Retry-After": noon.Add(-time.Hour).Format(http.TimeFormat)}, "", uc.Throttled, 0, ""},
	"429 nonsense":    {"unreadable", 429, map[string]string{"Retry-After": "soon"}, "", uc.Throttled, 0, ""},
	"429 negative":    {"less than nothing", 429, map[string]string{"Retry-After": "-5"}, "", uc.Throttled, 0, ""},
	"429 a year":      {"a typing error", 429, map[string]string{"Retry-After": "31536000"}, "", uc.Throttled, maxRetryAfter, ""},
	"429 no header":   {"the worker decides", 429, nil, "", uc.Throttled, 0, ""},
	"500":             {"their bug", 500, nil, "", uc.Unavailable, 0, "500"},
	"502":             {"their proxy", 502, nil, "", uc.Unavailable, 0, "502"},
	"503":             {"maintenance", 503, map[string]string{"Retry-After": "120"}, "", uc.Unavailable, 2 * time.Minute, "503"},
	"504":             {"their proxy's patience", 504, nil, "", uc.Unavailable, 0, "504"},
	"control letters": {"an answer is one printable line", 400, nil, "a\x1b[2Jb", uc.Invalid, 0, `a\x1b[2Jb`},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := (&receiver{answer: func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range tc.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(tc.status)
				if _, err := io.WriteString(w, tc.body); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
					t.Error(err)
				}
			}}).start(t)
			err := r.client(t, nil).Post(t.Context(), assigned())
			if uc.KindOf(err) != tc.kind || (err != nil && !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: %v, want %q saying %q", tc.reason, err, tc.kind, tc.says)
			}
			var e *uc.Error
			if errors.As(err, &e) && (e.RetryAfter != tc.after || !strings.HasPrefix(e.Error(), "hr POST: ")) {
				t.Errorf("%s: %v after %v, want after %v", tc.reason, e, e.RetryAfter, tc.after)
			}
			if got := len(r.received()); got != 1 {
				t.Errorf("%s: %d requests, want one", tc.reason, got)
			}
		})
	}
}

func TestWithoutAnswer(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	over := make(chan struct{})
	wait := func(http.ResponseWriter, *http.Request) { <-over }
	cases := map[string]struct {
		reason string
		answer http.HandlerFunc
		change func(*Options)
		kind   uc.Kind
		says   string
	}{
		"lost answer":       {"taken, then the line broke", hangUp, nil, uc.Unavailable, "no answer"},
		"too slow":          {"our patience ends", wait, func(o *Options) { o.Timeout = 100 * time.Millisecond }, uc.Unavailable, "no answer"},
		"unknown authority": {"nobody vouches for it", nil, func(o *Options) { o.RootCAs = x509.NewCertPool() }, uc.Denied, "not trusted"},
		"nobody there":      {"the port is closed", nil, func(o *Options) { o.URL = "https://127.0.0.1:1/hooks/path-token" }, uc.Unavailable, "refused"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := (&receiver{answer: tc.answer}).start(t).client(t, tc.change)
			if name == "too slow" {
				t.Cleanup(func() { close(over) })
			}
			for op, err := range map[string]error{"post": c.Post(t.Context(), assigned()), "check": c.Check(t.Context())} {
				if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
					t.Errorf("%s, %s: %v, want %s saying %q", tc.reason, op, err, tc.kind, tc.says)
				}
				if strings.Contains(err.Error(), "/hooks") {
					t.Errorf("%s, %s: %v holds the address's path, which may be a credential", tc.reason, op, err)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]uc.Kind{200: "", 401: "", 404: "", 405: "", 500: "", 502: uc.Unavailable, 503: uc.Unavailable, 504: uc.Unavailable} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			r := (&receiver{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }}).start(t)
			if err := r.client(t, nil).Check(t.Context()); uc.KindOf(err) != kind {
				t.Errorf("an unsigned question answered with %d: %v, want %q", status, err, kind)
			}
		})
	}
}
