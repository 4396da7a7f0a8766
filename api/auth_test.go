package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

// Every route with every role: what is refused is refused before anything is read.
func TestAuthMatrix(t *testing.T) {
	t.Parallel()
	const yes, no = true, false
	cases := []struct {
		method, path, body string
		hr, viewer, admin  bool
	}{
		{"POST", "/v1/joiners", `{"user": {"userId": "%role%", "lastName": "x"}, "serviceArea": "berlin"}`, yes, no, yes},
		{"POST", "/v1/phone-changes", `{"userId": "nobody", "action": "remove", "phone": "csf"}`, yes, no, yes},
		{"POST", "/v1/pin-resets", `{"userId": "nobody"}`, yes, no, yes},
		{"GET", "/v1/orders", "", yes, yes, yes},
		{"GET", "/v1/orders/%own%", "", yes, yes, yes},
		{"POST", "/v1/orders/%own%/resume", "", yes, no, yes},
		{"POST", "/v1/orders/%own%/cancel", "", yes, no, yes},
		{"POST", "/v1/orders/%own%/reschedule", `{"startAt": "2050-01-01T00:00:00Z"}`, yes, no, yes},
		{"GET", "/v1/pools", "", no, yes, yes},
		{"GET", "/v1/pools/berlin", "", no, yes, yes},
		{"PUT", "/v1/pools/berlin", `{"name": "berlin", "callProcessor": "cucm-1", "partition": "PT_Berlin"}`, no, no, yes},
		{"POST", "/v1/pools/berlin/numbers", `{"numbers": ["4711"]}`, no, no, yes},
		{"GET", "/v1/numbers", "", no, yes, yes},
		{"POST", "/v1/numbers/4711/hold", `{"userId": "ann", "until": "2050-01-01T00:00:00Z", "reason": "returns"}`, no, no, yes},
		{"POST", "/v1/numbers/4711/unhold", `{"reason": "x"}`, no, no, yes},
		{"POST", "/v1/numbers/4711/block", `{"reason": "x"}`, no, no, yes},
		{"POST", "/v1/numbers/4711/unblock", `{"reason": "x"}`, no, no, yes},
		{"GET", "/v1/people/someone", "", no, yes, yes},
		{"GET", "/v1/catalog", "", no, yes, yes},
		{"PUT", "/v1/catalog", `{}`, no, no, yes},
		{"POST", "/v1/syncs", `{"callProcessor": "cucm-1"}`, no, no, yes},
		{"GET", "/v1/syncs", "", no, yes, yes},
		{"GET", "/v1/syncs/x", "", no, yes, yes},
		{"GET", "/v1/syncs/x/report", "", no, yes, yes},
		{"GET", "/v1/syncs/x/diff/y", "", no, yes, yes},
		{"POST", "/v1/syncs/x/cancel", "", no, no, yes},
		{"POST", "/v1/syncs/x/approve", `{"reason": "x"}`, no, no, yes},
		{"POST", "/v1/syncs/x/reject", `{"reason": "x"}`, no, no, yes},
		{"GET", "/v1/estate", "", no, yes, yes},
		{"GET", "/v1/estate/phones", "", no, yes, yes},
		{"POST", "/v1/estate/refresh", `{"userId": "nobody", "callProcessor": "cucm-1"}`, no, no, yes},
		{"GET", "/v1/schedules", "", no, yes, yes},
		{"GET", "/v1/schedules/x", "", no, yes, yes},
		{"PUT", "/v1/schedules/x", `{"callProcessor": "cucm-1", "cron": "@daily"}`, no, no, yes},
		{"POST", "/v1/schedules/x/pause", `{}`, no, no, yes},
		{"POST", "/v1/schedules/x/resume", `{}`, no, no, yes},
		{"DELETE", "/v1/schedules/x", "", no, no, yes},
		{"GET", "/v1/guard/holds", "", no, no, yes},
		{"POST", "/v1/guard/holds/1/approve", `{"reason": "x"}`, no, no, yes},
		{"POST", "/v1/guard/holds/1/reject", `{"reason": "x"}`, no, no, yes},
		{"GET", "/v1/tokens", "", no, no, yes},
		{"POST", "/v1/tokens", `{"name": "%role%-made", "role": "viewer"}`, no, no, yes},
		{"DELETE", "/v1/tokens/unknown", "", no, no, yes},
	}
	w := apitest.New(t)
	own := join(t, w, uc.RoleHR, "owned", "berlin")
	for _, c := range cases {
		path := strings.ReplaceAll(c.path, "%own%", own)
		apitest.Problem(t, w.Call("", c.method, path, c.body), http.StatusUnauthorized)
		for role, allowed := range map[uc.Role]bool{uc.RoleHR: c.hr, uc.RoleViewer: c.viewer, uc.RoleAdmin: c.admin} {
			a := w.Call(role, c.method, path, strings.ReplaceAll(c.body, "%role%", string(role)))
			if refused := a.Status == http.StatusForbidden; refused == allowed {
				t.Errorf("%s %s as %s answered %d: %s", c.method, c.path, role, a.Status, a.Body)
			}
			if !allowed {
				if p := apitest.Problem(t, a, http.StatusForbidden); p.Kind != uc.Denied {
					t.Errorf("%s %s as %s: kind %s", c.method, c.path, role, p.Kind)
				}
			}
		}
	}
}

func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	good := w.Tokens[uc.RoleAdmin]
	for name, header := range map[string]string{
		"no scheme": good, "basic": "Basic " + good, "empty": "Bearer ", "unknown": "Bearer dt_AAAA",
		"cut": "Bearer " + good[:len(good)-1], "longer": "Bearer " + good + "A", "other case": "Bearer " + strings.ToUpper(good),
		"very long": "Bearer " + strings.Repeat("A", 20_000),
	} {
		a := w.Call("", "GET", "/v1/orders", "", "Authorization", header)
		if p := apitest.Problem(t, a, http.StatusUnauthorized); p.Kind != uc.Denied {
			t.Errorf("%s: kind %s", name, p.Kind)
		}
		if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	if a := w.Call("", "GET", "/v1/orders", "", "Authorization", "bearer "+good); a.Status != http.StatusOK {
		t.Errorf("the scheme in lower case answered %d", a.Status)
	}
}

// An HR token must not learn that orders of others exist.
func TestOrdersOfOthers(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	foreign := join(t, w, uc.RoleAdmin, "secret.person", "berlin")
	for _, c := range [][3]string{
		{"GET", "", ""}, {"POST", "/resume", ""}, {"POST", "/cancel", ""}, {"POST", "/reschedule", `{"startAt": "2050-01-01T00:00:00Z"}`},
	} {
		a := w.Call(uc.RoleHR, c[0], "/v1/orders/"+foreign+c[1], c[2])
		missing := w.Call(uc.RoleHR, c[0], "/v1/orders/nothere"+c[1], c[2])
		p, q := apitest.Problem(t, a, 404), apitest.Problem(t, missing, 404)
		if strings.ReplaceAll(p.Detail, foreign, "X") != strings.ReplaceAll(q.Detail, "nothere", "X") {
			t.Errorf("%s%s: %q differs from %q", c[0], c[1], p.Detail, q.Detail)
		}
	}
	if told := w.Temporal.Told(); len(told) > 0 {
		t.Errorf("stories were told %v", told)
	}
	again := `{"user": {"userId": "secret.person", "lastName": "x"}, "serviceArea": "lisbon"}`
	if p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/joiners", again), 409); p.Order != "" || strings.Contains(p.Detail, foreign) {
		t.Errorf("the conflict names the order of somebody else: %+v", p)
	}
	if p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/joiners", again), 409); p.Order != foreign || !strings.Contains(p.Detail, foreign) {
		t.Errorf("the conflict does not name the order: %+v", p)
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	a := w.Call(uc.RoleAdmin, "POST", "/v1/tokens", `{"name": "workday", "role": "hr"}`)
	made := apitest.Decode[struct{ Name, Role, Secret string }](t, a)
	if a.Status != http.StatusCreated || !strings.HasPrefix(made.Secret, "dt_") {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/tokens", `{"name": "workday", "role": "hr"}`), 409)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/tokens", `{"name": "x", "role": "root"}`), 422)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/tokens", `{"name": "a\nb", "role": "hr"}`), 422)
	if list := w.Call(uc.RoleAdmin, "GET", "/v1/tokens", ""); strings.Contains(string(list.Body), made.Secret) || !strings.Contains(string(list.Body), "workday") {
		t.Errorf("the list of tokens: %s", list.Body)
	}
	if a := w.Call("", "GET", "/v1/orders", "", "Authorization", "Bearer "+made.Secret); a.Status != http.StatusOK {
		t.Errorf("the new token answered %d", a.Status)
	}
	if a := w.Call(uc.RoleAdmin, "DELETE", "/v1/tokens/workday", ""); a.Status != http.StatusNoContent {
		t.Errorf("revoking answered %d", a.Status)
	}
	apitest.Problem(t, w.Call("", "GET", "/v1/orders", "", "Authorization", "Bearer "+made.Secret), 401)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "DELETE", "/v1/tokens/workday", ""), 404)
	for _, line := range w.Logs.All() {
		if strings.Contains(line.Message, made.Secret) {
			t.Error("the log holds a secret")
		}
		for _, f := range line.Context {
			if strings.Contains(f.String, made.Secret) {
				t.Errorf("the log holds a secret in %s", f.Key)
			}
		}
	}
}
