package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestEstate(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	s := read(t, w, row(11, "SEP1", `{"model": "7841"}`), row(12, "CSFANN", `{}`), row(13, "SEP_2", `{}`))
	cases := map[string]struct {
		reason, path string
		want         []string
	}{
		"all":            {"by name", "phones", []string{"CSFANN", "SEP1", "SEP_2"}},
		"singular":       {"the same kind", "IP%20Phone", []string{"CSFANN", "SEP1", "SEP_2"}},
		"part of a name": {"in any case", "phones?name=sep", []string{"SEP1", "SEP_2"}},
		"whole name":     {"a star stands for text", "phones?name=*ann", []string{"CSFANN"}},
		"user":           {"what the person uses", "phones?user=Ann", []string{"CSFANN", "SEP1", "SEP_2"}},
		"other user":     {"who has none", "phones?user=bob", []string{}},
		"a user":         {"the person", "users?user=BOB", []string{"bob"}},
		"other system":   {"nothing is known", "phones?callProcessor=cucm-2", []string{}},
		"never read":     {"no age", "regions", []string{}},
		"partition":      {"phones have none", "phones?partition=PT", []string{}},
	}
	for name, c := range cases {
		l := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/"+c.path, ""))
		got := []string{}
		for _, o := range l.Items {
			got = append(got, o.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (%s): %s", name, c.reason, diff)
		}
		if known := len(l.Ages) == 1 && l.Ages[0].SyncID == s.ID && !l.Ages[0].ReadAt.IsZero(); known != (name != "never read" && name != "other system") {
			t.Errorf("%s: the age is %+v", name, l.Ages)
		}
	}
	first := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/phones?limit=2", ""))
	rest := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/phones?cursor="+first.Next, ""))
	if len(first.Items) != 2 || len(rest.Items) != 1 || rest.Next != "" || first.Title != "IP Phone" {
		t.Errorf("pages %+v and %+v", first, rest)
	}
}

// A call processor that was never read, or that there is not, is no empty one.
func TestEstateNeverRead(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1", "cucm-2"}} })
	read(t, w, row(11, "SEP1", `{}`))
	for path, want := range map[string][]string{
		"phones":                      {"cucm-2"},
		"phones?callProcessor=cucm-1": nil,
		"regions":                     {"cucm-1", "cucm-2"},
	} {
		l := apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/"+path, ""))
		if diff := cmp.Diff(want, l.NeverRead); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	for _, path := range []string{"/phones?callProcessor=cucm", "?callProcessor=cucm"} {
		p := apitest.Decode[api.Problem](t, w.Call(uc.RoleViewer, "GET", "/v1/estate"+path, ""))
		if p.Kind != uc.Invalid || !strings.Contains(p.Detail, `callProcessor "cucm": it is not in the configuration: write cucm-1 or cucm-2`) {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// What a person owns without being associated with it is the person's, and lists tell
// the names of what they hold.
func TestEstateRelated(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	s := startSync(t, w, `{"callProcessor": "cucm-1", "scope": "all"}`)
	ann, bob := row(1, "ann", `{}`), row(2, "bob", `{}`)
	hers, his, both := row(11, "SEP1", `{}`), row(12, "SEP2", `{}`), row(13, "SEP3", `{}`)
	his.Attributes = json.RawMessage(`{"ownerUuid": "` + bob.UUID + `"}`)
	both.Attributes = his.Attributes
	mobile := row(21, "+491711", `{"ownerUuid": "`+bob.UUID+`"}`)
	css, local, land := row(31, "CSS", `{}`), row(41, "PT_Local", `{}`), row(42, "PT_Land", `{}`)
	stage(t, w, s.ID, uc.UserKind, ann, bob)
	stage(t, w, s.ID, uc.PhoneKind, hers, his, both)
	stage(t, w, s.ID, uc.RemoteDestinationKind, mobile)
	stage(t, w, s.ID, uc.CSSKind, css)
	stage(t, w, s.ID, uc.PartitionKind, local, land)
	stage(t, w, s.ID, uc.RelUserDevice, link(1, ann, hers, `{}`), link(2, ann, both, `{}`), link(3, bob, both, `{}`))
	stage(t, w, s.ID, uc.RelCSSPartition, link(1, css, local, `{"index": "10"}`), link(2, css, land, `{"index": "9"}`))
	if _, err := w.DB.ApplySync(t.Context(), s.ID, true); err != nil {
		t.Fatal(err)
	}
	objects := func(path string) []uc.EstateObject {
		return apitest.Decode[api.EstateList](t, w.Call(uc.RoleViewer, "GET", "/v1/estate/"+path, "")).Items
	}
	for path, want := range map[string]string{
		"phones?user=ann": "SEP1 SEP3", "phones?user=BOB": "SEP2 SEP3", "phones?user=bob&name=2": "SEP2",
		"remote-destinations?user=bob": "+491711", "remote-destinations?user=ann": "",
	} {
		var names []string
		for _, o := range objects(path) {
			names = append(names, o.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	const want = `{"partitions":[{"index":"9","name":"PT_Land","uuid":"00000000-0000-0000-0000-000000000042"},` +
		`{"index":"10","name":"PT_Local","uuid":"00000000-0000-0000-0000-000000000041"}]}`
	if diff := cmp.Diff(want, string(objects("css")[0].Attributes)); diff != "" {
		t.Error(diff)
	}
}

func TestEstateOverview(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	if o := apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate", "")); o.Items == nil || len(o.Items) != 0 {
		t.Errorf("before the first sync: %+v", o)
	}
	s := read(t, w, row(11, "SEP1", `{}`))
	o := apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate", ""))
	got := map[uc.EstateKind]int{}
	for _, i := range o.Items {
		if i.CallProcessor != "cucm-1" || i.SyncID != s.ID || i.ReadAt == nil || i.Title == "" {
			t.Errorf("%+v", i)
		}
		got[i.Kind] = i.Objects
	}
	if diff := cmp.Diff(map[uc.EstateKind]int{uc.PhoneKind: 1, uc.UserKind: 2}, got); diff != "" {
		t.Error(diff)
	}
	// Without settings of its own the API knows the call processors of the catalog.
	if diff := cmp.Diff([]string{"cucm-1", "cucm-2"}, o.CallProcessors); diff != "" {
		t.Error(diff)
	}
	if o = apitest.Decode[api.EstateOverview](t, w.Call(uc.RoleViewer, "GET", "/v1/estate?callProcessor=cucm-2", "")); len(o.Items) != 0 {
		t.Errorf("of the other: %+v", o.Items)
	}
}
