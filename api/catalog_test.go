package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	before := w.Call(uc.RoleViewer, "GET", "/v1/catalog", "")
	change := `{"serviceAreas": [{"name": "berlin", "domain": "corp", "callProcessor": "cucm-1", "pool": "berlin", "template": "office", "devicePool": "DP_New", "classOfService": "national"}]}`
	want := []api.CatalogChange{{Op: "~", Object: "service area berlin", Field: "devicePool", From: "DP_Berlin", To: "DP_New"}}
	plan := apitest.Decode[api.CatalogPlan](t, w.Call(uc.RoleAdmin, "PUT", "/v1/catalog?dryRun=true", change))
	if diff := cmp.Diff(api.CatalogPlan{Applied: false, Changes: want}, plan); diff != "" {
		t.Error("dry run", diff)
	}
	if after := w.Call(uc.RoleViewer, "GET", "/v1/catalog", ""); string(after.Body) != string(before.Body) {
		t.Error("a dry run changed the catalog")
	}
	plan = apitest.Decode[api.CatalogPlan](t, w.Call(uc.RoleAdmin, "PUT", "/v1/catalog", change))
	if diff := cmp.Diff(api.CatalogPlan{Applied: true, Changes: want}, plan); diff != "" {
		t.Error(diff)
	}
	plan = apitest.Decode[api.CatalogPlan](t, w.Call(uc.RoleAdmin, "PUT", "/v1/catalog", change))
	if len(plan.Changes) != 0 {
		t.Errorf("the same again changes %+v", plan.Changes)
	}
	whole := w.Call(uc.RoleViewer, "GET", "/v1/catalog", "")
	plan = apitest.Decode[api.CatalogPlan](t, w.Call(uc.RoleAdmin, "PUT", "/v1/catalog", string(whole.Body)))
	if len(plan.Changes) != 0 {
		t.Errorf("what was read and is sent back changes %+v", plan.Changes)
	}
}

func TestCatalogRefused(t *testing.T) {
	t.Parallel()
	area := `{"name": "x", "domain": "corp", "callProcessor": "cucm-1", "pool": "berlin", "template": "office", "devicePool": "DP", "classOfService": "national"}`
	cases := map[string]struct {
		reason, body string
		status       int
		names        string // what the answer must name
	}{
		"unknown field":     {"a typing error", `{"serviceArea": []}`, 422, "body.serviceArea"},
		"field within":      {"deep inside", `{"pools": [{"name": "p", "callProcessor": "c", "partition": "P", "retentoin": "1d"}]}`, 422, "body.pools[0].retentoin"},
		"unknown pool":      {"a reference", `{"serviceAreas": [` + strings.Replace(area, `"pool": "berlin"`, `"pool": "none"`, 1) + `]}`, 422, "none"},
		"unknown class":     {"a word", `{"serviceAreas": [` + strings.Replace(area, "national", "galactic", 1) + `]}`, 422, "body.serviceAreas[0].classOfService"},
		"unknown decision":  {"a word", `{"domains": [{"name": "d", "numberRules": [{"number": "perhaps"}]}]}`, 422, "body.domains[0].numberRules[0].number"},
		"mask":              {"form", `{"pools": [{"name": "p", "callProcessor": "c", "partition": "P", "e164Mask": "0049"}]}`, 422, "body.pools[0].e164Mask"},
		"values":            {"neither text nor list", `{"domains": [{"name": "d", "numberRules": [{"when": {"title": 7}, "number": "never"}]}]}`, 422, "body.domains[0].numberRules[0].when.title"},
		"a pool that moves": {"it has numbers", `{"pools": [{"name": "berlin", "callProcessor": "cucm-1", "partition": "PT_Other"}]}`, 409, "berlin"},
	}
	w := apitest.New(t)
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711"]}`)
	before := w.Call(uc.RoleViewer, "GET", "/v1/catalog", "")
	for name, c := range cases {
		a := w.Call(uc.RoleAdmin, "PUT", "/v1/catalog", c.body)
		if apitest.Problem(t, a, c.status); !strings.Contains(string(a.Body), c.names) {
			t.Errorf("%s (%s): the answer does not name %s: %s", name, c.reason, c.names, a.Body)
		}
	}
	if after := w.Call(uc.RoleViewer, "GET", "/v1/catalog", ""); string(after.Body) != string(before.Body) {
		t.Error("a refused catalog changed something")
	}
}
