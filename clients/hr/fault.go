package hr

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dialtone/dialtone/uc"
)

// maxRetryAfter bounds what a receiver may ask for; a typing error there must not
// put an order to sleep for a year.
const maxRetryAfter = 24 * time.Hour

func named(name, detail string) string {
	if name == "" {
		return detail
	}
	return name + ": " + detail
}

func (c *Client) fail(kind uc.Kind, op, detail string, cause error) error {
	return &uc.Error{Kind: kind, System: c.options.System, Op: op, Detail: named(c.options.Name, detail), Err: cause}
}

// lost classifies a request without a usable answer. The address is left out: a
// webhook's path is often half a credential.
func (c *Client) lost(op string, err error) error {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return c.fail(uc.Denied, op, "the server's certificate is not trusted: "+certificate.Err.Error(), err)
	}
	cause := err
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		cause = wrapped.Err
	}
	var network *net.OpError
	if c.options.Secrets && !errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) {
		// An answer that is no HTTP is quoted in the error.
		return c.fail(uc.Unavailable, op, "no answer that can be read", nil)
	}
	return c.fail(uc.Unavailable, op, "no answer: "+cause.Error(), cause)
}

// judge turns the receiver's answer into the outcome of a post.
func (c *Client) judge(response *http.Response, answer string) error {
	status := response.StatusCode
	kind := kindOfStatus(status)
	if kind == "" {
		return nil
	}
	detail := strings.TrimSpace(response.Status)
	if c.options.Secrets {
		// Its words are the receiver's, too.
		answer, detail = "", strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status))
	}
	switch {
	case status == http.StatusGone:
		detail += ": the receiver has disabled this endpoint"
	case status/100 == 3:
		detail += ": redirects are not followed, the address must be changed"
	}
	if said := excerpt(answer); said != "" {
		detail += ": " + said
	}
	return &uc.Error{
		Kind: kind, System: c.options.System, Op: "POST", Detail: named(c.options.Name, detail),
		RetryAfter: retryAfter(response.Header.Get("Retry-After"), c.now()),
	}
}

// kindOfStatus maps a status; "" is success.
//
// Source: Standard Webhooks 1.0, "Delivering": 2xx is success, 3xx a failure, 410
// a disabled endpoint, 429, 502 and 504 ask to slow down.
func kindOfStatus(status int) uc.Kind {
	switch {
	case status/100 == 2, status == http.StatusConflict:
		return ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusGone,
		status == http.StatusProxyAuthRequired:
		return uc.Denied
	case status == http.StatusTooManyRequests:
		return uc.Throttled
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status/100 == 5:
		return uc.Unavailable
	}
	return uc.Invalid
}

// retryAfter reads both forms of the header; what it cannot read is 0.
func retryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// excerpt is the beginning of an answer on one line, without control characters.
func excerpt(answer string) string {
	const limit = 200
	line := []rune(strings.Join(strings.Fields(answer), " "))
	if len(line) > limit {
		line = append(line[:limit], '…')
	}
	out := fmt.Sprintf("%q", string(line))
	return strings.Trim(out, `"`)
}
