// Package apitest gives tests the real API on a real database, with Temporal
// played by the SDK's mock. It holds every answer against the OpenAPI document. It
// must never be imported by the product.
package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/uc"
)

// World is one API with everything around it.
type World struct {
	DB       *db.DB
	URL      string
	Database string
	Temporal *Temporal
	Logs     *observer.ObservedLogs
	Tokens   map[uc.Role]string // a secret for each role; the token is named like its role

	t      testing.TB
	router routers.Router
}

// Catalog is a small company: the service areas berlin and lisbon with a pool each,
// and desk where numbers are given on demand only.
const Catalog = `{
  "domains": [{"name": "corp", "leadTime": "72h"}],
  "pools": [
    {"name": "berlin", "callProcessor": "cucm-1", "partition": "PT_Berlin", "retention": "30d", "e164Mask": "+4930123XXXX"},
    {"name": "lisbon", "callProcessor": "cucm-2", "partition": "PT_Lisbon"}
  ],
  "templates": [{"name": "office", "deviceProfile": {"name": "{user}-em", "product": "Cisco 8845", "protocol": "SIP", "buttonTemplate": "Standard 8845 SIP"}, "line": {}, "user": {}}],
  "serviceAreas": [
    {"name": "berlin", "domain": "corp", "callProcessor": "cucm-1", "pool": "berlin", "template": "office", "devicePool": "DP_Berlin", "classOfService": "national"},
    {"name": "desk", "domain": "corp", "callProcessor": "cucm-1", "pool": "berlin", "template": "office", "devicePool": "DP_Berlin", "classOfService": "local", "onDemandOnly": true},
    {"name": "lisbon", "domain": "corp", "callProcessor": "cucm-2", "pool": "lisbon", "template": "office", "devicePool": "DP_Lisbon", "classOfService": "national"}
  ]
}`

// New starts an API with the catalog and a token for each role.
func New(t testing.TB, change ...func(*api.Options)) *World {
	t.Helper()
	url := dbtest.URL(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	core, logs := observer.New(zapcore.DebugLevel)
	w := &World{DB: d, Database: url, Temporal: newTemporal(d), Logs: logs, Tokens: map[uc.Role]string{}, t: t}
	options := api.Options{DB: d, Temporal: w.Temporal, Log: zap.New(core), Version: "test"}
	for _, c := range change {
		c(&options)
	}
	handler := api.New(options)
	w.router = readDocument(t, handler)
	server := httptest.NewServer(w.checked(handler))
	t.Cleanup(server.Close)
	w.URL = server.URL
	var catalog uc.Catalog
	if err := json.Unmarshal([]byte(Catalog), &catalog); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ApplyCatalog(t.Context(), catalog, false); err != nil {
		t.Fatal(err)
	}
	for _, role := range []uc.Role{uc.RoleHR, uc.RoleViewer, uc.RoleAdmin} {
		if w.Tokens[role], err = d.CreateToken(t.Context(), string(role), role); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// readDocument reads the document that the API serves and that it is held against.
func readDocument(t testing.TB, handler http.Handler) routers.Router {
	t.Helper()
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/openapi.yaml", nil))
	doc, err := openapi3.NewLoader().LoadFromData(rec.Body.Bytes())
	if err != nil {
		t.Fatalf("the OpenAPI document cannot be read: %v", err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("the OpenAPI document is not valid: %v", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// recorded is an answer that is checked before it is sent on.
type recorded struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorded) WriteHeader(status int) { r.status = status; r.ResponseWriter.WriteHeader(status) }

func (r *recorded) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets the handler reach the connection.
func (r *recorded) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// checked fails the test when an answer is not what the document says.
func (w *World) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		rec := &recorded{ResponseWriter: rw}
		next.ServeHTTP(rec, req)
		if err := w.check(req, rec); err != nil {
			w.t.Errorf("%s %s answered %d against the document: %v\n%s",
				req.Method, req.URL, rec.status, err, rec.body.Bytes())
		}
	})
}

func (w *World) check(req *http.Request, rec *recorded) error {
	route, params, err := w.router.FindRoute(req)
	if err != nil {
		return w.checkUnknown(rec)
	}
	return openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 rec.status, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

// checkUnknown wants a problem from paths and methods that are not offered.
func (w *World) checkUnknown(rec *recorded) error {
	if rec.body.Len() == 0 && rec.status >= http.StatusBadRequest {
		return nil // to HEAD
	}
	var p api.Problem
	if err := json.Unmarshal(rec.body.Bytes(), &p); err != nil {
		return err
	}
	form := rec.Header().Get("Content-Type")
	if p.Status != rec.status || p.Kind == "" || !strings.HasPrefix(form, "application/problem+json") {
		return fmt.Errorf("it is no problem: %+v", p)
	}
	return nil
}
