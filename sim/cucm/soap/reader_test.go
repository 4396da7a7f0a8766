package soap_test

import (
	"encoding/xml"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

func TestParse(t *testing.T) {
	t.Parallel()
	root, err := soap.Parse([]byte(`<?xml version="1.0"?><!-- c --><s:a xmlns:s="urn:s" xmlns="urn:d" k='1 &lt; 2'>
		<b>x<!-- c -->y<![CDATA[<z>]]>&#x41;&amp;</b><s:c xmlns=""><d n:nil="true" xmlns:n="urn:n"/></s:c></s:a> `))
	if err != nil {
		t.Fatal(err)
	}
	b, d := root.Kid("b"), root.Kid("c").Kid("d")
	got := []string{root.Name, root.Space, root.Attr("k"), b.Space, b.Text, root.Kid("c").Space, d.Space}
	if diff := cmp.Diff([]string{"a", "urn:s", "1 < 2", "urn:d", "xy<z>A&", "urn:s", ""}, got); diff != "" {
		t.Error(diff)
	}
	if !d.Nil() || root.Nil() {
		t.Error("xsi:nil is not seen under another prefix")
	}
	if root.Kid("no").Kid("such").Value("child") != "" {
		t.Error("an absent child has a value")
	}
	if got := root.Inner(); got != "<b>xy&lt;z&gt;A&amp;</b><c><d n:nil=\"true\"></d></c>" {
		t.Errorf("inner %s", got)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":            "",
		"no root":            "<!-- a -->",
		"text":               "hello",
		"two roots":          "<a/><b/>",
		"open":               "<a><b></a>",
		"unclosed":           "<a",
		"entity declaration": `<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;">]><a>&y;</a>`,
		"external entity":    `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`,
		"unknown entity":     "<a>&nbsp;</a>",
		"control reference":  "<a>&#2;</a>",
		"control character":  "<a>\x02</a>",
		"not UTF-8":          "<a>\xff</a>",
		"surrogate":          "<a>&#xD800;</a>",
		"unquoted":           "<a b=c/>",
		"twice":              `<a b="1" b="2"/>`,
		"no prefix":          "<p:a/>",
		"name":               "<1a/>",
		"angle in attribute": `<a b="<"/>`,
		"deep":               strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"many":               "<a>" + strings.Repeat("<b/>", soap.MaxNodes) + "</a>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := soap.Parse([]byte(text))
			var se *soap.SyntaxError
			if !errors.As(err, &se) {
				t.Errorf("%.60q gives %v", text, err)
			}
		})
	}
}

// TestTenMegabytes reads the largest request a server accepts in its worst
// shapes: memory stays a small multiple of the input. Not parallel: what is
// allocated is measured.
func TestTenMegabytes(t *testing.T) {
	const size = 10 << 20
	for name, unit := range map[string]string{
		"comments": "a<!---->", "elements": "<b/>", "attributes": `<b c=""/>`, "references": "&amp;", "text": "x", "sections": "<![CDATA[]]>", "open tags": "<b>",
	} {
		text := []byte("<a>" + strings.Repeat(unit, size/len(unit)) + "</a>")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := soap.Parse(text)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 12*size {
			t.Errorf("%s: %d MB for %d MB", name, used>>20, size>>20)
		}
		if err == nil && n.Name != "a" {
			t.Errorf("%s: %v", name, n)
		}
	}
}

// FuzzParse finds input that panics, and documents that encoding/xml reads
// otherwise.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><q:getUser xmlns:q="http://www.cisco.com/AXL/API/15.0"><userid>a&amp;b</userid></q:getUser></s:Body></s:Envelope>`,
		`<a b="1"><c/>text<![CDATA[<x>]]></a>`, `<!DOCTYPE a><a/>`, `<a>&#65;</a>`, "<a\n/>", `<?x y?><a xmlns="u"><b xmlns=""/></a>`, `<a><!-- - --></a>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := soap.Parse(data)
		if err != nil {
			return
		}
		dec := xml.NewDecoder(strings.NewReader(string(data)))
		var names []string
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				// encoding/xml is stricter about what AXL never uses: names, comments, declarations.
				return
			}
			if s, ok := tok.(xml.StartElement); ok {
				names = append(names, s.Name.Local)
			}
		}
		if got := flatten(root, nil); cmp.Diff(names, got) != "" {
			t.Errorf("encoding/xml reads %q, we read %q", names, got)
		}
	})
}

func flatten(n *soap.Node, out []string) []string {
	out = append(out, n.Name)
	for _, k := range n.Kids {
		out = flatten(k, out)
	}
	return out
}
