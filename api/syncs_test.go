package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func startSync(t *testing.T, w *apitest.World, body string) uc.Sync {
	t.Helper()
	a := w.Call(uc.RoleAdmin, "POST", "/v1/syncs", body)
	if a.Status != http.StatusAccepted {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	return apitest.Decode[uc.Sync](t, a)
}

// row is an object with these attributes, a JSON object.
func row(n int, name, attributes string) db.EstateRow {
	return db.EstateRow{UUID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n), Name: name, Attributes: json.RawMessage(attributes)}
}

// link is the n-th row of a relation between the two.
func link(n int, from, to db.EstateRow, attributes string) db.EstateRow {
	l := row(n, "", attributes)
	l.From, l.To = from.UUID, to.UUID
	return l
}

// stage stages the only page of a kind.
func stage(t *testing.T, w *apitest.World, sync string, kind uc.EstateKind, rows ...db.EstateRow) {
	t.Helper()
	var each iter.Seq2[db.EstateRow, error] = func(yield func(db.EstateRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
	_, err := w.DB.StagePage(t.Context(), db.PageIn{
		SyncID: sync, Kind: kind, Rows: each, End: func() db.PageEnd { return db.PageEnd{Last: true, Total: len(rows)} },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// read makes a sync of the subscribers run to its end with these phones of ann.
func read(t *testing.T, w *apitest.World, phones ...db.EstateRow) uc.Sync {
	t.Helper()
	s := startSync(t, w, `{"callProcessor": "cucm-1", "scope": "subscribers"}`)
	stage(t, w, s.ID, uc.UserKind, row(1, "ann", `{"lastName": "Lee"}`), row(2, "bob", `{}`))
	stage(t, w, s.ID, uc.PhoneKind, phones...)
	links := make([]db.EstateRow, len(phones))
	for i, p := range phones {
		links[i] = link(i, row(1, "", ""), p, `{}`)
	}
	stage(t, w, s.ID, uc.RelUserDevice, links...)
	if _, err := w.DB.ApplySync(t.Context(), s.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := w.DB.EndSync(t.Context(), s.ID, uc.SyncDone, "Completed."); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSyncStartsAndIsJoined(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1", "cucm-2"}} })
	a := w.Call(uc.RoleAdmin, "POST", "/v1/syncs", `{"callProcessor": "cucm-1", "scope": "infra", "shrink": {"percent": 20}}`)
	s := apitest.Decode[uc.Sync](t, a)
	got := []any{a.Status, a.Header.Get("Location"), s.State, s.Scope, s.CreatedBy, s.Shrink, len(s.Kinds) > 0}
	want := []any{202, "/v1/syncs/" + s.ID, uc.SyncRunning, uc.SyncInfra, "admin", uc.ShrinkGuard{Percent: 20, Least: 50}, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a = w.Call(uc.RoleAdmin, "POST", "/v1/syncs", `{"callProcessor": "cucm-1"}`)
	if joined := apitest.Decode[uc.Sync](t, a); joined.ID != s.ID || joined.Scope != uc.SyncInfra || a.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("a second start answered %d: %s", a.Status, a.Body)
	}
	p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/syncs", `{"callProcessor": "cucm-1", "join": false}`), 409)
	if !strings.Contains(p.Detail, s.ID) {
		t.Errorf("the refusal does not name the sync that runs: %s", p.Detail)
	}
	if asked := w.Call(uc.RoleAdmin, "POST", "/v1/syncs?dryRun=true", `{"callProcessor": "cucm-2", "shrink": {"least": 3}}`); asked.Status != 202 ||
		asked.Header.Get("Idempotency-Replayed") != "" {
		t.Errorf("a dry run answered %d: %s", asked.Status, asked.Body)
	} else if s := apitest.Decode[uc.Sync](t, asked); s.ID != "" || s.State != uc.SyncRunning || s.Scope != uc.SyncAll || s.Shrink.Least != 3 {
		t.Errorf("a dry run would start %+v", s)
	}
	other := startSync(t, w, `{"callProcessor": "cucm-2", "join": false}`)
	if other.Scope != uc.SyncAll {
		t.Errorf("without a scope it reads %s", other.Scope)
	}
	if diff := cmp.Diff([]string{"sync/cucm-1", "sync/cucm-2"}, w.Temporal.Started()); diff != "" {
		t.Error(diff)
	}
	read := apitest.Decode[uc.Sync](t, w.Call(uc.RoleViewer, "GET", "/v1/syncs/"+s.ID, ""))
	if diff := cmp.Diff(s, read); diff != "" {
		t.Error(diff)
	}
	all := apitest.Decode[api.SyncList](t, w.Call(uc.RoleViewer, "GET", "/v1/syncs?limit=1", ""))
	rest := apitest.Decode[api.SyncList](t, w.Call(uc.RoleViewer, "GET", "/v1/syncs?cursor="+all.Next, ""))
	ids := []string{all.Items[0].ID, rest.Items[0].ID}
	if diff := cmp.Diff([]string{other.ID, s.ID}, ids); diff != "" || rest.Next != "" {
		t.Error(diff)
	}
	one := apitest.Decode[api.SyncList](t, w.Call(uc.RoleViewer, "GET", "/v1/syncs?callProcessor=cucm-1&state=running", ""))
	if len(one.Items) != 1 || one.Items[0].ID != s.ID {
		t.Errorf("of one call processor: %+v", one)
	}
}

func TestSyncProblems(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1"}} })
	done := read(t, w)
	id := done.ID
	cases := map[string]struct {
		reason, method, path, body string
		status                     int
		names                      string
	}{
		"unknown call processor": {"nobody would read it", "POST", "/v1/syncs", `{"callProcessor": "cucm-9"}`, 422, "body.callProcessor"},
		"no call processor":      {"blank", "POST", "/v1/syncs", `{"callProcessor": " "}`, 422, "body.callProcessor"},
		"scope":                  {"a word", "POST", "/v1/syncs", `{"callProcessor": "cucm-1", "scope": "people"}`, 422, "body.scope"},
		"shrink":                 {"a share", "POST", "/v1/syncs", `{"callProcessor": "cucm-1", "shrink": {"percent": 101}}`, 422, "body.shrink"},
		"unknown sync":           {"read", "GET", "/v1/syncs/none", "", 404, "none"},
		"unknown report":         {"read", "GET", "/v1/syncs/none/report", "", 404, "none"},
		"unknown diff":           {"read", "GET", "/v1/syncs/" + id + "/diff/none", "", 404, "none"},
		"diff with itself":       {"nothing to see", "GET", "/v1/syncs/" + id + "/diff/" + id, "", 422, "two syncs"},
		"cursor":                 {"not ours", "GET", "/v1/syncs?cursor=x", "", 422, ""},
		"report kind":            {"a word", "GET", "/v1/syncs/" + id + "/report?kind=things", "", 422, "query.kind"},
		"severity":               {"a word", "GET", "/v1/syncs/" + id + "/report?severity=bad", "", 422, "query.severity"},
		"cancel":                 {"it has ended", "POST", "/v1/syncs/" + id + "/cancel", "", 409, id},
		"approve":                {"it does not wait", "POST", "/v1/syncs/" + id + "/approve", `{"reason": "x"}`, 409, id},
		"approve silently":       {"without a reason", "POST", "/v1/syncs/" + id + "/approve", `{"reason": " "}`, 422, "reason"},
		"reject unknown":         {"there is none", "POST", "/v1/syncs/none/reject", `{"reason": "x"}`, 404, "none"},
		"estate kind":            {"a word", "GET", "/v1/estate/things", "", 422, "path.kind"},
		"estate user":            {"regions are of nobody", "GET", "/v1/estate/regions?user=ann", "", 422, "query.user"},
		"estate both":            {"the same filter twice", "GET", "/v1/estate/users?user=ann&name=b", "", 422, "query.user"},
	}
	for name, c := range cases {
		a := w.Call(uc.RoleAdmin, c.method, c.path, c.body)
		if apitest.Problem(t, a, c.status); !strings.Contains(string(a.Body), c.names) {
			t.Errorf("%s (%s): the answer does not name %s: %s", name, c.reason, c.names, a.Body)
		}
		if strings.Contains(string(a.Body), "expected ") {
			t.Errorf("%s: the answer has the words of a schema: %s", name, a.Body)
		}
	}
	w.Temporal.Fail(errors.New("away"))
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/syncs", `{"callProcessor": "cucm-1"}`), 503)
	w.Temporal.Fail(nil)
	w.Temporal.SyncBegan("cucm-1", "begun-by-a-schedule")
	if p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/syncs", `{"callProcessor": "cucm-1"}`), 503); !strings.Contains(p.Detail, "begun-by-a-schedule") {
		t.Error(p.Detail)
	}
}

func TestSyncDecisions(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	read(t, w, row(11, "SEP1", `{}`), row(12, "SEP2", `{}`))
	s := startSync(t, w, `{"callProcessor": "cucm-1", "scope": "subscribers", "shrink": {"least": 1}}`)
	stage(t, w, s.ID, uc.PhoneKind)
	if out, err := w.DB.ApplySync(t.Context(), s.ID, false); err != nil || !out.Held {
		t.Fatal(out, err)
	}
	path := "/v1/syncs/" + s.ID
	waiting := apitest.Decode[uc.Sync](t, w.Call(uc.RoleViewer, "GET", path, ""))
	if waiting.State != uc.SyncWaiting || waiting.Detail == "" {
		t.Fatalf("%+v", waiting)
	}
	w.Temporal.Fail(errors.New("away"))
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", path+"/approve", `{"reason": "x"}`), 503)
	w.Temporal.Fail(nil)
	for _, what := range []string{"approve", "reject", "cancel"} {
		if a := w.Call(uc.RoleAdmin, "POST", path+"/"+what, `{"reason": " the site closed "}`); a.Status != http.StatusAccepted {
			t.Errorf("%s answered %d: %s", what, a.Status, a.Body)
		}
	}
	if diff := cmp.Diff([]string{"decision sync/cucm-1", "decision sync/cucm-1", "cancel sync/cucm-1"}, w.Temporal.Told()); diff != "" {
		t.Error(diff)
	}
	lines := apitest.Decode[api.SyncReport](t, w.Call(uc.RoleViewer, "GET", path+"/report?class=guard&severity=info", "")).Items
	for i, what := range []string{"approved", "rejected"} {
		var values map[string]string
		if err := json.Unmarshal(lines[i].Properties, &values); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"by": "admin"}
		if diff := cmp.Diff(want, values); diff != "" || lines[i].What != what || lines[i].Why != "the site closed" || lines[i].Do == "" {
			t.Errorf("the report does not say who decided, and why: %+v %s", lines[i], diff)
		}
	}
}

func TestSyncReports(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	first := read(t, w, row(11, "SEP1", `{"model": "7841"}`))
	second := read(t, w, row(11, "SEP1", `{"model": "8851"}`), row(12, "SEP2", `{}`))
	path := "/v1/syncs/" + second.ID
	page := apitest.Decode[api.SyncReport](t, w.Call(uc.RoleViewer, "GET", path+"/report?kind=phones&limit=1", ""))
	next := apitest.Decode[api.SyncReport](t, w.Call(uc.RoleViewer, "GET", path+"/report?kind=phones&cursor="+page.Next, ""))
	said := map[string]string{}
	for _, l := range append(page.Items, next.Items...) {
		said[l.Object] = l.What + " " + string(l.Properties)
	}
	if !strings.HasPrefix(said["SEP2"], "added") || !strings.Contains(said["SEP1"], `"7841"`) || !strings.Contains(said["SEP1"], `"8851"`) {
		t.Errorf("the report says %v", said)
	}
	relation := apitest.Decode[api.SyncReport](t, w.Call(uc.RoleViewer, "GET", path+"/report?kind=rel_user_device", ""))
	if relation.Items == nil {
		t.Error("an empty report is null")
	}
	diff := apitest.Decode[api.SyncDiff](t, w.Call(uc.RoleViewer, "GET", path+"/diff/"+first.ID+"?limit=2", ""))
	if diff.A.ID != second.ID || diff.B.ID != first.ID || len(diff.Items) != 2 || diff.Items[0].In != "a" || diff.Next == "" {
		t.Errorf("the comparison is %+v", diff)
	}
}
