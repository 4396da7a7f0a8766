package cucm_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/cucm"
)

// rig is a running cluster and a bare SOAP client: text in, text out.
type rig struct {
	*cucm.Running
	client  *http.Client
	roots   *x509.CertPool
	version string
	user    string
}

func start(t *testing.T, opts cucm.Options) *rig {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	run, err := cucm.Start(t.Context(), opts, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	version := opts.Version
	if version == "" {
		version = "15.0"
	}
	tr := transport(ca)
	t.Cleanup(tr.CloseIdleConnections)
	return &rig{run, &http.Client{Transport: tr}, ca.Pool(), version, "axl"}
}

func transport(ca *sim.CA) *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool(), MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 64}
}

// post sends one operation and returns status and body.
func (r *rig) post(t *testing.T, op, inner string) (int, string) {
	t.Helper()
	status, body, err := r.try(t.Context(), op, inner)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	return status, body
}

func (r *rig) try(ctx context.Context, op, inner string) (int, string, error) {
	env := `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><axl:` + op +
		` xmlns:axl="http://www.cisco.com/AXL/API/` + r.version + `">` + inner + `</axl:` + op + `></soapenv:Body></soapenv:Envelope>`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, strings.NewReader(env))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", "CUCM:DB ver="+r.version+" "+op)
	req.SetBasicAuth(r.user, r.user)
	return r.send(req)
}

func (r *rig) send(req *http.Request) (int, string, error) {
	res, err := r.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, res.Body); err != nil {
		return res.StatusCode, b.String(), err
	}
	return res.StatusCode, b.String(), res.Body.Close()
}

// ok sends an operation that must succeed.
func (r *rig) ok(t *testing.T, op, inner string) string {
	t.Helper()
	status, body := r.post(t, op, inner)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d\n%s", op, status, body)
	}
	return body
}

// refused sends an operation that must end in a fault with this text.
func (r *rig) refused(t *testing.T, op, inner, code, text string) {
	t.Helper()
	status, body := r.post(t, op, inner)
	if status != http.StatusInternalServerError || !strings.Contains(body, "<axlcode>"+code+"</axlcode>") || !strings.Contains(body, text) {
		t.Errorf("%s: want fault %s %q, got %d\n%s", op, code, text, status, body)
	}
}

// has fails unless the body holds every piece.
func has(t *testing.T, body string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(body, p) {
			t.Errorf("want %s in\n%.2000s", p, body)
		}
	}
}

func lacks(t *testing.T, body string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if strings.Contains(body, p) {
			t.Errorf("want no %s in\n%s", p, body)
		}
	}
}

var uuidText = regexp.MustCompile(`\{[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\}`)

const (
	newUser  = `<user><firstName>Jane</firstName><lastName>Doe</lastName><userid>jdoe</userid><presenceGroupName>Standard Presence group</presenceGroupName></user>`
	newLine  = `<line><pattern>4711</pattern><usage>Device</usage><routePartitionName>PT_Berlin</routePartitionName></line>`
	newPhone = `<phone><name>SEP001122334455</name><product>Cisco 8845</product><class>Phone</class><protocol>SIP</protocol><protocolSide>User</protocolSide>` +
		`<devicePoolName>DP_Berlin</devicePoolName><commonPhoneConfigName>Standard Common Phone Profile</commonPhoneConfigName><locationName>Berlin</locationName>` +
		`<useTrustedRelayPoint>Default</useTrustedRelayPoint><securityProfileName>Cisco 8845 - Standard SIP Non-Secure Profile</securityProfileName>` +
		`<sipProfileName>Standard SIP Profile</sipProfileName><lines><line><index>1</index><display>Jane Doe</display><dirn><pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName></dirn>` +
		`<maxNumCalls>4</maxNumCalls><busyTrigger>2</busyTrigger></line></lines><phoneTemplateName>Standard 8845 SIP</phoneTemplateName><primaryPhoneName></primaryPhoneName>` +
		`<builtInBridgeStatus>Default</builtInBridgeStatus><packetCaptureMode>None</packetCaptureMode><certificateOperation>No Pending Operation</certificateOperation>` +
		`<deviceMobilityMode>Default</deviceMobilityMode></phone>`
)

func TestJoinerAndBack(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	has(t, r.ok(t, "getCCMVersion", ""), "<componentVersion><version>15.0.")
	if got := r.ok(t, "addUser", newUser); !uuidText.MatchString(got) {
		t.Errorf("addUser answers no {UPPER} uuid: %s", got)
	}
	r.refused(t, "addUser", newUser, "-239", "duplicate value in a UNIQUE INDEX column")
	r.ok(t, "addLine", newLine)
	r.ok(t, "addPhone", newPhone)
	body := r.ok(t, "getPhone", "<name>SEP001122334455</name>")
	has(t, body, "<display>Jane Doe</display>", "<maxNumCalls>4</maxNumCalls>", "<pattern>4711</pattern>", "<devicePoolName uuid=\"{")
	r.refused(t, "updateUser", "<userid>jdoe</userid><primaryExtension><pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName></primaryExtension>",
		"5003", "4711")
	r.ok(t, "updateUser", "<userid>jdoe</userid><associatedDevices><device>SEP001122334455</device></associatedDevices>")
	r.ok(t, "updateUser", "<userid>jdoe</userid><primaryExtension><pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName></primaryExtension>")
	body = r.ok(t, "getUser", "<userid>JDOE</userid>")
	has(t, body, "<userid>jdoe</userid>", "<device>SEP001122334455</device>", "<primaryExtension><pattern>4711</pattern>")
	has(t, r.ok(t, "listRoutePlan", "<searchCriteria><dnOrPattern>4711</dnOrPattern></searchCriteria><returnedTags><dnOrPattern/><partition/><type/></returnedTags>"),
		"<type>Device</type>", "<partition>PT_Berlin</partition>")
	r.ok(t, "applyPhone", "<name>SEP001122334455</name>")
	r.ok(t, "removePhone", "<name>SEP001122334455</name>")
	has(t, r.ok(t, "getLine", "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName>"), "<associatedDevices></associatedDevices>")
	r.ok(t, "removeLine", "<pattern>4711</pattern><routePartitionName>PT_Berlin</routePartitionName>")
	r.ok(t, "removeUser", "<userid>jdoe</userid>")
	r.refused(t, "getUser", "<userid>jdoe</userid>", "5007", "Item not valid: The specified User was not found")
}
