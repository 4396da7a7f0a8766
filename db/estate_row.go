package db

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/dialtone/dialtone/uc"
)

// EstateRow is one object, or one row of a relation between two, as it was read.
type EstateRow struct {
	UUID       string          // in the vendor's form or in ours; of a relation that of the row
	Name       string          // of an object
	Partition  string          // of an object
	From, To   string          // of a relation: the ids of the two objects
	Attributes json.RawMessage // one JSON object; nil = none
}

// stageRow is a row as it is kept.
type stageRow struct {
	id         [16]byte
	name       string
	partition  string
	from, to   [16]byte
	attributes []byte
	digest     [16]byte
	gone       bool // there is no more of it than its id
}

// stageRowOf reports false when an identifier cannot be read.
func stageRowOf(r EstateRow, relation bool) (s stageRow, ok bool) {
	if s.id, ok = uuidBytes(r.UUID); !ok {
		return s, false
	}
	if relation {
		var there bool
		s.from, ok = uuidBytes(r.From)
		s.to, there = uuidBytes(r.To)
		ok = ok && there
	}
	s.name, s.partition, s.attributes = r.Name, r.Partition, r.Attributes
	if len(s.attributes) == 0 {
		s.attributes = []byte("{}")
	}
	return s, ok
}

// digester makes digests of rows; it is not for two at once.
type digester struct{ text []byte }

// of is the digest of everything but the id. Rows of the same content may have different
// ones, when their attributes are written in another way.
func (d *digester) of(s stageRow) (out [16]byte) {
	d.text = append(append(append(append(d.text[:0], s.name...), 0x1f), s.partition...), 0x1f)
	d.text = append(append(append(d.text, s.from[:]...), s.to[:]...), s.attributes...)
	sum := sha256.Sum256(d.text)
	copy(out[:], sum[:])
	return out
}

func uuidText(text string) (string, bool) {
	if ourUUID(text) {
		return text, true
	}
	id, err := uc.ParseUUID(text)
	return id, err == nil
}

// ourUUID reports whether the id has our form. Almost all have: a regular expression for
// each row of a large page takes longer than all else that is done to it.
func ourUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

func uuidBytes(text string) (id [16]byte, ok bool) {
	text, ok = uuidText(text)
	if !ok {
		return id, false
	}
	to := id[:0]
	for _, part := range []string{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
		var err error
		if to, err = hex.AppendDecode(to, []byte(part)); err != nil {
			return id, false
		}
	}
	return id, true
}
