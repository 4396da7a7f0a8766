package axl

import "bytes"

var (
	rowStart = []byte("<row>")
	rowEnd   = []byte("</row>")
)

// plain reads the rows that come next, as long as they are written as the call
// processor writes nearly all of them: the columns of the row before and nothing
// else. A row is then compared with what it should be and not taken apart. What is
// not is left to the scanner, from its start: plain never refuses a row.
func (r *rows) plain(s *scanner) error {
	for !s.inTag && !s.closing {
		ahead := s.ahead()
		n := r.match(ahead)
		if n == 0 {
			// The rest of a row may still be under way.
			if len(ahead) > scanBuffer/2 || bytes.Contains(ahead, rowEnd) || !s.more() {
				return nil
			}
			continue
		}
		s.done += n
		if err := r.resolve(s, ahead[:n]); err != nil {
			return err
		}
		if err := r.hand(); err != nil {
			return err
		}
	}
	return nil
}

// match measures the plain row that text begins with and finds its cells, 0 = there
// is none, or it is not whole.
func (r *rows) match(text []byte) int {
	if !bytes.HasPrefix(text, rowStart) {
		return 0
	}
	r.cells = r.cells[:0]
	at := len(rowStart)
	for _, c := range r.columns {
		if !bytes.HasPrefix(text[at:], c.start) {
			return 0
		}
		rest := text[at+len(c.start):]
		if len(rest) > 1 && rest[0] == '/' && rest[1] == '>' {
			r.cells = append(r.cells, nil)
			at += len(c.start) + len("/>")
			continue
		}
		if len(rest) == 0 || rest[0] != '>' {
			return 0
		}
		size := bytes.IndexByte(rest, '<')
		if size < 0 || !bytes.HasPrefix(rest[size:], c.end) {
			return 0
		}
		r.cells = append(r.cells, rest[1:size])
		at += len(c.start) + size + len(c.end)
	}
	if !bytes.HasPrefix(text[at:], rowEnd) {
		return 0
	}
	return at + len(rowEnd)
}

// resolve replaces the references in the cells of a row that has any.
func (r *rows) resolve(s *scanner, row []byte) error {
	if !unresolved(row) {
		return nil
	}
	for i, cell := range r.cells {
		if !unresolved(cell) {
			continue
		}
		text, err := s.resolve(cell)
		if err != nil {
			return err
		}
		start := len(r.text)
		r.text = append(r.text, text...)
		r.cells[i] = r.text[start:]
	}
	return nil
}
