package axl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// estatePage makes objects of rows.
type estatePage struct {
	columns    []estateColumn
	identities []int // the columns that are no attributes, in the order of columns
	attributes []int // the others, by name
	last       UUID
	count      int
	tags       int // bytes of the tags of a row
	bytes      int // of rows
	strange    int
	example    string
	each       func(Object) error
	fail       func(detail string) error // for an answer that is not what was asked for

	text, json []byte // of the row
	block      []byte // the attributes of rows before
}

// blockSize is how much memory rows share: little, because who keeps one of them keeps
// all of it.
const blockSize = 8 << 10

func newEstatePage(columns []estateColumn, after UUID, each func(Object) error) *estatePage {
	p := &estatePage{columns: columns, last: after, each: each, tags: len("<row></row>")}
	for i, col := range columns {
		p.tags += 2*len("c"+strconv.Itoa(i+1)) + len("<></>")
		if col.member == "" {
			p.identities = append(p.identities, i)
		} else {
			p.attributes = append(p.attributes, i)
		}
	}
	slices.SortFunc(p.attributes, func(a, b int) int { return strings.Compare(columns[a].name, columns[b].name) })
	return p
}

func (p *estatePage) row(cells [][]byte) error {
	if len(cells) != len(p.columns) {
		return p.fail(fmt.Sprintf("a row has %d columns, asked were %d", len(cells), len(p.columns)))
	}
	key, o := p.identify(cells)
	// A page that does not go on would be read for ever, one out of order lose rows.
	if key <= p.last || !key.Valid() {
		return p.fail(fmt.Sprintf("row %q comes behind %q", key, p.last))
	}
	p.last = key
	if o.UUID != key && !o.UUID.Valid() {
		if p.strange++; p.example == "" {
			p.example = o.Name
		}
		return nil
	}
	p.bytes += p.tags
	for _, cell := range cells {
		p.bytes += len(cell)
	}
	o.Attributes = p.encode(cells)
	p.count++
	return p.each(o)
}

// identify takes what tells the object from others, and the key that pages are ordered
// by, which is the first column. All of it shares one string.
func (p *estatePage) identify(cells [][]byte) (key UUID, o Object) {
	p.text = p.text[:0]
	for _, i := range p.identities {
		p.text = append(p.text, cells[i]...)
	}
	rest := string(p.text)
	for _, i := range p.identities {
		value := rest[:len(cells[i])]
		rest = rest[len(value):]
		if i == 0 {
			key = UUID(value)
		}
		switch p.columns[i].name {
		case columnUUID:
			o.UUID = UUID(value)
		case columnName:
			o.Name = readPattern(value)
		case columnPartition:
			o.Partition = value
		case columnKey:
			o.Key = key
		}
	}
	return key, o
}

// encode writes the attributes, in the form of Object.Attributes.
func (p *estatePage) encode(cells [][]byte) []byte {
	out := p.json[:0]
	out = append(out, '{')
	for _, i := range p.attributes {
		if len(cells[i]) == 0 {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		col := &p.columns[i]
		out = append(append(out, col.member...), '"')
		if word := col.read(cells[i]); word != "" {
			out = append(out, word...)
		} else {
			out = appendEscaped(out, cells[i])
		}
		out = append(out, '"')
	}
	out = append(out, '}')
	p.json = out
	return p.keep(out)
}

// keep copies what was written into a block that many rows share.
func (p *estatePage) keep(text []byte) []byte {
	if len(text) > cap(p.block)-len(p.block) {
		p.block = make([]byte, 0, max(blockSize, len(text)))
	}
	start := len(p.block)
	p.block = append(p.block, text...)
	return p.block[start:len(p.block):len(p.block)]
}

// read is our word for a value, "" when it stands as it is.
func (c *estateColumn) read(value []byte) string {
	switch {
	case c.words != nil:
		return c.words[string(value)]
	case c.boolean && string(value) == "t":
		return "true"
	case c.boolean && string(value) == "f":
		return "false"
	}
	return ""
}
