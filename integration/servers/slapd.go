package servers

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

const (
	slapdBase    = "dc=example,dc=test"
	slapdPeople  = "ou=people," + slapdBase
	slapdAdmin   = "cn=admin," + slapdBase
	slapdWriter  = "cn=dialtone," + slapdBase
	slapdOther   = "cn=other," + slapdBase
	slapdSchema  = "/etc/ldap/schema"
	slapdModules = "/usr/lib/ldap"
)

//go:embed slapd.conf
var slapdConf string

// StartSlapd starts OpenLDAP with its files in dir, on free ports of 127.0.0.1, as
// whoever calls. Stop ends it. Fails with uc.NotFound naming `make setup` when
// OpenLDAP is missing and uc.Unavailable when it does not start.
func StartSlapd(ctx context.Context, dir string) (_ *Directory, stop func(), err error) {
	program, err := find("slapd", "slapd")
	if err != nil {
		return nil, nil, err
	}
	loader, err := find("slapd", "slapadd")
	if err != nil {
		return nil, nil, err
	}
	if err := needFiles("slapd", filepath.Join(slapdSchema, "inetorgperson.schema"),
		filepath.Join(slapdModules, "back_mdb.so")); err != nil {
		return nil, nil, err
	}
	ca, err := writeSlapdConf(dir)
	if err != nil {
		return nil, nil, fail(uc.Unavailable, "slapd", "writing its configuration", err)
	}
	conf := filepath.Join(dir, "slapd.conf")
	load := exec.CommandContext(ctx, loader, "-q", "-f", conf)
	load.Stdin = strings.NewReader(slapdLDIF())
	if out, err := load.CombinedOutput(); err != nil {
		return nil, nil, fail(uc.Unavailable, "slapd", "loading the people: "+lastLine(out), err)
	}
	ldapAddr, err := freeAddr(ctx)
	if err != nil {
		return nil, nil, err
	}
	ldapsAddr, err := freeAddr(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := &Directory{
		URL: "ldaps://" + ldapsAddr, PlainURL: "ldap://" + ldapAddr, ServerName: "localhost", CA: ca.Pool(),
		BaseDN: slapdBase, PeopleDN: slapdPeople,
		Admin:    Account{slapdAdmin, password},
		Writer:   Account{slapdWriter, password},
		Outsider: Account{slapdOther, password},
	}
	logFile := filepath.Join(dir, "slapd.log")
	child, err := stack.StartChild(ctx, stack.ChildOptions{
		Name: "slapd",
		Command: func() (*exec.Cmd, error) {
			// Debug level 0 keeps it in the foreground.
			return exec.Command(program, "-d", "0", "-f", conf, "-h", d.PlainURL+" "+d.URL), nil //nolint:noctx // the child ends with this process
		},
		Ready:        func(ctx context.Context, _ int) error { return until(ctx, d.serves) },
		StartTimeout: startTime,
		LogFile:      logFile,
	})
	if err != nil {
		return nil, nil, withLog(err, logFile)
	}
	return d, func() { stopChild(child, func() error { return nil }) }, notePID(dir, child.PID())
}

func freeAddr(ctx context.Context) (string, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fail(uc.Unavailable, "listen", "no free port on 127.0.0.1", err)
	}
	return l.Addr().String(), l.Close()
}

// writeSlapdConf makes the folder, the certificate and the configuration.
func writeSlapdConf(dir string) (*sim.CA, error) {
	if err := os.MkdirAll(filepath.Join(dir, "db"), 0o700); err != nil {
		return nil, err
	}
	ca, err := sim.NewCA()
	if err != nil {
		return nil, err
	}
	certificate, err := ca.Server("localhost", "127.0.0.1")
	if err != nil {
		return nil, err
	}
	if err := writeKeyPair(certificate, filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca.PEM(), 0o600); err != nil {
		return nil, err
	}
	var conf bytes.Buffer
	err = template.Must(template.New("slapd.conf").Parse(slapdConf)).Execute(&conf, map[string]string{
		"Dir": dir, "Schema": slapdSchema, "Modules": slapdModules, "Base": slapdBase,
		"Admin": slapdAdmin, "Writer": slapdWriter, "Password": password,
	})
	if err != nil {
		return nil, err
	}
	return ca, os.WriteFile(filepath.Join(dir, "slapd.conf"), conf.Bytes(), 0o600)
}

// slapdLDIF is the tree, the service accounts and the people.
func slapdLDIF() string {
	var out strings.Builder
	line := func(attribute, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s:: %s\n", attribute, base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	entry := func(dn string, pairs ...string) {
		line("dn", dn)
		for i := 0; i+1 < len(pairs); i += 2 {
			line(pairs[i], pairs[i+1])
		}
		out.WriteString("\n")
	}
	entry(slapdBase, "objectClass", "domain", "dc", "example")
	entry(slapdPeople, "objectClass", "organizationalUnit", "ou", "people")
	for _, account := range []string{slapdWriter, slapdOther} {
		entry(account, "objectClass", "organizationalRole", "objectClass", "simpleSecurityObject",
			"cn", strings.TrimPrefix(strings.Split(account, ",")[0], "cn="), "userPassword", password)
	}
	for _, p := range People() {
		entry("cn="+ldap.EscapeDN(p.FullName)+","+slapdPeople,
			"objectClass", "inetOrgPerson", "objectClass", "phoneUser",
			"cn", p.FullName, "displayName", p.FullName, "givenName", p.GivenName, "sn", p.Surname,
			"uid", p.UserID, "employeeNumber", p.EmployeeID, "mail", p.Mail,
			"telephoneNumber", p.TelephoneNumber, "ipPhone", p.IPPhone)
	}
	return out.String()
}
