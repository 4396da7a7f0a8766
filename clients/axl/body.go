package axl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	drainUpTo   = 64 << 10
	drainWithin = time.Second
)

// patientBody reads an answer that may take long as a whole but must go on: a
// pause longer than allowed ends it.
type patientBody struct {
	io.ReadCloser
	ctx    context.Context // the one request's own: its cause is what Read reports
	timer  *time.Timer
	pause  time.Duration
	cancel context.CancelCauseFunc
}

func newPatientBody(ctx context.Context, body io.ReadCloser, pause time.Duration, cancel context.CancelCauseFunc) *patientBody {
	stalled := fmt.Errorf("the answer stopped for %s", pause)
	timer := time.AfterFunc(pause, func() { cancel(stalled) })
	timer.Stop()
	return &patientBody{ReadCloser: body, ctx: ctx, timer: timer, pause: pause, cancel: cancel}
}

// Read implements io.Reader. The clock runs only while the server is waited
// for, not while the reader of the rows is at work.
func (b *patientBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.pause)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) && b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	return n, err
}

// Close implements io.Closer. What little the decoder left unread is read, or
// the connection could not be used again.
func (b *patientBody) Close() error {
	b.pause = min(b.pause, drainWithin)
	_, err := io.CopyN(io.Discard, b, drainUpTo)
	b.cancel(nil)
	if errors.Is(err, io.EOF) {
		return b.ReadCloser.Close()
	}
	return errors.Join(err, b.ReadCloser.Close())
}

type cleanBody struct {
	cleaner
	io.Closer
}

// cleaner drops what XML 1.0 forbids and the call processor sends all the
// same: control characters, references to them, broken UTF-8. Text columns
// hold such bytes, and Go's decoder would give up on the whole answer.
type cleaner struct {
	from  io.Reader
	small [512]byte // what from is read into when the reader's own buffer is smaller
	raw   []byte    // read, not looked at yet
	out   []byte    // clean
	done  int       // of out, handed on
	err   error     // what from ended with
}

const longestReference = 10 // &#1114111;

// Read implements io.Reader.
func (c *cleaner) Read(p []byte) (int, error) {
	for c.done == len(c.out) {
		if c.err != nil {
			return 0, c.err
		}
		if n := c.read(p); n > 0 {
			return n, nil
		}
	}
	n := copy(p, c.out[c.done:])
	c.done += n
	return n, nil
}

// read reads more and says how much of it stands in p and may stay there: mostly
// all. From the first byte on that may not, the rest goes to out.
func (c *cleaner) read(p []byte) int {
	direct := len(p) >= len(c.small)
	if !direct {
		p = c.small[:]
	}
	kept := copy(p, c.raw)
	n, err := c.from.Read(p[kept:])
	p, c.err = p[:kept+n], err
	n = 0
	if direct {
		n = sound(p)
	}
	c.raw = append(c.raw[:0], p[n:]...)
	c.raw = append(c.raw[:0], c.raw[c.clean():]...)
	return n
}

// clean moves raw to out as far as it can be judged, and says how far it came.
func (c *cleaner) clean() int {
	c.out, c.done = c.out[:0], 0
	i := 0
	for i < len(c.raw) {
		if n := plain(c.raw[i:]); n > 0 {
			c.out = append(c.out, c.raw[i:i+n]...)
			i += n
			continue
		}
		rest := c.raw[i:]
		switch b := rest[0]; {
		case b == '&':
			size, ok := reference(rest)
			if size == 0 && c.err == nil {
				return i
			}
			size = max(size, 1)
			if ok {
				c.out = append(c.out, rest[:size]...)
			}
			i += size
		case b < utf8.RuneSelf:
			if legal(rune(b)) {
				c.out = append(c.out, b)
			}
			i++
		case !utf8.FullRune(rest) && c.err == nil:
			return i
		default:
			r, size := utf8.DecodeRune(rest)
			if legal(r) {
				c.out = utf8.AppendRune(c.out, r)
			}
			i += size
		}
	}
	return i
}

// sound measures what may stay as it is at the start of s.
func sound(s []byte) int {
	for i := 0; ; {
		i += plain(s[i:])
		if i == len(s) {
			return i
		}
		var ok bool
		size := 1
		switch b := s[i]; {
		case b == '&':
			size, ok = reference(s[i:])
		case b < utf8.RuneSelf:
			ok = legal(rune(b))
		default:
			var r rune
			r, size = utf8.DecodeRune(s[i:])
			ok = size > 1 && legal(r)
		}
		if size == 0 || !ok {
			return i
		}
		i += size
	}
}

// plain measures what needs no second look at the start of s: nearly everything.
func plain(s []byte) int {
	i := 0
	for i+8 <= len(s) {
		w := eight(s, i)
		if w&highBits != 0 || anyOf(w, '&', '&') {
			break
		}
		i += 8
	}
	for ; i < len(s); i++ {
		if b := s[i]; b < ' ' || b >= utf8.RuneSelf || b == '&' {
			break
		}
	}
	return i
}

// reference measures a character reference at the start of s and says whether
// it may stay. Size 0 means that more bytes are needed to tell.
func reference(s []byte) (size int, ok bool) {
	if len(s) > 1 && s[1] != '#' {
		return 1, true
	}
	end := bytes.IndexByte(s[:min(len(s), longestReference)], ';')
	if end < 0 {
		if len(s) < longestReference {
			return 0, true
		}
		return 1, true
	}
	digits, base := string(s[2:end]), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	r, err := strconv.ParseUint(digits, base, 32)
	return end + 1, err == nil && legal(rune(r))
}

// legal is the production Char of XML 1.0.
func legal(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
