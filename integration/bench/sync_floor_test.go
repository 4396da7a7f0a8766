package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/integration/world"
)

// request is one request of the worker.
type request struct {
	Op, Envelope string
}

// recorder writes requests that read much to a file, for another process.
type recorder struct {
	mu  sync.Mutex
	out *json.Encoder
}

func newRecorder(path string) (func(op string, envelope []byte), error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	r := &recorder{out: json.NewEncoder(f)}
	return func(op string, envelope []byte) {
		if op != "executeSQLQuery" && (!strings.HasPrefix(op, "list") || op == "listChange") {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if err := r.out.Encode(request{op, string(envelope)}); err != nil {
			panic(err) // the floor would be too low
		}
	}, nil
}

// readRequests returns the pages that were asked for. What was read of single objects
// that changed meanwhile is no page.
func readRequests(b *testing.B, path string) (pages []request) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var r request
		switch err := d.Decode(&r); {
		case errors.Is(err, io.EOF):
			return pages
		case err != nil:
			b.Fatal(err)
		case !strings.Contains(r.Envelope, "pkid IN ("):
			pages = append(pages, r)
		}
	}
}

// fetchFloor fetches the pages with a bare HTTP client, two at a time as the sync does,
// and discards them. Those that are too large and were asked for in vain do not count.
func fetchFloor(b *testing.B, w *world.World, pages []request) (took time.Duration, size int64) {
	b.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.Endpoints.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	bare := &http.Client{Transport: transport}
	good := make([]request, 0, len(pages))
	var all atomic.Int64
	for measured := range 2 {
		lanes := make(chan request)
		var done sync.WaitGroup
		began := time.Now()
		var mu sync.Mutex
		for range 2 {
			done.Go(func() {
				for p := range lanes {
					n, ok, err := fetch(b.Context(), bare, w.Endpoints.AXL, p)
					if err != nil {
						b.Error(err)
					}
					if measured == 1 {
						all.Add(n)
					} else if ok {
						mu.Lock()
						good = append(good, p)
						mu.Unlock()
					}
				}
			})
		}
		list := pages
		if measured == 1 {
			list = good
		}
		for _, p := range list {
			lanes <- p
		}
		close(lanes)
		done.Wait()
		took = time.Since(began)
	}
	return took, all.Load()
}

// fetch returns the size of the answer, and whether it was one.
func fetch(ctx context.Context, bare *http.Client, url string, p request) (size int64, ok bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(p.Envelope))
	if err != nil {
		return 0, false, err
	}
	req.SetBasicAuth("dialtone", "Test-Only-1")
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("SOAPAction", fmt.Sprintf("%q", "CUCM:DB ver=15.0 "+p.Op))
	res, err := bare.Do(req)
	if err != nil {
		return 0, false, err
	}
	size, err = io.Copy(io.Discard, res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	return size, res.StatusCode == http.StatusOK, err
}

// stagedSQL is what was read: the objects, and the rows of the relations.
const stagedSQL = `SELECT 1::bigint, kind, uuid, name, partition, attributes, seen_at, NULL::uuid, NULL::uuid, digest, false
	FROM estate WHERE call_processor = $1
	UNION ALL
	SELECT 1, kind, uuid, '', '', attributes, seen_at, from_uuid, to_uuid, digest, false
	FROM estate_related WHERE call_processor = $1`

// copyFloor writes the rows of a sync with one COPY into a table like the one that they
// are staged in.
func copyFloor(b *testing.B, w *world.World) (took time.Duration, rows int64) {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, w.Endpoints.Database)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := conn.Close(context.WithoutCancel(ctx)); err != nil {
			b.Error(err)
		}
	}()
	file, err := os.Create(filepath.Join(b.TempDir(), "rows"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	_, err = conn.Exec(ctx, `CREATE TABLE floor_stage (LIKE estate_stage INCLUDING ALL)`)
	if err != nil {
		b.Fatal(err)
	}
	staged := strings.ReplaceAll(stagedSQL, "$1", "'"+world.CUCM+"'")
	if _, err = conn.PgConn().CopyTo(ctx, file, `COPY (`+staged+`) TO STDOUT (FORMAT binary)`); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	tag, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(text), `COPY floor_stage FROM STDIN (FORMAT binary)`)
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(began), tag.RowsAffected()
}
