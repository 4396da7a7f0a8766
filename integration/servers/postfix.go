package servers

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"text/template"

	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

const (
	mailDomain     = "example.test"
	postfixDaemons = "/usr/lib/postfix/sbin"
)

//go:embed postfix_main.cf
var postfixMain string

//go:embed postfix_master.cf
var postfixMaster string

// untilStdinEnds runs a command and ends it at SIGTERM or when standard input
// ends, which it does when this process dies. The kernel's own signal does not
// reach Postfix: its master switches accounts, which clears it.
const untilStdinEnds = `
"$@" &
server=$!
trap 'kill $server; wait $server; exit 0' TERM
exec 3<&0
(cat <&3 >/dev/null; kill -TERM $$) &
wait $server`

// StartPostfix starts a mail server with its files in dir, on a free port of
// 127.0.0.1, that demands STARTTLS and delivers mail to Mail.Domain into Mail.Box.
// It needs root: Postfix runs under several accounts. Stop ends it. Fails with
// uc.NotFound naming `make setup` when Postfix is missing, uc.Denied when not
// root, uc.Unavailable when it does not start.
func StartPostfix(ctx context.Context, dir string) (_ *Mail, stop func(), err error) {
	program, err := find("postfix", "postfix")
	if err != nil {
		return nil, nil, err
	}
	master, err := find("postfix", "master")
	if err != nil {
		return nil, nil, err
	}
	if err := needFiles("postfix", filepath.Join(postfixDaemons, "smtpd")); err != nil {
		return nil, nil, err
	}
	if os.Geteuid() != 0 {
		return nil, nil, fail(uc.Denied, "postfix",
			"Postfix runs under several accounts, which only root can do: run this test as root", nil)
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, nil, err
	}
	ca, err := writePostfixConf(dir, addr)
	if err != nil {
		return nil, nil, fail(uc.Unavailable, "postfix", "writing its configuration", err)
	}
	conf := filepath.Join(dir, "conf")
	// Makes the queue's folders under the right owners.
	if out, err := exec.CommandContext(ctx, program, "-c", conf, "check").CombinedOutput(); err != nil {
		return nil, nil, fail(uc.Unavailable, "postfix", "making its queue: "+lastLine(out), err)
	}
	m := &Mail{
		Addr: addr, ServerName: "localhost", CA: ca.Pool(), Domain: mailDomain,
		Box: filepath.Join(dir, "box", "all"),
	}
	logFile := filepath.Join(dir, "postfix.log")
	child, err := stack.StartChild(ctx, stack.ChildOptions{
		Name: "postfix",
		Command: func() (*exec.Cmd, error) {
			return exec.Command("/bin/sh", "-c", untilStdinEnds, "sh", master, "-s", "-c", conf), nil //nolint:noctx // our own script; it ends with this process
		},
		Ready:        func(ctx context.Context, _ int) error { return until(ctx, m.serves) },
		StartTimeout: startTime,
		LogFile:      logFile,
	})
	if err != nil {
		return nil, nil, withLog(err, logFile)
	}
	return m, func() { stopChild(child, func() error { return nil }) }, notePID(dir, child.PID())
}

// serves greets over TLS.
func (m *Mail) serves(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Addr)
	if err != nil {
		return err
	}
	client, err := smtp.NewClientStartTLS(conn, m.TLS())
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	return errors.Join(client.Noop(), client.Quit())
}

// TLS is the configuration of a client that trusts the server.
func (m *Mail) TLS() *tls.Config {
	return &tls.Config{RootCAs: m.CA, ServerName: m.ServerName, MinVersion: tls.VersionTLS12}
}

// Delivered returns the mails that arrived, each as it lies in the box.
func (m *Mail) Delivered() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(m.Box, "new", "*"))
	if err != nil {
		return nil, err
	}
	var mails []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a delivered mail: %w", err)
		}
		mails = append(mails, string(b))
	}
	return mails, nil
}

func writePostfixConf(dir, addr string) (*sim.CA, error) {
	for _, sub := range []string{"", "conf", "spool", "data", "box"} {
		// Other accounts come through; only these folders, nothing secret, are here.
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil { //nolint:gosec // see above
			return nil, err
		}
	}
	ca, err := sim.NewCA()
	if err != nil {
		return nil, err
	}
	certificate, err := ca.Server("localhost", "127.0.0.1")
	if err != nil {
		return nil, err
	}
	if err := writeKeyPair(certificate, filepath.Join(dir, "conf", "server.pem"), filepath.Join(dir, "conf", "server.key")); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"main.cf": postfixMain, "master.cf": postfixMaster} {
		var out bytes.Buffer
		err := template.Must(template.New(name).Parse(text)).Execute(&out, map[string]string{
			"Dir": dir, "Addr": addr, "Domain": mailDomain, "Daemons": postfixDaemons,
		})
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "conf", name), out.Bytes(), 0o644); err != nil { //nolint:gosec // Postfix's accounts read it
			return nil, err
		}
	}
	return ca, ownDeliveries(dir)
}

// ownDeliveries gives the box and Postfix's own data to the accounts that write
// there.
func ownDeliveries(dir string) error {
	const nobody = 65534
	if err := os.Chown(filepath.Join(dir, "box"), nobody, nobody); err != nil {
		return err
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	return os.Chown(filepath.Join(dir, "data"), uid, -1)
}
