package cucm_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

// TestStrictInEveryOperation holds the operations that are no object's against
// the schema too.
func TestStrictInEveryOperation(t *testing.T) {
	t.Parallel()
	strict, lenient := start(t, cucm.Options{Model: cucm.Model{Phones: 2}}), start(t, cucm.Options{Mode: cucm.Lenient, Model: cucm.Model{Phones: 2}})
	for name, tc := range map[string]struct{ reason, op, inner string }{
		"reset of no kind":    {"one of the two is required", "doDeviceReset", "<deviceName>SEP00AA00000000</deviceName>"},
		"reset of two kinds":  {"only one of them", "doDeviceReset", "<deviceName>SEP00AA00000000</deviceName><isHardReset>true</isHardReset><deviceResetType>Reset</deviceResetType>"},
		"route plan, order":   {"criteria stand first", "listRoutePlan", "<returnedTags><dnOrPattern/></returnedTags><searchCriteria><dnOrPattern>%</dnOrPattern></searchCriteria>"},
		"route plan, unknown": {"nothing else stands there", "listRoutePlan", "<searchCriteria><dnOrPattern>%</dnOrPattern></searchCriteria><returnedTags><dnOrPattern/></returnedTags><bogus/>"},
		"route plan, tags":    {"tags are in order", "listRoutePlan", "<searchCriteria><dnOrPattern>%</dnOrPattern></searchCriteria><returnedTags><partition/><dnOrPattern/></returnedTags>"},
		"route plan, criteria": {
			"criteria are in order", "listRoutePlan",
			"<searchCriteria><partition>%</partition><dnOrPattern>%</dnOrPattern></searchCriteria><returnedTags><dnOrPattern/></returnedTags>",
		},
		"changes, unknown": {"listChange has two children", "listChange", "<bogus/>"},
		"changes, object":  {"the list holds objects", "listChange", "<objectList><item>Phone</item></objectList>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			strict.refused(t, tc.op, tc.inner, "-1", "Element")
			lenient.ok(t, tc.op, tc.inner)
		})
	}
	strict.refused(t, "listChange", "<startChangeId>1</startChangeId>", "-1", "queueId")
}

// TestEnvelopeIsSOAP11 sends what only looks like an envelope.
func TestEnvelopeIsSOAP11(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	for name, tc := range map[string]struct {
		reason, head, space, text string
		status                    int
	}{
		"right":       {"SOAP 1.1", "", "http://schemas.xmlsoap.org/soap/envelope/", "x", 200},
		"soap 1.2":    {"AXL is SOAP 1.1", "", "http://www.w3.org/2003/05/soap-envelope", "x", 500},
		"none":        {"an envelope has its namespace", "", "", "x", 500},
		"latin-1":     {"the declared encoding counts", `<?xml version="1.0" encoding="ISO-8859-1"?>`, "http://schemas.xmlsoap.org/soap/envelope/", "m\xfcller", 200},
		"other":       {"an encoding that nobody reads", `<?xml version="1.0" encoding="EBCDIC"?>`, "http://schemas.xmlsoap.org/soap/envelope/", "x", 500},
		"not as said": {"bytes that are not UTF-8", `<?xml version='1.0' encoding='utf-8'?>`, "http://schemas.xmlsoap.org/soap/envelope/", "m\xfcller", 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := tc.head + `<s:Envelope xmlns:s="` + tc.space + `"><s:Body><a:getCCMVersion xmlns:a="http://www.cisco.com/AXL/API/15.0"><processNodeName>` +
				tc.text + `</processNodeName></a:getCCMVersion></s:Body></s:Envelope>`
			if tc.space == "" {
				body = strings.ReplaceAll(strings.Replace(body, ` xmlns:s=""`, "", 1), "s:", "")
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("SOAPAction", "CUCM:DB ver=15.0 getCCMVersion")
			req.SetBasicAuth("axl", "axl")
			status, answer, err := r.send(req)
			if err != nil || status != tc.status {
				t.Errorf("%s: want %d, got %d %v %s", tc.reason, tc.status, status, err, answer)
			}
		})
	}
}

// TestFaultsOfStreams are told, not hidden behind a broken connection.
func TestFaultsOfStreams(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Limits: cucm.NoLimits()})
	r.refused(t, "listUser", "<searchCriteria/><returnedTags/>", "5003", "criterion")
	r.refused(t, "listUser", "<searchCriteria><userid>%</userid></searchCriteria><returnedTags><displayName/></returnedTags>", "-1", "displayName")
	r.refused(t, "executeSQLQuery", "<sql>SELECT x FROM nosuchtable</sql>", "-206", "nosuchtable")
	if s := r.Stats(); s.Refused["listUser"] != 2 {
		t.Errorf("refused %v", s.Refused)
	}
}

// TestNumbersHaveBounds sends what the schema's number types do not hold.
func TestNumbersHaveBounds(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Model: cucm.Model{Users: 1}})
	for _, inner := range []string{
		"<maxDeskPickupWaitTime>30001</maxDeskPickupWaitTime>", "<remoteDestinationLimit>0</remoteDestinationLimit>",
		"<remoteDestinationLimit>11</remoteDestinationLimit>",
	} {
		r.refused(t, "updateUser", "<userid>user000000</userid>"+inner, "-1", "Element")
	}
	r.ok(t, "updateUser", "<userid>user000000</userid><maxDeskPickupWaitTime>30000</maxDeskPickupWaitTime><remoteDestinationLimit>10</remoteDestinationLimit>")
}
