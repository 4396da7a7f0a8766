// Package world gives tests everything that a joiner touches: a database, two
// call processors, a directory, a mail sink and an HR receiver, all real or over
// their real protocol, and the clients for them. It must never be imported by the
// product.
package world

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/clients/mail"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/cucm"
	simdirectory "github.com/dialtone/dialtone/sim/directory"
	simhr "github.com/dialtone/dialtone/sim/hr"
	simmail "github.com/dialtone/dialtone/sim/mail"
	"github.com/dialtone/dialtone/sim/sms"
)

// Names of the systems, as the catalog and the configuration know them.
const (
	CUCM      = "cucm-1"
	FarCUCM   = "cucm-2" // in worlds that have two
	Directory = "corp"
	HR        = "hr"
)

// The accounts of the simulated systems. They exist in tests only.
const (
	account   = "dialtone"
	admin     = "admin"
	password  = "Test-Only-1"
	bindName  = "dialtone@corp.example.test"
	baseDN    = "DC=corp,DC=example,DC=test"
	hrSecret  = "whsec_dGVzdC1vbmx5LXNlY3JldC10ZXN0LW9ubHktc2VjcmV0"
	smsSecret = "whsec_dGVzdC1vbmx5LXBpbnMtdGVzdC1vbmx5LXBpbnM="
	mailBox   = "dialtone"
	mailFrom  = "phones@example.com"
	ldapGroup = "AD Corp"
)

// World is one test's systems.
type World struct {
	DB        *db.DB
	Endpoints Endpoints

	CUCM      *cucm.Server
	Far       *cucm.Server // the second call processor; nil = there is one
	Directory *simdirectory.Server
	Mail      *simmail.Server
	HR        *simhr.Server
	SMS       *sms.Server // brings PINs to people
}

// Endpoints is where the systems are and how to log in: all that a worker in
// another process needs.
type Endpoints struct {
	Database  string // connection string
	AXL       string // URL
	FarAXL    string // URL of the second call processor; "" = there is one
	Directory string // URL
	Mail      string // host:port
	HR        string // URL
	SMS       string // URL; "" = no channel for PINs
	CA        []byte // PEM of who signed their certificates
	Version   string // AXL schema to speak; "" = negotiated
}

// Options changes a world from its default.
type Options struct {
	CUCM cucm.Options // accounts are filled in
	Far  bool         // there is a second call processor
	AXL  string       // schema version the client speaks; "" = negotiated
	PINs func(string) // sees every PIN on its way to the call processor; nil = nobody does

	ReadOnly bool // the account of the worker may not write to the call processors
}

// New starts a world that ends with the test.
func New(t testing.TB, o Options) *World {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	url := dbtest.URL(t)
	w := &World{Endpoints: Endpoints{Database: url, CA: ca.PEM(), Version: o.AXL}}
	if w.DB, err = db.OpenWith(t.Context(), db.Options{URL: url, MaxConns: 32}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.DB.Close)
	w.CUCM, w.Endpoints.AXL = startCUCM(t, o, ca)
	if o.Far {
		w.Far, w.Endpoints.FarAXL = startCUCM(t, Options{PINs: o.PINs}, ca)
	}
	w.startDirectory(t, ca)
	w.startMail(t, ca)
	w.startHR(t, ca)
	w.startSMS(t, ca)
	return w
}

// startCUCM starts a call processor and returns it with the URL of its AXL.
func startCUCM(t testing.TB, o Options, ca *sim.CA) (*cucm.Server, string) {
	t.Helper()
	o.CUCM.Accounts = []cucm.Account{{User: account, Password: password, ReadOnly: o.ReadOnly}, {User: admin, Password: password}}
	server, err := cucm.New(o.CUCM)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, serve(t, sniff(server, o.PINs), ca) + "/axl/"
}

// serve serves the handler over TLS until the test ends, and returns its address.
func serve(t testing.TB, h http.Handler, ca *sim.CA) string {
	t.Helper()
	certificate, err := ca.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // lost connections are part of the tests
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

var pinForm = regexp.MustCompile(`<pin>([^<]*)</pin>`)

// sniff shows the PINs in requests to see.
func sniff(next http.Handler, see func(string)) http.Handler {
	if see == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if m := pinForm.FindSubmatch(body); m != nil {
			see(string(m[1]))
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func (w *World) startDirectory(t testing.TB, ca *sim.CA) {
	t.Helper()
	s, err := simdirectory.Start(context.WithoutCancel(t.Context()), simdirectory.Options{
		BaseDN: baseDN, Accounts: []simdirectory.Account{{
			DN: bindName, Password: password,
			WriteAttributes: []string{"telephoneNumber", "ipPhone"},
		}},
	}, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Directory, w.Endpoints.Directory = s, "ldaps://"+s.Addr()
}

func (w *World) startMail(t testing.TB, ca *sim.CA) {
	t.Helper()
	s, err := simmail.Start(context.WithoutCancel(t.Context()),
		simmail.Options{Username: mailBox, Password: password, RequireTLS: true}, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Mail, w.Endpoints.Mail = s, s.Addr()
}

func (w *World) startHR(t testing.TB, ca *sim.CA) {
	t.Helper()
	s, err := simhr.New(simhr.Options{Secret: hrSecret})
	if err != nil {
		t.Fatal(err)
	}
	w.HR, w.Endpoints.HR = s, serve(t, s, ca)+"/events"
}

func (w *World) startSMS(t testing.TB, ca *sim.CA) {
	t.Helper()
	s, err := sms.New(smsSecret)
	if err != nil {
		t.Fatal(err)
	}
	w.SMS, w.Endpoints.SMS = s, serve(t, s, ca)+"/events"
}

// Clients are the clients of one worker.
type Clients struct {
	CUCM      *axl.Client
	Far       *axl.Client // nil = there is one call processor
	Directory *directory.Client
	Mail      *mail.Client
	HR        *hr.Client
	PINs      *hr.Client // nil when there is no channel for PINs
}

// Clients makes the clients; record sees every AXL request and may be nil.
func (e Endpoints) Clients(record func(op string, envelope []byte)) (c Clients, err error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(e.CA) {
		return c, fmt.Errorf("the endpoints hold no certificate authority")
	}
	if c.CUCM, err = e.callProcessor(CUCM, e.AXL, pool, record); err != nil {
		return c, err
	}
	if e.FarAXL != "" {
		if c.Far, err = e.callProcessor(FarCUCM, e.FarAXL, pool, record); err != nil {
			return c, err
		}
	}
	if c.Directory, err = directory.New(directory.Options{
		Name: Directory, URL: e.Directory, RootCAs: pool,
		BindDN: bindName, Password: password, BaseDN: baseDN, Flavor: directory.AD,
	}); err != nil {
		return c, err
	}
	if c.Mail, err = mail.New(mail.Options{
		Addr: e.Mail, StartTLS: true, RootCAs: pool, Username: mailBox,
		Password: password, From: mailFrom,
	}); err != nil {
		return c, err
	}
	if c.HR, err = hr.New(hr.Options{Name: HR, URL: e.HR, Secret: hrSecret, RootCAs: pool}); err != nil || e.SMS == "" {
		return c, err
	}
	c.PINs, err = hr.New(hr.Options{System: "pin delivery", URL: e.SMS, Secret: smsSecret, RootCAs: pool, Secrets: true})
	return c, err
}

// Admin returns a client of the call processor by which a test plays its administrator.
func (w *World) Admin(t testing.TB) *axl.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(w.Endpoints.CA) {
		t.Fatal("the endpoints hold no certificate authority")
	}
	c, err := axl.New(axl.Options{Name: CUCM, URL: w.Endpoints.AXL, Username: admin, Password: password, RootCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// callProcessor makes the client of one call processor.
func (e Endpoints) callProcessor(name, url string, pool *x509.CertPool, record func(op string, envelope []byte)) (*axl.Client, error) {
	return axl.New(axl.Options{
		Name: name, URL: url, Username: account, Password: password,
		RootCAs: pool, Version: e.Version, MaxConns: 8, Record: record,
	})
}
