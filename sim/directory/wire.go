package directory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// The protocol is read here over the BER library and not by a server library: the
// one that is to be had (gldap) hands a handler neither the connection, which an
// answer lost after its commit needs, nor renames, nor a listener of one's own.

// maxRequest bounds one request in bytes.
const maxRequest = 10 << 20

// message is one LDAPMessage of a client.
//
// Source: RFC 4511 4.1.1.
type message struct {
	id       int64
	op       ber.Tag
	body     *ber.Packet
	controls []control
}

type control struct {
	oid      string
	critical bool
	value    []byte
}

func (m message) control(oid string) *control {
	for i := range m.controls {
		if m.controls[i].oid == oid {
			return &m.controls[i]
		}
	}
	return nil
}

func (m message) criticalUnknown() bool {
	return slices.ContainsFunc(m.controls, func(c control) bool {
		return c.critical && !slices.Contains(supportedControls, c.oid)
	})
}

var errProtocol = errors.New("not an LDAP message")

// readMessage reads one request; what is no LDAP message is an error and ends
// the connection, as RFC 4511 5.3 allows.
func readMessage(r *bufio.Reader) (message, error) {
	p, err := ber.ReadPacket(io.LimitReader(r, maxRequest))
	if err != nil {
		return message{}, fmt.Errorf("reading request: %w", err)
	}
	if len(p.Children) < 2 || p.Children[1].ClassType != ber.ClassApplication {
		return message{}, errProtocol
	}
	id, ok := p.Children[0].Value.(int64)
	if !ok {
		return message{}, errProtocol
	}
	m := message{id: id, op: p.Children[1].Tag, body: p.Children[1]}
	if len(p.Children) < 3 {
		return m, nil
	}
	for _, c := range p.Children[2].Children {
		if len(c.Children) == 0 {
			return message{}, errProtocol
		}
		ctl := control{oid: c.Children[0].Data.String()}
		for _, part := range c.Children[1:] {
			if critical, ok := part.Value.(bool); ok {
				ctl.critical = critical
			} else {
				ctl.value = part.Data.Bytes()
			}
		}
		m.controls = append(m.controls, ctl)
	}
	return m, nil
}

// str reads the n-th part of a request as a string.
func str(p *ber.Packet, n int) (string, bool) {
	if p == nil || n >= len(p.Children) || p.Children[n].TagType != ber.TypePrimitive {
		return "", false
	}
	return p.Children[n].Data.String(), true
}

func integerAt(p *ber.Packet, n int) (int64, bool) {
	if p == nil || n >= len(p.Children) {
		return 0, false
	}
	v, ok := p.Children[n].Value.(int64)
	return v, ok
}

// strs reads the parts of a SET or SEQUENCE of strings.
func strs(p *ber.Packet) []string {
	out := make([]string, 0, len(p.Children))
	for _, c := range p.Children {
		out = append(out, c.Data.String())
	}
	return out
}

// attributeOf reads a partial attribute: its name and its values.
func attributeOf(p *ber.Packet) (name string, values []string, ok bool) {
	if name, ok = str(p, 0); !ok || len(p.Children) != 2 {
		return "", nil, false
	}
	return name, strs(p.Children[1]), true
}

func octetString(v string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, v, "")
}

func envelope(id int64, body *ber.Packet, controls ...*ber.Packet) []byte {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(body)
	if len(controls) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, c := range controls {
			list.AppendChild(c)
		}
		p.AppendChild(list)
	}
	return p.Bytes()
}

func encodeResult(tag ber.Tag, o outcome) *ber.Packet {
	body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	body.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(o.code), ""))
	body.AppendChild(octetString(o.matched))
	body.AppendChild(octetString(o.detail))
	return body
}

func encodeEntry(id int64, dn string, names []string, values map[string][]string, typesOnly bool) []byte {
	body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	body.AppendChild(octetString(dn))
	list := ber.NewSequence("")
	for _, n := range names {
		row := ber.NewSequence("")
		row.AppendChild(octetString(n))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		if !typesOnly {
			for _, v := range values[n] {
				set.AppendChild(octetString(v))
			}
		}
		row.AppendChild(set)
		list.AppendChild(row)
	}
	body.AppendChild(list)
	return envelope(id, body)
}

// pagingControl is the paged results control of an answer; the size estimate is
// 0, as measured on Samba AD.
//
// Source: RFC 2696.
func pagingControl(cookie []byte) *ber.Packet {
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 0, ""))
	value.AppendChild(octetString(string(cookie)))
	c := ber.NewSequence("")
	c.AppendChild(octetString(ldap.ControlTypePaging))
	c.AppendChild(octetString(string(value.Bytes())))
	return c
}

// paging reads the paged results control of a request.
func (c *control) paging() (size int64, cookie string, ok bool) {
	p, err := ber.DecodePacketErr(c.value)
	if err != nil {
		return 0, "", false
	}
	size, ok = integerAt(p, 0)
	if !ok {
		return 0, "", false
	}
	cookie, ok = str(p, 1)
	return size, cookie, ok
}
