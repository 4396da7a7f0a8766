package axl

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// session is the server's login cookie. While it is live requests go without
// password: the server then checks no credentials, which is faster and keeps
// an expired password from locking the account by many calls at once.
//
// Source: AXL developer guide, "Sessions"; the cookie ends after 30 idle minutes.
type session struct {
	mu      sync.Mutex
	cookies []string // name=value, sorted
}

const sessionCookie = "JSESSIONIDSSO"

// header is the Cookie header of a live session, "" when there is none.
func (s *session) header() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.cookies, func(c string) bool { return strings.HasPrefix(c, sessionCookie+"=") }) {
		return ""
	}
	return strings.Join(s.cookies, "; ")
}

// keep takes over the cookies of an answer.
func (s *session) keep(res *http.Response) {
	for _, c := range res.Cookies() {
		s.mu.Lock()
		s.cookies = slices.DeleteFunc(s.cookies, func(have string) bool { return strings.HasPrefix(have, c.Name+"=") })
		if c.Value != "" && c.MaxAge >= 0 {
			s.cookies = append(s.cookies, c.Name+"="+c.Value)
			slices.Sort(s.cookies)
		}
		s.mu.Unlock()
	}
}

// drop ends the session that was used, unless another goroutine has already
// replaced it.
func (s *session) drop(used string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Join(s.cookies, "; ") == used {
		s.cookies = nil
	}
}
