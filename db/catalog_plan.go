package db

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dialtone/dialtone/uc"
)

// poolName and its like are the keys of the catalog's lists.
func poolName(v uc.NumberPool) string   { return v.Name }
func domainName(v uc.Domain) string     { return v.Name }
func templateName(v uc.Template) string { return v.Name }
func areaName(v uc.ServiceArea) string  { return v.Name }

// merge is the catalog as it stands after the change.
func merge(before, c uc.Catalog) uc.Catalog {
	return uc.Catalog{
		Domains:      mergeList(before.Domains, c.Domains, domainName),
		Pools:        mergeList(before.Pools, c.Pools, poolName),
		Templates:    mergeList(before.Templates, c.Templates, templateName),
		ServiceAreas: mergeList(before.ServiceAreas, c.ServiceAreas, areaName),
	}
}

func mergeList[T any](before, change []T, name func(T) string) []T {
	all := byName(before, name)
	maps.Copy(all, byName(change, name))
	out := make([]T, 0, len(all))
	for _, n := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[n])
	}
	return out
}

func byName[T any](in []T, name func(T) string) map[string]T {
	out := make(map[string]T, len(in))
	for _, v := range in {
		out[name(v)] = v
	}
	return out
}

// twice finds objects that one catalog names more than once.
func twice(c uc.Catalog) []uc.Problem {
	return slices.Concat(
		twiceIn("domains", c.Domains, domainName), twiceIn("pools", c.Pools, poolName),
		twiceIn("templates", c.Templates, templateName), twiceIn("serviceAreas", c.ServiceAreas, areaName))
}

func twiceIn[T any](at string, in []T, name func(T) string) []uc.Problem {
	var out []uc.Problem
	seen := map[string]bool{}
	for i, v := range in {
		if n := name(v); seen[n] {
			out = append(out, uc.Problem{Field: fmt.Sprintf("%s[%d].name", at, i), Value: n, Fix: "it is named twice: keep one"})
		}
		seen[name(v)] = true
	}
	return out
}

// unknown finds references of the change's service areas to objects that the
// catalog lacks, in service areas and pools that the change touches.
func unknown(c, all uc.Catalog) []uc.Problem {
	domains, templates := byName(all.Domains, domainName), byName(all.Templates, templateName)
	pools, areas := byName(all.Pools, poolName), byName(c.ServiceAreas, areaName)
	changed := byName(c.Pools, poolName)
	var out []uc.Problem
	for _, a := range all.ServiceAreas {
		_, named := areas[a.Name]
		_, moved := changed[a.Pool]
		if !named && !moved {
			continue
		}
		at := fmt.Sprintf("serviceAreas[%s]", a.Name)
		if _, ok := domains[a.Domain]; !ok {
			out = append(out, uc.Problem{Field: at + ".domain", Value: a.Domain, Fix: oneOf("domain", domains)})
		}
		if _, ok := templates[a.Template]; !ok {
			out = append(out, uc.Problem{Field: at + ".template", Value: a.Template, Fix: oneOf("template", templates)})
		}
		switch p, ok := pools[a.Pool]; {
		case !ok:
			out = append(out, uc.Problem{Field: at + ".pool", Value: a.Pool, Fix: oneOf("pool", pools)})
		case p.CallProcessor != a.CallProcessor:
			out = append(out, uc.Problem{
				Field: at + ".pool", Value: a.Pool,
				Fix: fmt.Sprintf("its numbers are on %s, the service area is on %s: name a pool of %s",
					p.CallProcessor, a.CallProcessor, a.CallProcessor),
			})
		}
	}
	return out
}

// shownNames is how many known names a sentence lists.
const shownNames = 10

func oneOf[T any](what string, known map[string]T) string {
	if len(known) == 0 {
		return "it does not exist, and no " + what + " does: add it to the catalog"
	}
	names := slices.Sorted(maps.Keys(known))
	return fmt.Sprintf("it does not exist: add the %s to the catalog or use one of %s", what, someNames(names))
}

// someNames lists the first of the names.
func someNames(names []string) string {
	out, more := "", ""
	if len(names) > shownNames {
		names, more = names[:shownNames], ", …"
	}
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out + more
}

// diffCatalog lists what the change makes and changes, in the order in which the
// objects depend on each other.
func diffCatalog(before, c uc.Catalog) ([]Change, error) {
	out := []Change{}
	for _, part := range []func() ([]Change, error){
		func() ([]Change, error) { return diffList("domain", before.Domains, c.Domains, domainName) },
		func() ([]Change, error) { return diffList("pool", before.Pools, c.Pools, poolName) },
		func() ([]Change, error) { return diffList("template", before.Templates, c.Templates, templateName) },
		func() ([]Change, error) {
			return diffList("service area", before.ServiceAreas, c.ServiceAreas, areaName)
		},
	} {
		changes, err := part()
		if err != nil {
			return nil, err
		}
		out = append(out, changes...)
	}
	return out, nil
}

func diffList[T any](noun string, before, change []T, name func(T) string) ([]Change, error) {
	var out []Change
	had := byName(before, name)
	for _, v := range change {
		object := noun + " " + name(v)
		old, ok := had[name(v)]
		if !ok {
			out = append(out, Change{Op: "+", Object: object})
			continue
		}
		from, err := flatten(old)
		if err != nil {
			return nil, err
		}
		to, err := flatten(v)
		if err != nil {
			return nil, err
		}
		all := maps.Clone(from)
		maps.Copy(all, to)
		for _, field := range slices.Sorted(maps.Keys(all)) {
			if from[field] != to[field] {
				out = append(out, Change{Op: "~", Object: object, Field: field, From: from[field], To: to[field]})
			}
		}
	}
	return out, nil
}

// flatten is the object's JSON as field paths and values.
func flatten(v any) (map[string]string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fail("apply catalog", err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, fail("apply catalog", err)
	}
	out := map[string]string{}
	flattenInto(out, "", tree)
	return out, nil
}

func flattenInto(out map[string]string, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, field := range v {
			flattenInto(out, join(at, k), field)
		}
	case []any:
		for i, item := range v {
			flattenInto(out, at+"["+strconv.Itoa(i)+"]", item)
		}
	case nil:
	default:
		out[at] = fmt.Sprint(v)
	}
}

func join(at, field string) string {
	if at == "" {
		return field
	}
	return at + "." + field
}
