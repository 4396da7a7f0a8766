package axl

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ListQuery asks for one page of the objects of a kind.
type ListQuery struct {
	Kind  string // one of the Object constants
	Skip  int    // objects to leave out, from the first
	First int    // objects at most; 0 = all that are left
}

// Object is one object of a list.
type Object struct {
	UUID      UUID
	Key       UUID   // of a relation: the id of its row
	Name      string // what people know it by; the pattern of what has no name
	Partition string // "" = in none
	// Attributes are the tags that were asked for, a JSON object with sorted keys.
	// A reference has its name under the tag and the id of what it refers to under
	// the tag with "_uuid"; a tag with tags inside is a list of objects. What is
	// empty is left out.
	Attributes json.RawMessage
}

// ListOut is what else there was to a page.
type ListOut struct {
	Objects    int          // handed over
	Unexpected []Unexpected // by element
}

// Unexpected is an element of an answer that this client does not know and left out.
type Unexpected struct {
	Element string
	Count   int    // objects that had it
	Example string // name of the first of them
}

// ListObjects calls each for every object of one page while the answer arrives:
// memory does not grow with the answer. It is one request; pages are in the
// server's order, and objects may move between pages while others come and go.
// Elements it does not know are counted and left out. An error of each ends the
// call and comes back as it is. Fails with uc.Invalid for an unknown kind and
// when the page exceeds 8 MB (errors.As finds a *LimitError), with uc.NotFound
// when the server's version lacks the kind (an *UnsupportedError), with
// uc.Throttled when all reads under way exceed 16 MB, and with uc.Unavailable
// when the answer broke off: objects already handed over are not taken back.
//
// Source: AXL 15.0 listCss, listDevicePool and their like.
func (c *Client) ListObjects(ctx context.Context, q ListQuery, each func(Object) error) (ListOut, error) {
	k, ok := kindOf(q.Kind)
	if !ok || q.Skip < 0 || q.First < 0 {
		detail := fmt.Sprintf("no kind of object called %q, or no page of %d from %d on", q.Kind, q.First, q.Skip)
		return ListOut{}, c.invalid("", detail)
	}
	list := newObjects(k, each)
	err := c.large(ctx, k.op, listRequest{
		criterion: k.criterion, value: k.value, tags: k.asked(), skip: q.Skip, first: q.First,
	}, list.read)
	return list.result(), err
}

// objects reads a list object by object:
// <return><css uuid="…"><name>value</name>…</css>…</return>.
type objects struct {
	kind       objectKind
	each       func(Object) error
	known      map[string]string // tags by themselves: a lookup that needs no copy
	attributes []attribute
	text       []byte
	count      int
	unexpected map[string]*Unexpected
	strange    []string // elements of this object that are not known
}

func newObjects(k objectKind, each func(Object) error) *objects {
	o := &objects{kind: k, each: each, known: map[string]string{}, unexpected: map[string]*Unexpected{}}
	for tag := range strings.FieldsSeq(k.tags) {
		name, _ := marker(strings.TrimPrefix(tag, "+"))
		o.known[name] = name
	}
	return o
}

func (o *objects) result() ListOut {
	out := ListOut{Objects: o.count}
	for _, u := range o.unexpected {
		out.Unexpected = append(out.Unexpected, *u)
	}
	slices.SortFunc(out.Unexpected, func(a, b Unexpected) int { return strings.Compare(a.Element, b.Element) })
	return out
}

// read reads the response: inside is <return>, inside of that are the objects.
func (o *objects) read(s *scanner) error {
	for depth := 1; depth > 0; {
		t, err := s.next()
		switch {
		case err != nil:
			return broken(err)
		case t == startTag && depth == 1:
			depth++
		case t == startTag && string(s.name) == o.kind.element:
			err = o.object(s)
		case t == startTag:
			o.surprise(string(s.name), "")
			err = s.skip()
		case t == endTag:
			depth--
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *objects) object(s *scanner) error {
	id := readUUID(s.attr("uuid"))
	list, err := o.inside(s, o.attributes[:0])
	if err != nil {
		return err
	}
	out := Object{UUID: id}
	for _, a := range list {
		switch a.name {
		case o.kind.name:
			out.Name = readPattern(a.value)
		case o.kind.partition:
			out.Partition = a.value
		}
	}
	for _, element := range o.strange {
		o.surprise(element, out.Name)
	}
	o.strange, o.attributes = o.strange[:0], list
	if !id.Valid() {
		o.surprise(o.kind.element+" without uuid", out.Name)
		return nil
	}
	out.Attributes = encode(list)
	o.count++
	if err := o.each(out); err != nil {
		return &rowError{err}
	}
	return nil
}

// inside reads the known elements of an object up to its end.
func (o *objects) inside(s *scanner, list []attribute) ([]attribute, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, broken(err)
		case t == endTag:
			return list, nil
		case t == textToken:
			continue
		}
		name, known := o.known[string(s.name)]
		if !known {
			o.strange = append(o.strange, string(s.name))
			if err := s.skip(); err != nil {
				return nil, err
			}
			continue
		}
		a, err := o.attribute(s, name)
		if err != nil {
			return nil, err
		}
		if a.set() {
			list = append(list, a)
		}
	}
}

// attribute reads one element: a text, or the elements inside, whatever they are.
func (o *objects) attribute(s *scanner, name string) (attribute, error) {
	a := attribute{name: name}
	if id := s.attr("uuid"); id != nil {
		a.uuid = string(readUUID(id))
	}
	group := false
	o.text = o.text[:0]
	for {
		t, err := s.next()
		if err != nil {
			return a, broken(err)
		}
		switch t {
		case textToken:
			o.text = append(o.text, s.text...)
		case startTag:
			inner, err := o.attribute(s, string(s.name))
			if err != nil {
				return a, err
			}
			if inner.set() {
				a.inner = append(a.inner, inner)
			}
			group, o.text = true, o.text[:0]
		case endTag:
			if !group {
				a.value = strings.TrimSpace(string(o.text))
			}
			return a, nil
		}
	}
}

func (o *objects) surprise(element, example string) {
	u := o.unexpected[element]
	if u == nil {
		u = &Unexpected{Element: element, Example: example}
		o.unexpected[element] = u
	}
	u.Count++
}

// GetObject returns one object of a kind as ListObjects does. Fails with
// uc.NotFound when there is none of that id, and when the server's version lacks
// the kind (an *UnsupportedError), with uc.Invalid for an unknown kind or what is
// no id.
//
// Source: AXL 15.0 getCss, getDevicePool and their like.
func (c *Client) GetObject(ctx context.Context, kind string, id UUID) (Object, error) {
	k, ok := kindOf(kind)
	if !ok || !id.Valid() {
		return Object{}, c.invalid("", fmt.Sprintf("no kind of object called %q, or %q is no id", kind, id))
	}
	op := "get" + strings.TrimPrefix(k.op, "list")
	var found *Object
	list := newObjects(k, func(o Object) error {
		found = &o
		return nil
	})
	if err := c.stream(ctx, op, getRequest{id: id, tags: k.asked()}, list.read); err != nil {
		return Object{}, err
	}
	if found == nil {
		return Object{}, c.empty(op)
	}
	return *found, nil
}
