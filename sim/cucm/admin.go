package cucm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/dialtone/dialtone/sim/fault"
)

// Admin is an http.Handler that changes and inspects clusters while they run. It
// has no authentication: bind it to loopback.
//
//	GET    /clusters                   names
//	GET    /clusters/NAME/faults       rules with their counts
//	POST   /clusters/NAME/faults       adds one rule
//	DELETE /clusters/NAME/faults       removes all rules
//	GET    /clusters/NAME/snapshot     the whole state in words
//	GET    /clusters/NAME/stats        counts
//	POST   /clusters/NAME/restart      new change queue, no sessions
//	POST   /clusters/NAME/load?changes=N   outstanding change notifications
//	PUT    /clusters/NAME/ldap/AGREEMENT/USERID   a directory user
//	DELETE /clusters/NAME/ldap/AGREEMENT/USERID
type Admin struct {
	mux      *http.ServeMux
	mu       sync.Mutex
	clusters map[string]*Server
	names    []string
}

// NewAdmin makes an endpoint without clusters.
func NewAdmin() *Admin {
	a := &Admin{mux: http.NewServeMux(), clusters: map[string]*Server{}}
	a.mux.HandleFunc("GET /clusters", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		reply(w, http.StatusOK, a.names)
	})
	a.route("GET /clusters/{name}/faults", func(_ *http.Request, c *Server) (any, error) { return c.Faults().List(), nil })
	a.route("POST /clusters/{name}/faults", func(r *http.Request, c *Server) (any, error) {
		var rule fault.Rule
		if err := json.NewDecoder(r.Body).Decode(&rule); err != nil {
			return nil, err
		}
		if err := c.checkRule(rule); err != nil {
			return nil, err
		}
		c.Faults().Add(rule)
		return c.Faults().List(), nil
	})
	a.route("DELETE /clusters/{name}/faults", func(_ *http.Request, c *Server) (any, error) {
		c.Faults().Clear()
		return c.Faults().List(), nil
	})
	a.route("GET /clusters/{name}/snapshot", func(r *http.Request, c *Server) (any, error) { return c.Snapshot(r.Context()) })
	a.route("GET /clusters/{name}/stats", func(_ *http.Request, c *Server) (any, error) { return c.Stats(), nil })
	a.route("POST /clusters/{name}/restart", func(_ *http.Request, c *Server) (any, error) {
		c.RestartQueue()
		c.ExpireSessions()
		return c.Stats(), nil
	})
	a.route("POST /clusters/{name}/load", func(r *http.Request, c *Server) (any, error) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Query().Get("changes"), "%d", &n); err != nil {
			return nil, fmt.Errorf("changes: %w", err)
		}
		c.Load(n)
		return c.Stats(), nil
	})
	a.route("PUT /clusters/{name}/ldap/{agreement}/{user}", func(r *http.Request, c *Server) (any, error) {
		var u LDAPUser
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			return nil, err
		}
		u.UserID = r.PathValue("user")
		return u, c.AddLDAPUser(r.Context(), r.PathValue("agreement"), u)
	})
	a.route("DELETE /clusters/{name}/ldap/{agreement}/{user}", func(r *http.Request, c *Server) (any, error) {
		return nil, c.RemoveLDAPUser(r.Context(), r.PathValue("agreement"), r.PathValue("user"))
	})
	return a
}

// Add puts a cluster under the name; a name is given once.
func (a *Admin) Add(name string, c *Server) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clusters[name] != nil {
		return fmt.Errorf("two clusters are called %q", name)
	}
	a.clusters[name] = c
	a.names = append(a.names, name)
	return nil
}

// ServeHTTP answers JSON; a mistake in the request is 400 with {"error": …}.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hurry(w, r, bodyTime)
	a.mux.ServeHTTP(w, r)
}

func (a *Admin) route(pattern string, fn func(*http.Request, *Server) (any, error)) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		c, names := a.clusters[r.PathValue("name")], strings.Join(a.names, ", ")
		a.mu.Unlock()
		if c == nil {
			reply(w, http.StatusNotFound, map[string]string{
				"error": fmt.Sprintf("no cluster %q; there are: %s", r.PathValue("name"), names),
			})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		out, err := fn(r, c)
		if err != nil {
			reply(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		reply(w, http.StatusOK, out)
	})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(body); err != nil {
		panic(http.ErrAbortHandler)
	}
}
