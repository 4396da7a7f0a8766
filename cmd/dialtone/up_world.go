package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/directory"
	"github.com/dialtone/dialtone/sim/hr"
	"github.com/dialtone/dialtone/sim/mail"
	"github.com/dialtone/dialtone/sim/sms"
)

// world is the systems outside of Dialtone, simulated in this process.
type world struct {
	dir       string
	ca        *sim.CA
	caFile    string
	directory *directory.Server
	mail      *mail.Server
	hr        *hr.Server
	sms       *sms.Server
}

const (
	simUser = "dialtone"
	simBase = "DC=corp,DC=example,DC=test"
	simBind = "CN=dialtone,OU=Service," + simBase
)

// The ports of the simulated systems of `dialtone sim`; in `dialtone up` only the
// pages have theirs, when they are free.
const (
	ldapsPort    = 6360
	smtpPort     = 5870
	mailPagePort = 8025
	hrPagePort   = 8026
	smsPagePort  = 8027
)

// startWorld starts the simulated systems and writes them into the settings, as an
// operator would write real ones.
func (r *running) startWorld(ctx context.Context, e *example) error {
	// The systems outlive an interrupt: orders in flight end before they do.
	ctx = context.WithoutCancel(ctx)
	w := &world{dir: filepath.Join(r.dir, simsDir)}
	r.world = w
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	var err error
	if w.ca, err = sim.LoadOrCreateCA(filepath.Join(w.dir, "ca")); err != nil {
		return err
	}
	w.caFile = filepath.Join(w.dir, "ca", "ca.pem")
	for _, one := range []struct {
		name  string
		start func(context.Context, *example) (string, error)
	}{
		{"directory corp", r.startDirectory},
		{"mail", r.startMail},
		{"HR", r.startHR},
		{"SMS gateway", r.startSMS},
	} {
		if err := r.step(one.name, func() (string, error) { return one.start(ctx, e) }); err != nil {
			return err
		}
	}
	return r.startCallProcessors(ctx, e)
}

// startDirectory knows everybody of the example file.
func (r *running) startDirectory(ctx context.Context, e *example) (string, error) {
	password, err := r.world.password("directory")
	if err != nil {
		return "", err
	}
	options := directory.Options{
		Path: filepath.Join(r.world.dir, "directory.json"), BaseDN: simBase,
		Accounts: []directory.Account{{DN: simBind, Password: password, WriteAttributes: []string{"telephoneNumber", "ipPhone"}}},
	}
	for _, row := range e.people {
		options.People = append(options.People, directory.Person{
			UserID: row.col["userId"], GivenName: row.col["firstName"], Surname: row.col["lastName"], Mail: row.col["mail"],
			Department: row.col["department"], Title: row.col["title"], EmployeeID: row.col["employeeId"],
		})
	}
	if r.world.directory, err = directory.Start(ctx, options, r.at(ldapsPort), r.world.ca); err != nil {
		return "", err
	}
	r.started("directory", func(context.Context) error { return r.world.directory.Close() })
	url := "ldaps://" + r.reached(r.world.directory.Addr())
	r.settings.Directories = []config.Directory{{
		Name: "corp", URL: url, CAFile: r.world.caFile, BindDN: simBind,
		Password: config.NewSecret("made by dialtone up", password), BaseDN: simBase, Flavor: "ad",
	}}
	return fmt.Sprintf("%s, %d people", url, len(r.world.directory.People())), nil
}

func (r *running) startMail(ctx context.Context, _ *example) (string, error) {
	password, err := r.world.password("mail")
	if err != nil {
		return "", err
	}
	folder := filepath.Join(r.world.dir, "mail")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	options := mail.Options{Dir: folder, Username: simUser, Password: password, RequireTLS: true}
	if r.world.mail, err = mail.Start(ctx, options, r.at(smtpPort), r.world.ca); err != nil {
		return "", err
	}
	r.started("mail", func(context.Context) error { return r.world.mail.Close() })
	r.settings.Mail = config.Mail{
		Address: r.reached(r.world.mail.Addr()), StartTLS: true, CAFile: r.world.caFile, Username: simUser,
		Password: config.NewSecret("made by dialtone up", password), From: "Telephony <telephony@example.com>",
	}
	_, err = r.servePage(ctx, page{what: "mail to people"}, mailPagePort, r.world.mail.Handler())
	return "smtp://" + r.settings.Mail.Address + ", delivers to nobody", err
}

func (r *running) startHR(ctx context.Context, _ *example) (string, error) {
	key, err := r.world.password("hr")
	if err != nil {
		return "", err
	}
	secret := "whsec_" + key
	if r.world.hr, err = hr.New(hr.Options{Secret: secret, Path: filepath.Join(r.world.dir, "hr.jsonl")}); err != nil {
		return "", err
	}
	r.started("HR", func(context.Context) error { return r.world.hr.Close() })
	url, err := r.servePage(ctx, page{what: "HR"}, hrPagePort, r.world.hr)
	r.settings.HR = []config.HR{{
		Name: "hr", URL: url + "events", Secret: config.NewSecret("made by dialtone up", secret), CAFile: r.world.caFile,
	}}
	return url + "events", err
}

// startSMS starts who brings new PINs to people: its page is their telephones.
func (r *running) startSMS(ctx context.Context, _ *example) (string, error) {
	key, err := r.world.password("sms")
	if err != nil {
		return "", err
	}
	secret := "whsec_" + key
	if r.world.sms, err = sms.New(secret); err != nil {
		return "", err
	}
	url, err := r.servePage(ctx, page{what: "PINs to people"}, smsPagePort, r.world.sms)
	r.settings.PINDelivery = config.PINDelivery{
		URL: url + "events", Secret: config.NewSecret("made by dialtone up", secret), CAFile: r.world.caFile,
	}
	return url + "events", err
}

// password is the password of a simulated system: made once and kept, so that a
// worker elsewhere need not be told a new one after a restart.
func (w *world) password(name string) (string, error) {
	path := filepath.Join(w.dir, name+".password")
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	b := make([]byte, 24)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	password := base64.StdEncoding.EncodeToString(b)
	return password, os.WriteFile(path, []byte(password+"\n"), 0o600)
}
