package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// settle plays the stories: the person joined by a done order and has what it gave.
func settle(t *testing.T, w *apitest.World, user, area, number string) uc.Person {
	t.Helper()
	id := join(t, w, uc.RoleAdmin, user, area)
	put(t, w, id, uc.Done, "", "")
	p := uc.Person{
		UserID: user, Domain: "corp", State: uc.Active, OrderID: id,
		Joiner: uc.Joiner{User: uc.User{ID: user, LastName: "x"}, ServiceArea: area},
	}
	if number != "" {
		p.Services = &uc.Services{
			CallProcessor: "cucm-1", E164: "+4930123" + number,
			Number: uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_Berlin", Digits: number},
		}
	}
	save(t, w, p)
	return p
}

func save(t *testing.T, w *apitest.World, p uc.Person) {
	t.Helper()
	if err := w.DB.SavePerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// accepted is the order that the answer is about, and whether it was there before.
func accepted(t *testing.T, a apitest.Answer) (o uc.Order, replayed bool) {
	t.Helper()
	if a.Status != http.StatusAccepted {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	return apitest.Decode[uc.Order](t, a), a.Header.Get("Idempotency-Replayed") == "true"
}

func TestCreateLeaver(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "4711")
	o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": " ANN ", "batch": 7}`))
	got := [...]string{string(o.State), string(o.Kind), o.UserID, o.ServiceArea, o.CallProcessor, o.CreatedBy, o.WorkflowID}
	if diff := cmp.Diff([...]string{"running", "leaver", "ANN", "berlin", "cucm-1", "hr", "leaver/ann"}, got); diff != "" || replayed {
		t.Error(replayed, diff)
	}
	if diff := cmp.Diff(&uc.Leaver{UserID: "ANN", Batch: 7}, o.Leaver); diff != "" {
		t.Error("the story is told another leaver", diff)
	}
	again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "ANN", "batch": 3}`))
	if again.ID != o.ID || !replayed {
		t.Errorf("the same leaver in another batch: order %s replayed %t, want %s", again.ID, replayed, o.ID)
	}
	p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "ANN", "leaveAt": "2090-01-01T00:00:00Z"}`), 409)
	if p.Order != o.ID {
		t.Errorf("another date while one runs: %+v", p)
	}
	page := apitest.Decode[api.OrderList](t, w.Call(uc.RoleHR, "GET", "/v1/orders?kind=leaver", ""))
	if len(page.Items) != 1 || page.Items[0].ID != o.ID {
		t.Errorf("orders of kind leaver: %+v", page.Items)
	}
}

func TestCreateLeaverScheduled(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	w := apitest.New(t, func(o *api.Options) { o.Now = func() time.Time { return now } })
	cases := map[string]struct {
		reason, leaveAt string
		state           uc.OrderState
		begins          string
	}{
		"ahead": {"no lead time", "2030-05-01T12:00:01Z", uc.Scheduled, "2030-05-01T12:00:01Z"},
		"zoned": {"in another zone", "2030-05-02T00:00:00+05:00", uc.Scheduled, "2030-05-01T19:00:00Z"},
		"past":  {"at once", "2030-05-01T11:00:00Z", uc.Running, ""},
	}
	for name, c := range cases {
		settle(t, w, name, "berlin", "")
		o, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", fmt.Sprintf(`{"userId": %q, "leaveAt": %q}`, name, c.leaveAt)))
		begins := ""
		if o.StartAt != nil {
			begins = o.StartAt.UTC().Format(time.RFC3339)
		}
		if o.State != c.state || begins != c.begins {
			t.Errorf("%s (%s): state %s begins %q, want %s %q", name, c.reason, o.State, begins, c.state, c.begins)
		}
		if c.state != uc.Scheduled {
			continue
		}
		path := "/v1/orders/" + o.ID + "/reschedule"
		o = apitest.Decode[uc.Order](t, w.Call(uc.RoleHR, "POST", path, `{"leaveAt": "2031-01-04T08:00:00Z"}`))
		if o.StartAt == nil || o.StartAt.UTC().Format(time.RFC3339) != "2031-01-04T08:00:00Z" {
			t.Errorf("%s: rescheduled to %v, want the date itself", name, o.StartAt)
		}
		p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", path, `{"startAt": "2031-01-04T08:00:00Z"}`), 422)
		if len(p.Errors) != 1 || p.Errors[0].Location != "body.leaveAt" {
			t.Errorf("%s: a start date for a leaver: %+v", name, p)
		}
	}
}

// Who has left has left, in whatever words it is asked for again.
func TestLeftAlready(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := settle(t, w, "ann", "berlin", "4711")
	o, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "ann"}`))
	put(t, w, o.ID, uc.Done, "", "")
	p.State, p.OrderID = uc.Left, o.ID
	save(t, w, p)
	for _, body := range []string{`{"userId": "ann"}`, `{"userId": "Ann", "serviceArea": "lisbon"}`, `{"userId": "ann", "leaveAt": "2090-01-01T00:00:00Z"}`} {
		again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", body))
		if again.ID != o.ID || !replayed || !strings.Contains(again.Detail, "has left already") {
			t.Errorf("%s: order %s replayed %t says %q", body, again.ID, replayed, again.Detail)
		}
	}
	secret, err := w.DB.CreateToken(t.Context(), "other", uc.RoleHR)
	if err != nil {
		t.Fatal(err)
	}
	w.Tokens[uc.RoleHR] = secret
	if p := apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "ann"}`), 409); p.Order != "" {
		t.Errorf("another token is shown the order: %+v", p)
	}
	rehired := join(t, w, uc.RoleAdmin, "ann", "lisbon")
	next, replayed := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/leavers", `{"userId": "ann"}`))
	if replayed || next.ServiceArea != "lisbon" {
		t.Errorf("leaving while order %s lets the person join again: %+v replayed %t", rehired, next, replayed)
	}
}

func TestCreateLeaverRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "")
	cases := map[string]struct {
		reason, body   string
		status         int
		location, says string
	}{
		"nobody":          {"nothing is known: say where to look", `{"userId": "bob"}`, 404, "body.serviceArea", "name the service area"},
		"unknown area":    {"names what exists", `{"userId": "bob", "serviceArea": "paris"}`, 404, "body.serviceArea", "berlin"},
		"other area":      {"perhaps it is another person", `{"userId": "ann", "serviceArea": "lisbon"}`, 409, "body.serviceArea", "is in service area berlin"},
		"no user":         {"required", `{"userId": " "}`, 422, "body.userId", "user id"},
		"bad user":        {"no user id has it", `{"userId": "a b"}`, 422, "body.userId", "letters"},
		"bad date":        {"named", `{"userId": "ann", "leaveAt": "tomorrow"}`, 422, "body.leaveAt", ""},
		"unknown field":   {"named", `{"userId": "ann", "when": "now"}`, 422, "body.when", ""},
		"a viewer's wish": {"viewers order nothing", `{"userId": "ann"}`, 403, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			role := uc.RoleHR
			if c.status == http.StatusForbidden {
				role = uc.RoleViewer
			}
			wantProblem(t, c.reason, apitest.Problem(t, w.Call(role, "POST", "/v1/leavers", c.body), c.status), c.location, c.says)
		})
	}
	if o, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "cleo", "serviceArea": "berlin"}`)); o.Leaver.ServiceArea != "berlin" {
		t.Errorf("a person whom no order knows: %+v", o.Leaver)
	}
	join(t, w, uc.RoleAdmin, "dan", "lisbon")
	if o, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", `{"userId": "dan"}`)); o.ServiceArea != "lisbon" || o.Leaver.ServiceArea != "lisbon" {
		t.Errorf("a person who is joining: %+v", o)
	}
}

func wantProblem(t *testing.T, reason string, p api.Problem, location, says string) {
	t.Helper()
	found := location == ""
	for _, v := range p.Errors {
		found = found || v.Location == location
	}
	if !found || !strings.Contains(p.Detail, says) {
		t.Errorf("%s: no error at %q that says %q: %+v", reason, location, says, p)
	}
}

// Once something was removed there is no recall.
func TestCancelLeaver(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for stage, status := range map[string]int{"": 202, "at leave": 202, "removal": 409} {
		user := "u" + strings.ReplaceAll(stage, " ", "")
		settle(t, w, user, "berlin", "")
		o, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/leavers", fmt.Sprintf(`{"userId": %q}`, user)))
		if err := w.DB.SetOrder(t.Context(), o.ID, uc.OrderChange{Stage: &stage}); err != nil {
			t.Fatal(err)
		}
		a := w.Call(uc.RoleHR, "POST", "/v1/orders/"+o.ID+"/cancel", "")
		if a.Status != status {
			t.Errorf("stage %q: answered %d, want %d: %s", stage, a.Status, status, a.Body)
		}
		if status == http.StatusConflict {
			if p := apitest.Problem(t, a, status); p.Order != o.ID || !strings.Contains(p.Detail, "join again") {
				t.Errorf("stage %q: %+v", stage, p)
			}
		}
	}
}

// A release goes on to the end, too.
func TestCancelNumberRelease(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := join(t, w, uc.RoleAdmin, "ann", "berlin")
	put(t, w, id, uc.Done, "", "")
	o, _, err := w.DB.OpenOrder(t.Context(), db.NewOrder{
		ID: "release-1", Kind: uc.NumberReleaseOrder, UserID: "ann", ServiceArea: "berlin", CallProcessor: "cucm-1",
		NumberRelease: &uc.NumberRelease{UserID: "ann", Number: "4711"},
	})
	if err != nil {
		t.Fatal(err)
	}
	stage := uc.AtRemoval.String()
	if err := w.DB.SetOrder(t.Context(), o.ID, uc.OrderChange{Stage: &stage}); err != nil {
		t.Fatal(err)
	}
	p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/orders/"+o.ID+"/cancel", ""), http.StatusConflict)
	wantProblem(t, "something is removed already", p, "", "request the number again")
}

// What is refused because the person leaves names the order to cancel.
func TestLeavingNamesTheLeaver(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	p := settle(t, w, "ann", "berlin", "4711")
	o, _ := accepted(t, w.Call(uc.RoleAdmin, "POST", "/v1/leavers", `{"userId": "ann"}`))
	p.State = uc.Leaving
	save(t, w, p)
	if got := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/pin-resets", `{"userId": "ann"}`), 409); got.Order != o.ID {
		t.Errorf("order %s, want the leaver's %s: %s", got.Order, o.ID, got.Detail)
	}
}

func TestPlanLeaver(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "4711")
	gone := settle(t, w, "gone", "berlin", "")
	gone.State = uc.Left
	save(t, w, gone)
	a := w.Call(uc.RoleHR, "GET", "/v1/leavers/plan?user=ann", "")
	if a.Status != http.StatusOK || !strings.Contains(string(a.Body), `"objects":[]`) {
		t.Errorf("an empty plan: %d %s", a.Status, a.Body)
	}
	want := uc.LeaverPlan{UserID: "ann", CallProcessor: "cucm-1", Objects: []uc.PlannedObject{{
		System: "cucm-1", Type: uc.PlannedLine, Key: "4711", Partition: "PT_Berlin", Action: uc.PlanKeep,
		Why: "others use it", Affects: []string{"phone SEP1"},
	}}}
	w.Temporal.Plan(want)
	if diff := cmp.Diff(want, apitest.Decode[uc.LeaverPlan](t, w.Call(uc.RoleViewer, "GET", "/v1/leavers/plan?user=ANN", ""))); diff != "" {
		t.Error(diff)
	}
	for query, status := range map[string]int{
		"": 422, "?user=": 422, "?user=a%20b": 422, "?user=nobody": 404, "?user=nobody&serviceArea=paris": 404,
		"?user=nobody&serviceArea=berlin": 200, "?user=gone": 409, "?user=ann&serviceArea=lisbon": 409,
	} {
		if a := w.Call(uc.RoleHR, "GET", "/v1/leavers/plan"+query, ""); a.Status != status || strings.Contains(string(a.Body), "body.") {
			t.Errorf("%q: %d, want %d: %s", query, a.Status, status, a.Body)
		}
	}
	if got := len(w.Temporal.Started()); got != 2 {
		t.Errorf("%d stories started, want those of the joiners alone", got)
	}
}
