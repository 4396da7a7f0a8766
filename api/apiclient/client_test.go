package apiclient_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// A server is trusted by the certificates that were named, and by nothing less.
func TestCAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer dt_x" {
			t.Errorf("Authorization %q", r.Header.Get("Authorization"))
		}
		if _, err := w.Write([]byte(`{"items": []}`)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	cases := map[string]struct {
		reason, caFile string
		refused        error // by New
		fails          error // by the call
	}{
		"trusted":   {"the server's own", good, nil, nil},
		"untrusted": {"the system does not know it", "", nil, uc.Unavailable},
		"no PEM":    {"not certificates", write("bad.pem", []byte("hello")), uc.Invalid, nil},
		"missing":   {"not there", filepath.Join(dir, "none.pem"), uc.Invalid, nil},
	}
	for name, k := range cases {
		c, err := apiclient.New(apiclient.Options{URL: server.URL, Token: "dt_x", CAFile: k.caFile})
		if !errors.Is(err, k.refused) {
			t.Errorf("%s (%s): New: %v, want %v", name, k.reason, err, k.refused)
		}
		if err != nil {
			continue
		}
		_, err = c.Pools(t.Context())
		if !errors.Is(err, k.fails) {
			t.Errorf("%s (%s): %v, want %v", name, k.reason, err, k.fails)
		}
		if err != nil && !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v does not speak of the certificate", name, err)
		}
		c.Close()
	}
}

// What is named in a path stays one part of it.
func TestPathParts(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.EscapedPath())
		if _, err := w.Write([]byte(`{}`)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	c, err := apiclient.New(apiclient.Options{URL: server.URL + "/base/"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ann": "/base/v1/people/ann", "a/b": "/base/v1/people/a%2Fb", "o'neil@x": "/base/v1/people/o%27neil@x",
		"müller": "/base/v1/people/m%C3%BCller", "a?b#c": "/base/v1/people/a%3Fb%23c", "50%": "/base/v1/people/50%25",
	} {
		if _, err := c.Person(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if last := got[len(got)-1]; last != want {
			t.Errorf("%s is asked for at %s, want %s", name, last, want)
		}
	}
}
