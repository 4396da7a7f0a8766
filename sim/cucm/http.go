package cucm

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// maxRequest is how much of a request is read.
//
// assumed: CUCM's own limit is not public.
const maxRequest = 10 << 20

const ready = "<html><body><h1>Cisco CallManager: AXL Web Service</h1><p>The AXL Web Service is working and accepting requests. " +
	"Use HTTP POST to send a request.</p></body></html>"

// ServeHTTP answers AXL requests at /axl and /axl/; a GET says that the service
// works.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hurry(w, r, s.opts.BodyTimeout)
	if r.URL.Path != "/axl" && r.URL.Path != "/axl/" {
		s.html(w, http.StatusNotFound, "The requested resource is not available.")
		return
	}
	account := s.authenticate(w, r)
	if account == nil {
		return
	}
	switch r.Method {
	case http.MethodPost:
	case http.MethodGet, http.MethodHead:
		s.send(w, http.StatusOK, "text/html;charset=utf-8", []byte(ready))
		return
	default:
		s.html(w, http.StatusMethodNotAllowed,
			"The specified HTTP method is not allowed for the requested resource.")
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			s.html(w, http.StatusRequestEntityTooLarge, "The request is too large.")
			return
		}
		panic(http.ErrAbortHandler)
	}
	q, status, err := s.request(r.Header.Get("SOAPAction"), data)
	switch {
	case err == nil:
		s.answer(w, r, account, q)
	case status == statusVersion:
		s.html(w, status, err.Error())
	default:
		s.soapFault(w, "", err)
	}
}

// statusVersion is Cisco's own status for a schema version the release does not
// serve.
const statusVersion = 599

// query is a request that was understood.
type query struct {
	op      string
	in      *soap.Node
	asked   string // schema version of the request
	version string // of the answer
}

const namespace = "http://www.cisco.com/AXL/API/"

var actionForm = regexp.MustCompile(`^CUCM:DB ver=(\d+\.\d+)(?:\s+(\S+))?$`)

// request reads the envelope and settles the version.
func (s *Server) request(action string, data []byte) (*query, int, error) {
	root, err := soap.Parse(data)
	if err != nil {
		return nil, 0, &soap.Fault{
			Client: true, Code: soap.CodeLimit,
			Message: "The request is not well formed: " + err.Error(),
		}
	}
	body := root.Kid("Body")
	if root.Name != "Envelope" || body == nil || len(body.Kids) != 1 {
		return nil, 0, soap.Invalid("The request is no SOAP envelope with one element in its body")
	}
	if s.opts.Mode == Strict && (root.Space != soap.EnvelopeSpace || body.Space != soap.EnvelopeSpace) {
		return nil, 0, soap.Invalid("The envelope is not in the namespace of SOAP 1.1, %s", soap.EnvelopeSpace)
	}
	in := body.Kids[0]
	inNamespace, ok := strings.CutPrefix(in.Space, namespace)
	if !ok {
		return nil, 0, soap.Invalid("Element '{%s}%s': No matching global declaration available for the validation root.", in.Space, in.Name)
	}
	version, status, err := s.version(strings.Trim(strings.TrimSpace(action), `"`), inNamespace, in.Name)
	if err != nil {
		return nil, status, err
	}
	asked := version
	if s.opts.ResponseVersion != "" {
		version = s.opts.ResponseVersion
	}
	if s.opts.Mode == Lenient {
		unqualify(in)
	} else if seq := in.Attr("sequence"); strings.Trim(seq, "0123456789") != "" {
		return nil, 0, soap.Invalid("Element '%s', attribute 'sequence': The value '%s' is not a valid unsignedLong.", in.Name, seq)
	}
	return &query{op: in.Name, in: in, asked: asked, version: version}, 0, nil
}

// unqualify forgets the namespaces of children: lenient clients send them
// qualified. Source: clients that CUCM is known to serve.
func unqualify(n *soap.Node) {
	for _, k := range n.Kids {
		k.Space = ""
		unqualify(k)
	}
}

// version settles the schema version of the answer. Namespace 1.0 and requests
// without SOAPAction get the oldest one served. Source: AXL developer guide.
func (s *Server) version(action, inNamespace, op string) (string, int, error) {
	served := supported[s.opts.Version]
	refuse := func() (string, int, error) {
		return "", statusVersion, fmt.Errorf("Incorrect axl version. Supported axl versions are %s", //nolint:staticcheck // ST1005: the vendor's words
			strings.Join(served, ", "))
	}
	if action == "" {
		if inNamespace != "1.0" && !contains(served, inNamespace) {
			return refuse()
		}
		if inNamespace != "1.0" {
			return inNamespace, 0, nil
		}
		return served[len(served)-1], 0, nil
	}
	m := actionForm.FindStringSubmatch(action)
	if m == nil || !contains(served, m[1]) {
		return refuse()
	}
	if s.opts.Mode == Strict && (m[1] != inNamespace || m[2] != "" && m[2] != op) {
		return "", 0, soap.Invalid("SOAPAction '%s' does not agree with element '{%s%s}%s'", action, namespace,
			inNamespace, op)
	}
	return m[1], 0, nil
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// html answers as the web server in front of AXL does. Source: recorded answers
// for 401, 403, 404, 503 and 599.
func (s *Server) html(w http.ResponseWriter, status int, text string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Cisco Web Services Realm"`)
	}
	name := http.StatusText(status)
	if name == "" {
		name = text
	}
	page := "<!doctype html><html lang=\"en\"><head><title>HTTP Status " + strconv.Itoa(status) + " - " + soap.Escape(name) +
		"</title></head><body><h1>HTTP Status " + strconv.Itoa(status) + " - " + soap.Escape(name) + "</h1><p>" + soap.Escape(text) + "</p></body></html>"
	s.send(w, status, "text/html;charset=utf-8", []byte(page))
}

func (s *Server) soapFault(w http.ResponseWriter, op string, err error) {
	s.send(w, http.StatusInternalServerError, "text/xml;charset=UTF-8", soap.AsFault(err).Envelope(op))
}

// send writes a whole answer; a client that is gone ends the connection.
func (s *Server) send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		panic(http.ErrAbortHandler)
	}
}
