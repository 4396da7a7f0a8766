package servers

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

// The domain.
const (
	sambaRealm  = "CORP.EXAMPLE.TEST"
	sambaDomain = "CORP"
	sambaHost   = "dc1"
	sambaBase   = "DC=corp,DC=example,DC=test"
	sambaName   = sambaHost + ".corp.example.test"
	// password is that of every account of every server here; Windows domains want
	// it complex.
	password = "Adm1n-Passw0rd!"
)

// The ports are fixed in Samba, only the address is free.
const (
	ldapPort  = "389"
	ldapsPort = "636"
)

//go:embed dc.conf
var dcConf string

// StartSambaAD starts an Active Directory domain controller with its files in
// dir, serving LDAP only. The first start on a machine provisions a domain (about
// five seconds) and keeps it in the user's cache; later ones copy it. As an
// ordinary user it runs in namespaces of its own. Stop ends it. Fails with
// uc.NotFound naming `make setup` when Samba is missing and uc.Unavailable when it
// does not start.
func StartSambaAD(ctx context.Context, dir string) (_ *Directory, stop func(), err error) {
	program, err := find("samba", "samba")
	if err != nil {
		return nil, nil, err
	}
	snapshot, err := sambaSnapshot(ctx, program)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", snapshot+"/.", dir).CombinedOutput(); err != nil {
		return nil, nil, fail(uc.Unavailable, "samba", "copying the domain: "+string(out), err)
	}
	at, err := placeSamba(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	ca, err := writeSambaConf(dir, at)
	if err != nil {
		return nil, nil, fail(uc.Unavailable, "samba", "writing its configuration", err)
	}
	d := &Directory{
		URL: "ldaps://" + at.ldaps, PlainURL: "ldap://" + at.ldap, ServerName: sambaName, CA: ca.Pool(),
		BaseDN: sambaBase, PeopleDN: "OU=People," + sambaBase,
		Admin:    Account{"Administrator@" + strings.ToLower(sambaRealm), password},
		Writer:   Account{writerName + "@" + strings.ToLower(sambaRealm), password},
		Outsider: Account{outsiderName + "@" + strings.ToLower(sambaRealm), password},
	}
	args := []string{program, "--interactive", "--model=single", "--configfile=" + filepath.Join(dir, "dc.conf"), "--debug-stdout"}
	logFile := filepath.Join(dir, "samba.log")
	child, err := stack.StartChild(ctx, stack.ChildOptions{
		Name:         "samba",
		Command:      func() (*exec.Cmd, error) { return at.command(args) },
		Ready:        func(ctx context.Context, _ int) error { return until(ctx, d.serves) },
		StartTimeout: startTime,
		LogFile:      logFile,
	})
	if err != nil {
		return nil, nil, errors.Join(withLog(err, logFile), at.close())
	}
	return d, func() { stopChild(child, at.close) }, notePID(dir, child.PID())
}

// serves binds as the administrator over TLS.
func (d *Directory) serves(context.Context) error {
	conn, err := ldap.DialURL(d.URL, ldap.DialWithTLSConfig(d.TLS()))
	if err != nil {
		return err
	}
	return errors.Join(conn.Bind(d.Admin.Name, d.Admin.Password), conn.Close())
}

// TLS is the configuration of a client that trusts the server.
func (d *Directory) TLS() *tls.Config {
	return &tls.Config{RootCAs: d.CA, ServerName: d.ServerName, MinVersion: tls.VersionTLS12}
}

// place is where a domain controller listens and where it is reached.
type place struct {
	address     string // inside
	ldap, ldaps string // host:port for clients
	relay       *relay // nil when clients connect to the address itself
}

// placeSamba gives the controller an address of its own. Ports below 1024 are
// root's; an ordinary user gets a network namespace and a relay into it.
func placeSamba(ctx context.Context, dir string) (*place, error) {
	var listen net.ListenConfig
	for range 100 {
		address := fmt.Sprintf("127.%d.%d.%d", 64+rand.IntN(64), rand.IntN(256), 1+rand.IntN(254)) //nolint:gosec // an address is no secret
		l, err := listen.Listen(ctx, "tcp", net.JoinHostPort(address, ldapsPort))
		switch {
		case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
			r, err := startRelay(ctx, dir)
			if err != nil {
				return nil, err
			}
			return &place{address: "127.0.0.1", ldap: r.ldap, ldaps: r.ldaps, relay: r}, nil
		case err != nil:
			continue
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
		return &place{
			address: address,
			ldap:    net.JoinHostPort(address, ldapPort), ldaps: net.JoinHostPort(address, ldapsPort),
		}, nil
	}
	return nil, fail(uc.Unavailable, "samba", "no loopback address with a free port "+ldapsPort, nil)
}

func (p *place) command(args []string) (*exec.Cmd, error) {
	if p.relay != nil {
		return p.relay.command(args), nil
	}
	return exec.Command(args[0], args[1:]...), nil //nolint:noctx // the child ends with this process, not with a context
}

func (p *place) close() error {
	if p.relay == nil {
		return nil
	}
	return p.relay.close()
}

// writeSambaConf makes the certificate and the configuration for this folder and
// address; the provisioned domain itself depends on neither.
func writeSambaConf(dir string, at *place) (*sim.CA, error) {
	ca, err := sim.NewCA()
	if err != nil {
		return nil, err
	}
	certificate, err := ca.Server(sambaName, "localhost", at.address, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	certFile, keyFile := filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	if err := writeKeyPair(certificate, certFile, keyFile); err != nil {
		return nil, err
	}
	caFile := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(caFile, ca.PEM(), 0o600); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "run"), 0o700); err != nil {
		return nil, err
	}
	var conf bytes.Buffer
	err = template.Must(template.New("dc.conf").Parse(dcConf)).Execute(&conf, map[string]string{
		"Dir": dir, "Address": at.address, "Host": sambaHost, "Domain": sambaDomain, "Realm": sambaRealm,
		"Cert": certFile, "Key": keyFile, "CA": caFile,
	})
	if err != nil {
		return nil, err
	}
	return ca, os.WriteFile(filepath.Join(dir, "dc.conf"), conf.Bytes(), 0o600)
}
