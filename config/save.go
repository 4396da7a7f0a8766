package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"

	"sigs.k8s.io/yaml"
)

// FileName is the settings file as Load looks for it.
const FileName = "dialtone.yaml"

// secretsDir holds the secrets of a saved settings file, one file each.
const secretsDir = "secrets"

// Save writes the settings into the folder so that Load reads them again: the file
// dialtone.yaml, and each secret as a file that only its owner may read. What was
// saved there before is replaced.
func (c Config) Save(dir string) error {
	if err := os.RemoveAll(filepath.Join(dir, secretsDir)); err != nil {
		return fmt.Errorf("saving settings: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, secretsDir), 0o700); err != nil {
		return fmt.Errorf("saving settings: %w", err)
	}
	s := saver{dir: dir}
	tree := s.section("", "", reflect.ValueOf(c))
	text, err := yaml.Marshal(tree)
	if err = cmp.Or(s.err, err); err != nil {
		return fmt.Errorf("saving settings: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), text, 0o600); err != nil {
		return fmt.Errorf("saving settings: %w", err)
	}
	return nil
}

type saver struct {
	dir string
	err error
}

// section is a struct as settings, without what is empty by default too. At is
// where it stands, key its prefix in the table.
func (s *saver) section(at, prefix string, v reflect.Value) map[string]any {
	out := map[string]any{}
	for field, value := range v.Fields() {
		key := field.Tag.Get("koanf")
		row, _ := settingOf(prefix + key)
		if key == "-" || value.IsZero() && row.fallback == "" {
			continue
		}
		out[key] = s.value(at+key, prefix+key, value)
	}
	return out
}

func (s *saver) value(at, key string, v reflect.Value) any {
	if secret, ok := reflect.TypeAssert[Secret](v); ok {
		return s.secret(at, secret)
	}
	switch v.Kind() {
	case reflect.Struct:
		return s.section(at+".", key+".", v)
	case reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = s.section(fmt.Sprintf("%s%d.", at, i), key+"[].", v.Index(i))
		}
		return items
	default:
		return v.Interface()
	}
}

var notInFileName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// secret writes one secret and returns the reference to it.
func (s *saver) secret(at string, v Secret) string {
	name := filepath.Join(secretsDir, notInFileName.ReplaceAllString(at, "-"))
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(v.Reveal()+"\n"), 0o600); err != nil {
		s.err = cmp.Or(s.err, err)
	}
	return "file:" + name
}
