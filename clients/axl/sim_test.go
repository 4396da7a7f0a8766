package axl_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// cluster is a simulated call processor over TLS and a client for it, both with
// everything checked that can be: strict schema, real limits, verified certificate.
func cluster(t *testing.T, o cucm.Options, change ...func(*axl.Options)) (*cucm.Server, *axl.Client) {
	t.Helper()
	o.Accounts = []cucm.Account{{User: "dialtone", Password: "Test-Only-1"}}
	server, err := cucm.New(o)
	must(t, "simulator", err)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	ca, err := sim.NewCA()
	must(t, "certificate authority", err)
	certificate, err := ca.Server("cucm-pub.example.test")
	must(t, "certificate", err)
	s := httptest.NewUnstartedServer(server)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	options := axl.Options{
		Name: "lisbon", URL: s.URL + "/axl/", Username: "dialtone", Password: "Test-Only-1",
		RootCAs: ca.Pool(), ServerName: "cucm-pub.example.test", Timeout: 20 * time.Second,
	}
	for _, f := range change {
		f(&options)
	}
	c, err := axl.New(options)
	must(t, "client", err)
	t.Cleanup(c.Close)
	return server, c
}

// must ends the test for an error; what names the step.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func wantKind(t *testing.T, what string, kind uc.Kind, err error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: want %s, got %v", what, kind, err)
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Model: cucm.Model{Users: 50}})
	t.Run("SQL", func(t *testing.T) {
		t.Parallel()
		users := 0
		must(t, "query", c.QuerySQL(t.Context(), "SELECT pkid, userid FROM enduser WHERE userid LIKE 'user%'", func(r axl.Row) error {
			if r.Get("userid") != "" && r.Get("pkid") != "" {
				users++
			}
			return nil
		}))
		same(t, "users", 50, users)
		wantKind(t, "no SQL", uc.Invalid, c.QuerySQL(t.Context(), "SELEKT 1", func(axl.Row) error { return nil }))
	})
	for object, name := range map[string]string{
		axl.ObjectCallPickupGroup: "Pickup_Lisbon", axl.ObjectCommonPhoneConfig: "Standard Common Phone Profile",
		axl.ObjectCSS: "CSS_Lisbon_Local", axl.ObjectDevicePool: "DP_Lisbon", axl.ObjectIPPhoneService: "Extension Mobility",
		axl.ObjectLDAPDirectory: cucm.DefaultAgreement, axl.ObjectLocation: "Lisbon", axl.ObjectPhoneButtonTemplate: "Standard 8845 SIP",
		axl.ObjectPhoneSecurityProfile: "Cisco 8845 - Standard SIP Non-Secure Profile",
		axl.ObjectPresenceGroup:        "Standard Presence group", axl.ObjectRoutePartition: "PT_Lisbon",
		axl.ObjectServiceProfile: "SP_Default", axl.ObjectSIPProfile: "Standard SIP Profile", axl.ObjectSoftKeyTemplate: "Standard User",
		axl.ObjectUserGroup: "Standard CCM End Users", axl.ObjectUserProfile: "Standard (Factory Default) User Profile",
		axl.ObjectVoiceMailProfile: "VM_Default",
	} {
		t.Run(object, func(t *testing.T) {
			t.Parallel()
			there, err := c.Exists(t.Context(), object, name)
			must(t, name, err)
			nowhere, err := c.Exists(t.Context(), object, "Nowhere")
			must(t, "Nowhere", err)
			same(t, object, []bool{true, false}, []bool{there, nowhere})
		})
	}
}

func TestFailuresOnTheWire(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		rule   fault.Rule
		kind   uc.Kind
		made   bool
	}{
		"throttled":    {"the server was busy and did nothing", fault.Rule{Kind: fault.Status, Status: 503}, uc.Throttled, false},
		"dropped":      {"nobody answered", fault.Rule{Kind: fault.Drop}, uc.Unavailable, false},
		"lost-answer":  {"it happened and nobody said so", fault.Rule{Kind: fault.AfterCommit}, uc.Unavailable, true},
		"cut-answer":   {"it happened and the answer broke off", fault.Rule{Kind: fault.Truncate}, uc.Unavailable, true},
		"illegal-byte": {"the answer is read all the same", fault.Rule{Kind: fault.IllegalChar}, "", true},
	}
	server, c := cluster(t, cucm.Options{})
	t.Cleanup(func() { same(t, "one method is one request", len(cases), server.Stats().Calls["addUser"]) })
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule, user := tc.rule, sampleUser()
			user.UserID = name
			rule.Op, rule.Match = "addUser", name
			server.Faults().Add(rule)
			_, err := c.AddUser(t.Context(), user)
			if uc.KindOf(err) != tc.kind {
				t.Errorf("%s: want %q, got %v", tc.reason, tc.kind, err)
			}
			_, err = c.GetUser(t.Context(), name)
			if made := err == nil; made != tc.made {
				t.Errorf("%s: made is %t: %v", tc.reason, made, err)
			}
		})
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	limits := cucm.NoLimits()
	limits.SessionIdle = time.Millisecond
	_, c := cluster(t, cucm.Options{Limits: limits})
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 5 {
		_, err := c.GetUser(t.Context(), "mueller")
		wantKind(t, "the call goes on after the session", uc.NotFound, err)
		<-tick.C
	}
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{Limits: cucm.NoLimits()})
	var writers sync.WaitGroup
	made := make(chan axl.UUID, 20)
	for range 20 {
		writers.Go(func() {
			id, err := c.AddLine(t.Context(), axl.Line{Pattern: "4711", Partition: "PT_Lisbon"})
			switch {
			case err == nil:
				made <- id
			case !errors.Is(err, uc.Conflict):
				t.Error(err)
			}
		})
	}
	writers.Wait()
	same(t, "lines made by 20 writers of one number", 1, len(made))
}
