package soap

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of one request: deeper or longer ones are refused, so that no input
// makes the reader use more than a small multiple of its size.
const (
	MaxDepth = 64
	MaxNodes = 200_000
	MaxAttrs = 64
)

// SyntaxError says what is wrong with a request and at which byte.
type SyntaxError struct {
	At  int
	Msg string
}

// Error reads "byte 17: …".
func (e *SyntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.At, e.Msg) }

type scanner struct {
	s     string
	pos   int
	nodes int
	ns    []binding // innermost last
}

type binding struct{ prefix, uri string }

// Parse reads one XML document and returns its root element. A DOCTYPE is
// refused, so that no entity can be declared; references other than the five of
// XML and character references are refused too. Fails with a *SyntaxError.
func Parse(data []byte) (*Node, error) {
	data, err := decode(data)
	if err != nil {
		return nil, err
	}
	sc := &scanner{s: strings.TrimPrefix(string(data), "\ufeff"), ns: make([]binding, 0, 8)}
	if err := sc.misc(); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(sc.s[sc.pos:], "<") {
		return nil, sc.fail("no root element")
	}
	root, err := sc.element(0)
	if err != nil {
		return nil, err
	}
	if err := sc.misc(); err != nil {
		return nil, err
	}
	if sc.pos != len(sc.s) {
		return nil, sc.fail("text after the root element")
	}
	return root, nil
}

func (sc *scanner) fail(format string, args ...any) error {
	return &SyntaxError{sc.pos, fmt.Sprintf(format, args...)}
}

// misc skips white space, comments and processing instructions around the root.
func (sc *scanner) misc() error {
	for {
		sc.space()
		rest := sc.s[sc.pos:]
		switch {
		case strings.HasPrefix(rest, "<?"):
			if err := sc.until("?>"); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "<!--"):
			if err := sc.until("-->"); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "<!"):
			return sc.fail("a DOCTYPE is not accepted")
		default:
			return nil
		}
	}
}

func (sc *scanner) until(end string) error {
	i := strings.Index(sc.s[sc.pos:], end)
	if i < 0 {
		return sc.fail("%q is missing", end)
	}
	sc.pos += i + len(end)
	return nil
}

func (sc *scanner) space() {
	for sc.pos < len(sc.s) && isSpace(sc.s[sc.pos]) {
		sc.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
}

func (sc *scanner) name() (string, error) {
	start := sc.pos
	for sc.pos < len(sc.s) && isName(sc.s[sc.pos]) {
		sc.pos++
	}
	n := sc.s[start:sc.pos]
	if n == "" || strings.IndexByte("-.:0123456789", n[0]) >= 0 || strings.HasSuffix(n, ":") || strings.Count(n, ":") > 1 {
		return "", sc.fail("a name is expected, found %q", n)
	}
	return n, nil
}

// element reads from "<" to the end of the closing tag.
func (sc *scanner) element(depth int) (*Node, error) {
	if sc.nodes++; depth >= MaxDepth || sc.nodes > MaxNodes {
		return nil, sc.fail("too deep or too many elements")
	}
	sc.pos++
	full, err := sc.name()
	if err != nil {
		return nil, err
	}
	bound := len(sc.ns)
	n := &Node{}
	closed, err := sc.attributes(n)
	if err != nil {
		return nil, err
	}
	prefix, local, has := strings.Cut(full, ":")
	if !has {
		prefix, local = "", full
	}
	var known bool
	if n.Space, known = sc.lookup(prefix); !known {
		return nil, sc.fail("prefix %q is not declared", prefix)
	}
	n.Name = local
	if !closed {
		if err := sc.content(n, full, depth); err != nil {
			return nil, err
		}
	}
	sc.ns = sc.ns[:bound]
	return n, nil
}

func (sc *scanner) lookup(prefix string) (string, bool) {
	for _, v := range slices.Backward(sc.ns) {
		if v.prefix == prefix {
			return v.uri, true
		}
	}
	return "", prefix == "" || prefix == "xml"
}

// attributes reads up to ">" or "/>" and reports whether the tag closed itself.
func (sc *scanner) attributes(n *Node) (bool, error) {
	for {
		before := sc.pos
		sc.space()
		switch rest := sc.s[sc.pos:]; {
		case rest == "":
			return false, sc.fail("the tag does not end")
		case rest[0] == '>':
			sc.pos++
			return false, nil
		case strings.HasPrefix(rest, "/>"):
			sc.pos += 2
			return true, nil
		case before == sc.pos || len(n.Attrs) >= MaxAttrs:
			return false, sc.fail("unexpected %q in a tag", rest[0])
		}
		if err := sc.attribute(n); err != nil {
			return false, err
		}
	}
}

func (sc *scanner) attribute(n *Node) error {
	key, err := sc.name()
	if err != nil {
		return err
	}
	sc.space()
	if sc.pos >= len(sc.s) || sc.s[sc.pos] != '=' {
		return sc.fail("attribute %s has no value", key)
	}
	sc.pos++
	sc.space()
	if sc.pos >= len(sc.s) || sc.s[sc.pos] != '"' && sc.s[sc.pos] != '\'' {
		return sc.fail("attribute %s is not quoted", key)
	}
	quote := sc.s[sc.pos]
	sc.pos++
	end := strings.IndexByte(sc.s[sc.pos:], quote)
	if end < 0 || strings.IndexByte(sc.s[sc.pos:sc.pos+end], '<') >= 0 {
		return sc.fail("attribute %s does not end", key)
	}
	value, err := sc.unescape(sc.s[sc.pos : sc.pos+end])
	if err != nil {
		return err
	}
	sc.pos += end + 1
	if n.Attr(key) != "" {
		return sc.fail("attribute %s stands twice", key)
	}
	n.Attrs = append(n.Attrs, Attr{key, value})
	switch prefix, local, has := strings.Cut(key, ":"); {
	case key == "xmlns":
		sc.ns = append(sc.ns, binding{"", value})
	case has && prefix == "xmlns":
		sc.ns = append(sc.ns, binding{local, value})
	}
	return nil
}

// content reads children and text up to the closing tag of full.
func (sc *scanner) content(n *Node, full string, depth int) error {
	var text pieces
	defer func() { n.Text = text.String() }()
	for {
		i := strings.IndexByte(sc.s[sc.pos:], '<')
		if i < 0 {
			return sc.fail("element %s does not end", full)
		}
		if i > 0 {
			t, err := sc.unescape(sc.s[sc.pos : sc.pos+i])
			if err != nil {
				return err
			}
			text.add(t)
			sc.pos += i
		}
		rest := sc.s[sc.pos:]
		switch {
		case strings.HasPrefix(rest, "</"):
			return sc.end(full)
		case strings.HasPrefix(rest, "<!--"):
			if err := sc.until("-->"); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "<![CDATA["):
			if err := sc.cdata(&text); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "<?"):
			if err := sc.until("?>"); err != nil {
				return err
			}
		default:
			kid, err := sc.element(depth + 1)
			if err != nil {
				return err
			}
			n.Kids = append(n.Kids, kid)
		}
	}
}

func (sc *scanner) end(full string) error {
	sc.pos += 2
	got, err := sc.name()
	if err != nil {
		return err
	}
	sc.space()
	if got != full || sc.pos >= len(sc.s) || sc.s[sc.pos] != '>' {
		return sc.fail("</%s> is expected, found </%s", full, got)
	}
	sc.pos++
	return nil
}
