// Package apiclient speaks Dialtone's own HTTP API for the command line: one
// method, one request. It retries nothing and prints nothing.
package apiclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// Options are how the API is reached; URL is required.
type Options struct {
	URL     string        // "https://dialtone.example.com"
	Token   string        // "" = none is sent
	CAFile  string        // certificates that the API's is checked with; "" = the system's
	Timeout time.Duration // of one request; 0 = 30 s
}

// Client is one API with one token. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	token  string
	http   *http.Client
	dryRun bool
}

// New returns a client; it sends nothing yet. Fails with uc.Invalid when the address
// or the certificates cannot be used.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.URL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fail(uc.Invalid, err, "API address %q: write it like https://dialtone.example.com", o.URL)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.CAFile != "" {
		pool, err := certificates(o.CAFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	return &Client{base: base, token: o.Token, http: &http.Client{
		Transport: transport, Timeout: o.Timeout,
		// The token goes to the address that was named, and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func certificates(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	if err == nil && !pool.AppendCertsFromPEM(text) {
		err = errors.New("it holds no certificate in PEM form")
	}
	if err != nil {
		return nil, fail(uc.Invalid, err, "CA file %s: %v", file, err)
	}
	return pool, nil
}

// Close closes connections that are kept for later.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// request is one call. A body is sent as JSON unless contentType says otherwise.
type request struct {
	method      string
	path        []string
	query       url.Values
	key         string // Idempotency-Key
	body        any    // nil = none; an io.Reader is sent as it is
	contentType string
}

// maxAnswer bounds what is read of one answer, in bytes.
const maxAnswer = 64 << 20

// do sends the request and decodes the answer into out unless that is nil.
func (c *Client) do(ctx context.Context, r request, out any) (http.Header, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unavailable(err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, c.unavailable(err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, c.failure(resp, body)
	}
	if out == nil {
		return resp.Header, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fail(uc.Internal, err, "what answers at %s is not this version of Dialtone's API", c.base)
	}
	return resp.Header, nil
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	switch b := r.body.(type) {
	case nil:
	case io.Reader:
		body = struct{ io.Reader }{b} // who opened it closes it
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, fail(uc.Internal, err, "writing the request")
		}
		body, r.contentType = bytes.NewReader(text), "application/json"
	}
	to := c.base.JoinPath("v1")
	for _, part := range r.path {
		to = to.JoinPath(url.PathEscape(part))
	}
	to.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, to.String(), body)
	if err != nil {
		return nil, fail(uc.Invalid, err, "%v", err)
	}
	req.Header.Set("Accept", "application/json")
	for name, value := range map[string]string{"Content-Type": r.contentType, "Idempotency-Key": r.key} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

func (c *Client) unavailable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	return fail(uc.Unavailable, err, "the API at %s does not answer: %v", c.base, err)
}

// fail makes an error whose sentence is ours.
func fail(kind uc.Kind, cause error, format string, args ...any) error {
	return &uc.Error{Kind: kind, Detail: fmt.Sprintf(format, args...), Err: cause}
}

// Problem returns what the API said about a failed request; nil when the failure
// is not from the API.
func Problem(err error) *api.Problem {
	var p *api.Problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}

// failure is an answer that is no success. Its kind is the problem's.
func (c *Client) failure(resp *http.Response, body []byte) error {
	var p api.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Kind == "" {
		return fail(uc.Unavailable, nil, "%s answers %s and is not Dialtone's API, or something stands between",
			c.base, resp.Status)
	}
	e := &uc.Error{Kind: p.Kind, Detail: p.Detail, Err: &p}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	if resp.StatusCode == http.StatusUnauthorized && c.token == "" {
		e.Detail = "no token was sent: give --token-file or DIALTONE_TOKEN"
	}
	if p.Kind == uc.Internal {
		e.Detail = fmt.Sprintf("the API failed on its side: its log tells more under %s", p.Instance)
	}
	return e
}
