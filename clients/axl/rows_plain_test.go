package axl

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readRows is what comes of an answer with these rows.
func readRows(from io.Reader) (out [][]string, err error) {
	r := rows{each: func(cells [][]byte) error {
		row := []string{}
		for _, cell := range cells {
			row = append(row, string(cell))
		}
		out = append(out, row)
		return nil
	}}
	return out, readEnvelope(newScanner(from), "executeSQLQuery", r.read)
}

// rowsByTags is the same, read tag by tag.
func rowsByTags(from io.Reader) (out [][]string, err error) {
	return out, readEnvelope(newScanner(from), "executeSQLQuery", func(s *scanner) error {
		var row []string
		for depth := 0; ; {
			t, err := s.next()
			if err != nil {
				return broken(err)
			}
			switch t {
			case startTag:
				if depth++; depth == 2 {
					row = []string{}
				} else if depth == 3 {
					row = append(row, "")
				}
			case textToken:
				if depth == 3 {
					row[len(row)-1] += string(s.text)
				}
			case endTag:
				if depth == 2 {
					out = append(out, row)
				}
				if depth--; depth < 0 {
					return nil
				}
			}
		}
	})
}

func sameRows(t *testing.T, in string) {
	t.Helper()
	body := reply15("15.0", "executeSQLQuery", in)
	want, wantErr := rowsByTags(strings.NewReader(body))
	for name, from := range map[string]io.Reader{
		"at once":      strings.NewReader(body),
		"byte by byte": iotest.OneByteReader(strings.NewReader(body)),
		"half by half": iotest.HalfReader(strings.NewReader(body)),
	} {
		got, err := readRows(from)
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%.300q, %s: error %v, tag by tag %v (-want +got):\n%s", in, name, err, wantErr, diff)
		}
	}
}

func TestPlainRowsAreReadAsTagByTag(t *testing.T) {
	t.Parallel()
	const plain = "<row><c1>1</c1><c2>two</c2><c3/></row>"
	for name, in := range map[string]string{
		"plain":            strings.Repeat(plain, 3),
		"nothing":          "",
		"empty rows":       "<row/><row></row>" + plain + "<row></row><row/>" + plain,
		"empty, written":   plain + "<row><c1></c1><c2></c2><c3></c3></row>",
		"filled after":     plain + "<row><c1/><c2/><c3>3</c3></row>",
		"fewer columns":    plain + "<row><c1>1</c1></row>" + plain + plain,
		"more columns":     plain + "<row><c1>1</c1><c2/><c3/><c4>4</c4></row>" + plain,
		"other columns":    plain + "<row><c1>1</c1><d>2</d><c3/></row>" + plain,
		"longer names":     plain + "<row><c11>1</c11><c2>2</c2><c3/></row>" + plain,
		"references":       plain + "<row><c1>&lt;row&gt;</c1><c2>R &amp; D&#x41;&amp;</c2><c3>O&apos;B</c3></row>" + plain,
		"plain, then not":  plain + "<row><c1>&amp;</c1><c2>2</c2><c3/></row><row><c1 >1</c1><c2/><c3/></row>" + plain,
		"line ends":        plain + "<row><c1>a\r\nb</c1><c2>\r</c2><c3/></row>" + plain,
		"a > in text":      plain + "<row><c1>1>2</c1><c2/><c3/></row>" + plain,
		"cdata":            plain + "<row><c1>a<![CDATA[</c1></row>&amp;]]>b</c1><c2/><c3/></row>" + plain,
		"comments":         plain + "<row><!-- </row> --><c1>a<!-- <c1> -->b</c1><c2/><c3/></row><!-- x -->" + plain,
		"attributes":       plain + "<row n='</row>'><c1 xsi:nil=\"true\"/><c2 a='>'>2</c2><c3/></row>" + plain,
		"prefixes":         plain + "<ns:row><ns:c1>1</ns:c1><c2/><c3/></ns:row>" + plain,
		"white space":      "\n" + plain + "\n  " + plain + "<row>\n<c1>1</c1>\n<c2 >2</c2 >\n<c3 />\n</row>\t" + plain,
		"nested":           plain + "<row><c1>1<d>2</d>3</c1><c2/><c3/></row>" + plain,
		"other element":    plain + "<line><c1>1</c1><c2/><c3/></line>" + plain + "text" + plain,
		"broken reference": plain + "<row><c1>&nbsp;</c1><c2/><c3/></row>" + plain,
		"bare ampersand":   plain + "<row><c1>1</c1><c2>R&D</c2><c3/></row>" + plain,
		"crossed tags":     plain + "<row><c1>1</c2><c2/><c3/></row>" + plain,
		"crossed rows":     plain + "<row><c1>1</c1><c2/><c3/></c3>" + plain,
		"long":             plain + "<row><c1>" + strings.Repeat("ä", scanBuffer) + "</c1><c2/><c3/></row>" + plain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sameRows(t, in)
		})
	}
}

func TestPlainRowsBrokenOff(t *testing.T) {
	t.Parallel()
	whole := reply15("15.0", "executeSQLQuery", strings.Repeat("<row><c1>&amp;</c1><c2/></row>", 3))
	for cut := range len(whole) {
		want, wantErr := rowsByTags(strings.NewReader(whole[:cut]))
		got, err := readRows(strings.NewReader(whole[:cut]))
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("cut at %d: error %v, tag by tag %v (-want +got):\n%s", cut, err, wantErr, diff)
		}
	}
}

// FuzzRows reads any rows as they are read tag by tag.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"<row><c>1</c></row><row><c>&amp;</c></row>", "<row/> <row><c/><d>", "</return>", "<row><c><d/></c></row>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) { sameRows(t, in) })
}
