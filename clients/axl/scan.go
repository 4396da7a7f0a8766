package axl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner reads an answer tag by tag. A full read of a large call processor is
// hundreds of megabytes of XML: encoding/xml costs several allocations a tag
// and would take longer than the server needs to make the answer, this costs
// none. It reads what AXL writes (no DOCTYPE, no entity but the five of XML) and
// checks that tags match and that the document ends where it should.
type scanner struct {
	from io.Reader

	name, text []byte // valid until the next call of next; the name is without prefix
	attrs      []byte // of the start tag read last, as written

	inTag, closing bool
	buf            []byte
	done, filled   int    // of buf
	plain          []byte // text with its references resolved
	open           []byte // names of the open elements, one behind the other
	starts         []int  // where each of them starts
}

type token int

const (
	startTag token = iota + 1
	endTag
	textToken
)

const (
	scanBuffer = 64 << 10
	emptyReads = 100
)

func newScanner(from io.Reader) *scanner {
	return &scanner{from: from, buf: make([]byte, scanBuffer)}
}

// next returns the next tag or text inside the root element, io.EOF behind it
// and io.ErrUnexpectedEOF when the document breaks off. An empty element is a
// start and an end.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		return endTag, s.pop(s.name)
	}
	for {
		if !s.inTag {
			raw, err := s.until('<', nil)
			if err != nil {
				return 0, s.end(err)
			}
			s.inTag = true
			if len(raw) > 0 && len(s.starts) > 0 {
				s.text, err = s.resolve(raw)
				return textToken, err
			}
		}
		s.inTag = false
		raw, err := s.until('>', whole)
		if err != nil {
			return 0, broken(err)
		}
		switch {
		case len(raw) == 0 || raw[0] == '?':
		case raw[0] == '/':
			if raw = raw[1:]; len(raw) > 0 && raw[len(raw)-1] <= ' ' {
				raw = bytes.TrimRight(raw, " \t\r\n")
			}
			s.name = local(raw)
			return endTag, s.pop(s.name)
		case raw[0] != '!':
			s.start(raw)
			return startTag, nil
		case bytes.HasPrefix(raw, []byte("![CDATA[")):
			s.text = raw[len("![CDATA[") : len(raw)-len("]]")]
			return textToken, nil
		case !bytes.HasPrefix(raw, []byte("!--")):
			return 0, errors.New("the answer holds a document type")
		}
	}
}

// start takes a start tag apart.
func (s *scanner) start(raw []byte) {
	if n := len(raw) - 1; raw[n] == '/' {
		raw, s.closing = raw[:n], true
	}
	s.attrs = s.attrs[:0]
	for i, b := range raw {
		if b == ' ' || b == '\n' || b == '\t' || b == '\r' {
			s.attrs = append(s.attrs, raw[i:]...)
			raw = raw[:i]
			break
		}
	}
	s.name = local(raw)
	s.starts = append(s.starts, len(s.open))
	s.open = append(s.open, s.name...)
}

func (s *scanner) pop(name []byte) error {
	top := len(s.starts) - 1
	if top < 0 || !bytes.Equal(s.open[s.starts[top]:], name) {
		return fmt.Errorf("the answer closes %q, which is not open", name)
	}
	s.open, s.starts = s.open[:s.starts[top]], s.starts[:top]
	return nil
}

// end is what an end of input between two tags means.
func (s *scanner) end(err error) error {
	if errors.Is(err, io.EOF) && len(s.starts) == 0 {
		return io.EOF
	}
	return broken(err)
}

// ahead is what was read already behind the tag before, without white space. It is
// asked between two tags, where white space means nothing.
func (s *scanner) ahead() []byte {
	for s.done < s.filled && (s.buf[s.done] == '\n' || s.buf[s.done] == ' ') {
		s.done++
	}
	return s.buf[s.done:s.filled]
}

// more reports whether more could be read. What went wrong is found again by next.
func (s *scanner) more() bool { return s.fill() == nil }

// skip reads on to the end of the element whose start was read last.
func (s *scanner) skip() error {
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return broken(err)
		}
		switch t {
		case startTag:
			depth++
		case endTag:
			depth--
		case textToken:
		}
	}
	return nil
}

// attr is an attribute of the start tag read last, nil when it has none of that
// name. The name is given as it is written.
func (s *scanner) attr(name string) []byte {
	rest := s.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:eq])
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : end+1]
		}
		rest = rest[end+2:]
	}
}

// until returns what comes before the first delimiter that ends something whole,
// and reads past it. It is valid until more is read.
func (s *scanner) until(delimiter byte, whole func([]byte) bool) ([]byte, error) {
	for from := s.done; ; {
		if i := bytes.IndexByte(s.buf[from:s.filled], delimiter); i >= 0 {
			if found := s.buf[s.done : from+i]; whole == nil || whole(found) {
				s.done = from + i + 1
				return found, nil
			}
			from += i + 1
			continue
		}
		seen := s.filled - s.done
		if err := s.fill(); err != nil {
			return nil, err
		}
		from = s.done + seen
	}
}

// fill reads more behind what is not done yet, which moves. What does not fit
// makes the buffer grow.
func (s *scanner) fill() error {
	s.filled, s.done = copy(s.buf, s.buf[s.done:s.filled]), 0
	if s.filled == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range emptyReads {
		n, err := s.from.Read(s.buf[s.filled:])
		if s.filled += n; n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// whole reports whether the markup ends here: a > inside of a comment, of CDATA or
// of a quoted value does not end it.
func whole(markup []byte) bool {
	switch {
	case len(markup) == 0 || markup[0] == '/' || markup[0] == '?':
		return true
	case markup[0] != '!':
		for i := 0; i < len(markup); i++ {
			if markup[i] != '"' && markup[i] != '\'' {
				continue
			}
			size := bytes.IndexByte(markup[i+1:], markup[i])
			if size < 0 {
				return false
			}
			i += size + 1
		}
		return true
	case bytes.HasPrefix(markup, []byte("!--")):
		return len(markup) >= len("!----") && bytes.HasSuffix(markup, []byte("--"))
	case bytes.HasPrefix(markup, []byte("![CDATA[")):
		return bytes.HasSuffix(markup, []byte("]]"))
	}
	return true
}

// local is a name without its prefix.
func local(name []byte) []byte {
	for i, b := range name {
		if b == ':' {
			return name[i+1:]
		}
	}
	return name
}

// broken makes an end in the middle unmistakable.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
