package axl

import (
	"cmp"
	"context"
	"encoding/xml"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// objectKind is one list of AXL.
type objectKind struct {
	op        string // "" = list and the kind
	element   string // of one object in the answer
	name      string // the tag that holds the object's name; "" = name
	partition string // the tag that holds its partition; "" = it is in none
	criterion string // the tag to search by; "" = name
	value     string // what to search for; "" = everything
	tags      string // see objectKinds
}

// everything matches every object: a list needs one criterion at least.
const everything = "%"

// kindOf fills in what the table leaves out.
func kindOf(object string) (objectKind, bool) {
	k, ok := objectKinds[object]
	for _, f := range []struct {
		field    *string
		fallback string
	}{{&k.op, "list" + object}, {&k.name, "name"}, {&k.criterion, "name"}, {&k.value, everything}} {
		if *f.field == "" {
			*f.field = f.fallback
		}
	}
	return k, ok
}

// ObjectKinds returns the kinds that lists know, sorted.
func ObjectKinds() []string { return slices.Sorted(maps.Keys(objectKinds)) }

// ObjectOf returns the kind whose objects are called so in answers ("devicePool",
// "transPattern"), which is what uc.EstateKind calls them; ok is false for none.
func ObjectOf(element string) (kind string, ok bool) {
	kind = kindWord(element)
	k, ok := objectKinds[kind]
	return kind, ok && k.element == element
}

// asked are the tags to ask for, as the table writes them.
func (k objectKind) asked() []string {
	var list []string
	for tag := range strings.FieldsSeq(k.tags) {
		if !strings.HasPrefix(tag, "+") {
			list = append(list, tag)
		}
	}
	return list
}

// tag is how the table writes the tag of this name.
func (k objectKind) tag(name string) string {
	for _, t := range k.asked() {
		if n, _ := marker(t); n == name {
			return t
		}
	}
	return name
}

// listRequest is any list request. One type writes all of them, because they
// differ in names only, which are data here: eighty pairs of types of gen would
// say no more than objectKinds does, and conformance holds both against the
// same schema. It keeps the rules for requests: no namespace inside, tags in
// order, absent means not asked for.
//
// Source: AXL 15.0, the List…Req types of AXLSoap.xsd.
type listRequest struct {
	criterion, value string
	tags             []string
	skip, first      int // 0 = not sent
}

// MarshalXML implements xml.Marshaler.
func (l listRequest) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	w := elementWriter{enc: enc}
	w.open(start)
	w.open(element("searchCriteria"))
	w.leaf(l.criterion, l.value)
	w.end(element("searchCriteria"))
	w.tags(l.tags)
	first := l.first
	if l.skip > 0 {
		w.leaf("skip", strconv.Itoa(l.skip))
		// The schema says that one without the other does nothing.
		first = cmp.Or(first, math.MaxInt32)
	}
	if first > 0 {
		w.leaf("first", strconv.Itoa(first))
	}
	w.end(start)
	return w.err
}

// getRequest is any request for one object by its id.
//
// Source: AXL 15.0, the Get…Req types of AXLSoap.xsd.
type getRequest struct {
	id   UUID
	tags []string
}

// MarshalXML implements xml.Marshaler.
func (g getRequest) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	w := elementWriter{enc: enc}
	w.open(start)
	w.leaf("uuid", "{"+strings.ToUpper(string(g.id))+"}")
	w.tags(g.tags)
	w.end(start)
	return w.err
}

// marker is the element that asks for a tag of the table. That it is there
// counts, not what it holds; but some must not be empty by the schema.
func marker(tag string) (name, text string) {
	if name, boolean := strings.CutSuffix(tag, "?"); boolean {
		return name, "true"
	}
	name, text, _ = strings.Cut(tag, "=")
	return name, text
}

// elementWriter writes elements and remembers the first error.
type elementWriter struct {
	enc *xml.Encoder
	err error
}

func element(name string, attrs ...xml.Attr) xml.StartElement {
	return xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs}
}

func (w *elementWriter) token(t xml.Token) {
	if w.err == nil {
		w.err = w.enc.EncodeToken(t)
	}
}

func (w *elementWriter) open(e xml.StartElement) { w.token(e) }

func (w *elementWriter) end(e xml.StartElement) { w.token(e.End()) }

func (w *elementWriter) leaf(name, text string, attrs ...xml.Attr) {
	w.open(element(name, attrs...))
	w.token(xml.CharData(text))
	w.end(element(name))
}

func (w *elementWriter) tags(list []string) {
	w.open(element("returnedTags"))
	for _, tag := range list {
		w.leaf(marker(tag))
	}
	w.end(element("returnedTags"))
}

// Exists reports whether there is an object of this kind with exactly this
// name, case included: references are resolved by the name as written. Fails
// with uc.Invalid for a kind that is none of the constants.
//
// Source: AXL 15.0 listCss, listDevicePool and their like.
func (c *Client) Exists(ctx context.Context, object, name string) (bool, error) {
	k, ok := kindOf(object)
	if !ok || name == "" {
		return false, c.invalid("", "no kind of object called "+object+", or no name to look for")
	}
	request := listRequest{criterion: k.criterion, value: k.value, tags: []string{k.tag(k.name)}}
	if k.criterion == k.name {
		request.value = name
	}
	found := false
	// The name is a LIKE pattern for AXL and may match more than itself.
	list := eachRow(func(r Row) error {
		found = found || r.Get(k.name) == name
		return nil
	})
	err := c.stream(ctx, k.op, request, list.read)
	return found, err
}
