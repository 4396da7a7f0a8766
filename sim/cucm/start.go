package cucm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dialtone/dialtone/sim"
)

// Running is a cluster that listens.
type Running struct {
	*Server
	URL  string // https://ADDR/axl/
	Addr string // host:port as bound
	http *http.Server
	done chan error
}

// Start makes a cluster and serves it over TLS with a certificate of the CA for
// the address's host. addr may end in ":0". Stop ends it.
func Start(ctx context.Context, opts Options, addr string, ca *sim.CA) (*Running, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("cucm simulator: listening on %q: %w", addr, err)
	}
	cert, err := ca.Server(hostsOf(host)...)
	if err != nil {
		return nil, err
	}
	s, err := New(opts)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cucm simulator: %w", err), s.Close())
	}
	r := &Running{Server: s, Addr: l.Addr().String(), done: make(chan error, 1)}
	r.URL = "https://" + r.Addr + "/axl/"
	r.http = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second,
		// Clients that end a connection on purpose are what this server is for.
		ErrorLog: log.New(io.Discard, "", 0),
		// CUCM speaks HTTP/1.1; a lost answer can only be played on such a connection.
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
			NextProtos: []string{"http/1.1"},
		},
	}
	go func() { r.done <- r.http.ServeTLS(l, "", "") }()
	return r, nil
}

// hostsOf are the names a listener is reached by: its own, or for one on every
// address this machine's.
func hostsOf(host string) []string {
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return []string{host}
	}
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	// A machine without a name is still reached by address.
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	return hosts
}

// Stop ends the listener, lets requests under way finish until ctx ends, and
// closes the cluster.
func (r *Running) Stop(ctx context.Context) error {
	err := r.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, r.http.Close())
	}
	if served := <-r.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, r.Close())
}
