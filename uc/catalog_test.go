package uc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func goodCatalog() Catalog {
	area, template, pool := office()
	return Catalog{
		Domains: []Domain{{
			Name: "corp", Directory: "ad",
			NumberRules: []NumberRule{{Number: Always}}, WriteBack: []WriteBack{{Attribute: "telephoneNumber", Value: FormE164}},
		}},
		Pools: []NumberPool{pool}, Templates: []Template{template}, ServiceAreas: []ServiceArea{area},
	}
}

func TestCatalogProblems(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		change func(*Catalog)
		want   []string
	}{
		"good":            {"as it should be", func(*Catalog) {}, nil},
		"nothing":         {"nothing is named", func(c *Catalog) { *c = Catalog{} }, nil},
		"domain":          {"it has no name", func(c *Catalog) { c.Domains[0].Name = "" }, []string{"domains[0].name"}},
		"decision":        {"not one of the three", func(c *Catalog) { c.Domains[0].NumberRules[0].Number = "maybe" }, []string{"domains[0].numberRules[0].number"}},
		"no decision":     {"not one of the three", func(c *Catalog) { c.Domains[0].NumberRules[0].Number = "" }, []string{"domains[0].numberRules[0].number"}},
		"write back":      {"what goes where?", func(c *Catalog) { c.Domains[0].WriteBack[0] = WriteBack{} }, []string{"domains[0].writeBack[0].attribute", "domains[0].writeBack[0].value"}},
		"no directory":    {"written back to what?", func(c *Catalog) { c.Domains[0].Directory = "" }, []string{"domains[0].directory"}},
		"guard":           {"less than nothing", func(c *Catalog) { c.Domains[0].Guard = GuardLimit{Count: -1, Percent: 101, Window: -1} }, []string{"domains[0].guard.count", "domains[0].guard.percent", "domains[0].guard.window"}},
		"pool":            {"where is it?", func(c *Catalog) { c.Pools[0] = NumberPool{} }, []string{"pools[0].name", "pools[0].callProcessor", "pools[0].partition"}},
		"policy":          {"not one of the two", func(c *Catalog) { c.Pools[0].Policy = "random" }, []string{"pools[0].policy"}},
		"mask":            {"places on the right only", func(c *Catalog) { c.Pools[0].E164Mask = "+49XX123" }, []string{"pools[0].e164Mask"}},
		"mask, no plus":   {"it has a plus", func(c *Catalog) { c.Pools[0].E164Mask = "4930123XXXX" }, []string{"pools[0].e164Mask"}},
		"template":        {"what kind of phone?", func(c *Catalog) { c.Templates[0].DeviceProfile = DeviceProfileTemplate{} }, []string{"templates[0].deviceProfile.name", "templates[0].deviceProfile.product", "templates[0].deviceProfile.protocol", "templates[0].deviceProfile.buttonTemplate"}},
		"soft phone":      {"what kind of phone?", func(c *Catalog) { c.Templates[0].SoftPhones[0] = PhoneTemplate{Name: "CSF{USER}"} }, []string{"templates[0].softPhones[0].product", "templates[0].softPhones[0].protocol", "templates[0].softPhones[0].buttonTemplate", "templates[0].softPhones[0].securityProfile"}},
		"short PIN":       {"too short", func(c *Catalog) { c.Templates[0].User.PINDigits = 5 }, []string{"templates[0].user.pinDigits"}},
		"long PIN":        {"too long", func(c *Catalog) { c.Templates[0].User.PINDigits = 21 }, []string{"templates[0].user.pinDigits"}},
		"area":            {"it refers to all", func(c *Catalog) { c.ServiceAreas[0] = ServiceArea{ClassOfService: Local} }, []string{"serviceAreas[0].callProcessor", "serviceAreas[0].devicePool", "serviceAreas[0].domain", "serviceAreas[0].name", "serviceAreas[0].pool", "serviceAreas[0].template"}},
		"class":           {"not one of the four", func(c *Catalog) { c.ServiceAreas[0].ClassOfService = "" }, []string{"serviceAreas[0].classOfService"}},
		"class of spaces": {"not one of the four", func(c *Catalog) { c.ServiceAreas[0].LineCSS = map[ClassOfService]string{"x": "a", "y": "b"} }, []string{"serviceAreas[0].lineCss", "serviceAreas[0].lineCss"}},
	}
	for name, c := range cases {
		for range 3 { // a map must not decide the order
			catalog := goodCatalog()
			c.change(&catalog)
			var got []string
			for _, p := range catalog.Problems() {
				got = append(got, p.Field)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s (%s): fields (-want +got):\n%s", name, c.reason, d)
			}
		}
	}
}

func TestUnknownSystems(t *testing.T) {
	t.Parallel()
	c := goodCatalog()
	c.Domains[0].HR = "workday"
	cases := map[string]struct {
		reason string
		known  Systems
		want   []string
	}{
		"all":      {"the configuration knows them", Systems{[]string{"cucm-1"}, []string{"ad"}, []string{"workday"}}, nil},
		"not ours": {"the process has no part in any", Systems{}, nil},
		"none":     {"it knows none", Systems{[]string{}, []string{}, []string{}}, []string{"domains[0].directory", "domains[0].hr", "pools[0].callProcessor", "serviceAreas[0].callProcessor"}},
		"other":    {"a slip of the pen", Systems{CallProcessors: []string{"cucm-2"}}, []string{"pools[0].callProcessor", "serviceAreas[0].callProcessor"}},
	}
	for name, k := range cases {
		var got []string
		for _, p := range c.UnknownSystems(k.known) {
			got = append(got, p.Field)
		}
		if d := cmp.Diff(k.want, got); d != "" {
			t.Errorf("%s (%s): fields (-want +got):\n%s", name, k.reason, d)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for state, open := range map[OrderState]bool{
		Scheduled: true, Running: true, Waiting: true, Done: false, Failed: false, Cancelled: false, "": false,
	} {
		if state.Open() != open {
			t.Errorf("%q open: %v", state, !open)
		}
	}
	for role, valid := range map[Role]bool{RoleHR: true, RoleAdmin: true, RoleViewer: true, "": false, "root": false} {
		if role.Valid() != valid {
			t.Errorf("%q valid: %v", role, !valid)
		}
	}
	ref := StepRef{OrderID: "o", Item: "CSFANN", Undo: true}
	if ref.Ref() != ref {
		t.Error("a reference is its own")
	}
}
