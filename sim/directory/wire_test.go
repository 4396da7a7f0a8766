package directory

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim/fault"
)

// FuzzRequest proves that no bytes of a bound client break the server.
func FuzzRequest(f *testing.F) {
	for tag := range operations {
		body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
		for range 8 {
			body.AppendChild(octetString("cn=x," + base))
		}
		f.Add(envelope(1, body))
	}
	q := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchRequest, nil, "")
	filter, err := ldap.CompileFilter("(&(sAMAccountName=a*)(cn:dn:=x))")
	if err != nil {
		f.Fatal(err)
	}
	q.AppendChild(octetString(base))
	for range 4 {
		q.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, 2, ""))
	}
	q.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	q.AppendChild(filter)
	q.AppendChild(ber.NewSequence(""))
	f.Add(envelope(2, q, pagingControl([]byte("0123456789abcdef"))))
	st, err := openStore("")
	if err != nil {
		f.Fatal(err)
	}
	s := &Server{
		options: Options{BaseDN: base, MaxPageSize: 10, People: []Person{{UserID: "anna"}}},
		rootKey: strings.ToLower(base), store: st, faults: &fault.Rules{},
	}
	if err := s.seed(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReader(bytes.NewReader(data))
		for {
			m, err := readMessage(in)
			if err != nil {
				return
			}
			// A session of its own for each request: StartTLS needs a real socket.
			who := &Account{DN: admin, Password: password, WriteAttributes: []string{"*"}}
			c := &exchange{conn: &conn{server: s, id: 1, secure: true, out: io.Discard}, who: who}
			c.handle(t.Context(), m)
		}
	})
}
