package directory

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/fault"
)

// Flavor says whose result codes are given where Windows and Samba differ.
type Flavor string

// The flavors; the zero value is AD.
const (
	AD    Flavor = "ad"
	Samba Flavor = "samba"
)

// Account is a service account that may bind. It is no object of the directory.
type Account struct {
	DN              string   // or any other name it binds with, such as a user principal name
	Password        string   // never empty
	WriteAttributes []string // may be written; "*" is all, and adding, renaming and deleting objects
}

func (a *Account) mayWrite(key string) bool {
	return slices.ContainsFunc(a.WriteAttributes, func(n string) bool { return n == "*" || strings.EqualFold(n, key) })
}

// Options is what a directory is made of.
type Options struct {
	Path        string    // state file; "" keeps it in memory
	BaseDN      string    // the domain, such as "DC=corp,DC=example,DC=test"
	People      []Person  // added unless known, or known once and removed since
	Accounts    []Account // who may bind
	Flavor      Flavor    // "" is AD
	MaxPageSize int       // objects an answer; 0 is AD's 1000
	PlainAddr   string    // host:port for StartTLS; "" takes a free port beside the LDAPS one
}

// Server is a running directory. Its methods may be called from any goroutine.
type Server struct {
	options  Options
	rootKey  string
	store    *store
	faults   *fault.Rules
	tls      *tls.Config
	ldaps    net.Listener
	plain    net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
	mu       sync.Mutex // conns, lastID, onModify
	conns    map[*conn]struct{}
	lastID   uint64
	onModify []func(before, after Person)
}

// Start serves the directory: LDAPS on addr, StartTLS on Options.PlainAddr, with
// a certificate of the CA for addr's host. It stops at Close or when ctx ends. A
// port of 0 is a free one; Addr and PlainAddr tell which.
func Start(ctx context.Context, o Options, addr string, ca *sim.CA) (*Server, error) {
	o.MaxPageSize = cmp.Or(o.MaxPageSize, 1000)
	rootKey, err := dnKey(o.BaseDN)
	if err != nil || rootKey == "" {
		return nil, errors.Join(fmt.Errorf("directory: the base DN %q is none", o.BaseDN), err)
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	cert, err := ca.Server(host, "localhost")
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	s := &Server{
		options: o, rootKey: rootKey, faults: &fault.Rules{}, conns: map[*conn]struct{}{},
		tls: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	if s.store, err = openStore(o.Path); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if err := s.seed(); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	var lc net.ListenConfig
	if s.ldaps, err = lc.Listen(ctx, "tcp", addr); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if s.plain, err = lc.Listen(ctx, "tcp", cmp.Or(o.PlainAddr, net.JoinHostPort(host, "0"))); err != nil {
		return nil, errors.Join(fmt.Errorf("directory: %w", err), s.ldaps.Close())
	}
	serving, stop := context.WithCancel(ctx)
	s.stop = stop
	s.running.Go(func() { s.accept(serving, s.ldaps, true) })
	s.running.Go(func() { s.accept(serving, s.plain, false) })
	context.AfterFunc(serving, s.hangUp)
	return s, nil
}

// Close ends every connection and returns when nothing runs any more. Calling it
// again does nothing.
func (s *Server) Close() error {
	s.stop()
	s.hangUp()
	s.running.Wait()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.log == nil {
		return nil
	}
	err := s.store.log.Close()
	s.store.log = nil
	return err
}

// Addr is the host:port of LDAPS, PlainAddr that of StartTLS.
func (s *Server) Addr() string { return s.ldaps.Addr().String() }

// PlainAddr is the host:port where a client must StartTLS before it binds.
func (s *Server) PlainAddr() string { return s.plain.Addr().String() }

// Faults are the rules that break requests. Operations are bind, search, modify,
// add, delete, rename and extended; the key is the DN as sent, and the DN and
// user id of the object it means (a search: base and filter). Kinds are Drop,
// AfterCommit, Delay, and Fault with an LDAP result code.
func (s *Server) Faults() *fault.Rules { return s.faults }

// OnModify calls f after each modify that changed a person over LDAP, before the
// answer is sent. f must not wait for a client of this server.
func (s *Server) OnModify(f func(before, after Person)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onModify = append(s.onModify, f)
}

// domain is the DNS name of the base DN.
func (s *Server) domain() string {
	d, err := ldap.ParseDN(s.options.BaseDN)
	if err != nil {
		return ""
	}
	var labels []string
	for _, rdn := range d.RDNs {
		if strings.EqualFold(rdn.Attributes[0].Type, "dc") {
			labels = append(labels, rdn.Attributes[0].Value)
		}
	}
	return strings.Join(labels, ".")
}

func (s *Server) accept(ctx context.Context, l net.Listener, secure bool) {
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of file descriptors, most likely: worth another try
			select {
			case <-ctx.Done():
				return
			case <-time.After(50 * time.Millisecond):
				continue
			}
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			s.mu.Unlock()
			hangUp(nc)
			return
		}
		s.lastID++
		c := &conn{server: s, id: s.lastID, raw: nc, secure: secure}
		s.conns[c] = struct{}{}
		s.running.Go(func() {
			defer s.forget(c)
			c.serve(ctx)
		})
		s.mu.Unlock()
	}
}

func (s *Server) forget(c *conn) {
	hangUp(c.raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Server) hangUp() {
	hangUp(s.ldaps)
	hangUp(s.plain)
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		hangUp(c.raw)
	}
}

// hangUp closes what may be closed already: nobody is left to tell.
func hangUp(c io.Closer) {
	if err := c.Close(); err != nil {
		return
	}
}
