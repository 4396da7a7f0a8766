package soap

import (
	"errors"
	"io"
	"strings"
)

// flushAt is how much a Writer gathers before it passes it on.
const flushAt = 32 << 10

// Writer writes elements into a sink as they come, so that a list never stands in
// memory as a whole. The first error of the sink sticks; Err returns it.
type Writer struct {
	sink  io.Writer
	buf   []byte
	open  []string
	err   error
	wide  int64 // bytes that non-ASCII characters count more than they take
	sent  int64
	limit int64
	nilFK bool
	ns    string
}

// ErrLimit is the error of a Writer whose answer has grown past its limit.
var ErrLimit = errors.New("the answer exceeds the limit")

// Limit makes the Writer stop with ErrLimit once Size exceeds n; 0 means never.
func (w *Writer) Limit(n int64) { w.limit = n }

// NewWriter writes into sink. version is the AXL version of the answer: from 14.0
// an empty foreign key is marked nil. Source: AXL developer guide, "xsi on the
// response root from 14".
func NewWriter(sink io.Writer, version string) *Writer {
	return &Writer{sink: sink, ns: "http://www.cisco.com/AXL/API/" + version, nilFK: version >= "14", buf: make([]byte, 0, 4096)}
}

// Err is the first error of the sink.
func (w *Writer) Err() error { return w.err }

// Size is how many bytes were written, an error or not, counting each non-ASCII character as
// three, as CUCM's limits do. Source: AXL developer guide, limits.
func (w *Writer) Size() int64 { return w.sent + int64(len(w.buf)) + w.wide }

const head = `<?xml version='1.0' encoding='UTF-8'?>` +
	`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>`

// bare are the operations whose answer has no <return>. Source: AXL 15.0
// ListChangeRes.
func bare(op string) bool { return op == "listChange" }

// Begin opens the envelope and <ns:OPResponse>, with <return> in it where the
// operation has one. A request's sequence attribute is echoed; "" for none.
func (w *Writer) Begin(op, sequence string) {
	w.raw(head)
	w.raw("<ns:" + op + `Response xmlns:ns="` + w.ns + `"`)
	if sequence != "" {
		w.raw(` sequence="` + Escape(sequence) + `"`)
	}
	if w.nilFK {
		w.raw(` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`)
	}
	w.raw(">")
	if !bare(op) {
		w.raw("<return>")
	}
}

// End closes what Begin opened and passes everything on.
func (w *Writer) End(op string) error {
	if !bare(op) {
		w.raw("</return>")
	}
	w.raw("</ns:" + op + "Response></soapenv:Body></soapenv:Envelope>")
	w.Flush()
	return w.err
}

// Open starts an element with attributes given as name, value, name, value.
func (w *Writer) Open(name string, attrs ...string) {
	w.tag(name, attrs)
	w.buf = append(w.buf, '>')
	w.open = append(w.open, name)
}

// Close ends the element opened last.
func (w *Writer) Close() {
	name := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	w.buf = append(append(append(w.buf, "</"...), name...), '>')
	if len(w.buf) >= flushAt {
		w.Flush()
	}
}

// Leaf writes an element with text only; an empty one as <name/>.
func (w *Writer) Leaf(name, text string, attrs ...string) {
	w.tag(name, attrs)
	if text == "" {
		w.buf = append(w.buf, "/>"...)
		return
	}
	w.buf = append(w.buf, '>')
	w.Text(text)
	w.buf = append(append(append(w.buf, "</"...), name...), '>')
	if len(w.buf) >= flushAt {
		w.Flush()
	}
}

// FK writes a reference: the name with the row's uuid as attribute, or the empty
// form of the version.
func (w *Writer) FK(name, text, pkid string) {
	switch {
	case pkid != "":
		w.Leaf(name, text, "uuid", Braced(pkid))
	case w.nilFK:
		w.Leaf(name, "", "uuid", "", "xsi:nil", "true")
	default:
		w.Leaf(name, "")
	}
}

// Raw writes text that is XML already.
func (w *Writer) Raw(xml string) { w.raw(xml) }

// Text writes escaped character data.
func (w *Writer) Text(s string) {
	for i := range len(s) {
		switch c := s[i]; c {
		case '<':
			w.buf = append(w.buf, "&lt;"...)
		case '>':
			w.buf = append(w.buf, "&gt;"...)
		case '&':
			w.buf = append(w.buf, "&amp;"...)
		case '"':
			w.buf = append(w.buf, "&quot;"...)
		default:
			if c >= 0xc0 && c < 0xe0 {
				w.wide++
			}
			w.buf = append(w.buf, c)
		}
	}
}

func (w *Writer) tag(name string, attrs []string) {
	w.buf = append(append(w.buf, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.buf = append(append(append(w.buf, ' '), attrs[i]...), `="`...)
		w.Text(attrs[i+1])
		w.buf = append(w.buf, '"')
	}
}

func (w *Writer) raw(s string) { w.buf = append(w.buf, s...) }

// Flush passes on what was gathered.
func (w *Writer) Flush() {
	if w.err == nil && w.limit > 0 && w.Size() > w.limit {
		w.err = ErrLimit
	}
	if w.err == nil {
		_, w.err = w.sink.Write(w.buf)
	}
	w.sent += int64(len(w.buf))
	w.buf = w.buf[:0]
}

var escaper = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", `"`, "&quot;")

// Escape makes text safe between tags and in attributes.
func Escape(s string) string { return escaper.Replace(s) }

// Braced is a pkid as AXL answers it: {UPPER}.
func Braced(pkid string) string { return "{" + strings.ToUpper(pkid) + "}" }

// Plain is a uuid as the database keeps it: lower case without braces. CUCM
// accepts both forms and any case. Source: AXL developer guide.
func Plain(uuid string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(uuid), "{"), "}"))
}
