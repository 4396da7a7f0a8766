// Package schema knows which elements an AXL request may hold, in which order,
// and where the simulator keeps each of them. It is the simulator's own table,
// written by hand; it opens no file and no database.
package schema

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Kind is what an element's text may be.
type Kind string

// The kinds of elements.
const (
	Text  Kind = "text"
	Bool  Kind = "bool" // t, f, true, false, 0, 1
	Int   Kind = "int"  // an integer or nothing
	UUID  Kind = "uuid"
	Enum  Kind = "enum" // Arg names the list in enum.go
	FK    Kind = "fk"   // the name of a row of table Arg; may carry a uuid attribute
	Key   Kind = "key"  // as FK, answered without a uuid attribute
	TK    Kind = "tk"   // a word of the type table Arg
	Any   Kind = "any"  // anything in no namespace
	Group Kind = "group"
)

// Element is one element of an object, the same for every operation on it.
type Element struct {
	Name     string
	Kind     Kind
	Arg      string     // table or list of the kind
	Max      int        // characters at most; 0 = no limit
	Nillable bool       // may be empty with xsi:nil
	Many     bool       // may be repeated
	Default  string     // the schema's default: what an empty element means
	Initial  string     // what an add without it means
	Since    string     // first schema version that has it; "" = all
	Column   string     // where it is kept; "" for groups and when Code is set
	Raw      bool       // the whole subtree is kept as text in Column
	Code     bool       // kept and answered by code of its own
	Excludes []string   // siblings that must not stand beside it
	Children []*Element // in order
	flags    string
}

// In reports whether the element belongs to an operation: 'a' add, 'u' update,
// 'g' get, 'l' list.
func (e *Element) In(op byte) bool {
	return strings.IndexByte(strings.ToLower(e.flags), op) >= 0 || op == 'u' && e.Renamed()
}

// Known reports whether a schema version has the element.
func (e *Element) Known(version string) bool { return e.Since == "" || version >= e.Since }

// Required reports whether the operation demands the element.
func (e *Element) Required(op byte) bool { return strings.IndexByte(e.flags, op-'a'+'A') >= 0 }

// Renamed reports whether an update changes the element under the name
// "new"+Name, because Name itself is the key there.
func (e *Element) Renamed() bool { return strings.Contains(e.flags, "n") }

// NameIn is the element's name in an operation.
func (e *Element) NameIn(op byte) string {
	if op == 'u' && e.Renamed() {
		return "new" + strings.ToUpper(e.Name[:1]) + e.Name[1:]
	}
	return e.Name
}

// Child finds a child by its name; nil when there is none.
func (e *Element) Child(name string) *Element { return find(e.Children, name) }

func find(list []*Element, name string) *Element {
	for _, c := range list {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Object is a kind of thing AXL manages: add{Op}, get{Op} and so on.
type Object struct {
	Op       string // "User" in addUser
	Name     string // element of one object, "user"
	Table    string
	Class    string   // typeclass word of a device
	Usage    string   // typepatternusage word of a pattern
	Ops      string   // which of a g u r l exist
	Keys     []string // elements that name one object beside uuid
	Criteria []string // elements a list may be searched by
	Elements []*Element
}

// Element finds a top element of the object; nil when there is none.
func (o *Object) Element(name string) *Element { return find(o.Elements, name) }

// Shared reports whether several kinds of objects live in the object's table;
// their rows then carry the object's name in column sim_object.
func (o *Object) Shared() bool { return o.Table == "device" || o.Table == "numplan" }

// Word is the object's name in change notifications: XChangeType of AXL 15.0.
func (o *Object) Word() string { return strings.ToUpper(o.Name[:1]) + o.Name[1:] }

var (
	//go:embed core.txt
	coreText string
	//go:embed device.txt
	deviceText string
	//go:embed infra.txt
	infraText string
)

type catalogue struct {
	objects []*Object
	tables  []string
}

var load = sync.OnceValue(func() catalogue {
	objects, tables, err := parse(coreText + deviceText + infraText)
	if err != nil {
		panic(fmt.Sprintf("schema: the embedded tables do not parse: %v", err))
	}
	return catalogue{objects, tables}
})

// Objects are all objects, subscribers' first, then infrastructure with
// referents first.
func Objects() []*Object { return slices.Clone(load().objects) }

// NamedTables are the tables that only hold names other objects refer to.
func NamedTables() []string { return slices.Clone(load().tables) }

// Lookup finds an object by its Op; nil when there is none.
func Lookup(op string) *Object {
	for _, o := range load().objects {
		if o.Op == op {
			return o
		}
	}
	return nil
}
