package uc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problems lists what is wrong with the catalog on its own; references to objects
// outside of it are checked against what is stored, by Resolve.
func (c Catalog) Problems() []Problem {
	var out []Problem
	for i, d := range c.Domains {
		out = append(out, d.problems(fmt.Sprintf("domains[%d]", i))...)
	}
	for i, p := range c.Pools {
		out = append(out, p.problems(fmt.Sprintf("pools[%d]", i))...)
	}
	for i, t := range c.Templates {
		out = append(out, t.problems(fmt.Sprintf("templates[%d]", i))...)
	}
	for i, a := range c.ServiceAreas {
		out = append(out, a.problems(fmt.Sprintf("serviceAreas[%d]", i))...)
	}
	return out
}

// attributeForm is RFC 4512's descr: anything else would fail each order at its end.
var attributeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// required reports every field of the list that is empty.
func required(at string, fields ...[2]string) []Problem {
	var out []Problem
	for _, f := range fields {
		if f[1] == "" {
			out = append(out, Problem{at + "." + f[0], "", "it is required"})
		}
	}
	return out
}

func (d Domain) problems(at string) []Problem {
	out := required(at, [2]string{"name", d.Name})
	for i, r := range d.NumberRules {
		if !slices.Contains([]Decision{Always, Never, OnDemand}, r.Number) {
			out = append(out, Problem{
				fmt.Sprintf("%s.numberRules[%d].number", at, i), string(r.Number),
				"use always, never or on_demand",
			})
		}
	}
	for i, w := range d.WriteBack {
		field := fmt.Sprintf("%s.writeBack[%d]", at, i)
		out = append(out, required(field, [2]string{"attribute", w.Attribute})...)
		if w.Attribute != "" && !attributeForm.MatchString(w.Attribute) {
			out = append(out, Problem{field + ".attribute", w.Attribute, "write an attribute's name like telephoneNumber"})
		}
		if w.Value != FormDigits && w.Value != FormE164 {
			out = append(out, Problem{field + ".value", string(w.Value), "use digits or e164"})
		}
	}
	if len(d.WriteBack) > 0 && d.Directory == "" {
		out = append(out, Problem{at + ".directory", "", "name the directory that writeBack writes to"})
	}
	return append(out, d.Guard.problems(at+".guard")...)
}

func (g GuardLimit) problems(at string) []Problem {
	var out []Problem
	if g.Count < 0 {
		out = append(out, Problem{at + ".count", fmt.Sprint(g.Count), "use a number of orders, or leave it out for 50"})
	}
	if g.Percent < 0 || g.Percent > 100 {
		out = append(out, Problem{at + ".percent", fmt.Sprint(g.Percent), "use 0 to 100, or leave it out for 5"})
	}
	if g.Window < 0 {
		out = append(out, Problem{at + ".window", g.Window.String(), "use a span of time like 24h"})
	}
	return out
}

func (p NumberPool) problems(at string) []Problem {
	out := required(at, [2]string{"name", p.Name}, [2]string{"callProcessor", p.CallProcessor},
		[2]string{"partition", p.Partition})
	if p.Policy != "" && p.Policy != Lowest && p.Policy != LongestIdle {
		out = append(out, Problem{at + ".policy", string(p.Policy), "use lowest or longest_idle"})
	}
	if p.E164Mask != "" && !maskForm.MatchString(p.E164Mask) {
		out = append(out, Problem{at + ".e164Mask", p.E164Mask, "write it like +4930123XXXX, the X on the right"})
	}
	return out
}

func (t Template) problems(at string) []Problem {
	p := t.DeviceProfile
	out := required(at, [2]string{"name", t.Name}, [2]string{"deviceProfile.name", p.Name},
		[2]string{"deviceProfile.product", p.Product}, [2]string{"deviceProfile.protocol", p.Protocol},
		[2]string{"deviceProfile.buttonTemplate", p.ButtonTemplate})
	for i, s := range t.SoftPhones {
		out = append(out, required(fmt.Sprintf("%s.softPhones[%d]", at, i), [2]string{"name", s.Name},
			[2]string{"product", s.Product}, [2]string{"protocol", s.Protocol},
			[2]string{"buttonTemplate", s.ButtonTemplate}, [2]string{"securityProfile", s.SecurityProfile})...)
	}
	if n := t.User.PINDigits; n != 0 && (n < 6 || n > 20) {
		out = append(out, Problem{at + ".user.pinDigits", fmt.Sprint(n), "use 6 to 20"})
	}
	return out
}

func (a ServiceArea) problems(at string) []Problem {
	out := required(at, [2]string{"name", a.Name}, [2]string{"domain", a.Domain},
		[2]string{"callProcessor", a.CallProcessor}, [2]string{"pool", a.Pool},
		[2]string{"template", a.Template}, [2]string{"devicePool", a.DevicePool})
	if !a.ClassOfService.Valid() {
		out = append(out, Problem{
			at + ".classOfService", string(a.ClassOfService),
			"use local, national, mobile or international",
		})
	}
	for class := range a.LineCSS {
		if !class.Valid() {
			out = append(out, Problem{at + ".lineCss", string(class), "use local, national, mobile or international"})
		}
	}
	out = append(out, a.Leaver.problems(at+".leaver", a.LDAPAgreement == "")...)
	slices.SortFunc(out, func(x, y Problem) int { return cmp.Compare(x.Field+x.Value, y.Field+y.Value) })
	return out
}

// Placement is a service area with everything that it refers to.
type Placement struct {
	Domain   Domain      `json:"domain"`
	Area     ServiceArea `json:"area"`
	Pool     NumberPool  `json:"pool"`
	Template Template    `json:"template"`
}

// Systems are the names of the systems that a configuration knows. A nil list is
// not checked: the process has no part in that kind of system.
type Systems struct {
	CallProcessors, Directories, HR []string
}

// UnknownSystems lists the systems that the catalog names and the configuration
// does not know: an order that needs one would wait for ever.
func (c Catalog) UnknownSystems(known Systems) []Problem {
	var out []Problem
	check := func(field, name string, names []string) {
		if name != "" && names != nil && !slices.Contains(names, name) {
			out = append(out, NotConfigured(field, name, names))
		}
	}
	for i, d := range c.Domains {
		check(fmt.Sprintf("domains[%d].directory", i), d.Directory, known.Directories)
		check(fmt.Sprintf("domains[%d].hr", i), d.HR, known.HR)
	}
	for i, p := range c.Pools {
		check(fmt.Sprintf("pools[%d].callProcessor", i), p.CallProcessor, known.CallProcessors)
	}
	for i, a := range c.ServiceAreas {
		check(fmt.Sprintf("serviceAreas[%d].callProcessor", i), a.CallProcessor, known.CallProcessors)
	}
	return out
}

// NotConfigured is the problem of a field that names a system which the configuration,
// which knows these of its kind, does not have.
func NotConfigured(field, name string, known []string) Problem {
	fix := "it is not in the configuration: write " + strings.Join(known, " or ")
	if len(known) == 0 {
		fix = "it is not in the configuration, which has none: add it there"
	}
	return Problem{Field: field, Value: name, Fix: fix}
}
