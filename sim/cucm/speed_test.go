package cucm_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dialtone/dialtone/sim/cucm"
)

// cpu is how much processor time this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestSpeed holds what a request and a world cost in processor time, clients
// included: at one millisecond a request two cores do 2,000 a second, whatever
// else the machine is busy with. Not parallel: the process is measured.
func TestSpeed(t *testing.T) {
	const calls, clients = 2000, 8
	began := cpu(t)
	r := start(t, cucm.Options{Limits: cucm.NoLimits(), Model: cucm.Model{Users: 10_000, Phones: 12_000, Lines: 15_000}})
	made := cpu(t) - began
	t.Logf("a tenth of the large world: %s of processor time", made)
	if made > 3*time.Second && !raceDetector {
		t.Errorf("100,000 users, 120,000 phones and 150,000 lines would take %s", 10*made)
	}
	for op, inner := range map[string]func(int) string{
		"getUser": func(i int) string { return fmt.Sprintf("<userid>user%06d</userid>", i*7919%10_000) },
		"addPhone": func(i int) string {
			return strings.NewReplacer("SEP001122334455", fmt.Sprintf("SEP%012X", i), "<pattern>4711<", fmt.Sprintf("<pattern>5%07d<", i)).Replace(newPhone)
		},
	} {
		began := cpu(t)
		var next, failed atomic.Int64
		var wg sync.WaitGroup
		for range clients {
			wg.Go(func() {
				for i := next.Add(1); i <= calls; i = next.Add(1) {
					if status, _, err := r.try(t.Context(), op, inner(int(i))); err != nil || status != 200 {
						failed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		each := (cpu(t) - began) / calls
		t.Logf("%s: %s of processor time, %.0f a second on two cores", op, each, 2/each.Seconds())
		if failed.Load() > 0 {
			t.Errorf("%s: %d calls failed", op, failed.Load())
		}
		if each > time.Millisecond && !raceDetector {
			t.Errorf("%s costs %s", op, each)
		}
	}
}

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
