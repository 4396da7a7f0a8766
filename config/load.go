package config

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"github.com/dialtone/dialtone/uc"
)

const envPrefix = "DIALTONE_"

// searched is where the settings file is looked for when nobody names one.
var searched = []string{FileName, "/etc/dialtone/dialtone.yaml"}

// Load reads the settings: the named file, else that of DIALTONE_CONFIG, else
// ./dialtone.yaml, else /etc/dialtone/dialtone.yaml, else none; the environment
// overrides each setting. Fails with *Problems, a uc.Invalid that lists everything
// that is wrong.
func Load(path string) (Config, error) {
	return load(path, os.Environ(), searched)
}

// Find is the file that Load would read; "" when there is none.
func Find(path string) string { return find(path, os.Getenv("DIALTONE_CONFIG"), searched) }

func find(path, fromEnv string, search []string) string {
	path = cmp.Or(path, fromEnv)
	for i := 0; path == "" && i < len(search); i++ {
		if _, err := os.Stat(search[i]); err == nil {
			path = search[i]
		}
	}
	return path
}

type loader struct {
	file       string
	env        map[string]string
	referenced map[string]bool // environment variables that hold secrets
	used       map[string]bool // environment variables that set something
	problems   []uc.Problem
}

func load(path string, environ, search []string) (Config, error) {
	l := &loader{env: map[string]string{}, referenced: map[string]bool{}, used: map[string]bool{}}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		l.env[name] = value
	}
	l.file = find(path, l.env["DIALTONE_CONFIG"], search)
	raw, err := l.read(environ)
	if err != nil {
		return Config{}, err
	}
	tree := l.section("", "", "", raw)
	c := Config{File: l.file}
	if len(l.problems) == 0 {
		if err := fill(&c, tree); err != nil {
			return Config{}, err
		}
		c.finish(l)
	}
	c.Warnings = l.unusedVariables()
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b uc.Problem) int { return cmp.Compare(a.Field, b.Field) })
		return Config{}, &Problems{l.file, l.problems}
	}
	return c, nil
}

// fill puts checked values into the struct. It does not go through koanf, whose
// copies lose what a Secret hides.
func fill(c *Config, tree map[string]any) error {
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{TagName: "koanf", Result: c})
	if err == nil {
		err = d.Decode(tree)
	}
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

// read merges defaults, file and environment of everything that is not in a list.
func (l *loader) read(environ []string) (map[string]any, error) {
	k := koanf.New(".")
	fromEnv := map[string]string{}
	for _, s := range settings {
		top, _, _ := strings.Cut(s.key, ".")
		if strings.Contains(s.key, "[]") {
			continue
		}
		fromEnv[envName(s.key, "")] = s.key
		if s.fallback == "" || optionalSections[top] {
			continue
		}
		if err := k.Set(s.key, s.fallback); err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
	}
	if l.file != "" {
		if err := k.Load(file.Provider(l.file), yaml.Parser()); err != nil {
			return nil, &Problems{l.file, []uc.Problem{{Field: "the file", Value: l.file, Fix: err.Error()}}}
		}
	}
	err := k.Load(env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			l.used[name] = fromEnv[name] != ""
			return fromEnv[name], fromVariable(fromEnv[name], name, value)
		},
	}), nil)
	if err != nil {
		return nil, fmt.Errorf("settings: environment: %w", err)
	}
	return k.Raw(), nil
}

// fromVariable makes a secret that an environment variable holds itself a
// reference to that variable.
func fromVariable(key, name, value string) string {
	if secretSetting(key) && value != "" && !isReference(value) {
		return "env:" + name
	}
	return value
}

// section checks the settings of one section, whose table prefix is given, and
// returns their values. At is the section as people read it, item its name in a
// list.
func (l *loader) section(prefix, at, item string, raw map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if raw[key] == nil {
			continue
		}
		section, list := isSection(prefix + key)
		if s, known := settingOf(prefix + key); known {
			l.value(s, at+key, raw[key], out, key)
		} else if section || list {
			out[key] = l.below(prefix+key, at+key, item, list, raw[key])
		} else {
			l.unknown(at+key, raw[key])
		}
	}
	for _, s := range settings {
		key, in := strings.CutPrefix(s.key, prefix)
		if !in {
			continue
		}
		if section, _, below := strings.Cut(key, "."); below {
			// The settings below an item have their defaults though nobody writes any.
			if item != "" && out[section] == nil && raw[section] == nil {
				out[section] = l.section(prefix+section+".", at+section+".", item, nil)
			}
			continue
		}
		if override, ok := l.env[envName(s.key, item)]; ok && item != "" {
			l.used[envName(s.key, item)] = true
			l.value(s, at+key, fromVariable(s.key, envName(s.key, item), override), out, key)
		}
		if _, have := raw[key]; !have && s.fallback != "" && out[key] == nil {
			l.value(s, at+key, s.fallback, out, key)
		}
	}
	l.missing(prefix, at, raw, out)
	return out
}

func (l *loader) below(key, at, item string, list bool, raw any) any {
	if !list {
		m, ok := raw.(map[string]any)
		if !ok {
			l.problem(at, raw, "write its settings below it, indented")
		}
		return l.section(key+".", at+".", item, m)
	}
	items, ok := raw.([]any)
	if !ok {
		l.problem(at, raw, "write a list: each item begins with a dash")
	}
	out := make([]any, 0, len(items))
	for i, one := range items {
		where := fmt.Sprintf("%s[%d]", at, i)
		m, ok := one.(map[string]any)
		if !ok {
			l.problem(where, one, "write the item's settings below it, indented")
			continue
		}
		name, _ := m["name"].(string)
		out = append(out, l.section(key+"[].", where+".", name, m))
	}
	return out
}

// value checks one setting and puts it into out.
func (l *loader) value(s setting, at string, raw any, out map[string]any, key string) {
	switch raw.(type) {
	case map[string]any, []any:
		l.problem(at, raw, "write one value here")
		return
	}
	written := fmt.Sprint(raw)
	if written == "" {
		delete(out, key)
		return
	}
	value, fix := s.check(l, written)
	if fix != "" {
		l.problem(at, shown(s, written), fix)
		return
	}
	out[key] = value
}

// shown hides what might be a secret that somebody wrote in plain.
func shown(s setting, written string) string {
	if !secretSetting(s.key) || isReference(written) {
		return written
	}
	if u, err := url.Parse(written); err == nil && s.key == "database.url" && !u.Query().Has("password") {
		return u.Redacted()
	}
	return "(not shown)"
}

// missing reports the required settings of a section that are neither written nor
// given by the environment. A value that was wrong is not missing.
func (l *loader) missing(prefix, at string, raw, out map[string]any) {
	for _, s := range settings {
		key, in := strings.CutPrefix(s.key, prefix)
		if !in || !s.required || out[key] != nil {
			continue
		}
		if section, name, below := strings.Cut(key, "."); below {
			_, written := raw[section]
			if prefix == "" && !written && !optionalSections[section] && !strings.HasSuffix(section, "[]") {
				l.problems = append(l.problems, uc.Problem{Field: section + "." + name, Fix: s.what})
			}
			continue
		}
		if written := raw[key]; written == nil || fmt.Sprint(written) == "" {
			l.problems = append(l.problems, uc.Problem{Field: at + key, Fix: s.what})
		}
	}
}

func (l *loader) unknown(at string, raw any) {
	fix := "no such setting: remove it"
	if like := nearest(at); like != "" {
		fix = "no such setting: did you mean " + like + "?"
	}
	value := fmt.Sprint(raw)
	if _, nested := raw.(map[string]any); nested || len(value) > 60 {
		value = "…"
	}
	l.problem(at, value, fix)
}

func (l *loader) problem(at string, value any, fix string) {
	l.problems = append(l.problems, uc.Problem{Field: at, Value: fmt.Sprint(value), Fix: fix})
}
