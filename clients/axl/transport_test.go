package axl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// loggedIn is a call processor with sessions; end ends the one that is open.
type loggedIn struct {
	mu    sync.Mutex
	live  string
	count int
	gone  int // status of a request with a cookie that is not live
}

func (l *loggedIn) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = ""
}

func (l *loggedIn) answer(w http.ResponseWriter, r request) {
	l.mu.Lock()
	live := l.live
	if r.basic {
		l.count++
		l.live = fmt.Sprintf("session%d", l.count)
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "node1", Path: "/axl", Secure: true, HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: l.live, Path: "/", Secure: true, HttpOnly: true})
	}
	l.mu.Unlock()
	switch {
	case r.basic || live != "" && strings.Contains(r.cookie, sessionCookie+"="+live):
		agreeable(w, r)
	default:
		write(w, l.gone, "text/html", loginPage)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			l := &loggedIn{gone: status}
			s := newServer(t, l.answer)
			c := s.client(t)
			call := func() {
				t.Helper()
				if err := c.RemoveUser(t.Context(), "jdoe"); err != nil {
					t.Fatal(err)
				}
			}
			call()
			call()
			l.end()
			call()
			call()
			type auth struct {
				Basic  bool
				Cookie string
			}
			var got []auth
			for _, r := range s.requests() {
				got = append(got, auth{r.basic, r.cookie})
			}
			want := []auth{
				{Basic: true},
				{Cookie: "JSESSIONID=node1; JSESSIONIDSSO=session1"},
				{Cookie: "JSESSIONID=node1; JSESSIONIDSSO=session1"},
				{Basic: true},
				{Cookie: "JSESSIONID=node1; JSESSIONIDSSO=session2"},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("a session is used while it lives and opened once when it ended (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefusedPasswordIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	l := &loggedIn{gone: http.StatusUnauthorized}
	s := newServer(t, l.answer)
	c := s.client(t, func(o *Options) { o.Password = "wrong" })
	if err := c.RemoveUser(t.Context(), "jdoe"); !errors.Is(err, uc.Denied) {
		t.Errorf("want denied, got %v", err)
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("accounts get locked: want one request, saw %d", n)
	}
}

func TestManyCallersSurviveTheEndOfASession(t *testing.T) {
	t.Parallel()
	l := &loggedIn{gone: http.StatusUnauthorized}
	s := newServer(t, l.answer)
	c := s.client(t)
	var failed atomic.Int32
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for range 20 {
				if i == 0 {
					l.end()
				}
				// A session that ended between login and use is refused with
				// the password's own 401 only; the cookie's is repaired.
				if err := c.RemoveUser(t.Context(), "jdoe"); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	callers.Wait()
	if n := failed.Load(); n != 0 {
		t.Errorf("%d of 160 calls failed", n)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, r request) { ok(w, r.version, r.op, testID) })
	if err := s.client(t, func(o *Options) { o.Version = "12.5" }).RemoveUser(t.Context(), "jdoe"); err != nil {
		t.Fatal(err)
	}
	want := []request{{
		op: "removeUser", version: "12.5", action: `"CUCM:DB ver=12.5 removeUser"`, basic: true,
		body: `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` +
			`<axl:removeUser xmlns:axl="http://www.cisco.com/AXL/API/12.5"><userid>jdoe</userid></axl:removeUser></soap:Body></soap:Envelope>`,
	}}
	if diff := cmp.Diff(want, s.requests(), cmp.AllowUnexported(request{})); diff != "" {
		t.Errorf("namespace and SOAPAction agree, children are in none (-want +got):\n%s", diff)
	}
}

func TestPINsAreSentButNotRecorded(t *testing.T) {
	t.Parallel()
	s := newServer(t, agreeable)
	var recorded strings.Builder
	c := s.client(t, func(o *Options) {
		o.Record = func(op string, envelope []byte) { fmt.Fprintf(&recorded, "%s %s\n", op, envelope) }
	})
	if err := c.UpdateUser(t.Context(), User{UserID: "jdoe", PIN: Set("48201")}); err != nil {
		t.Fatal(err)
	}
	if body := s.requests()[0].body; !strings.Contains(body, "<pin>48201</pin>") {
		t.Errorf("the PIN did not arrive: %s", body)
	}
	if r := recorded.String(); !strings.HasPrefix(r, "updateUser <soap:Envelope") || strings.Contains(r, "48201") {
		t.Errorf("want the operation and the envelope without the PIN, got %s", r)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	s := newServer(t, func(w http.ResponseWriter, r request) {
		if r.op == "resetPhone" {
			write(w, http.StatusServiceUnavailable, "text/html", loginPage)
			return
		}
		agreeable(w, r)
	})
	c := s.client(t, func(o *Options) { o.MaxConns = 1 })
	dial := c.transport.http.DialContext
	c.transport.http.DialContext = countDials(dial, &opened)
	for range 5 {
		if _, err := c.GetUser(t.Context(), "jdoe"); err != nil {
			t.Fatal(err)
		}
		if err := c.ResetPhone(t.Context(), "SEP001122334455"); !errors.Is(err, uc.Throttled) {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("10 calls, answered and refused, on %d connections", n)
	}
}

func TestMaxConns(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	c := newServer(t, func(w http.ResponseWriter, r request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		agreeable(w, r)
	}).client(t, func(o *Options) { o.MaxConns = 2 })
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			if err := c.ApplyPhone(t.Context(), "SEP001122334455"); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := most.Load(); n > 2 {
		t.Errorf("%d requests at a time, want at most 2", n)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := Options{Name: "lisbon", URL: "https://cucm.example.org:8443/axl/", Username: "a", Password: "b"}
	for name, tc := range map[string]struct {
		reason string
		change func(*Options)
		valid  bool
	}{
		"good":     {"what is needed is given", func(*Options) {}, true},
		"plain":    {"passwords go over TLS only", func(o *Options) { o.URL = "http://cucm.example.org/axl/" }, false},
		"no host":  {"nobody to ask", func(o *Options) { o.URL = "https:///axl/" }, false},
		"no user":  {"nobody to be", func(o *Options) { o.Username = "" }, false},
		"no pass":  {"nothing to prove it", func(o *Options) { o.Password = "" }, false},
		"no such":  {"a version we do not speak", func(o *Options) { o.Version = "9.1" }, false},
		"version":  {"one we do", func(o *Options) { o.Version = "11.5" }, true},
		"unparsed": {"no URL at all", func(o *Options) { o.URL = "://" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good
			tc.change(&o)
			_, err := New(o)
			if tc.valid != (err == nil) || !tc.valid && !errors.Is(err, uc.Invalid) {
				t.Errorf("%s: got %v", tc.reason, err)
			}
		})
	}
}

// TestRefusedBeforeSending: what AXL could only refuse, or would silently do
// something else with, is not sent.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	noLines := Clear[[]LineAppearance]()
	for name, call := range map[string]func(context.Context, *Client) error{
		"no user id":            func(ctx context.Context, c *Client) error { return c.UpdateUser(ctx, User{}) },
		"no last name":          func(ctx context.Context, c *Client) error { _, err := c.AddUser(ctx, User{UserID: "a"}); return err },
		"no pattern":            func(ctx context.Context, c *Client) error { return c.RemoveLine(ctx, "", "Lisbon_PT") },
		"no number to look for": func(ctx context.Context, c *Client) error { _, err := c.ListRoutePlan(ctx, "", ""); return err },
		"empty lines of a phone": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", Lines: noLines})
		},
		"empty lines of a profile": func(ctx context.Context, c *Client) error {
			return c.UpdateDeviceProfile(ctx, DeviceProfile{Name: "a", Lines: noLines})
		},
		"lines replaced and added": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", Lines: &[]LineAppearance{appearance()}, AddLines: []LineAppearance{appearance()}})
		},
		"a line without button": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", AddLines: []LineAppearance{{Pattern: "1"}}})
		},
		"a service without name": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", Services: &[]Service{{Service: "a"}}})
		},
		"vendor config that leaves": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", VendorConfig: Set("</vendorConfig><newName>x</newName><vendorConfig>")})
		},
		"vendor config namespace": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", VendorConfig: Set(`<a xmlns="urn:b"/>`)})
		},
		"vendor config text": func(ctx context.Context, c *Client) error {
			return c.UpdatePhone(ctx, Phone{Name: "SEP", VendorConfig: Set("web")})
		},
		"phone without device pool": func(ctx context.Context, c *Client) error { _, err := c.AddPhone(ctx, Phone{Name: "SEP"}); return err },
		"duration of busy": func(ctx context.Context, c *Client) error {
			return c.UpdateLine(ctx, Line{Pattern: "1", ForwardBusy: &Forward{Duration: "9"}})
		},
		"second CSS of busy": func(ctx context.Context, c *Client) error {
			return c.UpdateLine(ctx, Line{Pattern: "1", ForwardBusy: &Forward{SecondaryCSS: "a"}})
		},
		"an unknown kind of object": func(ctx context.Context, c *Client) error { _, err := c.Exists(ctx, "Gadget", "a"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, agreeable)
			if err := call(t.Context(), s.client(t)); !errors.Is(err, uc.Invalid) {
				t.Errorf("want invalid, got %v", err)
			}
			if n := len(s.requests()); n != 0 {
				t.Errorf("%d requests went out", n)
			}
		})
	}
}
