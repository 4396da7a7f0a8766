package axl

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	hangUp := func(http.ResponseWriter, request) { panic(http.ErrAbortHandler) }
	for name, tc := range map[string]struct {
		reason string
		answer func(w http.ResponseWriter, r request)
		detail string
	}{
		"hang up":   {"the outcome is unknown", hangUp, "EOF"},
		"broken":    {"the answer ends in the middle", func(w http.ResponseWriter, _ request) { write(w, 200, "text/xml", "<soapenv:Envelope") }, "EOF"},
		"empty":     {"nothing at all", func(w http.ResponseWriter, _ request) { write(w, 200, "text/xml", "") }, "EOF"},
		"no result": {"an envelope around nothing", func(w http.ResponseWriter, _ request) { write(w, 200, "text/xml", emptyBody) }, "no removeUserResponse"},
		"another": {
			"an answer to something else", func(w http.ResponseWriter, r request) { ok(w, r.version, "getPhone", "") },
			"removeUserResponse",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shapeOf(t, newServer(t, tc.answer).client(t).RemoveUser(t.Context(), "jdoe"))
			if got.Kind != uc.Unavailable || !strings.Contains(got.Detail, tc.detail) {
				t.Errorf("%s: want unavailable with %q, got %+v", tc.reason, tc.detail, got)
			}
		})
	}
}

const emptyBody = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>`

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Name: "lisbon", URL: "https://" + l.Addr().String() + "/axl/", Username: "a", Password: "b", Version: "15.0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err = c.RemoveUser(t.Context(), "jdoe")
	var dial *net.OpError
	if !errors.Is(err, uc.Unavailable) || !errors.As(err, &dial) {
		t.Errorf("want unavailable with the cause, got %v", err)
	}
}

func TestAnUnknownCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, agreeable)
	err := s.client(t, func(o *Options) { o.RootCAs = nil }).RemoveUser(t.Context(), "jdoe")
	if !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("want denied for the certificate, got %v", err)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("the password went to an unknown server, %d times", n)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	c := newServer(t, func(http.ResponseWriter, request) { close(reached); <-release }).client(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { close(release) })
	done := make(chan error, 1)
	go func() { done <- c.RemoveUser(ctx, "jdoe") }()
	<-reached
	cancel(io.ErrClosedPipe)
	err := <-done
	for _, want := range []error{uc.Unavailable, context.Canceled, io.ErrClosedPipe} {
		if !errors.Is(err, want) {
			t.Errorf("want %v in %v", want, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"before the answer": "", "within the answer": "<soapenv:Envelope xmlns"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			c := newServer(t, func(w http.ResponseWriter, _ request) {
				if begin != "" {
					write(w, 200, "text/xml", begin)
					if err := http.NewResponseController(w).Flush(); err != nil {
						t.Error(err)
					}
				}
				<-release
			}).client(t, func(o *Options) { o.Timeout = 50 * time.Millisecond })
			t.Cleanup(func() { close(release) })
			if err := c.RemoveUser(t.Context(), "jdoe"); !errors.Is(err, uc.Unavailable) {
				t.Errorf("want unavailable, got %v", err)
			}
		})
	}
}
