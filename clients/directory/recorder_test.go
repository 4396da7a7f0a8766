package directory

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim"
)

// recorder is the other end of a connection: it writes down every request as it
// came over the wire and answers with what the test says. It knows no directory;
// what a real one answers is the contract test's matter.
type recorder struct {
	address string
	roots   *x509.CertPool
	entries []recorded // what every search finds
	code    uint16     // result of everything but bind and the rootDSE

	mu       sync.Mutex
	requests []string
}

type recorded struct {
	dn         string
	attributes map[string][]string
}

func newRecorder(t *testing.T, code uint16, entries ...recorded) *recorder {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{address: raw.Addr().String(), roots: ca.Pool(), code: code, entries: entries}
	l := tls.NewListener(raw, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { r.serve(t, conn) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		running.Wait()
	})
	return r
}

func (r *recorder) serve(t *testing.T, conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		request, err := ber.ReadPacket(in)
		if err != nil || request.Children[1].Tag == ldap.ApplicationUnbindRequest {
			if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			return
		}
		text := describe(request)
		r.mu.Lock()
		r.requests = append(r.requests, text)
		r.mu.Unlock()
		for _, answer := range r.answers(request, text) {
			if _, err := conn.Write(answer.Bytes()); err != nil {
				t.Error(err)
			}
		}
	}
}

func (r *recorder) answers(request *ber.Packet, text string) []*ber.Packet {
	var answers []*ber.Packet
	found, code := r.entries, r.code
	switch {
	case request.Children[1].Tag == ldap.ApplicationBindRequest:
		found, code = nil, ldap.LDAPResultSuccess
	case strings.HasPrefix(text, "search base= "):
		found = []recorded{{"", map[string][]string{"supportedControl": {oidAssertion}}}}
		code = ldap.LDAPResultSuccess
	case request.Children[1].Tag != ldap.ApplicationSearchRequest:
		found = nil
	}
	for _, e := range found {
		body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		body.AppendChild(octets(e.dn))
		list := ber.NewSequence("")
		for name, values := range e.attributes {
			set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
			for _, v := range values {
				set.AppendChild(octets(v))
			}
			attribute := ber.NewSequence("")
			attribute.AppendChild(octets(name))
			attribute.AppendChild(set)
			list.AppendChild(attribute)
		}
		body.AppendChild(list)
		answers = append(answers, message(request, body))
	}
	done := ber.Encode(ber.ClassApplication, ber.TypeConstructed, request.Children[1].Tag+1, nil, "")
	if request.Children[1].Tag == ldap.ApplicationSearchRequest {
		done.Tag = ldap.ApplicationSearchResultDone
	}
	done.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(code), ""))
	done.AppendChild(octets(""))
	done.AppendChild(octets("the server's words"))
	return append(answers, message(request, done))
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func message(request, body *ber.Packet) *ber.Packet {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, request.Children[0].Value, ""))
	m.AppendChild(body)
	return m
}

// describe writes one request as text.
func describe(request *ber.Packet) string {
	var out strings.Builder
	body := request.Children[1]
	switch body.Tag {
	case ldap.ApplicationBindRequest:
		password := "none"
		if body.Children[2].Data.Len() > 0 {
			password = "set"
		}
		fmt.Fprintf(&out, "bind name=%v password=%s\n", body.Children[1].Value, password)
	case ldap.ApplicationSearchRequest:
		filter, err := ldap.DecompileFilter(body.Children[6])
		if err != nil {
			filter = err.Error()
		}
		var names []string
		for _, a := range body.Children[7].Children {
			names = append(names, fmt.Sprint(a.Value))
		}
		fmt.Fprintf(&out, "search base=%v scope=%v size=%v time=%v\n  filter %s\n  attributes %s\n",
			body.Children[0].Value, body.Children[1].Value, body.Children[3].Value, body.Children[4].Value,
			filter, strings.Join(names, " "))
	case ldap.ApplicationModifyRequest:
		fmt.Fprintf(&out, "modify %v\n", body.Children[0].Value)
		for _, change := range body.Children[1].Children {
			fmt.Fprintf(&out, "  %s %v", []string{"add", "delete", "replace"}[change.Children[0].Value.(int64)],
				change.Children[1].Children[0].Value)
			for _, v := range change.Children[1].Children[1].Children {
				fmt.Fprintf(&out, " %q", v.Value)
			}
			out.WriteString("\n")
		}
	default:
		fmt.Fprintf(&out, "request %d\n", body.Tag)
	}
	if len(request.Children) > 2 {
		describeControls(&out, request.Children[2])
	}
	return out.String()
}

func describeControls(out *strings.Builder, controls *ber.Packet) {
	for _, c := range controls.Children {
		fmt.Fprintf(out, "  control %v critical=%v", c.Children[0].Value, c.Children[1].Value)
		value := c.Children[len(c.Children)-1].Data.Bytes()
		if filter, err := ldap.DecompileFilter(ber.DecodePacket(value)); err == nil {
			fmt.Fprintf(out, " %s", filter)
		}
		out.WriteString("\n")
	}
}

// transcript is every request so far.
func (r *recorder) transcript() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.requests, "")
}

func (r *recorder) client(t *testing.T, flavor Flavor) *Client {
	t.Helper()
	c, err := New(Options{
		Name: "corp", URL: "ldaps://" + r.address, RootCAs: r.roots, Flavor: flavor,
		BindDN: "CN=writer,DC=example,DC=test", Password: "S3cret-Passw0rd", BaseDN: "OU=People,DC=example,DC=test",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
	return c
}
