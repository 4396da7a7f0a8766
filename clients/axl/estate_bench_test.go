package axl

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/uc"
)

const benchRows = 1000

// benchUsers is an answer with rows of people as they are on average.
func benchUsers() string {
	var b strings.Builder
	for i := range benchRows {
		b.WriteString("<row>")
		for c, value := range []string{
			fmt.Sprintf("%08x-4f6d-4e0a-9b1c-2d3e4f5a6b7c", i+1), "user" + strconv.Itoa(i), "Jürgen", "", "O&apos;Müller", "",
			"mueller@example.org", "+351211234001", "", "R &amp; D", "", "", "mueller@example.org", "1", "t", "f", "t", "", "", "", "",
		} {
			name := "c" + strconv.Itoa(c+1)
			if value == "" {
				b.WriteString("<" + name + "/>")
				continue
			}
			b.WriteString("<" + name + ">" + value + "</" + name + ">")
		}
		b.WriteString("</row>")
	}
	return reply15("15.0", "executeSQLQuery", b.String())
}

func perRow(b *testing.B, body string, read func(from io.Reader) (int, error)) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		n, err := read(strings.NewReader(body))
		if err != nil || n != benchRows {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// BenchmarkEstateRow is what a row costs from the socket to an Object; beside it
// are its parts, and what encoding/xml alone would take.
func BenchmarkEstateRow(b *testing.B) {
	body := benchUsers()
	b.Run("object", func(b *testing.B) {
		perRow(b, body, func(from io.Reader) (n int, err error) {
			page := newEstatePage(estateTables[uc.UserKind].parse(), "", func(Object) error { n++; return nil })
			page.fail = errors.New
			r := rows{each: page.row}
			return n, readEnvelope(newScanner(&cleaner{from: from}), "executeSQLQuery", r.read)
		})
	})
	b.Run("row", func(b *testing.B) {
		perRow(b, body, func(from io.Reader) (n int, err error) {
			r := eachRow(func(Row) error { n++; return nil })
			return n, readEnvelope(newScanner(&cleaner{from: from}), "executeSQLQuery", r.read)
		})
	})
	b.Run("cleaner", func(b *testing.B) {
		perRow(b, body, func(from io.Reader) (int, error) {
			_, err := io.Copy(io.Discard, &cleaner{from: from})
			return benchRows, err
		})
	})
	b.Run("encoding-xml", func(b *testing.B) {
		perRow(b, body, func(from io.Reader) (n int, err error) {
			for d := xml.NewDecoder(from); ; {
				t, err := d.Token()
				if errors.Is(err, io.EOF) {
					return n, nil
				}
				if err != nil {
					return n, err
				}
				if e, ok := t.(xml.EndElement); ok && e.Name.Local == "row" {
					n++
				}
			}
		})
	})
}

// BenchmarkListedObject is what an object of a list costs.
func BenchmarkListedObject(b *testing.B) {
	one := `<devicePool uuid="` + testID + `"><name>DP_Lisbon</name><regionName uuid="` + testID + `">Region_Lisbon</regionName>` +
		`<srstName uuid="` + testID + `">Disable</srstName><revertPriority>Default</revertPriority><aarNeighborhoodName/></devicePool>`
	body := reply15("15.0", "listDevicePool", strings.Repeat(one, benchRows))
	kind, _ := kindOf(ObjectDevicePool)
	perRow(b, body, func(from io.Reader) (int, error) {
		var size int
		list := newObjects(kind, func(o Object) error { size += len(o.Attributes); return nil })
		err := readEnvelope(newScanner(&cleaner{from: from}), "listDevicePool", list.read)
		return list.count, err
	})
}
