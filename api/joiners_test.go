package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

const ann = `{"user": {"userId": "ann", "firstName": "Ann", "lastName": "Lee"}, "serviceArea": "berlin"}`

func TestCreateJoiner(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	a := w.Call(uc.RoleHR, "POST", "/v1/joiners", ann)
	if a.Status != http.StatusAccepted {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	o := apitest.Decode[uc.Order](t, a)
	if want := "/v1/orders/" + o.ID; a.Header.Get("Location") != want {
		t.Errorf("Location %q, want %q", a.Header.Get("Location"), want)
	}
	got := [...]string{string(o.State), string(o.Kind), o.UserID, o.ServiceArea, o.CallProcessor, o.CreatedBy}
	if diff := cmp.Diff([...]string{"running", "joiner", "ann", "berlin", "cucm-1", "hr"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"joiner/ann"}, w.Temporal.Started()); diff != "" {
		t.Error("started workflows", diff)
	}
	unstarted, err := w.DB.UnstartedOrders(t.Context(), 0, 10)
	if err != nil || len(unstarted) != 0 {
		t.Errorf("the order is not marked as started: %v %v", unstarted, err)
	}
}

func TestCreateJoinerWithoutTemporal(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Temporal.Fail(errors.New("connection refused"))
	a := w.Call(uc.RoleHR, "POST", "/v1/joiners", ann)
	if a.Status != http.StatusAccepted {
		t.Fatalf("answered %d, want 202: the worker starts the story later\n%s", a.Status, a.Body)
	}
	unstarted, err := w.DB.UnstartedOrders(t.Context(), 0, 10)
	if err != nil || len(unstarted) != 1 {
		t.Errorf("unstarted orders: %v %v, want the one", unstarted, err)
	}
}

func TestCreateJoinerScheduled(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		reason, startAt string
		state           uc.OrderState
		begins          string
	}{
		"far":     {"more than the lead time of 72 h ahead", "2030-05-10T08:00:00Z", uc.Scheduled, "2030-05-07T08:00:00Z"},
		"near":    {"within the lead time: at once", "2030-05-03T08:00:00Z", uc.Running, ""},
		"past":    {"a start date that is over: at once", "2020-01-01T00:00:00Z", uc.Running, ""},
		"zoned":   {"in another zone", "2030-05-10T08:00:00+05:00", uc.Scheduled, "2030-05-07T03:00:00Z"},
		"without": {"none: at once", "", uc.Running, ""},
	}
	w := apitest.New(t, func(o *api.Options) { o.Now = func() time.Time { return now } })
	for name, c := range cases {
		body := map[string]any{"user": map[string]string{"userId": name, "lastName": "Lee"}, "serviceArea": "berlin"}
		if c.startAt != "" {
			body["startAt"] = c.startAt
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		o := apitest.Decode[uc.Order](t, w.Call(uc.RoleHR, "POST", "/v1/joiners", string(text)))
		begins := ""
		if o.StartAt != nil {
			begins = o.StartAt.UTC().Format(time.RFC3339)
		}
		if o.State != c.state || begins != c.begins {
			t.Errorf("%s (%s): state %s begins %q, want %s %q", name, c.reason, o.State, begins, c.state, c.begins)
		}
	}
}

func TestCreateJoinerRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Call(uc.RoleAdmin, "POST", "/v1/joiners", `{"user": {"userId": "Taken", "lastName": "x"}, "serviceArea": "berlin"}`)
	user := func(fields string) string { return `{"user": {` + fields + `}, "serviceArea": "berlin"}` }
	cases := map[string]struct {
		reason, body string
		status       int
		kind         uc.Kind
		location     string
	}{
		"missing last name":  {"required by the document", user(`"userId": "bob"`), 422, uc.Invalid, "body.user.lastName"},
		"empty last name":    {"required by the rules", user(`"userId": "bob", "lastName": ""`), 422, uc.Invalid, "body.user.lastName"},
		"unknown field":      {"a typing error must not be dropped in silence", user(`"userId": "bob", "lastName": "x", "lastname": "y"`), 422, uc.Invalid, "body.user.lastname"},
		"bad class":          {"named with what to use", `{"user": {"userId": "bob", "lastName": "x"}, "serviceArea": "berlin", "classOfService": "galactic"}`, 422, uc.Invalid, "body.classOfService"},
		"bad mail":           {"named", user(`"userId": "bob", "lastName": "x", "mail": "Bob <b@x>"`), 422, uc.Invalid, "body.user.mail"},
		"bad date":           {"named", `{"user": {"userId": "bob", "lastName": "x"}, "serviceArea": "berlin", "startAt": "tomorrow"}`, 422, uc.Invalid, "body.startAt"},
		"wrong type":         {"named", user(`"userId": 7, "lastName": "x"`), 422, uc.Invalid, "body.user.userId"},
		"unknown area":       {"names what exists", `{"user": {"userId": "bob", "lastName": "x"}, "serviceArea": "paris"}`, 404, uc.NotFound, "body.serviceArea"},
		"open order":         {"the same person in another case", user(`"userId": "tAKEN", "lastName": "x"`), 409, uc.Conflict, ""},
		"no JSON":            {"unreadable", `{"user": `, 400, uc.Invalid, "body"},
		"a list":             {"not an object", `[]`, 422, uc.Invalid, "body"},
		"null":               {"not an object", `null`, 422, uc.Invalid, "body"},
		"nothing":            {"no body", ``, 400, uc.Invalid, ""},
		"not UTF-8":          {"a name would be damaged", user("\"userId\": \"bob\", \"lastName\": \"M\xfcller\""), 400, uc.Invalid, "body"},
		"a NUL":              {"no database text can hold it", user(`"userId": "bob", "lastName": "x\u0000y"`), 400, uc.Invalid, "body"},
		"a NUL in a name":    {"the same", `{"user": {"userId": "bob", "lastName": "x"}, "serviceArea": "berlin", "attributes": {"a\u0000": "b"}}`, 400, uc.Invalid, "body"},
		"too large":          {"a joiner has 64 kB at most", user(`"userId": "bob", "lastName": "` + strings.Repeat("x", 70_000) + `"`), 413, uc.Invalid, ""},
		"deeply nested":      {"no endless recursion", strings.Repeat(`[`, 30_000), 400, uc.Invalid, "body"},
		"a number too large": {"no overflow", user(`"userId": 1e999, "lastName": "x"`), 400, uc.Invalid, "body"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/joiners", c.body), c.status)
			if p.Kind != c.kind || p.Type != "urn:dialtone:problem:"+string(c.kind) || p.Detail == "" {
				t.Errorf("%s: problem %+v", c.reason, p)
			}
			found := c.location == ""
			for _, v := range p.Errors {
				found = found || v.Location == c.location
			}
			if !found {
				t.Errorf("%s: no error at %s: %+v", c.reason, c.location, p.Errors)
			}
		})
	}
	if got := len(w.Temporal.Started()); got != 1 {
		t.Errorf("%d stories started, want the first alone", got)
	}
}

func TestUnknownServiceAreaIsNamed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/joiners", strings.ReplaceAll(ann, "berlin", "paris")), 404)
	for _, want := range []string{"paris", "berlin", "lisbon"} {
		if !strings.Contains(p.Detail, want) {
			t.Errorf("detail %q does not name %s", p.Detail, want)
		}
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(ann, "Ann", "Anna")
	spaced := "  " + strings.ReplaceAll(ann, `"ann"`, `" ann "`)
	w := apitest.New(t)
	post := func(role uc.Role, body, key string) apitest.Answer {
		if key == "" {
			return w.Call(role, "POST", "/v1/joiners", body)
		}
		return w.Call(role, "POST", "/v1/joiners", body, "Idempotency-Key", key)
	}
	first := apitest.Decode[uc.Order](t, post(uc.RoleHR, ann, "k1"))
	again := post(uc.RoleHR, ann, "k1")
	if got := apitest.Decode[uc.Order](t, again); got.ID != first.ID || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("same key, same body: order %s, want %s, replayed %q", got.ID, first.ID, again.Header.Get("Idempotency-Replayed"))
	}
	if got := apitest.Decode[uc.Order](t, post(uc.RoleHR, spaced, "k1")); got.ID != first.ID {
		t.Errorf("same key, same meaning: order %s, want %s", got.ID, first.ID)
	}
	p := apitest.Problem(t, post(uc.RoleHR, other, "k1"), 422)
	if !strings.Contains(p.Detail, `"k1"`) || len(p.Errors) != 1 || p.Errors[0].Location != "header.Idempotency-Key" {
		t.Errorf("same key, other body: %+v", p)
	}
	apitest.Problem(t, post(uc.RoleHR, ann, "k2"), 409)
	apitest.Problem(t, post(uc.RoleAdmin, ann, "k1"), 409) // keys of two tokens have nothing to do with each other
	apitest.Problem(t, post(uc.RoleHR, ann, strings.Repeat("k", 256)), 422)
	bob := strings.ReplaceAll(ann, "ann", "bob")
	without := apitest.Decode[uc.Order](t, post(uc.RoleHR, bob, ""))
	if got := apitest.Decode[uc.Order](t, post(uc.RoleHR, bob, "")); got.ID != without.ID {
		t.Errorf("no key, same body: order %s, want %s", got.ID, without.ID)
	}
	if got := len(w.Temporal.Started()); got != 2 {
		t.Errorf("%d stories started, want 2", got)
	}
}

func TestConcurrentSameKey(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	ids := make([]string, 24)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			a := w.Call(uc.RoleHR, "POST", "/v1/joiners", ann, "Idempotency-Key", "once")
			if a.Status != http.StatusAccepted {
				t.Errorf("answered %d: %s", a.Status, a.Body)
				return
			}
			ids[i] = apitest.Decode[uc.Order](t, a).ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two orders: %s and %s", ids[0], id)
		}
	}
	if diff := cmp.Diff([]string{"joiner/ann"}, w.Temporal.Started()); diff != "" {
		t.Error("started workflows", diff)
	}
}

// Whatever is sent, the answer is one that the document knows, and an accepted
// joiner is stored as it was sent.
func TestCreateJoinerFuzz(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9 ._@'-]{0,70}`), rapid.SampledFrom([]string{"", "\x00", "\u202e", "ß", "'", "=1+1", "{user}"}))
		body := map[string]any{
			"user":        map[string]any{"userId": fmt.Sprintf("%s%d", rapid.StringMatching(`[a-zäöü.]{1,8}`).Draw(r, "id"), n), "lastName": text.Draw(r, "last"), "firstName": text.Draw(r, "first")},
			"serviceArea": rapid.SampledFrom([]string{"berlin", "lisbon", "desk", "nowhere"}).Draw(r, "area"),
			"attributes":  rapid.MapOfN(text, text, 0, 4).Draw(r, "attributes"),
		}
		for _, field := range []string{"classOfService", "deskPhone", "startAt", "numberWanted", text.Draw(r, "field")} {
			if rapid.IntRange(0, 4).Draw(r, "with "+field) == 0 {
				body[field] = rapid.OneOf(text.AsAny(), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.Just(any(nil))).Draw(r, field)
			}
		}
		sent, err := json.Marshal(body)
		if err != nil {
			r.Fatal(err)
		}
		a := w.Call(uc.RoleHR, "POST", "/v1/joiners", string(sent))
		if a.Status >= 500 {
			r.Fatalf("%s answered %d: %s", sent, a.Status, a.Body)
		}
		if a.Status != http.StatusAccepted {
			return
		}
		o := apitest.Decode[uc.Order](t, a)
		got := apitest.Decode[uc.Order](t, w.Call(uc.RoleHR, "GET", "/v1/orders/"+o.ID, ""))
		if diff := cmp.Diff(o.Joiner, got.Joiner); diff != "" {
			r.Fatalf("%s is stored otherwise: %s", sent, diff)
		}
	})
}

// Joining elsewhere is refused before it ends a leaver's order: of somebody who leaves,
// and of somebody who stays.
func TestJoinElsewhere(t *testing.T) {
	t.Parallel()
	for state, says := range map[uc.PersonState]string{uc.Active: "move the person to", uc.Leaving: "recall the person"} {
		w := apitest.New(t)
		ann := uc.Joiner{User: uc.User{ID: "ann", LastName: "x"}, ServiceArea: "berlin"}
		if err := w.DB.SavePerson(t.Context(), uc.Person{
			UserID: "ann", Domain: "corp", State: state, Joiner: ann, OrderID: "o",
			Services: &uc.Services{Number: uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT", Digits: "4711"}},
		}); err != nil {
			t.Fatal(err)
		}
		a := w.Call(uc.RoleHR, "POST", "/v1/joiners", `{"user": {"userId": "ann", "lastName": "x"}, "serviceArea": "lisbon"}`)
		if p := apitest.Problem(t, a, http.StatusConflict); !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %q, want %q", state, p.Detail, says)
		}
	}
}
