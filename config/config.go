// Package config reads Dialtone's settings: a YAML file, overridden by the
// environment. It is the only place that reads environment variables; it opens no
// connection and knows none of the packages that take its values.
package config

// Config is every setting of the processes api, worker, migrate and doctor. The
// table in settings.go says for each what it means, its default and its form.
type Config struct {
	Log            Log             `koanf:"log"`
	Database       Database        `koanf:"database"`
	Temporal       Temporal        `koanf:"temporal"`
	API            API             `koanf:"api"`
	Worker         Worker          `koanf:"worker"`
	CallProcessors []CallProcessor `koanf:"callProcessors"`
	Directories    []Directory     `koanf:"directories"`
	Mail           Mail            `koanf:"mail"`
	HR             []HR            `koanf:"hr"`
	PINDelivery    PINDelivery     `koanf:"pinDelivery"`

	// File is where the settings came from; "" = the environment alone.
	File string `koanf:"-"`
	// Warnings are sentences about settings that have no effect.
	Warnings []string `koanf:"-"`
}

// Log is how a process logs.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // json, console
}

// Database is the product's Postgres.
type Database struct {
	URL            Secret `koanf:"url"`            // complete, with the password
	Password       Secret `koanf:"password"`       // already part of URL when Load returns
	MaxConnections int    `koanf:"maxConnections"` // per process
}

// Temporal is where the Temporal frontend is. Everything else about it (TLS, API
// key, certificates) comes from the TEMPORAL_* environment variables.
type Temporal struct {
	Address   string `koanf:"address"`   // "" = TEMPORAL_ADDRESS
	Namespace string `koanf:"namespace"` // "" = TEMPORAL_NAMESPACE
}

// API is the HTTP listener of `dialtone api`.
type API struct {
	Listen   string `koanf:"listen"`
	CertFile string `koanf:"certFile"` // "" = plain HTTP, for a proxy in front
	KeyFile  string `koanf:"keyFile"`
}

// Worker is what `dialtone worker` adds of its own.
type Worker struct {
	Listen string `koanf:"listen"` // /healthz and /metrics; "" = none
}

// CallProcessor is one CUCM cluster, spoken to at its publisher.
type CallProcessor struct {
	Name            string  `koanf:"name"` // as the catalog names it
	URL             string  `koanf:"url"`  // https://host:8443/axl/
	Username        string  `koanf:"username"`
	Password        Secret  `koanf:"password"`
	CAFile          string  `koanf:"caFile"`          // "" = the system's roots
	ServerName      string  `koanf:"serverName"`      // "" = the host of URL
	Version         string  `koanf:"version"`         // "" = asked of the cluster
	WritesPerSecond float64 `koanf:"writesPerSecond"` // all workers together; 0 = no limit
	Concurrency     int     `koanf:"concurrency"`     // activities at once per worker
	ChangeWatch     bool    `koanf:"changeWatch"`     // look at what changes on it
	ChangeSeconds   int     `koanf:"changeSeconds"`   // between two looks
	Sync            Sync    `koanf:"sync"`
}

// Sync is what of a call processor is read beside the usual, and what becomes of
// numbers.
type Sync struct {
	SpecialNumbers bool `koanf:"specialNumbers"`
	Analogue       bool `koanf:"analogue"`
	Adopt          bool `koanf:"adopt"`
}

// Directory is one AD domain or LDAP server.
type Directory struct {
	Name              string `koanf:"name"`     // as the catalog names it
	URL               string `koanf:"url"`      // ldaps://host, or ldap://host with startTLS
	StartTLS          bool   `koanf:"startTLS"` // of an ldap:// address: required
	CAFile            string `koanf:"caFile"`
	ServerName        string `koanf:"serverName"` // "" = the host of URL
	BindDN            string `koanf:"bindDN"`
	Password          Secret `koanf:"password"`
	BaseDN            string `koanf:"baseDN"`
	Flavor            string `koanf:"flavor"`            // ad, openldap
	UserAttribute     string `koanf:"userAttribute"`     // "" = sAMAccountName or uid by flavor
	EmployeeAttribute string `koanf:"employeeAttribute"` // "" = employeeID or employeeNumber by flavor
}

// Mail is the SMTP relay; without an address no mail is sent.
type Mail struct {
	Address    string `koanf:"address"` // host:port
	StartTLS   bool   `koanf:"startTLS"`
	CAFile     string `koanf:"caFile"`
	ServerName string `koanf:"serverName"` // "" = the host of Address
	Username   string `koanf:"username"`   // "" = no login
	Password   Secret `koanf:"password"`
	From       string `koanf:"from"`
}

// HR is one receiver of signed webhooks.
type HR struct {
	Name   string `koanf:"name"` // as the catalog names it
	URL    string `koanf:"url"`
	Secret Secret `koanf:"secret"` // Standard Webhooks: whsec_ and base64
	CAFile string `koanf:"caFile"`
}

// PINDelivery is the receiver that brings new PINs to people, an SMS gateway for
// instance; without an address no PIN is reset.
type PINDelivery struct {
	URL    string `koanf:"url"`
	Secret Secret `koanf:"secret"` // Standard Webhooks: whsec_ and base64
	CAFile string `koanf:"caFile"`
}
