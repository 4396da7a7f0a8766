package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func sampleCatalog() uc.Catalog {
	return uc.Catalog{
		Domains: []uc.Domain{{
			Name: "corp", Directory: "ad", LeadTime: uc.Duration(72 * time.Hour),
			NumberRules: []uc.NumberRule{{When: map[string]uc.Values{"title": {"Intern*"}}, Number: uc.Never}},
			WriteBack:   []uc.WriteBack{{Attribute: "telephoneNumber", Value: uc.FormE164}},
		}},
		Pools: []uc.NumberPool{{
			Name: "berlin", CallProcessor: "cucm-1", Partition: "PT_Berlin", Policy: uc.Lowest, Retention: uc.Duration(30 * 24 * time.Hour),
		}},
		Templates: []uc.Template{{
			Name: "office",
			DeviceProfile: uc.DeviceProfileTemplate{
				Name: "{user}-em", Product: "Cisco 8845", Protocol: "SIP", ButtonTemplate: "Standard 8845 SIP",
			},
			User: uc.UserTemplate{Groups: []string{"Standard CCM End Users"}},
		}},
		ServiceAreas: []uc.ServiceArea{{
			Name: "berlin", Domain: "corp", CallProcessor: "cucm-1", Pool: "berlin", Template: "office",
			DevicePool: "DP_Berlin", ClassOfService: uc.National,
			LineCSS: map[uc.ClassOfService]string{uc.National: "CSS_National", uc.Local: "CSS_Local"},
		}},
	}
}

func TestApplyCatalog(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	made := []db.Change{
		{Op: "+", Object: "domain corp"},
		{Op: "+", Object: "pool berlin"},
		{Op: "+", Object: "template office"},
		{Op: "+", Object: "service area berlin"},
	}
	plan, err := w.ApplyCatalog(ctx, sampleCatalog(), true)
	must(t, err)
	equal(t, "plan", made, plan.Changes)
	got, err := w.Catalog(ctx)
	must(t, err)
	if len(got.Domains)+len(got.Pools)+len(got.Templates)+len(got.ServiceAreas) != 0 {
		t.Errorf("a dry run made %+v", got)
	}

	plan, err = w.ApplyCatalog(ctx, sampleCatalog(), false)
	must(t, err)
	equal(t, "changes", made, plan.Changes)
	got, err = w.Catalog(ctx)
	must(t, err)
	equal(t, "catalog", sampleCatalog(), got)
	plan, err = w.ApplyCatalog(ctx, sampleCatalog(), false)
	must(t, err)
	equal(t, "changes of the same again", []db.Change{}, plan.Changes)

	area := sampleCatalog().ServiceAreas[0]
	area.LineCSS = map[uc.ClassOfService]string{uc.National: "CSS_N", uc.Mobile: "CSS_M"}
	area.OnDemandOnly = true
	plan, err = w.ApplyCatalog(ctx, uc.Catalog{ServiceAreas: []uc.ServiceArea{area}}, false)
	must(t, err)
	equal(t, "changes of one", []db.Change{
		{Op: "~", Object: "service area berlin", Field: "lineCss.local", From: "CSS_Local"},
		{Op: "~", Object: "service area berlin", Field: "lineCss.mobile", To: "CSS_M"},
		{Op: "~", Object: "service area berlin", Field: "lineCss.national", From: "CSS_National", To: "CSS_N"},
		{Op: "~", Object: "service area berlin", Field: "onDemandOnly", To: "true"},
	}, plan.Changes)
	placement, err := w.GetPlacement(ctx, "berlin")
	must(t, err)
	equal(t, "placement", uc.Placement{
		Domain: sampleCatalog().Domains[0], Area: area, Pool: sampleCatalog().Pools[0], Template: sampleCatalog().Templates[0],
	}, placement)
}

func TestApplyCatalogRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.ApplyCatalog(t.Context(), sampleCatalog(), false)
	must(t, err)
	w.imported("berlin", "4711")
	change := func(f func(*uc.Catalog)) uc.Catalog {
		c := sampleCatalog()
		f(&c)
		return c
	}
	cases := map[string]struct {
		reason  string
		catalog uc.Catalog
		kind    uc.Kind
		says    []string
	}{
		"domain": {
			"no such domain", change(func(c *uc.Catalog) { c.ServiceAreas[0].Domain = "corpp" }), uc.Invalid,
			[]string{"serviceAreas[berlin].domain", "corpp", "corp"},
		},
		"template": {
			"no such template", change(func(c *uc.Catalog) { c.ServiceAreas[0].Template = "home" }), uc.Invalid,
			[]string{"serviceAreas[berlin].template", "home", "office"},
		},
		"pool": {
			"no such pool", change(func(c *uc.Catalog) { c.ServiceAreas[0].Pool = "bonn" }), uc.Invalid,
			[]string{"serviceAreas[berlin].pool", "bonn", "berlin"},
		},
		"pool of another cluster": {
			"its numbers are elsewhere", change(func(c *uc.Catalog) { c.ServiceAreas[0].CallProcessor = "cucm-2" }), uc.Invalid,
			[]string{"cucm-1", "cucm-2"},
		},
		"pool leaves the area": {
			"the area that uses it is not named",
			uc.Catalog{Pools: []uc.NumberPool{{Name: "berlin", CallProcessor: "cucm-2", Partition: "PT_Berlin"}}},
			uc.Invalid,
			[]string{"serviceAreas[berlin].pool", "cucm-2"},
		},
		"pool moves": {
			"it has numbers", change(func(c *uc.Catalog) { c.Pools[0].Partition = "PT_B" }), uc.Conflict, []string{"berlin", "another pool"},
		},
		"twice": {
			"which one holds?", change(func(c *uc.Catalog) { c.Domains = append(c.Domains, c.Domains[0]) }), uc.Invalid,
			[]string{"domains[1].name", "twice"},
		},
		"wrong on its own": {
			"a required field is missing", change(func(c *uc.Catalog) { c.Templates[0].DeviceProfile.Product = "" }), uc.Invalid,
			[]string{"templates[0].deviceProfile.product"},
		},
	}
	for name, c := range cases {
		for _, dryRun := range []bool{true, false} {
			_, err := w.ApplyCatalog(t.Context(), c.catalog, dryRun)
			wantKind(t, err, c.kind)
			for _, say := range c.says {
				if err != nil && !strings.Contains(err.Error(), say) {
					t.Errorf("%s (%s): %q does not say %q", name, c.reason, err, say)
				}
			}
		}
	}
	got, err := w.Catalog(t.Context())
	must(t, err)
	equal(t, "catalog after refusals", sampleCatalog(), got)
}

func TestGetPlacementNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.GetPlacement(t.Context(), "berlin")
	wantKind(t, err, uc.NotFound)
	c := sampleCatalog()
	for i := range 11 {
		area := c.ServiceAreas[0]
		area.Name = fmt.Sprintf("area%02d", i)
		c.ServiceAreas = append(c.ServiceAreas, area)
	}
	_, err = w.ApplyCatalog(t.Context(), c, false)
	must(t, err)
	_, err = w.GetPlacement(t.Context(), "Berlin")
	wantKind(t, err, uc.NotFound)
	for _, say := range []string{`"Berlin"`, "area00", "area09, "} {
		if !strings.Contains(err.Error(), say) {
			t.Errorf("%q does not say %q", err, say)
		}
	}
	if strings.Contains(err.Error(), "area10") || strings.Contains(err.Error(), "berlin,") {
		t.Errorf("%q lists more than ten", err)
	}
}
