package main

import (
	"crypto/x509"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/clients/mail"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// roots reads whom to trust; nil, the system's authorities, for "".
func roots(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil //nolint:nilnil // nil is the documented value for the system's authorities
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, &uc.Error{Kind: uc.Invalid, Detail: "the certificates cannot be read: " + err.Error(), Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, &uc.Error{Kind: uc.Invalid, Detail: caFile + " holds no certificate in PEM form"}
	}
	return pool, nil
}

func newCallProcessor(c config.CallProcessor) (*axl.Client, error) {
	ca, err := roots(c.CAFile)
	if err != nil {
		return nil, err
	}
	return axl.New(axl.Options{
		Name: c.Name, URL: c.URL, Username: c.Username, Password: c.Password.Reveal(),
		RootCAs: ca, ServerName: c.ServerName, Version: c.Version, MaxConns: c.Concurrency,
	})
}

func newDirectory(c config.Directory) (*directory.Client, error) {
	ca, err := roots(c.CAFile)
	if err != nil {
		return nil, err
	}
	return directory.New(directory.Options{
		Name: c.Name, URL: c.URL, StartTLS: c.StartTLS, RootCAs: ca, ServerName: c.ServerName,
		BindDN: c.BindDN, Password: c.Password.Reveal(), BaseDN: c.BaseDN, Flavor: directory.Flavor(c.Flavor),
		UserAttribute: c.UserAttribute, EmployeeAttribute: c.EmployeeAttribute,
	})
}

// newMail returns nil when no relay is configured: no mail is sent then.
func newMail(c config.Mail) (*mail.Client, error) {
	if c.Address == "" {
		return nil, nil //nolint:nilnil // nil is the documented value for no mail
	}
	ca, err := roots(c.CAFile)
	if err != nil {
		return nil, err
	}
	return mail.New(mail.Options{
		Addr: c.Address, StartTLS: c.StartTLS, RootCAs: ca, ServerName: c.ServerName,
		Username: c.Username, Password: c.Password.Reveal(), From: c.From,
	})
}

func newHR(c config.HR) (*hr.Client, error) {
	ca, err := roots(c.CAFile)
	if err != nil {
		return nil, err
	}
	return hr.New(hr.Options{Name: c.Name, URL: c.URL, Secret: c.Secret.Reveal(), RootCAs: ca})
}

// newPINDelivery returns nil when nobody brings PINs to people: none is reset then.
func newPINDelivery(c config.PINDelivery) (*hr.Client, error) {
	if c.URL == "" {
		return nil, nil //nolint:nilnil // nil is the documented value for no channel
	}
	ca, err := roots(c.CAFile)
	if err != nil {
		return nil, err
	}
	return hr.New(hr.Options{System: "pin delivery", URL: c.URL, Secret: c.Secret.Reveal(), RootCAs: ca, Secrets: true})
}

// watchEvery is how often to look at what changed on a call processor; 0 = never.
func watchEvery(c config.CallProcessor) time.Duration {
	if !c.ChangeWatch {
		return 0
	}
	return time.Duration(c.ChangeSeconds) * time.Second
}

// systems are the clients of everything outside.
type systems struct {
	callProcessors []worker.CallProcessor
	directories    map[string]*directory.Client
	hr             map[string]*hr.Client
	options        worker.Options
}

// openSystems makes a client for every system of the settings; none connects yet.
func openSystems(c config.Config) (*systems, error) {
	s := &systems{directories: map[string]*directory.Client{}, hr: map[string]*hr.Client{}}
	for _, p := range c.CallProcessors {
		client, err := newCallProcessor(p)
		if err != nil {
			return nil, err
		}
		s.callProcessors = append(s.callProcessors, worker.CallProcessor{
			Name: p.Name, Client: client, PerSecond: p.WritesPerSecond, Concurrency: p.Concurrency,
			Sync: activities.SyncSwitches{
				NoSpecialNumbers: !p.Sync.SpecialNumbers, Analogue: p.Sync.Analogue, Adopt: p.Sync.Adopt,
			},
			WatchEvery: watchEvery(p),
		})
	}
	for _, one := range c.Directories {
		client, err := newDirectory(one)
		if err != nil {
			return nil, err
		}
		s.directories[one.Name] = client
	}
	for _, one := range c.HR {
		client, err := newHR(one)
		if err != nil {
			return nil, err
		}
		s.hr[one.Name] = client
	}
	pins, err := newPINDelivery(c.PINDelivery)
	if err != nil {
		return nil, err
	}
	m, err := newMail(c.Mail)
	s.options = worker.Options{CallProcessors: s.callProcessors, Directories: s.directories, HR: s.hr, Mail: m, PINs: pins}
	return s, err
}

func (s *systems) worker(t client.Client, namespace string, d *db.DB, log *zap.Logger) worker.Options {
	o := s.options
	o.Client, o.Namespace, o.DB, o.Log = t, namespace, d, log
	return o
}

func (s *systems) close(log *zap.Logger) {
	for _, p := range s.callProcessors {
		p.Client.Close()
	}
	for name, d := range s.directories {
		if err := d.Close(); err != nil {
			log.Info("closing a directory", zap.String("system", name), zap.Error(err))
		}
	}
}
