package api_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestWatches(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1", "cucm-2"}} })
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	following := uc.Watch{CallProcessor: "cucm-2", State: uc.WatchFollowing, LookedAt: at, FollowedAt: &at, ChangedAt: &at, Seen: 3, Applied: 1, Same: 2}
	w.Temporal.Watch(following)
	read := func(path string) []uc.Watch {
		t.Helper()
		return apitest.Decode[api.WatchList](t, w.Call(uc.RoleViewer, "GET", path, "")).Items
	}
	all := read("/v1/watches")
	if len(all) != 2 || all[0].CallProcessor != "cucm-1" || all[0].State != uc.WatchNone || all[0].Detail == "" {
		t.Fatalf("%+v", all)
	}
	if diff := cmp.Diff([]uc.Watch{following}, all[1:]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]uc.Watch{following}, read("/v1/watches?callProcessor=cucm-2")); diff != "" {
		t.Error(diff)
	}
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/watches?callProcessor=cucm-9", ""), 422)
	w.Temporal.Fail(errors.New("away"))
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/watches", ""), 503)
}
