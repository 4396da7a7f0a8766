package axl

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/hooklift/gowsdl/soap"

	"github.com/dialtone/dialtone/uc"
)

const (
	system     = "cucm"
	shortPause = 5 * time.Second // "several seconds". Source: AXL developer guide, "Throttling"
)

// faults classify a fault by AXL's code and words; the first row that fits
// decides, an empty column fits everything. Codes alone do not do: 5007 has
// three meanings, and several texts come with no code of their own. Positive
// 5xxx codes are AXL's, negative ones Informix's.
var faults = []struct {
	code  string
	words *regexp.Regexp
	kind  uc.Kind
	retry time.Duration
}{
	{"", memoryFull, uc.Throttled, shortPause},
	{"", regexp.MustCompile(`(?i)do not have the privilege|not authorized`), uc.Denied, 0},
	{"", changesOff, uc.Denied, 0},
	{"", operationUnknown, uc.NotFound, 0},
	{"5007", regexp.MustCompile(`(?i)not found`), uc.NotFound, 0},
	{"5003", regexp.MustCompile(`(?i)not found`), uc.NotFound, 0},
	{"", regexp.MustCompile(`(?i)item not valid: the specified .* was not found`), uc.NotFound, 0},
	{"-239", nil, uc.Conflict, 0}, // duplicate value in a unique index
	{"-268", nil, uc.Conflict, 0}, // unique constraint violated
	{"-692", nil, uc.Conflict, 0}, // still referenced
	{"", regexp.MustCompile(`(?i)duplicate value in a unique index`), uc.Conflict, 0},
	{"", regexp.MustCompile(`(?i)exists with the same pattern and partition`), uc.Conflict, 0},
	{"", regexp.MustCompile(`(?i)still being referenced`), uc.Conflict, 0},
	// Locks of another writer; the statement was rolled back. Source: Informix
	// error messages; not recorded from AXL.
	{"-107", nil, uc.Throttled, shortPause}, // record is locked
	{"-143", nil, uc.Throttled, shortPause}, // deadlock
	{"-154", nil, uc.Throttled, shortPause}, // lock timeout
	{"-243", nil, uc.Throttled, shortPause}, // could not position within a table
	{"-244", nil, uc.Throttled, shortPause}, // could not do a physical-order read
	{"-245", nil, uc.Throttled, shortPause}, // could not position within a file via an index
	// What is left is wrong as written: missing keys (-691), nulls (-391), SQL
	// (201), names, security profiles, plus signs, too large queries (-1).
	{"", nil, uc.Invalid, 0},
}

// classify turns whatever ended a call into a *uc.Error. Only what a caller's
// row function returned comes back as it is.
func (c *Client) classify(ctx context.Context, op string, err error, secrets ...string) error {
	var (
		done      *uc.Error
		fromRow   *rowError
		httpBody  *answer
		inline    *soap.SOAPFault
		untrusted *tls.CertificateVerificationError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fromRow):
		return fromRow.err
	case errors.As(err, &done):
		return err
	}
	e := &uc.Error{Kind: uc.Unavailable, System: system, Op: op}
	switch {
	case errors.As(err, &httpBody):
		c.fromAnswer(e, httpBody)
	case errors.As(err, &inline):
		c.fromFault(e, axlError{Message: inline.String}, inline.Detail)
	case errors.As(err, &untrusted):
		// Asking again cannot help: somebody has to change a certificate or a setting.
		e.Kind, e.Detail, e.Err = uc.Denied, "the server's certificate is not trusted: "+untrusted.Err.Error(), err
	case ctx.Err() != nil:
		e.Detail, e.Err = "given up waiting for the answer: "+context.Cause(ctx).Error(), ended(ctx)
	default:
		e.Detail, e.Err = err.Error(), err
	}
	for _, s := range secrets {
		if s != "" {
			e.Detail = strings.ReplaceAll(e.Detail, s, "*****")
		}
	}
	e.Detail = named(c.name, e.Detail)
	return e
}

// ended is the context's error and, when it is another, its cause.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// aim is what an operation wants of the call processor.
func aim(op string) string {
	if strings.HasPrefix(op, "list") || strings.HasPrefix(op, "get") || op == "executeSQLQuery" {
		return "read"
	}
	return "write"
}

// fromAnswer classifies by HTTP status, and a fault by its content.
// Source: AXL developer guide, "HTTP status codes".
func (c *Client) fromAnswer(e *uc.Error, a *answer) {
	switch {
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
		e.Kind, e.RetryAfter = uc.Throttled, a.retryAfter
		if e.RetryAfter == 0 {
			e.RetryAfter = shortPause
		}
		e.Detail = statusDetail(a, "the server asks to slow down")
		return
	case a.status == http.StatusUnauthorized:
		e.Kind, e.Detail = uc.Denied, statusDetail(a, "user name or password refused, or no right to "+aim(e.Op))
		return
	case a.status == http.StatusForbidden:
		e.Kind, e.Detail = uc.Denied, statusDetail(a, "the user lacks the role Standard AXL API Access")
		return
	case a.status == statusVersion:
		e.Kind, e.Detail = uc.Denied, statusDetail(a, "AXL version refused")
		return
	case a.status == http.StatusNotFound:
		e.Detail = statusDetail(a, "wrong path, or the Cisco AXL Web Service is not running on this node")
		return
	case !a.page:
		if fault, ok := parseFault(a.body); ok {
			c.fromFault(e, fault, nil)
			return
		}
	}
	if a.status >= 400 && a.status < 500 {
		e.Kind = uc.Invalid
	}
	e.Detail = statusDetail(a, "no AXL answer")
}

func (c *Client) fromFault(e *uc.Error, f axlError, detail soap.FaultError) {
	if d, ok := detail.(*faultDetail); ok && d.HasData() {
		f = d.AXL
	}
	f.Code, f.Message = strings.TrimSpace(f.Code), strings.TrimSpace(f.Message)
	for _, row := range faults {
		if (row.code == "" || row.code == f.Code) && (row.words == nil || row.words.MatchString(f.Message)) {
			e.Kind, e.RetryAfter = row.kind, row.retry
			break
		}
	}
	if e.Err == nil {
		e.Err = cause(e.Op, f.Message)
	}
	e.Detail = f.Message
	if f.Code != "" && f.Code != "0" {
		e.Detail += " (" + f.Code + ")"
	}
}

// parseFault reads a SOAP fault, by local names: AXL writes its detail with
// and without namespace.
func parseFault(body []byte) (axlError, bool) {
	var in struct {
		Fault *struct {
			Text   string   `xml:"faultstring"`
			Detail axlError `xml:"detail>axlError"`
		} `xml:"Body>Fault"`
	}
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&in); err != nil || in.Fault == nil {
		return axlError{}, false
	}
	if in.Fault.Detail.Message == "" {
		in.Fault.Detail.Message = in.Fault.Text
	}
	return in.Fault.Detail, true
}

var (
	pageHidden = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	pageTag    = regexp.MustCompile(`(?s)<[^>]*>`)
)

const longestPageText = 200

// statusDetail is our words for a status, and what a web page said with it.
func statusDetail(a *answer, words string) string {
	text := html.UnescapeString(pageTag.ReplaceAllString(pageHidden.ReplaceAllString(string(a.body), " "), " "))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestPageText {
		text = string(runes[:longestPageText]) + "…"
	}
	if text != "" {
		text = ": " + text
	}
	return fmt.Sprintf("%s (HTTP %d)%s", words, a.status, text)
}

var refusedCredential = regexp.MustCompile(`(?i)failed to authenticate`)

// notAuthenticated reports whether a failure of doAuthenticateUser is its
// answer: some releases answer a wrong PIN with a fault.
func notAuthenticated(err error) bool {
	var e *uc.Error
	return errors.As(err, &e) && e.Kind == uc.Invalid && refusedCredential.MatchString(e.Detail)
}

// named puts the call processor's name before the detail, unless it holds it.
func named(name, detail string) string {
	if name == "" || strings.Contains(detail, name) {
		return detail
	}
	return name + ": " + detail
}
