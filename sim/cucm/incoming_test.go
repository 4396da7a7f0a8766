package cucm_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/sim/cucm"
)

// A client that sends its request byte by byte loses its connection, whether or not
// it may come in at all.
func TestTricklingRequestEnds(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{BodyTimeout: 300 * time.Millisecond})
	trusted := &tls.Config{RootCAs: r.roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	for name, tc := range map[string]struct{ reason, path, credentials string }{
		"let in":      {"the body is waited for", "/axl/", basic},
		"not let in":  {"the body is thrown away", "/axl/", "Basic eDp4"},
		"nothing":     {"the body is thrown away", "/elsewhere", basic},
		"no password": {"the body is thrown away", "/axl/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := tls.Dial("tcp", r.Addr, trusted)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: sim\r\nAuthorization: %s\r\nContent-Length: 100000\r\n\r\n", tc.path, tc.credentials); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go trickle(conn, ended)
			if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if answer, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: the connection is still open: %q", tc.reason, answer)
			}
			close(ended)
			if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Log(err) // the other side was first
			}
		})
	}
}

// trickle sends a byte now and then, until the connection or the test ends.
func trickle(conn net.Conn, ended <-chan struct{}) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		if _, err := conn.Write([]byte(" ")); err != nil {
			return
		}
	}
}

// A large request comes through, and an answer may take longer than a request may.
func TestLargeAndSlowRequests(t *testing.T) {
	t.Parallel()
	body := envelope("15.0", "getCCMVersion", "")
	right := map[string]string{"Authorization": basic}
	large := start(t, cucm.Options{})
	if res, said := large.raw(t, "POST", "/axl/", body+strings.Repeat(" ", 9<<20), right); res.StatusCode != 200 {
		t.Errorf("9 MB are answered with %d: %.300s", res.StatusCode, said)
	}
	slow := start(t, cucm.Options{
		BodyTimeout: 500 * time.Millisecond, Latency: map[string]time.Duration{"*": 1500 * time.Millisecond},
	})
	for range 2 { // the connection is used again
		if res, said := slow.raw(t, "POST", "/axl/", body, right); res.StatusCode != 200 {
			t.Errorf("a slow operation is answered with %d: %.300s", res.StatusCode, said)
		}
	}
}
