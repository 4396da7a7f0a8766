package axl

import (
	"encoding/xml"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

const (
	namespace    = "http://www.cisco.com/AXL/API/"
	genNamespace = namespace + "15.0" // of axl.xsd, hence of the types in gen
)

// envelope writes a request of gen under a prefixed root. AXL's children are
// in no namespace; the default namespace gowsdl would set puts them into one,
// which its schema refuses. The version comes in here too.
type envelope struct {
	op, namespace string
	body          any
}

// MarshalXML implements xml.Marshaler.
func (e envelope) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.body, xml.StartElement{
		Name: xml.Name{Local: "axl:" + e.op},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns:axl"}, Value: e.namespace}},
	})
}

// reply reads an answer of any AXL version into a type of gen: servers answer
// in the namespace of another version than the one asked for.
type reply struct {
	into any
	seen bool
}

// UnmarshalXML implements xml.Unmarshaler.
func (r *reply) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	r.seen = true
	if strings.HasPrefix(start.Name.Space, namespace) {
		start.Name.Space = genNamespace
	}
	return d.DecodeElement(r.into, &start)
}

// faultDetail reads the detail of a fault that came with status 200.
type faultDetail struct {
	AXL axlError `xml:"axlError"`
}

// axlError is AXL's own part of a fault.
// Source: AXL developer guide, "AXL error codes".
type axlError struct {
	Code    string `xml:"axlcode"`
	Message string `xml:"axlmessage"`
	Request string `xml:"request"`
}

// ErrorString implements soap.FaultError.
func (f *faultDetail) ErrorString() string { return f.AXL.Message }

// HasData implements soap.FaultError.
func (f *faultDetail) HasData() bool { return f.AXL.Message != "" }

// fk is a reference by name. nil is not sent, "" clears it.
func fk(name *string) *gen.Fk {
	if name == nil {
		return nil
	}
	text := gen.FkText(*name)
	return &gen.Fk{Value: &text}
}

// fkName reads a reference; one that is absent or empty is "".
func fkName(f *gen.Fk) string {
	if f == nil || f.Value == nil {
		return ""
	}
	return strings.TrimSpace(string(*f.Value))
}
