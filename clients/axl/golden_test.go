package axl

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl/conformance"
)

var update = flag.Bool("update", false, "write the golden requests anew")

// record runs one call in a version and returns what it sent.
func record(t *testing.T, version string, call func(context.Context, *Client) error) [][]byte {
	t.Helper()
	var (
		mu   sync.Mutex
		sent [][]byte
	)
	c := newServer(t, agreeable).client(t, func(o *Options) {
		o.Version = version
		o.Record = func(_ string, envelope []byte) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, envelope)
		}
	})
	if err := call(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return sent
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for name, tc := range requests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := record(t, "15.0", tc.call)
			if len(sent) != 1 {
				t.Fatalf("%s: one method is one request, sent %d", tc.reason, len(sent))
			}
			file := filepath.Join("testdata", "requests", name+".xml")
			if *update {
				if err := os.WriteFile(file, append(sent[0], '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lines(string(want)), lines(string(sent[0]))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func lines(envelope string) []string {
	return strings.Split(strings.ReplaceAll(strings.TrimSpace(envelope), "><", ">\n<"), "\n")
}

func TestRequestsConformToCiscosSchema(t *testing.T) {
	t.Parallel()
	for _, version := range conformance.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			var sent [][]byte
			for _, tc := range requests() {
				sent = append(sent, record(t, version, tc.call)...)
			}
			if err := conformance.Validate(t.Context(), version, sent...); err != nil {
				t.Error(err)
			}
		})
	}
}
