package cucm_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/sim/cucm"
)

// raw sends a request as it is.
func (r *rig) raw(t *testing.T, method, path, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(r.URL, "/axl/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	buf := make([]byte, 32<<10)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res, b.String()
}

const basic = "Basic YXhsOmF4bA==" // axl:axl

func envelope(version, op, inner string) string {
	return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><q:` + op +
		` xmlns:q="http://www.cisco.com/AXL/API/` + version + `">` + inner + `</q:` + op + `></s:Body></s:Envelope>`
}

func TestStatusCodesAreHTML(t *testing.T) { //nolint:tparallel // the rows count on one server, in order
	t.Parallel()
	r := start(t, cucm.Options{Version: "12.5", Accounts: []cucm.Account{
		{User: "axl", Password: "axl"}, {User: "reader", Password: "reader", ReadOnly: true}, {User: "nobody", Password: "nobody", NoAXL: true},
	}})
	version := envelope("12.5", "getCCMVersion", "")
	for name, tc := range map[string]struct {
		reason, method, path, body string
		header                     map[string]string
		status                     int
		says                       string
	}{
		"no credentials":    {"Basic is needed", "POST", "/axl/", version, nil, 401, "HTTP Status 401"},
		"wrong password":    {"Basic must be right", "POST", "/axl/", version, map[string]string{"Authorization": "Basic YXhsOm5v"}, 401, "HTTP Status 401"},
		"read-only reads":   {"readers read", "POST", "/axl/", version, map[string]string{"Authorization": "Basic cmVhZGVyOnJlYWRlcg=="}, 200, "12.5.1"},
		"read-only writes":  {"readers do not write", "POST", "/axl/", envelope("12.5", "addUser", newUser), map[string]string{"Authorization": "Basic cmVhZGVyOnJlYWRlcg=="}, 401, "HTTP Status 401"},
		"no AXL role":       {"the role is needed", "POST", "/axl/", version, map[string]string{"Authorization": "Basic bm9ib2R5Om5vYm9keQ=="}, 403, "HTTP Status 403"},
		"unknown cookie":    {"a cookie alone must be known", "POST", "/axl/", version, map[string]string{"Cookie": "JSESSIONIDSSO=x"}, 404, "HTTP Status 404"},
		"other path":        {"AXL is at /axl/", "POST", "/axl/x", version, map[string]string{"Authorization": basic}, 404, "HTTP Status 404"},
		"no slash":          {"/axl is served too", "POST", "/axl", version, map[string]string{"Authorization": basic}, 200, "12.5.1"},
		"is it there":       {"GET says that it works", "GET", "/axl/", "", map[string]string{"Authorization": basic}, 200, "working and accepting requests"},
		"newer schema":      {"a 12.5 cluster has no 15.0", "POST", "/axl/", envelope("15.0", "getCCMVersion", ""), map[string]string{"Authorization": basic, "SOAPAction": "CUCM:DB ver=15.0 getCCMVersion"}, 599, "Incorrect axl version. Supported axl versions are 12.5"},
		"older schema":      {"11.5 is served", "POST", "/axl/", envelope("11.5", "getCCMVersion", ""), map[string]string{"Authorization": basic, "SOAPAction": "CUCM:DB ver=11.5 getCCMVersion"}, 200, "AXL/API/11.5"},
		"quoted action":     {"clients quote it", "POST", "/axl/", version, map[string]string{"Authorization": basic, "SOAPAction": `"CUCM:DB ver=12.5 getCCMVersion"`}, 200, "12.5.1"},
		"bootstrap":         {"1.0 without an action asks any cluster", "POST", "/axl/", envelope("1.0", "getCCMVersion", ""), map[string]string{"Authorization": basic}, 200, "12.5.1"},
		"two versions":      {"action and namespace agree", "POST", "/axl/", envelope("11.5", "getCCMVersion", ""), map[string]string{"Authorization": basic, "SOAPAction": "CUCM:DB ver=12.5 getCCMVersion"}, 500, "does not agree"},
		"other action":      {"the action names the operation", "POST", "/axl/", version, map[string]string{"Authorization": basic, "SOAPAction": "CUCM:DB ver=12.5 getUser"}, 500, "does not agree"},
		"not XML":           {"garbage is a fault", "POST", "/axl/", "hello", map[string]string{"Authorization": basic}, 500, "not well formed"},
		"no envelope":       {"SOAP has an envelope", "POST", "/axl/", "<a/>", map[string]string{"Authorization": basic}, 500, "no SOAP envelope"},
		"document type":     {"no entity can be declared", "POST", "/axl/", `<!DOCTYPE a [<!ENTITY x "y">]><a/>`, map[string]string{"Authorization": basic}, 500, "DOCTYPE"},
		"unknown operation": {"what it lacks it says", "POST", "/axl/", envelope("12.5", "addGeoLocation", ""), map[string]string{"Authorization": basic}, 500, "Operation addGeoLocation is not one of the simulator"},
	} {
		t.Run(name, func(t *testing.T) {
			res, body := r.raw(t, tc.method, tc.path, tc.body, tc.header)
			if res.StatusCode != tc.status || !strings.Contains(body, tc.says) {
				t.Errorf("%s: want %d with %q, got %d\n%s", tc.reason, tc.status, tc.says, res.StatusCode, body)
			}
			wantType := "text/xml"
			if tc.status != 200 && tc.status != 500 || tc.method == "GET" {
				wantType = "text/html"
			}
			if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, wantType) {
				t.Errorf("%s: content type %q, want %s", tc.reason, got, wantType)
			}
		})
	}
	if n := r.Stats().Unknown["addGeoLocation"]; n != 1 {
		t.Errorf("unknown operations counted: %d", n)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.SessionIdle = 300 * time.Millisecond
	r := start(t, cucm.Options{Limits: limits})
	body := envelope("15.0", "getCCMVersion", "")
	res, _ := r.raw(t, "POST", "/axl/", body, map[string]string{"Authorization": basic})
	cookie := ""
	for _, c := range res.Cookies() {
		if c.Name == "JSESSIONIDSSO" && c.Secure && c.HttpOnly {
			cookie = c.Name + "=" + c.Value
		}
	}
	if cookie == "" {
		t.Fatalf("no session cookie in %v", res.Header)
	}
	only := map[string]string{"Cookie": cookie}
	if res, _ := r.raw(t, "POST", "/axl/", body, only); res.StatusCode != 200 {
		t.Errorf("a live cookie is answered with %d", res.StatusCode)
	}
	idle := time.NewTimer(400 * time.Millisecond)
	defer idle.Stop()
	<-idle.C
	if res, _ := r.raw(t, "POST", "/axl/", body, only); res.StatusCode != 404 {
		t.Errorf("an idle cookie is answered with %d", res.StatusCode)
	}
}

func TestWrongPasswordsLock(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{LockAfter: 3})
	wrong := *r
	body := envelope("15.0", "getCCMVersion", "")
	for range 3 {
		if res, _ := wrong.raw(t, "POST", "/axl/", body, map[string]string{"Authorization": "Basic YXhsOm5v"}); res.StatusCode != 401 {
			t.Errorf("a wrong password is answered with %d", res.StatusCode)
		}
	}
	right := map[string]string{"Authorization": basic}
	if res, _ := r.raw(t, "POST", "/axl/", body, right); res.StatusCode != 401 {
		t.Errorf("a locked account is answered with %d", res.StatusCode)
	}
	r.Unlock("axl")
	if res, _ := r.raw(t, "POST", "/axl/", body, right); res.StatusCode != 200 {
		t.Errorf("an unlocked account is answered with %d", res.StatusCode)
	}
	if n := r.Stats().Unauthorized; n != 4 {
		t.Errorf("%d wrong logins counted", n)
	}
}

func TestSequenceIsEchoed(t *testing.T) {
	t.Parallel()
	for mode, want := range map[cucm.Mode]int{cucm.Strict: 500, cucm.Lenient: 200} {
		r := start(t, cucm.Options{Mode: mode})
		asked := strings.Replace(envelope("15.0", "getCCMVersion", ""), "<q:getCCMVersion ", `<q:getCCMVersion sequence="7" `, 1)
		_, body := r.raw(t, "POST", "/axl/", asked, map[string]string{"Authorization": basic})
		has(t, body, ` sequence="7"`)
		if res, _ := r.raw(t, "POST", "/axl/", strings.Replace(asked, `"7"`, `"?"`, 1), map[string]string{"Authorization": basic}); res.StatusCode != want {
			t.Errorf("%s: sequence=\"?\" is answered with %d", mode, res.StatusCode)
		}
	}
}

func TestExactShapeOfAnswers(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"12.5": `<ns:addUserResponse xmlns:ns="http://www.cisco.com/AXL/API/12.5"><return>{`,
		"15.0": `<ns:addUserResponse xmlns:ns="http://www.cisco.com/AXL/API/15.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><return>{`,
	} {
		r := start(t, cucm.Options{Version: version})
		body := r.ok(t, "addUser", newUser)
		has(t, body, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>`, want, "}</return></ns:addUserResponse></soapenv:Body></soapenv:Envelope>")
		_, body = r.post(t, "removeUser", "<userid>nobody</userid>")
		has(t, body, "<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>Item not valid: The specified User was not found</faultstring>"+
			"<detail><axlError><axlcode>5007</axlcode><axlmessage>Item not valid: The specified User was not found</axlmessage><request>removeUser</request></axlError></detail></soapenv:Fault>")
		if got := r.ok(t, "listUser", "<searchCriteria><userid>zz%</userid></searchCriteria><returnedTags><userid/></returnedTags>"); !strings.Contains(got, "<return></return>") {
			t.Errorf("nothing found is not an empty return: %s", got)
		}
	}
	other := start(t, cucm.Options{ResponseVersion: "14.0"})
	has(t, other.ok(t, "addUser", newUser), "AXL/API/14.0")
}
