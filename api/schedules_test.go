package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestSchedules(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	const path = "/v1/schedules/nightly"
	if l := apitest.Decode[api.ScheduleList](t, w.Call(uc.RoleViewer, "GET", "/v1/schedules", "")); l.Items == nil || len(l.Items) != 0 {
		t.Errorf("none: %+v", l)
	}
	put := func(body string) uc.ScheduleStatus {
		t.Helper()
		a := w.Call(uc.RoleAdmin, "PUT", path, body)
		if a.Status != http.StatusOK {
			t.Fatalf("answered %d: %s", a.Status, a.Body)
		}
		return apitest.Decode[uc.ScheduleStatus](t, a)
	}
	want := uc.ScheduleStatus{Next: []time.Time{apitest.NextStart}, Last: []time.Time{}, Schedule: uc.Schedule{
		Name: "nightly", CallProcessor: "cucm-1", Scope: uc.SyncAll, Cron: "30 2 * * *", TimeZone: "Europe/Lisbon",
		Jitter: uc.Duration(15 * time.Minute), CreatedBy: "admin",
	}}
	made := put(`{"callProcessor": "cucm-1", "cron": "30 2 * * *", "timeZone": "Europe/Lisbon", "jitter": "15m"}`)
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	changed := put(`{"callProcessor": "cucm-1", "scope": "infra", "cron": "@daily"}`)
	if changed.Scope != uc.SyncInfra || changed.Cron != "@daily" || changed.TimeZone != "" {
		t.Errorf("changed: %+v", changed)
	}
	paused := apitest.Decode[uc.ScheduleStatus](t, w.Call(uc.RoleAdmin, "POST", path+"/pause", `{"note": "upgrade"}`))
	if !paused.Paused || paused.Note != "upgrade" || len(paused.Next) != 0 {
		t.Errorf("paused: %+v", paused)
	}
	if p := apitest.Decode[uc.ScheduleStatus](t, w.Call(uc.RoleAdmin, "POST", path+"/pause", `{}`)); p.Note != "upgrade" {
		t.Errorf("paused once more, without a note: %+v", p)
	}
	if l := apitest.Decode[api.ScheduleList](t, w.Call(uc.RoleViewer, "GET", "/v1/schedules", "")); len(l.Items) != 1 || !l.Items[0].Paused {
		t.Errorf("list: %+v", l)
	}
	if r := apitest.Decode[uc.ScheduleStatus](t, w.Call(uc.RoleAdmin, "POST", path+"/resume", `{}`)); r.Paused || r.Note != "resumed" {
		t.Errorf("resumed: %+v", r)
	}
	if a := w.Call(uc.RoleAdmin, "POST", path+"/trigger", ""); a.Status != http.StatusAccepted {
		t.Errorf("triggering answered %d: %s", a.Status, a.Body)
	}
	if diff := cmp.Diff([]string{"schedule/nightly"}, w.Temporal.Started()); diff != "" {
		t.Error(diff)
	}
	if a := w.Call(uc.RoleAdmin, "DELETE", path, ""); a.Status != http.StatusNoContent {
		t.Errorf("deleting answered %d: %s", a.Status, a.Body)
	}
	for method, at := range map[string]string{"GET": path, "DELETE": path, "POST": path + "/pause"} {
		body := ""
		if method == "POST" {
			body = "{}"
		}
		if p := apitest.Problem(t, w.Call(uc.RoleAdmin, method, at, body), 404); !strings.Contains(p.Detail, "nightly") {
			t.Errorf("%s: %s", method, p.Detail)
		}
	}
	w.Temporal.Fail(errors.New("away"))
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/schedules", ""), 503)
}

func TestScheduleProblems(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1"}} })
	for names, c := range map[string]struct{ path, body string }{
		"path.name":          {"a%20b", `{"callProcessor": "cucm-1", "cron": "@daily"}`},
		"body.cron":          {"x", `{"callProcessor": "cucm-1", "cron": "every night"}`},
		"body.timeZone":      {"x", `{"callProcessor": "cucm-1", "cron": "@daily", "timeZone": "Mars/Base"}`},
		"body.jitter":        {"x", `{"callProcessor": "cucm-1", "cron": "@daily", "jitter": "30d"}`},
		"body.callProcessor": {"x", `{"callProcessor": "cucm-9", "cron": "@daily"}`},
		"body.scope":         {"x", `{"callProcessor": "cucm-1", "cron": "@daily", "scope": "people"}`},
	} {
		a := w.Call(uc.RoleAdmin, "PUT", "/v1/schedules/"+c.path, c.body)
		if apitest.Problem(t, a, 422); !strings.Contains(string(a.Body), names) {
			t.Errorf("the answer does not name %s: %s", names, a.Body)
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1", "cucm-2"}} })
	read(t, w)
	join(t, w, uc.RoleAdmin, "new", "lisbon")
	cases := map[string]struct {
		reason, body string
		want         []string
	}{
		"named":   {"there only", `{"userId": "ann", "callProcessor": "cucm-2"}`, []string{"cucm-2"}},
		"copy":    {"where the copy has the person", `{"userId": "Ann"}`, []string{"cucm-1"}},
		"order":   {"where an order makes the person", `{"userId": "new"}`, []string{"cucm-2"}},
		"unknown": {"everywhere", `{"userId": "eve"}`, []string{"cucm-1", "cucm-2"}},
	}
	for name, c := range cases {
		a := w.Call(uc.RoleAdmin, "POST", "/v1/estate/refresh", c.body)
		var got []string
		for _, r := range apitest.Decode[api.RefreshList](t, a).Items {
			got = append(got, r.CallProcessor)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (%s): %s %s", name, c.reason, diff, a.Body)
		}
	}
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/estate/refresh", `{"userId": "nobody"}`), 404)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/estate/refresh", `{"userId": "ann", "callProcessor": "cucm-9"}`), 422)
	p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", "/v1/estate/refresh", `{"userId": "late", "callProcessor": "cucm-1"}`), 503)
	if !strings.Contains(p.Detail, `call processor "cucm-1" did not answer in time`) || !strings.Contains(p.Detail, `"late" is as it was`) {
		t.Error(p.Detail)
	}
}

// A schedule says which sync waits for a decision: until then its starts read nothing.
func TestScheduleSaysWhatIsHeld(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for name, cp := range map[string]string{"nightly": "cucm-1", "weekly": "cucm-2"} {
		body := `{"callProcessor": "` + cp + `", "cron": "@daily"}`
		if a := w.Call(uc.RoleAdmin, "PUT", "/v1/schedules/"+name, body); a.Status != http.StatusOK {
			t.Fatalf("answered %d: %s", a.Status, a.Body)
		}
	}
	read(t, w, row(11, "SEP1", `{}`), row(12, "SEP2", `{}`))
	s := startSync(t, w, `{"callProcessor": "cucm-1", "scope": "subscribers"}`)
	stage(t, w, s.ID, uc.PhoneKind)
	if out, err := w.DB.ApplySync(t.Context(), s.ID, false); err != nil || !out.Held {
		t.Fatal(out, err)
	}
	all := apitest.Decode[api.ScheduleList](t, w.Call(uc.RoleViewer, "GET", "/v1/schedules", "")).Items
	if h := all[0].Held; h == nil || h.ID != s.ID || !h.Since.After(s.CreatedAt) || all[1].Held != nil {
		t.Errorf("held: %+v and %+v", all[0].Held, all[1].Held)
	}
	one := apitest.Decode[uc.ScheduleStatus](t, w.Call(uc.RoleViewer, "GET", "/v1/schedules/nightly", ""))
	if diff := cmp.Diff(all[0], one); diff != "" {
		t.Error(diff)
	}
	if err := w.DB.EndSync(t.Context(), s.ID, uc.SyncCancelled, "Rejected."); err != nil {
		t.Fatal(err)
	}
	if one = apitest.Decode[uc.ScheduleStatus](t, w.Call(uc.RoleViewer, "GET", "/v1/schedules/nightly", "")); one.Held != nil {
		t.Errorf("once it was decided: %+v", one.Held)
	}
}
