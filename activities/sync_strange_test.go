package activities_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// distorts puts something between us and the call processor that changes its answers.
func (c *copier) distorts(t *testing.T) (change func(func(op string, answer []byte) []byte)) {
	t.Helper()
	there, err := url.Parse(c.Endpoints.AXL)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.Endpoints.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	var how atomic.Pointer[func(string, []byte) []byte]
	server := httptest.NewTLSServer(&httputil.ReverseProxy{
		Transport: transport, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = there.Scheme, there.Host },
		ModifyResponse: func(r *http.Response) error {
			answer, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			action := strings.Fields(strings.Trim(r.Request.Header.Get("SOAPAction"), `"`))
			if f := how.Load(); f != nil && len(action) > 0 {
				answer = (*f)(action[len(action)-1], answer)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
			r.Header.Set("Content-Length", fmt.Sprint(len(answer)))
			return nil
		},
	})
	t.Cleanup(server.Close)
	ours := x509.NewCertPool()
	ours.AddCert(server.Certificate())
	client, err := axl.New(axl.Options{
		Name: world.CUCM, URL: server.URL + there.Path, Username: "dialtone", Password: "Test-Only-1", RootCAs: ours,
	})
	must(t, err)
	t.Cleanup(client.Close)
	c.estate.Clients[world.CUCM] = client
	return func(f func(string, []byte) []byte) { how.Store(&f) }
}

var objects = regexp.MustCompile(`(?s)<return>.*</return>`)

// strange is an answer that nobody expects.
type strange struct {
	reason  string
	op      string
	answer  func(string) string
	detail  string // "" = the guard stops it
	skipped int    // device pools
	words   []string
}

// Answers that nobody expects are told, and hurt nothing that was known before.
func TestSyncStrangeAnswers(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 20, Phones: 20, Lines: 20}}})
	change := c.distorts(t)
	c.sync(t, uc.SyncAll)
	before := c.copies(t)
	for name, tc := range map[string]strange{
		"unknown element": {
			"a newer release says more", "listDevicePool",
			func(a string) string {
				return strings.ReplaceAll(a, "<name>", "<newThing><deep>1</deep></newThing><name>")
			},
			"Completed.", 3,
			[]string{"warning data devicePool: Default Skipped unexpected element newThing"},
		},
		"unknown object": {
			"something between the objects", "listDevicePool",
			func(a string) string { return strings.ReplaceAll(a, "<return>", "<return><footnote>x</footnote>") },
			"Completed.", 1,
			[]string{"Skipped unexpected element footnote"},
		},
		"no objects": {
			"an empty list of what there was is more often a mistake than the truth", "listDevicePool",
			func(a string) string { return objects.ReplaceAllString(a, "<return/>") },
			"", 0,
			[]string{"all 3 objects of kind"},
		},
		"no rows": {
			"neither is it the truth of people", "executeSQLQuery",
			func(a string) string { return objects.ReplaceAllString(a, "<return/>") },
			"", 0,
			[]string{"all 20 objects of kind"},
		},
		"another column": {
			"what was not asked for is no answer", "executeSQLQuery",
			func(a string) string { return strings.ReplaceAll(a, "</row>", "<c99>1</c99></row>") },
			"Completed. But the following objects could not be synchronized: [", 0,
			[]string{"a row has", "error network user"},
		},
		"another document": {
			"a page of somebody else", "listDevicePool",
			func(string) string { return "<html><body>Please log in</body></html>" },
			"Completed. But the following objects could not be synchronized: [DevicePool]", 0,
			[]string{"error network devicePool"},
		},
		"half a document": {
			"an answer that ends too early and says so nowhere", "listDevicePool",
			func(a string) string { return a[:len(a)/2] },
			"Completed. But the following objects could not be synchronized: [DevicePool]", 0,
			[]string{"error network devicePool"},
		},
	} {
		change(func(op string, answer []byte) []byte {
			if op != tc.op {
				return answer
			}
			return []byte(tc.answer(string(answer)))
		})
		c.survives(t, name, tc)
		if diff := cmp.Diff(before, c.copies(t)); diff != "" {
			t.Errorf("%s: %s: the copy changed:\n%s", name, tc.reason, diff)
		}
	}
}

func (c *copier) survives(t *testing.T, name string, tc strange) {
	t.Helper()
	s, held := c.tries(t)
	if held != (tc.detail == "") || !held && !strings.HasPrefix(s.Detail, tc.detail) {
		t.Errorf("%s: %s: %s: %s", name, tc.reason, s.State, s.Detail)
	}
	if n := s.Kinds[kindAt(s, uc.DevicePoolKind)].Skipped; n != tc.skipped {
		t.Errorf("%s: %d are skipped, want %d", name, n, tc.skipped)
	}
	report := s.Detail + "\n" + c.report(t, s.ID)
	for _, w := range tc.words {
		if !strings.Contains(report, w) {
			t.Errorf("%s: %s: the report does not say %q:\n%s", name, tc.reason, w, report)
		}
	}
}

// tries is sync that may be held by the guard; nothing changes meanwhile.
func (c *copier) tries(t *testing.T) (s uc.Sync, held bool) {
	t.Helper()
	on, kinds := c.opens(t, uc.SyncAll)
	for _, kind := range kinds {
		c.reads(t, on, kind)
	}
	held = result(t, c, c.estate.ApplySync, activities.ApplyIn{SyncOn: on}).Held
	end := activities.SyncEndIn{SyncID: on.SyncID, State: uc.SyncDone}
	if held {
		s, err := c.DB.GetSync(t.Context(), on.SyncID)
		must(t, err)
		end.State, end.Detail = uc.SyncCancelled, s.Detail
	}
	result(t, c, c.book.EndSync, end)
	s, err := c.DB.GetSync(t.Context(), on.SyncID)
	must(t, err)
	return s, held
}

// What could be read in part only stays whole, as it was: missing is not deleted. The
// next sync heals it.
func TestSyncHalfAKind(t *testing.T) {
	t.Parallel()
	c := newCopier(t, world.Options{CUCM: cucm.Options{Model: people}})
	c.sync(t, uc.SyncAll)
	before := c.copies(t)
	admin := newAdministrator(t, c, 3)
	for range 30 {
		admin.change()
	}
	c.estate.PageRows = 20
	on, kinds := c.opens(t, uc.SyncAll)
	from := result(t, c, c.estate.MarkChangePoint, on)
	for _, kind := range kinds {
		switch kind {
		case uc.PhoneKind:
			c.CUCM.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Truncate, Nth: 3})
			c.CUCM.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Fault, Code: 201, Text: "syntax error", Nth: 4})
		case uc.RelUserDevice:
			c.CUCM.Faults().Add(fault.Rule{Op: "executeSQLQuery", Kind: fault.Drop})
		default:
		}
		c.reads(t, on, kind)
		c.CUCM.Faults().Clear()
	}
	from.Queue = "" // what changes is looked at another time
	s := c.finishes(t, on, from)
	if want := "Completed. But the following objects could not be synchronized: [IPPhone, User]"; s.Detail != want {
		t.Errorf("%s", s.Detail)
	}
	phones, users := 0, 0
	for key, object := range c.copies(t) {
		if strings.HasPrefix(key, string(uc.PhoneKind)+" ") {
			// Their lines are relations, which were read.
			if phones++; without(t, before[key], "lines") != without(t, object, "lines") {
				t.Errorf("a phone changed: %s", object)
			}
		}
		if strings.HasPrefix(key, string(uc.UserKind)+" ") && before[key] != object {
			users++
		}
	}
	if phones != people.Phones || users == 0 {
		t.Errorf("%d phones, %d users changed", phones, users)
	}
	c.sync(t, uc.SyncAll)
	c.equals(t, "healed")
}
