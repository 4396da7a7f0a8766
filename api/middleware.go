package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
)

// requestHeader carries the id of a request; a client may choose it.
const requestHeader = "X-Request-Id"

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

type requestKey struct{}

// requestID is the id of the request; "" outside of one.
func requestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		return id
	}
	return ""
}

// observe surrounds every request: it gives it an id and a time limit, sets the
// headers of safety, turns a panic into a problem, counts and logs it.
func (s *server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		id := c.Request().Header.Get(requestHeader)
		if !requestIDForm.MatchString(id) {
			id = uuid.NewString()
		}
		secure(c.Response().Header(), id)
		ctx := context.WithValue(c.Request().Context(), requestKey{}, id)
		c.SetRequest(c.Request().WithContext(ctx))
		s.shielded(c, next)
		s.record(c, id, time.Since(began))
		return nil
	}
}

// shielded runs the handler; what it fails with or panics with becomes an answer.
func (s *server) shielded(c echo.Context, next echo.HandlerFunc) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(r)
		}
		s.log.Error("panic in a request", zap.String("request", requestID(c.Request().Context())),
			zap.String("panic", fmt.Sprint(r)), zap.ByteString("stack", debug.Stack()))
		s.echoError(kindProblem(uc.Internal, "the log tells more about this request"), c)
	}()
	err := readable(c.Request().URL)
	if err == nil {
		err = next(c)
	}
	if err != nil {
		s.echoError(err, c)
	}
}

// unescape decodes the parts of a path that were written with escapes: the router
// leaves them as they came.
func unescape(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().URL.RawPath == "" {
			return next(c)
		}
		values := slices.Clone(c.ParamValues())
		for i, v := range values {
			text, err := url.PathUnescape(v)
			if err != nil {
				return statusProblem(http.StatusBadRequest, "the address is not well escaped")
			}
			values[i] = text
		}
		c.SetParamValues(values...)
		return next(c)
	}
}

// readable refuses addresses that no stored text can equal.
func readable(u *url.URL) error {
	query, err := url.QueryUnescape(u.RawQuery)
	if text := u.Path + query; err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return statusProblem(http.StatusBadRequest, "the address is not valid UTF-8 without control characters")
	}
	return nil
}

// secure sets what a browser must know about answers that are data, never pages.
func secure(h http.Header, id string) {
	h.Set(requestHeader, id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Strict-Transport-Security", "max-age=31536000")
}

// echoError answers what no operation answered: unknown paths and methods, and panics.
func (s *server) echoError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	p := s.problem(ctx, routeProblem(c, err))
	p.Instance = instance(ctx)
	maps.Copy(c.Response().Header(), p.GetHeaders())
	c.Response().Header().Set(echo.HeaderContentType, p.ContentType(""))
	if c.Request().Method == http.MethodHead {
		err = c.NoContent(p.Status)
	} else {
		err = c.JSON(p.Status, p)
	}
	if err != nil {
		s.log.Debug("answer not sent: " + err.Error())
	}
}

// routeProblem names the path or the method that does not exist.
func routeProblem(c echo.Context, err error) error {
	var he *echo.HTTPError
	if !errors.As(err, &he) {
		return err
	}
	switch he.Code {
	case http.StatusNotFound:
		return statusProblem(he.Code, "no such path; /v1/openapi.yaml lists them all")
	case http.StatusMethodNotAllowed:
		return statusProblem(he.Code, c.Request().Method+" is not offered here; /v1/openapi.yaml lists what is")
	}
	return statusProblem(he.Code, http.StatusText(he.Code))
}

// record counts the request and writes its line of the access log.
func (s *server) record(c echo.Context, id string, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "unknown"
	}
	status := c.Response().Status
	s.requests.observe(c.Request().Method, route, status, took)
	fields := []zap.Field{
		zap.String("request", id), zap.String("method", c.Request().Method), zap.String("route", route),
		zap.String("path", c.Request().URL.Path), zap.Int("status", status),
		zap.Int64("bytes", c.Response().Size), zap.Int64("duration_ms", took.Milliseconds()),
		zap.String("remote", c.Request().RemoteAddr),
	}
	if name, ok := c.Get(tokenKey).(string); ok {
		fields = append(fields, zap.String("token", name))
	}
	// Probes and scrapes come every few seconds and tell an operator nothing.
	if status < http.StatusBadRequest && !strings.HasPrefix(route, "/v1/") {
		s.log.Debug("request", fields...)
		return
	}
	s.log.Info("request", fields...)
}
