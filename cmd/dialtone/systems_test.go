package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/directory"
	"github.com/dialtone/dialtone/sim/mail"
)

// A system that is reached under another name than its certificate's is accepted by
// the name in the settings, and by nothing less.
func TestServerName(t *testing.T) {
	t.Parallel()
	data, c := settingsOn(t, "postgres://nobody@127.0.0.1/nothing")
	ca, err := sim.LoadOrCreateCA(filepath.Join(data, "ca"))
	if err != nil {
		t.Fatal(err)
	}
	caFile := filepath.Join(data, "ca", "ca.pem")
	// Their certificates are for this name alone, and they are reached by address.
	const host, password = "localhost", "s3cret"
	d, err := directory.Start(t.Context(), directory.Options{
		BaseDN: simBase, People: []directory.Person{{UserID: "ann", Surname: "Lee"}},
		Accounts: []directory.Account{{DN: simBind, Password: password, WriteAttributes: []string{"*"}}},
	}, host+":0", ca)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.Start(t.Context(), mail.Options{RequireTLS: true}, host+":0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	checks := func(serverName string) map[string]error {
		t.Helper()
		c.Directories = []config.Directory{{
			Name: "corp", URL: "ldaps://" + d.Addr(), CAFile: caFile, ServerName: serverName,
			BindDN: simBind, Password: config.NewSecret("of the test", password), BaseDN: simBase, Flavor: "ad",
		}}
		c.Mail = config.Mail{Address: m.Addr(), StartTLS: true, CAFile: caFile, ServerName: serverName, From: "a@example.com"}
		return checkSystems(t, data, c)
	}
	for system, err := range checks(host) {
		if err != nil {
			t.Errorf("%s by the name in its certificate: %v", system, err)
		}
	}
	for _, name := range []string{"", "other.example.com"} {
		for system, err := range checks(name) {
			if err == nil {
				t.Errorf("%s is accepted as %q although its certificate is for %s", system, name, host)
			}
		}
	}
}

// checkSystems saves and loads the settings, as an operator's, and asks the directory
// and the relay that they name.
func checkSystems(t *testing.T, data string, c config.Config) map[string]error {
	t.Helper()
	if err := c.Save(data); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(filepath.Join(data, config.FileName))
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSystems(c)
	if err != nil {
		t.Fatal(err)
	}
	corp := s.directories["corp"]
	defer func() {
		if err := corp.Close(); err != nil {
			t.Error(err)
		}
	}()
	asked := map[string]error{}
	for system, check := range map[string]func(context.Context) error{
		"directory": func(ctx context.Context) error { return corp.Check(ctx) },
		"mail":      s.options.Mail.Check,
	} {
		asked[system] = check(t.Context())
	}
	return asked
}
