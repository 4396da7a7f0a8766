// Package soap reads and writes the SOAP 1.1 of AXL: a small strict XML reader
// that never expands entities or grows without bound, a writer that streams, and
// the exact shape of Cisco's faults. It knows no operation.
package soap

import "strings"

// Node is one element of a request. Its strings share the request's memory.
type Node struct {
	Name  string // local name
	Space string // namespace, "" for none
	Text  string // character data directly inside
	Attrs []Attr
	Kids  []*Node
}

// Attr is an attribute; Name keeps its prefix ("xsi:nil").
type Attr struct{ Name, Value string }

// Kid finds the first child of that local name; nil when there is none.
func (n *Node) Kid(name string) *Node {
	if n == nil {
		return nil
	}
	for _, k := range n.Kids {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Value is the text of the child, "" when there is none.
func (n *Node) Value(name string) string {
	if k := n.Kid(name); k != nil {
		return k.Text
	}
	return ""
}

// Attr is the value of an attribute, "" when there is none.
func (n *Node) Attr(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// Nil reports xsi:nil="true" under any prefix.
func (n *Node) Nil() bool {
	for _, a := range n.Attrs {
		if strings.HasSuffix(a.Name, ":nil") && (a.Value == "true" || a.Value == "1") {
			return true
		}
	}
	return false
}

// Inner is the XML of the children without namespaces, in canonical form: what
// vendorConfig and the rarely used lists are kept as.
func (n *Node) Inner() string {
	if len(n.Kids) == 0 {
		return Escape(n.Text)
	}
	var b strings.Builder
	for _, k := range n.Kids {
		b.WriteString("<" + k.Name)
		for _, a := range k.Attrs {
			if !strings.HasPrefix(a.Name, "xmlns") {
				b.WriteString(" " + a.Name + `="` + Escape(a.Value) + `"`)
			}
		}
		b.WriteString(">" + k.Inner() + "</" + k.Name + ">")
	}
	return b.String()
}
