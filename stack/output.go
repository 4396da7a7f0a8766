package stack

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/dialtone/dialtone/uc"
)

// readyLine closes ready at the first line that begins with READY and passes
// everything else on.
type readyLine struct {
	ready chan struct{}
	rest  io.Writer
	seen  bool
	part  []byte // an unfinished line
}

// Write never fails: a full log must not end a server.
func (r *readyLine) Write(p []byte) (int, error) {
	r.part = append(r.part, p...)
	for {
		i := bytes.IndexByte(r.part, '\n')
		if i < 0 {
			return len(p), nil
		}
		line := r.part[:i+1]
		r.part = r.part[i+1:]
		if !r.seen && bytes.HasPrefix(line, []byte("READY")) {
			r.seen = true
			close(r.ready)
			continue
		}
		if _, err := r.rest.Write(line); err != nil {
			continue
		}
	}
}

// lines lets a child's two outputs share one writer and never fails: an error
// would close the pipe, and the pipe's end would end the child. It keeps the last
// bytes, to say why a child ended.
type lines struct {
	mu   sync.Mutex
	to   io.Writer
	last []byte
}

const keptOutput = 4096

// Write passes p on.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, p...)
	if n := len(l.last) - keptOutput; n > 0 {
		l.last = append([]byte(nil), l.last[n:]...)
	}
	if _, err := l.to.Write(p); err != nil {
		return len(p), nil
	}
	return len(p), nil
}

// explain adds to the failure of a start what the child said last.
func (l *lines) explain(err error) error {
	l.mu.Lock()
	said := string(l.last)
	l.mu.Unlock()
	if strings.Contains(said, "address already in use") {
		err = errors.Join(err, errPortTaken)
	}
	if line := lastLine(said); line != "" {
		return startError(uc.KindOf(err), systemTemporal, line, err)
	}
	return err
}
