package axl

import (
	"encoding/json"
	"slices"
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

// Attributes returns the row as a JSON object in the form of Object.Attributes,
// without the columns that are named: sorted, empty values left out, so that
// equal rows are equal bytes.
func (r Row) Attributes(without ...string) json.RawMessage {
	list := make([]attribute, 0, len(r))
	for _, c := range r {
		if c.Value != "" && !contains(without, c.Name) {
			list = append(list, attribute{name: c.Name, value: c.Value})
		}
	}
	return encode(list)
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// rowError carries what a caller's row function returned.
type rowError struct{ err error }

func (e *rowError) Error() string { return e.err.Error() }

// rows reads an answer row by row while it arrives, so that its size does not
// matter: <return><row><column>value</column>…</row>…</return>.
type rows struct {
	each  func(Row) error
	reuse bool // each does not keep the row: the next one takes its place

	names []string // of the columns of the row before, mostly the same again
	text  []byte   // the values of this row, one behind the other
	ends  []int    // where each of them ends
	last  Row
}

func (r *rows) read(s *scanner) error {
	const (
		inResponse = iota
		inReturn
		inRow
		inColumn
	)
	for depth := inResponse; ; {
		t, err := s.next()
		if err != nil {
			return broken(err)
		}
		switch t {
		case startTag:
			if depth++; depth == inColumn {
				r.column(s.name)
			}
		case textToken:
			if depth == inColumn {
				r.text = append(r.text, s.text...)
			}
		case endTag:
			switch depth {
			case inColumn:
				r.ends = append(r.ends, len(r.text))
			case inRow:
				if err := r.each(r.row()); err != nil {
					return &rowError{err}
				}
			case inResponse:
				return nil
			}
			depth--
		}
	}
}

// column notes the name of the next column.
func (r *rows) column(name []byte) {
	i := len(r.ends)
	if i < len(r.names) && r.names[i] == string(name) {
		return
	}
	r.names = append(r.names[:i:i], string(name))
}

// row makes the row that was read. All its values share one string.
func (r *rows) row() Row {
	row, values, start := r.last, string(r.text), 0
	if len(row) != len(r.ends) || !r.reuse {
		row = make(Row, len(r.ends))
		r.last = row
	}
	for i, end := range r.ends {
		row[i] = Column{Name: r.names[i], Value: values[start:end]}
		start = end
	}
	r.text, r.ends = r.text[:0], r.ends[:0]
	return row
}
