package axl

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// tokens is everything a scanner finds, one line a token.
func tokens(from io.Reader) (out []string, err error) {
	s := newScanner(from)
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch t {
		case startTag:
			line := "<" + string(s.name)
			if id := s.attr("uuid"); id != nil {
				line += " " + string(id)
			}
			out = append(out, line)
		case endTag:
			out = append(out, ">"+string(s.name))
		case textToken:
			out = append(out, string(s.text))
		}
	}
}

func TestScanner(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", scanBuffer)
	for name, tc := range map[string]struct {
		reason, in string
		want       []string
		broken     bool
	}{
		"plain":       {"prefixes go", `<?xml version="1.0"?><ns:a xmlns:ns="x"><b>1</b></ns:a>`, []string{"<a", "<b", "1", ">b", ">a"}, false},
		"empty":       {"an empty element is two tags", `<a><b/><c uuid="{1}" /></a>`, []string{"<a", "<b", ">b", "<c {1}", ">c", ">a"}, false},
		"attributes":  {"quotes of both kinds, a > inside", "<a x='1>2'\n uuid = '{\"}' y=\"'\"/>", []string{`<a {"}`, ">a"}, false},
		"references":  {"all of XML's", `<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>`, []string{"<a", `<>&"'AB`, ">a"}, false},
		"line ends":   {"one of them, whatever was sent", "<a>1\r\n2\r3\n4</a>", []string{"<a", "1\n2\n3\n4", ">a"}, false},
		"cdata":       {"as it is", "<a><![CDATA[<b>&amp;]]>x<!-- <c> > --></a>", []string{"<a", "<b>&amp;", "x", ">a"}, false},
		"odd cdata":   {"brackets inside do not end it", "<a><![CDATA[]>]]]></a>", []string{"<a", "]>]", ">a"}, false},
		"long":        {"longer than any buffer", "<a x='" + long + "'>" + long + "</a>", []string{"<a", long, ">a"}, false},
		"outside":     {"text around the root is none", "\n<a></a>\n", []string{"<a", ">a"}, false},
		"cut in text": {"the root is open", "<a><b>12", []string{"<a", "<b"}, true},
		"cut in tag":  {"the root is open", "<a><b>1</", []string{"<a", "<b", "1"}, true},
		"cut between": {"the root is open", "<a><b>1</b>", []string{"<a", "<b", "1", ">b"}, true},
		"crossed":     {"tags must match", "<a><b></a></b>", []string{"<a", "<b"}, true},
		"too many":    {"nothing is open", "<a></a></a>", []string{"<a", ">a"}, true},
		"unknown":     {"XML has five names", "<a>&nbsp;</a>", []string{"<a"}, true},
		"bare":        {"an ampersand must be escaped", "<a>R&D</a>", []string{"<a"}, true},
		"doctype":     {"it could define more", "<!DOCTYPE a []><a/>", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, from := range []io.Reader{strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in))} {
				got, err := tokens(from)
				if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != tc.broken {
					t.Errorf("%s: error %v (-want +got):\n%s", tc.reason, err, diff)
				}
			}
		})
	}
}

// FuzzScanner never panics, and one byte at a time reads as all at once.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{`<a x="1"><b/>t&amp;</a>`, "<a><![CDATA[", "<!-", "<>", "</", "<a/", "<a '", "<a>&#;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		whole, wholeErr := tokens(strings.NewReader(in))
		bytewise, bytewiseErr := tokens(iotest.OneByteReader(strings.NewReader(in)))
		if diff := cmp.Diff(whole, bytewise); diff != "" || fmt.Sprint(wholeErr) != fmt.Sprint(bytewiseErr) {
			t.Errorf("at once %v, bytewise %v:\n%s", wholeErr, bytewiseErr, diff)
		}
	})
}

func TestAttributesAreEqualBytes(t *testing.T) {
	t.Parallel()
	row := Row{{"pkid", "1"}, {"name", "a \"b\"\\\n\tü"}, {"empty", ""}, {"class", "1"}}
	if got, want := string(row.Attributes("pkid")), `{"class":"1","name":"a \"b\"\\\n\tü"}`; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
	got := string(encode([]attribute{
		{name: "pool", value: "P", uuid: "u1"},
		{name: "group", inner: []attribute{{name: "value", value: "1"}, {name: "name", value: "B", uuid: "u2"}}},
		{name: "group", inner: []attribute{{name: "name", value: "A"}}},
	}))
	if want := `{"group":[{"name":"B","name_uuid":"u2","value":"1"},{"name":"A"}],"pool":"P","pool_uuid":"u1"}`; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
}
