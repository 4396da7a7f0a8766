package axl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// scanner reads an answer tag by tag. A full read of a large call processor is
// hundreds of megabytes of XML: encoding/xml costs several allocations a tag
// and would take longer than the server needs to make the answer, this costs
// none. It reads what AXL writes (no DOCTYPE, no entity but the five of XML) and
// checks that tags match and that the document ends where it should.
type scanner struct {
	from *bufio.Reader

	name, text []byte // valid until the next call of next; the name is without prefix
	attrs      []byte // of the start tag read last, as written

	inTag, closing bool
	long           []byte // what did not fit the reader's buffer
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

const scanBuffer = 64 << 10

func newScanner(from io.Reader) *scanner {
	return &scanner{from: bufio.NewReaderSize(from, scanBuffer)}
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
			raw, err := s.until('<')
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
		raw, err := s.markup()
		if err != nil {
			return 0, broken(err)
		}
		switch {
		case len(raw) == 0 || raw[0] == '?' || bytes.HasPrefix(raw, []byte("!--")):
		case bytes.HasPrefix(raw, []byte("![CDATA[")):
			s.text = raw[len("![CDATA[") : len(raw)-len("]]")]
			return textToken, nil
		case raw[0] == '!':
			return 0, errors.New("the answer holds a document type")
		case raw[0] == '/':
			s.name = local(bytes.TrimSpace(raw[1:]))
			return endTag, s.pop(s.name)
		default:
			s.start(raw)
			return startTag, nil
		}
	}
}

// start takes a start tag apart.
func (s *scanner) start(raw []byte) {
	if n := len(raw) - 1; raw[n] == '/' {
		raw, s.closing = raw[:n], true
	}
	s.attrs = s.attrs[:0]
	if i := bytes.IndexAny(raw, " \t\r\n"); i >= 0 {
		s.attrs = append(s.attrs, raw[i:]...)
		raw = raw[:i]
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

// until returns what comes before the delimiter, and reads past it.
func (s *scanner) until(delimiter byte) ([]byte, error) {
	part, err := s.from.ReadSlice(delimiter)
	if err == nil {
		return part[:len(part)-1], nil
	}
	s.long = s.long[:0]
	return s.more(part, err, delimiter)
}

// more gathers in long what comes up to the delimiter.
func (s *scanner) more(part []byte, err error, delimiter byte) ([]byte, error) {
	for {
		s.long = append(s.long, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		part, err = s.from.ReadSlice(delimiter)
	}
	if err != nil {
		return nil, err
	}
	return s.long[:len(s.long)-1], nil
}

// markup returns what is between < and >. A > inside of a comment, of CDATA or
// of a quoted value does not end it.
func (s *scanner) markup() ([]byte, error) {
	raw, err := s.until('>')
	if err != nil || whole(raw) {
		return raw, err
	}
	for s.long = append(append([]byte(nil), raw...), '>'); ; {
		part, err := s.from.ReadSlice('>')
		if raw, err = s.more(part, err, '>'); err != nil || whole(raw) {
			return raw, err
		}
	}
}

func whole(markup []byte) bool {
	switch {
	case len(markup) == 0 || markup[0] == '/' || markup[0] == '?':
		return true
	case markup[0] != '!':
		quote := byte(0)
		for _, b := range markup {
			switch {
			case quote == 0 && (b == '"' || b == '\''):
				quote = b
			case b == quote:
				quote = 0
			}
		}
		return quote == 0
	case bytes.HasPrefix(markup, []byte("!--")):
		return len(markup) >= len("!----") && bytes.HasSuffix(markup, []byte("--"))
	case bytes.HasPrefix(markup, []byte("![CDATA[")):
		return bytes.HasSuffix(markup, []byte("]]"))
	}
	return true
}

// resolve returns the text with references replaced and lines ended as XML
// says. The usual text has neither and is returned as it is.
func (s *scanner) resolve(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw, nil
	}
	s.plain = s.plain[:0]
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\r':
			if i+1 == len(raw) || raw[i+1] != '\n' {
				s.plain = append(s.plain, '\n')
			}
		case '&':
			end := bytes.IndexByte(raw[i:], ';')
			r, ok := entity(raw[i+1 : max(i+end, i+1)])
			if end < 0 || !ok {
				return nil, fmt.Errorf("the answer holds a broken reference: %.12q", raw[i:])
			}
			s.plain = utf8.AppendRune(s.plain, r)
			i += end
		default:
			s.plain = append(s.plain, raw[i])
		}
	}
	return s.plain, nil
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return rune(n), err == nil && legal(rune(n))
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
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
