package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/dialtone/dialtone/uc"
)

// Every kind has its status; what a system said is logged and not sent.
func TestProblemOfKinds(t *testing.T) {
	t.Parallel()
	const theirs = "connect to 10.0.0.7: password of user dialtone"
	cases := map[uc.Kind]struct {
		status int
		shown  bool // our own sentence reaches the client
		level  zapcore.Level
		retry  bool
	}{
		uc.Invalid:     {422, true, 0, false},
		uc.NotFound:    {404, true, 0, false},
		uc.Conflict:    {409, true, 0, false},
		uc.Exhausted:   {409, true, 0, false},
		uc.Denied:      {502, false, zap.ErrorLevel, false},
		uc.Throttled:   {503, false, zap.WarnLevel, true},
		uc.Unavailable: {503, false, zap.WarnLevel, true},
		uc.Internal:    {500, false, zap.ErrorLevel, false},
		"unheard of":   {500, false, zap.ErrorLevel, false},
	}
	if len(cases) != len(problemOf)+1 {
		t.Errorf("%d kinds are tested, the table has %d", len(cases)-1, len(problemOf))
	}
	for kind, c := range cases {
		core, logs := observer.New(zap.DebugLevel)
		s := &server{log: zap.New(core)}
		p := s.problem(t.Context(), fmt.Errorf("doing it: %w", &uc.Error{Kind: kind, Detail: "our sentence"}))
		if p.Status != c.status || strings.Contains(p.Detail, "our sentence") != c.shown || (p.GetHeaders().Get("Retry-After") != "") != c.retry {
			t.Errorf("%s: %+v", kind, p)
		}
		if c.shown != (logs.Len() == 0) || !c.shown && logs.All()[0].Level != c.level {
			t.Errorf("%s: log %v", kind, logs.All())
		}
		if p.Type != "urn:dialtone:problem:"+string(p.Kind) || p.Title == "" {
			t.Errorf("%s: type %s, title %q", kind, p.Type, p.Title)
		}
		p = s.problem(t.Context(), &uc.Error{Kind: kind, System: "db", Detail: theirs, Err: errors.New(theirs)})
		if p.Status != c.status || strings.Contains(p.Detail, "10.0.0.7") {
			t.Errorf("%s of a system: %+v", kind, p)
		}
	}
}

func TestProblemOfOtherErrors(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	cases := map[string]struct {
		reason string
		ctx    context.Context
		err    error
		status int
		level  zapcore.Level
	}{
		"no kind":      {"a bug", t.Context(), errors.New("nil map"), 500, zap.ErrorLevel},
		"a bare kind":  {"a kind is an error itself", t.Context(), uc.Unavailable, 503, zap.WarnLevel},
		"out of time":  {"the request took too long", t.Context(), context.DeadlineExceeded, 503, zap.WarnLevel},
		"client gone":  {"nobody waits for the answer", gone, context.Canceled, 503, zap.DebugLevel},
		"client gone2": {"whatever it led to", gone, errors.New("conn closed"), 500, zap.DebugLevel},
	}
	for name, c := range cases {
		core, logs := observer.New(zap.DebugLevel)
		p := (&server{log: zap.New(core)}).problem(c.ctx, c.err)
		if p.Status != c.status || logs.Len() != 1 || logs.All()[0].Level != c.level {
			t.Errorf("%s (%s): %+v, log %v", name, c.reason, p, logs.All())
		}
	}
	s := &server{log: zap.NewNop()}
	p := s.problem(t.Context(), &uc.Error{Kind: uc.Throttled, System: "temporal", RetryAfter: 90 * time.Second})
	if got := p.GetHeaders().Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q, want what the system asked for", got)
	}
}
