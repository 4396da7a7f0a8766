// Package servers starts real directory and mail servers for tests: Samba as an
// Active Directory domain controller, OpenLDAP's slapd, and Postfix. Each listens
// on loopback only, keeps its files in a folder of its own and ends with the test
// process. It must never be imported by the product.
//
// In a test, call SambaAD, Slapd or Postfix: the first call starts the server,
// later ones in the same process return it. A program calls StartSambaAD,
// StartSlapd or StartPostfix.
package servers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

const (
	system = "servers"
	// startTime is how long a server may take: other tests use the machine too.
	startTime = 3 * time.Minute
	// poll is how often a starting server is asked whether it serves.
	poll = 50 * time.Millisecond
)

// Account may bind to a directory or log in to a mail server.
type Account struct {
	Name     string // distinguished name, user principal name or user name
	Password string
}

// Directory is a running LDAP server with the people of People in it.
type Directory struct {
	URL        string         // ldaps://host:port
	PlainURL   string         // ldap://host:port, where StartTLS is needed
	ServerName string         // a name in the server's certificate
	CA         *x509.CertPool // its certificate authority
	BaseDN     string
	PeopleDN   string // the organizational unit of the people

	Admin    Account // may do anything
	Writer   Account // may read, and write telephoneNumber and ipPhone of people
	Outsider Account // may read only
}

// Mail is a running mail server that accepts every address in its domain.
type Mail struct {
	Addr       string         // host:port, STARTTLS is needed
	ServerName string         // a name in the server's certificate
	CA         *x509.CertPool // its certificate authority
	Domain     string         // mail to anybody in it is delivered
	Box        string         // maildir in which the mail arrives
}

// shared is the one server of its kind in this process, and why it is not there.
type shared[T any] struct {
	once   sync.Once
	server T
	err    error
}

// get never skips: a test that did not run proves nothing.
func (s *shared[T]) get(t testing.TB, kind string, start func(context.Context, string) (T, func(), error)) T {
	t.Helper()
	s.once.Do(func() {
		// Not the test's context: the server outlives the test that started it, and
		// ends with the process.
		ctx, cancel := context.WithTimeout(context.Background(), startTime)
		defer cancel()
		var dir string
		if dir, s.err = processDir(); s.err == nil {
			s.server, _, s.err = start(ctx, filepath.Join(dir, kind))
		}
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

var (
	samba   shared[*Directory]
	slapd   shared[*Directory]
	postfix shared[*Mail]
)

// SambaAD returns this process's Active Directory domain. A machine without Samba
// fails the test in a sentence naming `make setup`.
func SambaAD(t testing.TB) *Directory {
	t.Helper()
	return samba.get(t, "samba", StartSambaAD)
}

// Slapd returns this process's OpenLDAP server. A machine without it fails the
// test in a sentence naming `make setup`.
func Slapd(t testing.TB) *Directory {
	t.Helper()
	return slapd.get(t, "slapd", StartSlapd)
}

// Postfix returns this process's mail server. A machine without it, or a user who
// is not root, fails the test in a sentence that says what is missing.
func Postfix(t testing.TB) *Mail {
	t.Helper()
	return postfix.get(t, "postfix", StartPostfix)
}

func fail(kind uc.Kind, op, detail string, cause error) error {
	return &uc.Error{Kind: kind, System: system, Op: op, Detail: detail, Err: cause}
}

// find returns a program's path; Debian keeps servers outside an ordinary user's
// PATH.
func find(server, program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", fail(uc.NotFound, server, "the program "+program+" is not installed: run `make setup`", nil)
}

// needFiles checks what a package brings beside its programs.
func needFiles(server string, paths ...string) error {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return fail(uc.NotFound, server, path+" is not installed: run `make setup`", err)
		}
	}
	return nil
}

// until asks again and again whether the server serves.
func until(ctx context.Context, serves func(context.Context) error) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		err := serves(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// writeKeyPair writes a server's certificate chain and key as PEM files.
func writeKeyPair(certificate tls.Certificate, certFile, keyFile string) error {
	var chain strings.Builder
	for _, der := range certificate.Certificate {
		if err := pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			return err
		}
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return err
	}
	if err := os.WriteFile(certFile, []byte(chain.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600)
}

// withLog adds the end of the server's log to the reason why it did not start.
func withLog(err error, logFile string) error {
	const tail = 800
	log, readErr := os.ReadFile(logFile)
	if readErr != nil || len(log) == 0 {
		return err
	}
	if len(log) > tail {
		log = log[len(log)-tail:]
	}
	return fmt.Errorf("%w; its log ends: %s", err, strings.TrimSpace(string(log)))
}
