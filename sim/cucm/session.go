package cucm

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// The cookies of a session. Source: AXL developer guide, authentication.
const (
	ssoCookie  = "JSESSIONIDSSO"
	nodeCookie = "JSESSIONID"
)

// maxSessions bounds the memory of clients that never send a cookie back.
const maxSessions = 10_000

type session struct {
	account *Account
	used    time.Time
}

// sessions are the logged-in clients by cookie.
type sessions struct {
	mu    sync.Mutex
	idle  time.Duration
	open  map[string]*session
	swept time.Time
}

// find is the account of a live cookie.
func (s *sessions) find(cookie string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.open[cookie]
	now := time.Now()
	if got == nil || s.idle > 0 && now.Sub(got.used) > s.idle {
		delete(s.open, cookie)
		return nil
	}
	got.used = now
	return got.account
}

func (s *sessions) start(a *Account) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.swept) > time.Minute {
		for id, old := range s.open {
			if s.idle > 0 && now.Sub(old.used) > s.idle {
				delete(s.open, id)
			}
		}
		s.swept = now
	}
	for id := range s.open {
		if len(s.open) < maxSessions {
			break
		}
		delete(s.open, id)
	}
	id := rand.Text()
	s.open[id] = &session{a, now}
	return id
}

// ExpireSessions forgets every cookie, as 30 idle minutes do.
func (s *Server) ExpireSessions() {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	clear(s.sessions.open)
}

// authenticate finds the account of a request or answers it: 401 for wrong
// credentials, 404 for a cookie that is not known any more, 403 without the AXL
// role. Source: AXL developer guide; assumed: an unknown cookie is treated as an
// expired one.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) *Account {
	user, secret, basic := r.BasicAuth()
	if !basic {
		c, err := r.Cookie(ssoCookie)
		if err != nil {
			s.html(w, http.StatusUnauthorized, "This request requires HTTP authentication.")
			return nil
		}
		a := s.sessions.find(c.Value)
		if a == nil {
			s.html(w, http.StatusNotFound, "The requested resource is not available.")
		}
		return a
	}
	if a := s.account(user, secret); a != nil {
		if a.NoAXL {
			s.html(w, http.StatusForbidden, "Access to the specified resource has been forbidden.")
			return nil
		}
		if c, err := r.Cookie(ssoCookie); err == nil && s.sessions.find(c.Value) == a {
			return a
		}
		id := s.sessions.start(a)
		for _, name := range []string{ssoCookie, nodeCookie} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: id, Path: "/", Secure: true, HttpOnly: true})
		}
		return a
	}
	s.html(w, http.StatusUnauthorized, "This request requires HTTP authentication.")
	return nil
}

// account is the one with these credentials, nil for wrong ones and for a locked
// account. Source: credential policies lock application users too; assumed: after
// how many failures, hence the option.
func (s *Server) account(user, secret string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found *Account
	known := false
	for i := range s.opts.Accounts {
		a := &s.opts.Accounts[i]
		known = known || a.User == user
		if subtle.ConstantTimeCompare([]byte(a.User),
			[]byte(user))&subtle.ConstantTimeCompare([]byte(a.Password), []byte(secret)) == 1 {
			found = a
		}
	}
	if found == nil {
		s.stats.Unauthorized++
		if known {
			s.wrong[user]++
		}
		return nil
	}
	if s.opts.LockAfter > 0 && s.wrong[user] >= s.opts.LockAfter {
		s.stats.Unauthorized++
		return nil
	}
	delete(s.wrong, user)
	return found
}

// Unlock forgets the wrong passwords of an account.
func (s *Server) Unlock(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.wrong, user)
}
