package axl

import (
	"encoding/json"
	"slices"
	"strings"
)

// attribute is one value of an object: a text, with the id of what it refers to
// when it is a reference, or the elements inside it.
type attribute struct {
	name, value, uuid string
	inner             []attribute
}

func (a attribute) set() bool { return a.value != "" || len(a.inner) > 0 }

// uuidSuffix marks the id that belongs to a reference: "devicePoolName" holds
// the name as it was, "devicePoolName_uuid" what it means.
const uuidSuffix = "_uuid"

// encode writes attributes as a JSON object with sorted keys: equal objects
// have equal bytes, whatever order a release answers their elements in. An
// element with elements is a list of objects, since many of them may repeat.
func encode(list []attribute) json.RawMessage {
	size := len("{}")
	for _, a := range list {
		size += len(`"":"",`) + len(a.name) + len(a.value)
		if a.uuid != "" {
			size += len(`"":"",`) + len(a.name) + len(uuidSuffix) + len(a.uuid)
		}
	}
	return appendObject(make([]byte, 0, size), list)
}

func appendObject(out []byte, list []attribute) []byte {
	slices.SortStableFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	out = append(out, '{')
	for i := 0; i < len(list); i++ {
		a := list[i]
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		if a.inner != nil {
			out = append(appendText(out, a.name, ""), ':', '[')
			for out = appendObject(out, a.inner); i+1 < len(list) && list[i+1].name == a.name; i++ {
				out = appendObject(append(out, ','), list[i+1].inner)
			}
			out = append(out, ']')
			continue
		}
		out = appendText(append(appendText(out, a.name, ""), ':'), a.value, "")
		if a.uuid != "" {
			out = append(appendText(append(out, ','), a.name, uuidSuffix), ':')
			out = appendText(out, a.uuid, "")
		}
	}
	return append(out, '}')
}

// appendText writes two texts as one JSON string.
func appendText(out []byte, text, suffix string) []byte {
	return append(appendEscaped(appendEscaped(append(out, '"'), text), suffix), '"')
}

// appendEscaped writes what is between the quotes of a JSON string. What XML may hold
// is valid UTF-8 without control characters but tab and line ends; others are left out.
func appendEscaped[T string | []byte](out []byte, text T) []byte {
	done := 0
	for i := 0; i < len(text); i++ {
		if i+8 <= len(text) && !anyOf(eight(text, i), '"', '\\') {
			i += 7
			continue
		}
		if escape := escapes[text[i]]; escape != "" || text[i] < ' ' {
			out = append(append(out, text[done:i]...), escape...)
			done = i + 1
		}
	}
	return append(out, text[done:]...)
}

// escapes are the bytes that JSON does not take as they are.
var escapes = [256]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
