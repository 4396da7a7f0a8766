package fault

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Before applies what happens before a call is done: Delay, Drop and Status. It
// reports whether the call has been answered. It aborts the connection for Drop
// by panicking with http.ErrAbortHandler, which net/http servers expect.
func (s Set) Before(w http.ResponseWriter, r *http.Request) bool {
	if d, ok := s.Of(Delay); ok && Wait(r.Context(), d.Delay) != nil {
		panic(http.ErrAbortHandler)
	}
	if _, ok := s.Of(Drop); ok {
		panic(http.ErrAbortHandler)
	}
	st, ok := s.Of(Status)
	if ok {
		text := st.Text
		if text == "" {
			text = http.StatusText(st.Status)
		}
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		w.WriteHeader(st.Status)
		if _, err := io.WriteString(w, "<html><body><h1>HTTP Status "+strconv.Itoa(st.Status)+"</h1><p>"+text+"</p></body></html>"); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	return ok
}

// ChangesAnswer reports whether After alters the answer, so that a simulator may
// stream when it does not.
func (s Set) ChangesAnswer() bool {
	for _, r := range s {
		switch r.Kind {
		case AfterCommit, Truncate, IllegalChar, SlowStream:
			return true
		case Drop, Delay, Status, Fault:
		}
	}
	return false
}

// After sends the whole answer as the set says: not at all (AfterCommit), cut in
// the middle, with a forbidden byte, or slowly.
func (s Set) After(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	if _, ok := s.Of(AfterCommit); ok {
		panic(http.ErrAbortHandler)
	}
	if _, ok := s.Of(IllegalChar); ok {
		body = spoil(body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, cut := s.Of(Truncate)
	if cut {
		body = body[:len(body)/2]
	}
	slow, ok := s.Of(SlowStream)
	pieces := 1
	if ok {
		pieces = 8
	}
	for i := range pieces {
		part := body[len(body)*i/pieces : len(body)*(i+1)/pieces]
		if i > 0 && Wait(r.Context(), slow.Delay) != nil {
			panic(http.ErrAbortHandler)
		}
		if _, err := w.Write(part); err != nil {
			panic(http.ErrAbortHandler)
		}
		// A writer that cannot flush still sends everything at the end.
		if f, can := w.(http.Flusher); can && (ok || cut) {
			f.Flush()
		}
	}
	if cut {
		panic(http.ErrAbortHandler)
	}
}

// spoil puts U+0002 into the first text behind the middle.
func spoil(body []byte) []byte {
	at := len(body) / 2
	if i := bytes.IndexByte(body[at:], '>'); i >= 0 {
		for at += i + 1; at < len(body) && body[at] == '<'; {
			next := bytes.IndexByte(body[at:], '>')
			if next < 0 {
				break
			}
			at += next + 1
		}
	}
	at = min(at, len(body))
	return append(append(append([]byte{}, body[:at]...), 2), body[at:]...)
}

// Wait waits for d or until the context ends, and returns the context's error then.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
