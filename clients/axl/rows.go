package axl

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Column is one value of a row. AXL writes NULL like an empty text.
type Column struct{ Name, Value string }

// Row is one row of an answer, its columns in the order they were selected.
type Row []Column

// Get returns the column of this name, "" when there is none.
func (r Row) Get(name string) string {
	for _, c := range r {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// rowError carries what a caller's row function returned through the decoder.
type rowError struct{ err error }

func (e *rowError) Error() string { return e.err.Error() }

// rows reads an answer row by row while it arrives, so that its size does not
// matter: <return><row><column>value</column>…</row>…</return>.
type rows struct {
	each func(Row) error
}

// UnmarshalXML implements xml.Unmarshaler.
func (r *rows) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	const (
		inResponse = iota
		inReturn
		inRow
		inColumn
	)
	var (
		row  Row
		text strings.Builder
	)
	for depth := inResponse; ; {
		token, err := d.Token()
		if err != nil {
			return broken(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if depth == inColumn {
				text.Reset()
				row = append(row, Column{Name: t.Name.Local})
			}
		case xml.CharData:
			if depth == inColumn {
				text.Write(t)
			}
		case xml.EndElement:
			switch depth {
			case inColumn:
				row[len(row)-1].Value = text.String()
			case inRow:
				if err := r.each(row); err != nil {
					return &rowError{err}
				}
				row = make(Row, 0, len(row))
			case inResponse:
				return nil
			}
			depth--
		}
	}
}

// broken makes an end in the middle unmistakable.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
