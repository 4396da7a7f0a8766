package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
)

// Problem is the answer to a request that did not succeed.
//
// Source: RFC 9457; kind, order and errors are extension members.
type Problem struct {
	Type     string      `json:"type" format:"uri" doc:"Identifies the kind of problem" example:"urn:dialtone:problem:not_found"`
	Title    string      `json:"title" doc:"The same for every problem of this type"`
	Status   int         `json:"status" doc:"The HTTP status"`
	Detail   string      `json:"detail,omitempty" doc:"One sentence for a person"`
	Kind     uc.Kind     `json:"kind" doc:"The word by which orders, logs and workflows name the same failure"`
	Order    string      `json:"order,omitempty" doc:"The order that the problem is about"`
	Instance string      `json:"instance,omitempty" format:"uri" doc:"Names this very request; the log has it"`
	Errors   []Violation `json:"errors,omitempty" doc:"What is wrong with the request, one by one"`

	retryAfter time.Duration
}

// problemOf is the one table from the kind of a failure to status and title.
var problemOf = map[uc.Kind]struct {
	status int
	title  string
}{
	uc.Invalid:     {http.StatusUnprocessableEntity, "The request can never succeed as written"},
	uc.NotFound:    {http.StatusNotFound, "A named object does not exist"},
	uc.Conflict:    {http.StatusConflict, "The request contradicts the present state"},
	uc.Exhausted:   {http.StatusConflict, "The pool has no eligible number"},
	uc.Denied:      {http.StatusBadGateway, "A system refuses our credentials"},
	uc.Throttled:   {http.StatusServiceUnavailable, "A system asks to slow down"},
	uc.Unavailable: {http.StatusServiceUnavailable, "A part of the service does not answer"},
	uc.Internal:    {http.StatusInternalServerError, "Something went wrong on our side"},
}

// kindOfStatus names the kind of the statuses that do not come from a uc.Error.
func kindOfStatus(status int) uc.Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return uc.Denied
	case status == http.StatusNotFound:
		return uc.NotFound
	case status == http.StatusConflict:
		return uc.Conflict
	case status == http.StatusTooManyRequests:
		return uc.Throttled
	case status == http.StatusServiceUnavailable:
		return uc.Unavailable
	case status < http.StatusInternalServerError:
		return uc.Invalid
	}
	return uc.Internal
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to try again and, for 401, how to authenticate.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="dialtone"`)
	}
	return h
}

// statusProblem makes a problem of a bare HTTP status.
func statusProblem(status int, detail string) *Problem {
	kind := kindOfStatus(status)
	return &Problem{Type: problemType(kind), Title: http.StatusText(status), Status: status, Detail: detail, Kind: kind}
}

func problemType(kind uc.Kind) string { return "urn:dialtone:problem:" + string(kind) }

// invalid is a problem that lists what is wrong with the request.
func invalid(violations ...Violation) *Problem {
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.Message
	}
	p := kindProblem(uc.Invalid, strings.Join(texts, "; "))
	p.Errors = violations
	return p
}

func kindProblem(kind uc.Kind, detail string) *Problem {
	row, ok := problemOf[kind]
	if !ok {
		kind, row = uc.Internal, problemOf[uc.Internal]
	}
	return &Problem{Type: problemType(kind), Title: row.title, Status: row.status, Detail: detail, Kind: kind}
}

// retryLater is what a client is told when a part of the service is away and did
// not say for how long.
const retryLater = 5 * time.Second

// problem turns an error into the answer. What a system or a bug said is logged
// with the request's id and never sent: only our own sentences are.
func (s *server) problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = &uc.Error{Kind: uc.Unavailable, Err: err}
	}
	var e *uc.Error
	if !errors.As(err, &e) {
		e = &uc.Error{Kind: uc.KindOf(err), Err: err}
	}
	p = kindProblem(e.Kind, e.Detail)
	p.Instance = instance(ctx)
	level := zap.ErrorLevel
	switch p.Kind {
	case uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted:
		if e.Err == nil || e.System == "" {
			return p
		}
		p.Detail = "the request contradicts what is stored" // the driver's words are about tables
	case uc.Throttled, uc.Unavailable:
		p.Detail, p.retryAfter, level = "try again in a moment", max(e.RetryAfter, retryLater), zap.WarnLevel
	case uc.Denied, uc.Internal:
		p.Detail = "the log tells more about this request"
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		level = zap.DebugLevel // the client went away: nobody waits for the answer
	}
	s.log.Log(level, "request not answered", zap.String("request", requestID(ctx)), zap.String("kind", string(p.Kind)),
		zap.String("system", e.System), zap.String("op", e.Op), zap.Error(err))
	return p
}

func instance(ctx context.Context) string {
	if id := requestID(ctx); id != "" {
		return "urn:dialtone:request:" + id
	}
	return ""
}

// The library makes its own answers (validation, unreadable bodies) through these
// variables; setting them once gives every problem of the process one form.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := statusProblem(status, requestText(message))
		texts := make([]string, 0, len(errs))
		for _, err := range errs {
			if err == nil {
				continue
			}
			v := violationOf(err)
			p.Errors = append(p.Errors, v)
			texts = append(texts, v.Message)
		}
		if status == http.StatusUnprocessableEntity {
			p.Title = problemOf[uc.Invalid].title
		}
		if len(texts) > 0 {
			p.Detail = strings.Join(texts, "; ")
		}
		return p
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		err := huma.NewError(status, message, errs...)
		if p, ok := err.(*Problem); ok {
			p.Instance = instance(ctx.Context())
		}
		return err
	}
	// A body is what the OpenAPI document says, letter by letter.
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
}
