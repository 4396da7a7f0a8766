package sim_test

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/dialtone/dialtone/sim"
)

// handshake serves the certificate once and connects with the pool.
func handshake(t *testing.T, ca, trusted *sim.CA, host, asked string) error {
	t.Helper()
	cert, err := ca.Server(host)
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	server := tls.Server(a, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	done := make(chan error, 1)
	go func() { done <- server.HandshakeContext(t.Context()) }()
	client := tls.Client(b, &tls.Config{RootCAs: trusted.Pool(), ServerName: asked, MinVersion: tls.VersionTLS12})
	err = client.HandshakeContext(t.Context())
	if err != nil {
		// The other side may still wait for an answer.
		if closed := b.Close(); closed != nil {
			t.Error(closed)
		}
	}
	if served := <-done; err == nil {
		err = served
	}
	return err
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ca")
	first, err := sim.LoadOrCreateCA(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := sim.LoadOrCreateCA(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "ca-key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	for name, tc := range map[string]struct {
		reason      string
		trusted     *sim.CA
		host, asked string
		ok          bool
	}{
		"address":       {"loopback addresses are named", first, "127.0.0.77", "127.0.0.77", true},
		"name":          {"names too", first, "localhost", "localhost", true},
		"kept":          {"a CA read from disk is the same", again, "127.0.0.1", "127.0.0.1", true},
		"other address": {"a certificate is for its host only", first, "127.0.0.1", "127.0.0.2", false},
		"other CA":      {"another CA is not trusted", other, "127.0.0.1", "127.0.0.1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := handshake(t, first, tc.trusted, tc.host, tc.asked); (err == nil) != tc.ok {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
	if err := os.WriteFile(filepath.Join(dir, "ca-key.pem"), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.LoadOrCreateCA(dir); err == nil {
		t.Error("a broken key is accepted")
	}
}
