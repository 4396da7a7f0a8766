package api_test

import (
	"testing"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

// A dry run answers as the request itself would, and makes nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settle(t, w, "ann", "berlin", "")
	for path, body := range map[string]string{
		"joiners": `{"user": {"userId": "bob", "lastName": "x"}, "serviceArea": "berlin"}`, "leavers": `{"userId": "ann"}`,
		"movers": `{"userId": "ann", "title": "Dr"}`, "number-requests": `{"userId": "ann"}`,
	} {
		for range 2 {
			o, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/"+path+"?dryRun=true", body))
			if o.ID != "" || o.State != uc.Running || replayed {
				t.Errorf("%s: %+v replayed %t, want a running order without an id", path, o, replayed)
			}
		}
		made, _ := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/"+path, body))
		again, replayed := accepted(t, w.Call(uc.RoleHR, "POST", "/v1/"+path+"?dryRun=true", body))
		if again.ID != made.ID || !replayed {
			t.Errorf("%s: order %s replayed %t, want %s", path, again.ID, replayed, made.ID)
		}
	}
	apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/leavers?dryRun=true", `{"userId": "cleo"}`), 404)
	if page := apitest.Decode[api.OrderList](t, w.Call(uc.RoleHR, "GET", "/v1/orders", "")); len(page.Items) != 4 {
		t.Errorf("%d orders, want one of each kind", len(page.Items))
	}
}
