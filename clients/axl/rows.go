package axl

import (
	"bytes"
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
	each func(cells [][]byte) error // the values of a row; they change once it returns

	columns []rowColumn // of the row before, mostly the same again
	cells   [][]byte
	text    []byte // the values of this row, one behind the other
	ends    []int  // where each of them ends
}

// rowColumn is a column with its tags as they are mostly written.
type rowColumn struct {
	name       string
	start, end []byte // "<name" and "</name>"
}

// eachRow reads rows that may be kept.
func eachRow(each func(Row) error) *rows {
	r := &rows{}
	r.each = func([][]byte) error { return each(r.row()) }
	return r
}

// row makes the row that was read. All its values share one string.
func (r *rows) row() Row {
	row, values := make(Row, len(r.cells)), string(bytes.Join(r.cells, nil))
	for i, cell := range r.cells {
		row[i] = Column{Name: r.columns[i].name, Value: values[:len(cell)]}
		values = values[len(cell):]
	}
	return row
}

func (r *rows) read(s *scanner) error {
	const (
		inResponse = iota
		inReturn
		inRow
		inColumn
	)
	for depth := inResponse; ; {
		if depth == inReturn {
			if err := r.plain(s); err != nil {
				return err
			}
		}
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
				if err := r.end(); err != nil {
					return err
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
	if i < len(r.columns) && r.columns[i].name == string(name) {
		return
	}
	n := string(name)
	r.columns = append(r.columns[:i], rowColumn{name: n, start: []byte("<" + n), end: []byte("</" + n + ">")})
}

// end hands over the row that was read tag by tag.
func (r *rows) end() error {
	r.cells, r.columns = r.cells[:0], r.columns[:len(r.ends)]
	start := 0
	for _, end := range r.ends {
		r.cells = append(r.cells, r.text[start:end])
		start = end
	}
	return r.hand()
}

// hand hands the cells over and makes room for those of the next row.
func (r *rows) hand() error {
	err := r.each(r.cells)
	r.text, r.ends = r.text[:0], r.ends[:0]
	if err != nil {
		return &rowError{err}
	}
	return nil
}
