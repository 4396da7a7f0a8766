package cucm_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

// TestListsStream reads a list of many megabytes slowly: without limits the server
// never holds more than a little of it. Not parallel: the heap is measured.
func TestListsStream(t *testing.T) {
	r := start(t, cucm.Options{Limits: cucm.NoLimits(), Model: cucm.Model{Users: 20_000}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL, strings.NewReader(envelope("15.0", "listUser",
		"<searchCriteria><userid>%</userid></searchCriteria><returnedTags/>")))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("axl", "axl")
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 256<<10)
	var size, most uint64
	for read := 0; ; {
		n, err := io.ReadFull(res.Body, buf)
		size += uint64(n)
		if read++; read%16 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
		if err != nil {
			break
		}
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if size < 16<<20 || most > 6<<20 {
		t.Errorf("%d MB were read while the heap grew by %d MB", size>>20, most>>20)
	}
}
