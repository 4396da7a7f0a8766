package axl

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	maxErrorBody  = 1 << 20 // of an error answer, the rest is not read
	connectWithin = 10 * time.Second
	idleWithin    = 10 * time.Minute // below the 30 of the server's session
)

var (
	pinElement = regexp.MustCompile(`(<pin>)[^<]*(</pin>)`)
	actionName = regexp.MustCompile(`<soap:Body><axl:([A-Za-z]+)`)
)

// transport is the HTTP under gowsdl's SOAP client: headers, login session,
// and answers that are not SOAP as *answer errors.
type transport struct {
	http               *http.Transport
	username, password string
	session            session
	timeout            time.Duration
	record             func(op string, envelope []byte)
}

func newTransport(o Options) *transport {
	return &transport{
		username: o.Username,
		password: o.Password,
		timeout:  o.Timeout,
		record:   o.Record,
		http: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
			TLSHandshakeTimeout:   connectWithin,
			ResponseHeaderTimeout: o.Timeout,
			IdleConnTimeout:       idleWithin,
			MaxConnsPerHost:       o.MaxConns,
			MaxIdleConnsPerHost:   o.MaxConns,
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12,
				RootCAs:    o.RootCAs,
				ServerName: o.ServerName,
			},
		},
	}
}

// answer is a response that is no SOAP envelope to decode: a fault, a web page
// or an empty body.
type answer struct {
	status     int
	retryAfter time.Duration
	page       bool // the body is a web page, never read as XML
	body       []byte
}

// Error implements error.
func (a *answer) Error() string {
	return fmt.Sprintf("HTTP status %d", a.status)
}

// Do implements soap.HTTPClient. A 401 or 404 to a request that carried only
// the cookie means that the session ended, not that the request was refused:
// it is sent once more with the password.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	envelope, err := requestBody(req)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	cookie := t.session.header()
	res, err := t.exchange(ctx, req, envelope, cookie)
	if err == nil && cookie != "" && (res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusNotFound) {
		t.session.drop(cookie)
		if err = discard(res); err == nil {
			res, err = t.exchange(ctx, req, envelope, "")
		}
	}
	if err != nil {
		cancel(nil)
		return nil, err
	}
	res.Body = newPatientBody(ctx, res.Body, t.timeout, cancel)
	if a := t.answerOf(res); a != nil {
		return nil, errors.Join(a, res.Body.Close())
	}
	t.session.keep(res)
	res.Header.Set("Content-Type", "text/xml; charset=utf-8") // soap.Client refuses an answer without one
	res.Body = &cleanBody{Closer: res.Body, cleaner: cleaner{from: res.Body}}
	return res, nil
}

func requestBody(req *http.Request) ([]byte, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	envelope, err := io.ReadAll(body)
	return envelope, errors.Join(err, body.Close())
}

// exchange sends the envelope once, with the cookie or, without one, the password.
func (t *transport) exchange(ctx context.Context, from *http.Request, envelope []byte, cookie string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, from.URL.String(), bytes.NewReader(envelope))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("User-Agent", "dialtone")
	if action := from.Header.Get("SOAPAction"); action != "" {
		req.Header.Set("SOAPAction", action)
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	} else {
		req.SetBasicAuth(t.username, t.password)
	}
	if t.record != nil {
		t.record(operation(envelope), pinElement.ReplaceAll(envelope, []byte("${1}00000${2}")))
	}
	return t.http.RoundTrip(req)
}

func operation(envelope []byte) string {
	if m := actionName.FindSubmatch(envelope); m != nil {
		return string(m[1])
	}
	return ""
}

// answerOf returns what is not an envelope with a result, nil for one that is.
func (t *transport) answerOf(res *http.Response) *answer {
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	page := err == nil && strings.HasSuffix(kind, "html")
	if res.StatusCode == http.StatusOK && !page {
		return nil
	}
	a := &answer{status: res.StatusCode, retryAfter: retryAfter(res.Header.Get("Retry-After"), time.Now())}
	body, err := io.ReadAll(&cleaner{from: io.LimitReader(res.Body, maxErrorBody)})
	if err != nil {
		body = nil // the status says enough
	}
	a.body = body
	a.page = page || !bytes.Contains(body, []byte("Envelope"))
	return a
}

// retryAfter reads seconds or a date; 0 when there is neither.
func retryAfter(header string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(header); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// discard reads the rest of an answer so that its connection is used again.
func discard(res *http.Response) error {
	_, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxErrorBody))
	return errors.Join(err, res.Body.Close())
}
