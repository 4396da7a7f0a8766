package axl

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"
)

const (
	testUser     = "axladmin"
	testPassword = "s3cret"
	testID       = "{0B3A5C1E-4F6D-4E0A-9B1C-2D3E4F5A6B7C}"
	testUUID     = UUID("0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c")
)

// request is what a test server saw of one request.
type request struct {
	op, version, action, cookie string
	basic                       bool
	body                        string
}

var requestRoot = regexp.MustCompile(`<axl:(\w+) xmlns:axl="http://www.cisco.com/AXL/API/([0-9.]+)">`)

// server is a call processor that answers what the test says and remembers
// what it was asked.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []request
}

func newServer(t *testing.T, answer func(w http.ResponseWriter, r request)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got := request{action: r.Header.Get("SOAPAction"), cookie: r.Header.Get("Cookie"), body: string(body)}
		if m := requestRoot.FindStringSubmatch(got.body); m != nil {
			got.op, got.version = m[1], m[2]
		}
		user, password, basic := r.BasicAuth()
		got.basic = basic && user == testUser && password == testPassword
		s.mu.Lock()
		s.seen = append(s.seen, got)
		s.mu.Unlock()
		answer(w, got)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are the test's own
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.seen...)
}

// client is a client of the server in version 15.0, changed as the test needs.
func (s *server) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	o := Options{
		Name: "lisbon", URL: s.URL + "/axl/", Username: testUser, Password: testPassword,
		RootCAs: roots, Version: "15.0", Timeout: 5 * time.Second,
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// write answers with status and body.
func write(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}

// ok answers an operation as a call processor does, in the namespace of a version.
func ok(w http.ResponseWriter, version, op, returned string) {
	write(w, http.StatusOK, "text/xml;charset=UTF-8", reply15(version, op, returned))
}

func reply15(version, op, returned string) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">`)
	fmt.Fprintf(&b, `<soapenv:Body><ns:%sResponse xmlns:ns="http://www.cisco.com/AXL/API/%s">`, op, version)
	fmt.Fprintf(&b, `<return>%s</return></ns:%sResponse></soapenv:Body></soapenv:Envelope>`, returned, op)
	return b.String()
}

// agreeable answers every operation with the least that is an answer.
func agreeable(w http.ResponseWriter, r request) {
	empty := map[string]string{
		"getCCMVersion":               `<componentVersion><version>15.0.1.12900(43)</version></componentVersion>`,
		"getUser":                     `<user uuid="` + testID + `"><userid>jdoe</userid></user>`,
		"getLine":                     `<line uuid="` + testID + `"><pattern>4711</pattern></line>`,
		"getPhone":                    `<phone uuid="` + testID + `"><name>SEP001122334455</name></phone>`,
		"getPhoneButtonTemplate":      `<phoneButtonTemplate uuid="` + testID + `"><name>Standard 8845 SIP</name></phoneButtonTemplate>`,
		"getDeviceProfile":            `<deviceProfile uuid="` + testID + `"><name>jdoe-em</name></deviceProfile>`,
		"getRemoteDestination":        `<remoteDestination uuid="` + testID + `"><destination>0911234001</destination></remoteDestination>`,
		"getRemoteDestinationProfile": `<remoteDestinationProfile uuid="` + testID + `"><name>jdoe-rdp</name></remoteDestinationProfile>`,
		"doAuthenticateUser":          `<userAuthenticated>true</userAuthenticated><code>0</code>`,
		"getLdapSyncStatus":           `Sync is performed successfully`,
		"executeSQLQuery":             ``,
		"getDevicePool":               `<devicePool uuid="` + testID + `"><name>DP</name></devicePool>`,
		"listChange":                  `<queueInfo><queueId>DdkNST9m</queueId><firstChangeId>1</firstChangeId></queueInfo>`,
	}
	returned, special := empty[r.op]
	if !special && len(r.op) > 4 && r.op[:4] != "list" {
		returned = testID
	}
	ok(w, r.version, r.op, returned)
}
