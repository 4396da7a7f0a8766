// Package hr posts events to an HR system, or to whoever else takes them, as signed
// webhooks (Standard Webhooks). It never follows a redirect, never retries, logs or
// knows Temporal, and knows nothing of what an event means.
//
// The signature is a dozen own lines: the specification's library would add a
// dependency for one HMAC. The tests verify with that library.
package hr

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dialtone/dialtone/uc"
)

const (
	defaultSystem  = "hr"
	defaultTimeout = 20 * time.Second // the specification asks for 15 to 30 s
	maxBody        = 20 << 10         // bytes; the specification asks for less than 20 kB
	maxAnswer      = 4 << 10          // bytes of an answer that are read
)

// Options says where events go and how they are signed.
type Options struct {
	System  string         // the kind of system in errors; "" is "hr"
	Name    string         // names the system in error texts; may be empty
	URL     string         // https://…; http:// only on a loopback address
	Secret  string         // "whsec_" and 24 to 64 random bytes in base64
	RootCAs *x509.CertPool // whom to trust; nil is the system's pool
	Timeout time.Duration  // of one request; 0 is 20 s

	// Secrets says that events hold secrets: what the receiver answers is in no error,
	// for it may quote them.
	Secrets bool
}

// Event is one thing that happened.
type Event struct {
	ID        string    // stable across retries: the receiver's idempotency key; printable ASCII
	Type      string    // "number.assigned": letters, digits, underscores and dots
	Timestamp time.Time // when it happened; must not be zero
	Data      any       // becomes JSON; keep it small, and free of secrets unless Options.Secrets
}

// Client posts events. It is safe for concurrent use.
type Client struct {
	options Options
	key     []byte
	http    *http.Client
	now     func() time.Time
}

// New checks the options and returns a client; it does not connect. Fails with
// uc.Invalid, naming every wrong option at once, never the secret.
func New(options Options) (*Client, error) {
	if options.System == "" {
		options.System = defaultSystem
	}
	var wrong []string
	if problem := checkURL(options.URL); problem != "" {
		wrong = append(wrong, problem)
	}
	key, err := parseSecret(options.Secret)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	if len(wrong) > 0 {
		return nil, &uc.Error{Kind: uc.Invalid, System: options.System, Op: "configure", Detail: named(options.Name, strings.Join(wrong, "; "))}
	}
	if options.Timeout <= 0 {
		options.Timeout = defaultTimeout
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: options.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: options.Timeout,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     90 * time.Second,
	}
	return &Client{
		options: options,
		key:     key,
		now:     time.Now,
		http: &http.Client{
			Transport: transport,
			Timeout:   options.Timeout,
			// A signed event belongs to one address only.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func checkURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return "url must read https://host[:port]/path"
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
	switch {
	case u.Scheme == "https", u.Scheme == "http" && local:
		return ""
	case u.Scheme == "http":
		return "url must begin with https:// (http:// only on a loopback address)"
	}
	return "url must begin with https://"
}

var typeForm = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// payload is the body.
//
// Source: Standard Webhooks 1.0, "Payload structure".
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"`
}

// Post delivers the event once and returns when the receiver has taken it: any
// 2xx, or 409, by which a receiver says that it has this id already. Posting the
// same event again is harmless at a receiver that honours the id.
//
// Fails with uc.Invalid for an event or an address the receiver will never take
// (3xx, 400, 404, 422, other 4xx), uc.Denied when our signature or the endpoint
// is refused (401, 403, 410) or the server cannot be trusted, uc.Throttled (429)
// and uc.Unavailable (5xx, no answer), both with what Retry-After says.
//
// Source: Standard Webhooks 1.0; RFC 9110 10.2.3 for Retry-After.
func (c *Client) Post(ctx context.Context, event Event) error {
	body, err := encode(event)
	if err != nil {
		return c.fail(uc.Invalid, "POST", err.Error(), nil)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.options.URL, bytes.NewReader(body))
	if err != nil {
		return c.fail(uc.Invalid, "POST", err.Error(), nil)
	}
	// The time of the attempt, not of the event: receivers refuse old ones.
	stamp := strconv.FormatInt(c.now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("webhook-id", event.ID)
	request.Header.Set("webhook-timestamp", stamp)
	request.Header.Set("webhook-signature", sign(c.key, event.ID, stamp, body))
	response, answer, err := c.do(request) //nolint:bodyclose // do reads and closes it
	if err != nil {
		return c.lost("POST", err)
	}
	return c.judge(response, answer)
}

func encode(event Event) ([]byte, error) {
	switch {
	case event.ID == "" || strings.ContainsFunc(event.ID, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, fmt.Errorf("event id %q must be printable ASCII without spaces", event.ID)
	case !typeForm.MatchString(event.Type):
		return nil, fmt.Errorf("event type %q must read like number.assigned", event.Type)
	case event.Timestamp.IsZero():
		return nil, errors.New("the event has no timestamp")
	}
	body, err := json.Marshal(payload{event.Type, event.Timestamp.UTC(), event.Data})
	if err != nil {
		return nil, fmt.Errorf("the event's data is no JSON: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(body), maxBody)
	}
	return body, nil
}

// Check proves that the address answers and is trusted. It sends no event, so it
// says nothing about the secret. Fails with uc.Denied for an untrusted
// certificate and uc.Unavailable without an answer or with 502, 503, 504.
func (c *Client) Check(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, c.options.URL, nil)
	if err != nil {
		return c.fail(uc.Invalid, "HEAD", err.Error(), nil)
	}
	response, _, err := c.do(request) //nolint:bodyclose // do reads and closes it
	if err != nil {
		return c.lost("HEAD", err)
	}
	switch response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.fail(uc.Unavailable, "HEAD", response.Status, nil)
	}
	return nil
}

// do sends the request and reads the beginning of the answer.
func (c *Client) do(request *http.Request) (*http.Response, string, error) {
	request.Header.Set("User-Agent", "dialtone")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, "", err
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if closed := response.Body.Close(); err == nil {
		err = closed
	}
	if err != nil && response.StatusCode/100 == 2 {
		// The receiver has said yes; what it adds is not needed.
		err = nil
	}
	return response, string(answer), err
}
